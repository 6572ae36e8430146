//! A directory, the users in it, and the lobbies that they have made.

use fastrand::Rng;
use samovar_id::SteamId;
use samovar_lobby::{
    Change, Command, Directory, DirectoryConfig, DirectoryId, Event, LobbyKind, Millis, Persona,
    Presence, RichPresence, SealKey,
};

/// The app of everybody.
const APP: u32 = 480;
/// How many maps and servers there are: of each, one lobby in a hundred.
pub(super) const HUNDREDTHS: usize = 100;
/// How many regions there are.
pub(super) const TENTHS: usize = 10;
/// Ranks go from 0 to just below this; hardly any two lobbies have the same.
pub(super) const RANKS: usize = 10_000_000;

/// A directory with its users.
pub(super) struct Crowd {
    pub(super) directory: Directory,
    pub(super) users: Vec<SteamId>,
    pub(super) lobbies: Vec<SteamId>,
    pub(super) rng: Rng,
    now: Millis,
    request: u64,
}

impl Default for Crowd {
    fn default() -> Self {
        let config = DirectoryConfig {
            max_users: usize::MAX / 4,
            max_lobbies: usize::MAX / 4,
            everyone_is_a_friend: false,
            ..DirectoryConfig::default()
        };
        let Some(key) = SealKey::from_seed(&[7; 32]) else {
            unreachable!("any 32 bytes are a seed")
        };
        Self {
            directory: Directory::new(config, DirectoryId(1), 1, [7; 32], key),
            users: Vec::new(),
            lobbies: Vec::new(),
            rng: Rng::with_seed(11),
            now: Millis(1_000_000),
            request: 0,
        }
    }
}

impl Crowd {
    /// Connects so many users more.
    pub(super) fn connect(&mut self, users: usize) {
        for number in (self.users.len() as u64..).take(users) {
            let user = SteamId::individual((7 << 32) | number);
            let presence = Presence {
                app_id: APP,
                persona: Persona::named(format!("Player {number}")),
                rich_presence: RichPresence::new(),
                instance: number,
                machine: number,
                is_returning: false,
                is_asking: false,
            };
            let connected = self.directory.connect(self.now, user, presence, Vec::new());
            assert!(connected.is_ok(), "a fresh user is let in");
            self.drain(&mut |_, _| {});
            self.users.push(user);
        }
    }

    /// A public lobby of a user.
    pub(super) fn create(&mut self, user: usize, limit: u32) {
        let request = self.next_request();
        let mut lobby = None;
        let create = Command::Create {
            request,
            kind: LobbyKind::Public,
            limit,
        };
        self.carry_out(self.users[user], create, &mut |_, event| {
            if let Event::Created { lobby: made, .. } = event {
                lobby = made.map(|made| made.snapshot.id);
            }
        });
        self.lobbies.extend(lobby);
    }

    /// The data that a game may give a lobby: of 8 keys one has a value that no other lobby has.
    pub(super) fn set_all_data(&mut self, user: usize, lobby: usize) {
        let mode = ["deathmatch", "capture-the-flag", "cooperative"];
        let mode = mode[self.rng.usize(..4).saturating_sub(1)];
        let data = [
            ("name", format!("Room of player {user}")),
            ("mode", mode.to_owned()),
            ("region", format!("region-{}", self.rng.usize(..TENTHS))),
            ("map", self.rng.usize(..HUNDREDTHS).to_string()),
            (
                "server",
                format!("rack-{:03}", self.rng.usize(..HUNDREDTHS)),
            ),
            ("level", self.rng.usize(1..=100).to_string()),
            ("rank", self.rng.usize(..RANKS).to_string()),
            ("version", format!("1.4.{}", self.rng.usize(..5))),
        ];
        for (key, value) in data {
            self.set_data(user, lobby, key, value);
        }
    }

    pub(super) fn set_data(&mut self, user: usize, lobby: usize, key: &str, value: String) {
        let change = Change::Data([(key.to_owned(), value)].into());
        self.change(user, lobby, change, &mut |_, _| {});
    }

    /// Carries out a user's change of a lobby; returns how many events came of it.
    pub(super) fn change(
        &mut self,
        user: usize,
        lobby: usize,
        change: Change,
        take: &mut dyn FnMut(SteamId, Event),
    ) -> u64 {
        let lobby = self.lobbies[lobby];
        self.carry_out(self.users[user], Command::Change { lobby, change }, take)
    }

    pub(super) fn join(
        &mut self,
        user: usize,
        lobby: usize,
        take: &mut dyn FnMut(SteamId, Event),
    ) -> u64 {
        let join = Command::Join {
            request: self.next_request(),
            lobby: self.lobbies[lobby],
            patient: false,
        };
        self.carry_out(self.users[user], join, take)
    }

    /// Carries out a command and takes every event that comes of it; returns how many.
    pub(super) fn carry_out(
        &mut self,
        user: SteamId,
        command: Command,
        take: &mut dyn FnMut(SteamId, Event),
    ) -> u64 {
        // So much later that no user is held back for asking too often.
        self.now = self.now.plus(10);
        self.directory.handle(self.now, user, command);
        self.drain(take)
    }

    pub(super) fn next_request(&mut self) -> u64 {
        self.request += 1;
        self.request
    }

    fn drain(&mut self, take: &mut dyn FnMut(SteamId, Event)) -> u64 {
        let mut events = 0;
        while let Some((user, event)) = self.directory.poll_output() {
            take(user, event);
            events += 1;
        }
        events
    }
}
