//! `ISteamMatchmaking`: the user's favourite game servers, kept in the app's folder of its profile.

use std::net::Ipv4Addr;
use std::path::Path;

use serde::{Deserialize, Serialize};

use crate::callback::Callback;
use crate::client::Steam;
use crate::saver;

/// The most favourites that a profile has in one app; adding one more is refused.
pub const MAX_FAVORITES: usize = 256;
pub(crate) const FILE: &str = "favorites.toml";

/// A game server that the user wants to find again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Favorite {
    /// The app that it serves.
    pub app: u32,
    /// Its address.
    pub ip: Ipv4Addr,
    /// The port that players connect to.
    pub game_port: u16,
    /// The port that answers questions about it.
    pub query_port: u16,
    /// On which lists it is: 1 favourites, 2 history.
    pub flags: u32,
    /// When the user last played there, in seconds since 1970.
    pub played: u32,
}

impl Favorite {
    fn is_same_server(&self, other: &Self) -> bool {
        (self.app, self.ip, self.game_port, self.query_port)
            == (other.app, other.ip, other.game_port, other.query_port)
    }
}

/// Why a favourite was not added.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FavoriteError {
    /// There are [`MAX_FAVORITES`].
    #[error("there are {MAX_FAVORITES} favourites already")]
    Full,
}

/// The favourites of a profile in one app, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Favorites {
    #[serde(default, rename = "favorite")]
    list: Vec<Favorite>,
}

impl Favorites {
    pub(crate) fn load(path: &Path) -> Self {
        let mut favorites: Self = saver::load_toml(path);
        favorites.list.truncate(MAX_FAVORITES);
        favorites
    }

    /// Adds a server, or adds flags and the time to one that is there.
    fn add(&mut self, favorite: Favorite) -> Result<(), FavoriteError> {
        let found = self
            .list
            .iter_mut()
            .find(|known| known.is_same_server(&favorite));
        if let Some(known) = found {
            known.flags |= favorite.flags;
            known.played = favorite.played;
        } else if self.list.len() < MAX_FAVORITES {
            self.list.push(favorite);
        } else {
            return Err(FavoriteError::Full);
        }
        Ok(())
    }

    /// Takes flags off a server, and the server off the list with its last flag. Whether there was something to take.
    fn remove(&mut self, favorite: &Favorite) -> bool {
        let found = self
            .list
            .iter()
            .position(|known| known.is_same_server(favorite));
        let Some(at) = found else { return false };
        let left = self.list[at].flags & !favorite.flags;
        if left == self.list[at].flags && left != 0 {
            return false;
        }
        self.list[at].flags = left;
        if left == 0 {
            self.list.remove(at);
        }
        true
    }

    fn to_text(&self) -> Result<String, toml::ser::Error> {
        toml::to_string(self)
    }
}

impl Steam {
    /// The favourite game servers that the user chose in this app, oldest first.
    pub fn favorites(&self) -> Vec<Favorite> {
        self.shared.local.favorites.lock().list.clone()
    }

    /// Adds a game server of the running app to the favourites, or adds flags and the time to one that is there.
    /// `FavoritesListChanged` follows. How many favourites there are then.
    ///
    /// # Errors
    /// See [`FavoriteError`].
    pub fn add_favorite(&self, favorite: Favorite) -> Result<usize, FavoriteError> {
        let mut favorites = self.shared.local.favorites.lock();
        favorites.add(favorite)?;
        let count = favorites.list.len();
        let text = favorites.to_text();
        drop(favorites);
        self.favorites_changed(text, favorite, true);
        Ok(count)
    }

    /// Takes a game server's flags away, and with the last flag the server. `FavoritesListChanged` follows. Whether
    /// there was something to take away.
    pub fn remove_favorite(&self, favorite: Favorite) -> bool {
        let mut favorites = self.shared.local.favorites.lock();
        let removed = favorites.remove(&favorite);
        let text = favorites.to_text();
        drop(favorites);
        if removed {
            self.favorites_changed(text, favorite, false);
        }
        removed
    }

    fn favorites_changed(
        &self,
        text: Result<String, toml::ser::Error>,
        favorite: Favorite,
        added: bool,
    ) {
        self.shared.local.save(FILE, text);
        let account = self.steam_id().account();
        self.shared.callbacks.push(Callback::FavoritesListChanged {
            favorite,
            added,
            account,
        });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn favorite(last: u8, flags: u32) -> Favorite {
        Favorite {
            app: 480,
            ip: Ipv4Addr::new(10, 0, 0, last),
            game_port: 27015,
            query_port: 27016,
            flags,
            played: 1_700_000_000,
        }
    }

    #[test]
    fn a_server_is_added_once_and_its_flags_together() {
        let mut favorites = Favorites::default();
        favorites.add(favorite(1, 1)).unwrap();
        let again = Favorite {
            played: 1_800_000_000,
            ..favorite(1, 2)
        };
        favorites.add(again).unwrap();
        favorites.add(favorite(2, 1)).unwrap();
        assert_eq!(favorites.list.len(), 2);
        assert_eq!(
            (favorites.list[0].flags, favorites.list[0].played),
            (3, 1_800_000_000)
        );
    }

    #[test]
    fn a_server_goes_with_its_last_flag() {
        let mut favorites = Favorites::default();
        favorites.add(favorite(1, 3)).unwrap();
        assert!(!favorites.remove(&favorite(2, 1)));
        assert!(!favorites.remove(&favorite(1, 4)));
        assert!(favorites.remove(&favorite(1, 1)));
        assert_eq!(favorites.list, [favorite(1, 2)]);
        assert!(!favorites.remove(&favorite(1, 1)));
        assert!(favorites.remove(&favorite(1, 2)));
        assert!(favorites.list.is_empty());
        // One without flags can be taken off as well.
        favorites.add(favorite(1, 0)).unwrap();
        assert!(favorites.remove(&favorite(1, 0)));
    }

    #[test]
    fn a_full_list_refuses_and_its_file_can_be_read() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        let mut favorites = Favorites::default();
        for port in 0..=u16::MAX {
            let one = Favorite {
                ip: Ipv4Addr::BROADCAST,
                game_port: port,
                query_port: u16::MAX,
                flags: u32::MAX,
                played: u32::MAX,
                app: u32::MAX,
            };
            if favorites.add(one).is_err() {
                break;
            }
        }
        assert_eq!(favorites.list.len(), MAX_FAVORITES);
        assert_eq!(favorites.add(favorite(1, 1)), Err(FavoriteError::Full));
        std::fs::write(&path, favorites.to_text().unwrap()).unwrap();
        assert_eq!(Favorites::load(&path), favorites);
    }

    #[test]
    fn a_damaged_file_is_an_empty_list() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join(FILE);
        assert_eq!(Favorites::load(&path), Favorites::default());
        for damage in ["favorite = 1", "[[favorite]]\nip = \"x\"", "nonsense"] {
            std::fs::write(&path, damage).unwrap();
            assert_eq!(Favorites::load(&path), Favorites::default());
        }
    }
}
