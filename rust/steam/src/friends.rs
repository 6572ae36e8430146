//! `ISteamFriends`: names and pictures of users.

use samovar_id::SteamId;

use crate::avatar;
use crate::client::Steam;

impl Steam {
    /// The local user's name.
    pub fn persona_name(&self) -> String {
        self.read_mirror(|mirror| mirror.my_name().to_owned())
    }

    /// A user's name; `None` while it is not known, in which case it is asked for and `PersonaStateChange` follows if
    /// there is such a user.
    pub fn friend_persona_name(&self, user: SteamId) -> Option<String> {
        self.with_mirror(|mirror, now| mirror.persona_name(now, user).map(str::to_owned))
    }

    /// Whether a user is known to be online: the local user, and who is in a lobby with it.
    pub fn is_online(&self, user: SteamId) -> bool {
        user == self.steam_id()
            || self.read_mirror(|mirror| mirror.lobbies().any(|lobby| lobby.member(user).is_some()))
    }

    /// A user's picture, RGBA with 8 bits each, `size_px` * `size_px` pixels: generated from the ID.
    pub fn avatar(&self, user: SteamId, size_px: u32) -> Vec<u8> {
        avatar::generate(user, size_px)
    }
}
