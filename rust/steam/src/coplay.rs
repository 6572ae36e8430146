//! `ISteamFriends`: whom the user has played with, kept in the app's folder of its profile.

use std::path::Path;

use samovar_id::SteamId;
use serde::{Deserialize, Serialize};

use crate::client::Steam;
use crate::profile::MAX_PERSONA_NAME;
use crate::saver;

/// The most recent players that a profile remembers, over all apps; the one who was met the longest time ago is forgotten for another.
pub const MAX_RECENT_PLAYERS: usize = 100;
pub(crate) const FILE: &str = "recent_players.toml";

/// Somebody whom the user has played with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RecentPlayer {
    /// Who.
    pub user: SteamId,
    /// The name that was known last; empty when none was.
    pub name: String,
    /// When last, in seconds since 1970.
    pub time: u64,
    /// In which app.
    pub app: u32,
}

/// The recent players of a profile over all apps, newest first: what other apps noted is as of the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Coplay {
    players: Vec<RecentPlayer>,
}

/// The file's form: TOML has no unsigned 64-bit integers, hence the text.
#[derive(Default, Serialize, Deserialize)]
struct File {
    #[serde(default)]
    player: Vec<Entry>,
}

#[derive(Serialize, Deserialize)]
struct Entry {
    id: String,
    name: String,
    time: u32,
    app: u32,
}

impl Coplay {
    /// What the files together say. Each app writes one of its own, so that two games of one user at once do not write
    /// over each other's words.
    pub(crate) fn load<'a>(paths: impl IntoIterator<Item = &'a Path>) -> Self {
        let mut entries = Vec::new();
        for path in paths {
            let file: File = saver::load_toml(path);
            entries.extend(file.player.into_iter().take(MAX_RECENT_PLAYERS).rev());
        }
        entries.sort_by_key(|entry| entry.time);
        let mut coplay = Self::default();
        for entry in entries {
            let id = entry.id.parse().map(SteamId::from_raw);
            if let Some(user) = id.ok().filter(|id| id.is_individual()) {
                coplay.met(user, &entry.name, u64::from(entry.time), entry.app);
            }
        }
        coplay
    }

    /// Notes that the user played with somebody. A name that is not known leaves the one that was.
    pub(crate) fn met(&mut self, user: SteamId, name: &str, time: u64, app: u32) {
        let known = self.players.iter().position(|player| player.user == user);
        let before = known.map(|at| self.players.remove(at).name);
        let name = if name.is_empty() {
            before.unwrap_or_default()
        } else {
            clean(name)
        };
        self.players.truncate(MAX_RECENT_PLAYERS - 1);
        let player = RecentPlayer {
            user,
            name,
            time,
            app,
        };
        self.players.insert(0, player);
    }

    /// Notes what a recent player is called now. Whether that is news.
    pub(crate) fn renamed(&mut self, user: SteamId, name: &str) -> bool {
        let name = clean(name);
        let known = self.players.iter_mut().find(|player| player.user == user);
        match known {
            Some(player) if player.name != name && !name.is_empty() => {
                player.name = name;
                true
            }
            _ => false,
        }
    }

    fn get(&self, user: SteamId) -> Option<&RecentPlayer> {
        self.players.iter().find(|player| player.user == user)
    }

    pub(crate) fn to_text(&self) -> Result<String, toml::ser::Error> {
        let entry = |player: &RecentPlayer| Entry {
            id: player.user.raw().to_string(),
            name: player.name.clone(),
            time: u32::try_from(player.time).unwrap_or(u32::MAX),
            app: player.app,
        };
        toml::to_string(&File {
            player: self.players.iter().map(entry).collect(),
        })
    }
}

/// A name as the file takes it, whatever others call themselves: its escapes would make it too long.
fn clean(name: &str) -> String {
    let mut clean: String = name.chars().filter(|c| !c.is_control()).collect();
    clean.truncate(clean.floor_char_boundary(MAX_PERSONA_NAME));
    clean
}

impl Steam {
    /// Notes that the user plays with somebody now. The user itself, and who is no user, is not noted.
    pub fn set_played_with(&self, user: SteamId) {
        let name = self.friend_persona_name(user).unwrap_or_default();
        let now = self.shared.now_ms();
        self.shared.local.met(now, &[(user, name)]);
    }

    /// Whom the user has played with in any app, newest first.
    pub fn recent_players(&self) -> Vec<RecentPlayer> {
        self.shared.local.coplay.lock().players.clone()
    }

    /// How many recent players are remembered.
    pub fn recent_player_count(&self) -> usize {
        self.shared.local.coplay.lock().players.len()
    }

    /// A recent player by index, newest first.
    pub fn recent_player_at(&self, index: usize) -> Option<RecentPlayer> {
        self.shared.local.coplay.lock().players.get(index).cloned()
    }

    /// A recent player by its ID.
    pub fn recent_player(&self, user: SteamId) -> Option<RecentPlayer> {
        self.shared.local.coplay.lock().get(user).cloned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn id(number: u64) -> SteamId {
        SteamId::individual(0x5_0000_0000 + number)
    }

    #[test]
    fn the_newest_comes_first_and_nobody_twice() {
        let mut coplay = Coplay::default();
        coplay.met(id(1), "Ann", 100, 480);
        coplay.met(id(2), "Bob", 200, 480);
        coplay.met(id(1), "", 300, 7);
        assert!(coplay.renamed(id(2), "Bert"));
        assert!(!coplay.renamed(id(2), "Bert"));
        assert!(!coplay.renamed(id(2), ""));
        assert!(!coplay.renamed(id(3), "Cat"));
        let players: Vec<_> = coplay
            .players
            .iter()
            .map(|player| (player.user, &*player.name, player.time, player.app))
            .collect();
        assert_eq!(players, [(id(1), "Ann", 300, 7), (id(2), "Bert", 200, 480)]);
    }

    #[test]
    fn the_oldest_is_forgotten() {
        let mut coplay = Coplay::default();
        for number in 0..MAX_RECENT_PLAYERS as u64 + 10 {
            coplay.met(id(number), "x", number, 480);
        }
        assert_eq!(coplay.players.len(), MAX_RECENT_PLAYERS);
        assert_eq!(coplay.get(id(9)), None);
        assert_eq!(coplay.get(id(10)).unwrap().time, 10);
    }

    #[test]
    fn it_survives_its_file_at_its_largest() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        let mut coplay = Coplay::default();
        for number in 0..MAX_RECENT_PLAYERS as u64 {
            // A name as long as it can be in the file.
            coplay.met(
                id(number),
                &"\u{7f}\"\\'".repeat(500),
                u64::from(u32::MAX),
                u32::MAX,
            );
        }
        std::fs::write(&path, coplay.to_text().unwrap()).unwrap();
        assert_eq!(Coplay::load([&*path]), coplay);
    }

    #[test]
    fn files_of_several_apps_are_one_list() {
        let dir = tempfile::tempdir().unwrap();
        let paths = ["one", "two", "none"].map(|name| dir.path().join(name));
        let mut one = Coplay::default();
        one.met(id(1), "Ann", 100, 480);
        one.met(id(2), "Bob", 300, 480);
        let mut two = Coplay::default();
        two.met(id(1), "Anna", 200, 7);
        for (path, coplay) in paths.iter().zip([&one, &two]) {
            std::fs::write(path, coplay.to_text().unwrap()).unwrap();
        }
        one.met(id(1), "Anna", 200, 7);
        one.met(id(2), "Bob", 300, 480);
        assert_eq!(Coplay::load(paths.iter().map(|path| &**path)), one);
    }

    #[test]
    fn a_damaged_file_costs_no_more_than_what_is_damaged() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        std::fs::write(&path, "nonsense").unwrap();
        assert_eq!(Coplay::load([&*path]), Coplay::default());
        let lobby = SteamId::from_raw((1 << 56) | (8 << 52) | (0x40000 << 32) | 1);
        let good = id(3);
        let mut text = String::new();
        for id in ["x", "-1", &lobby.raw().to_string(), &good.raw().to_string()] {
            text += &format!("[[player]]\nid = \"{id}\"\nname = \"N\"\ntime = 5\napp = 480\n");
        }
        std::fs::write(&path, text).unwrap();
        let coplay = Coplay::load([&*path]);
        assert_eq!(coplay.players.len(), 1);
        assert_eq!(coplay.get(good).unwrap().name, "N");
    }
}
