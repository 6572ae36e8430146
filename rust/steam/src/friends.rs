//! `ISteamFriends`: who is there, what they do, and inviting them.

use samovar_id::SteamId;
use samovar_lobby::{LobbyError, PersonaError, PersonaState, Tell};

use crate::callback::Callback;
use crate::client::Steam;
use crate::profile::{PERSONA_FILE, write_persona_name};

/// What a user plays.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct GamePlayed {
    /// The app.
    pub app_id: u32,
    /// The lobby that its friends see it in.
    pub lobby: Option<SteamId>,
}

impl Steam {
    /// The local user's name.
    pub fn persona_name(&self) -> String {
        self.read_mirror(|mirror| mirror.persona().name.clone())
    }

    /// The local user's state.
    pub fn persona_state(&self) -> PersonaState {
        self.read_mirror(|mirror| mirror.persona().state)
    }

    /// Gives the local user another name, for later starts too. Control characters go, and so does what is beyond
    /// [`crate::profile::MAX_PERSONA_NAME`] bytes. It is written in the background; that it cannot be is logged.
    ///
    /// # Errors
    /// When nothing is left of the name.
    pub fn set_persona_name(&self, name: &str) -> Result<(), String> {
        let mut profile = self.shared.profile.lock();
        let is_name = profile.set_persona_name(name);
        let name = profile.persona_name().to_owned();
        drop(profile);
        if !is_name {
            return Err("the name is empty".to_owned());
        }
        let kept = name.clone();
        self.shared
            .local
            .run(PERSONA_FILE, move |path| write_persona_name(path, &kept));
        self.with_mirror(|mirror, now| {
            let state = mirror.persona().state;
            mirror.set_persona(now, &name, state);
        });
        Ok(())
    }

    /// Says whether the local user is there, busy or away, until the process ends.
    pub fn set_persona_state(&self, state: PersonaState) {
        self.with_mirror(|mirror, now| {
            let name = mirror.persona().name.clone();
            mirror.set_persona(now, &name, state);
        });
    }

    /// A user's name; `None` while it is not known, in which case it is asked for and `PersonaStateChange` follows if
    /// there is such a user.
    pub fn friend_persona_name(&self, user: SteamId) -> Option<String> {
        self.with_mirror(|mirror, now| mirror.persona_name(now, user).map(str::to_owned))
    }

    /// Asks for a user's name, unless it is known. True when it is asked for: answered by `PersonaStateChange`, also when there
    /// is no such user.
    ///
    /// # Errors
    /// When the ID is no user's, or too much is asked at once.
    pub fn request_user_information(&self, user: SteamId) -> Result<bool, LobbyError> {
        self.with_mirror(|mirror, now| mirror.request_persona(now, user))
    }

    /// A user's state; `None` when it is offline, or nothing is known of it.
    pub fn friend_persona_state(&self, user: SteamId) -> Option<PersonaState> {
        self.read_mirror(|mirror| mirror.persona_state(user))
    }

    /// The friends in the order of their coming, with those who have gone.
    pub fn friends(&self) -> Vec<SteamId> {
        self.read_mirror(|mirror| mirror.friends().to_vec())
    }

    /// How many friends there are.
    pub fn friend_count(&self) -> usize {
        self.read_mirror(|mirror| mirror.friends().len())
    }

    /// A friend by the order of coming.
    pub fn friend(&self, index: usize) -> Option<SteamId> {
        self.read_mirror(|mirror| mirror.friends().get(index).copied())
    }

    /// Whether a user is a friend.
    pub fn has_friend(&self, user: SteamId) -> bool {
        self.read_mirror(|mirror| mirror.is_friend(user))
    }

    /// What a user plays; `None` when it is offline, or nothing is known of it.
    pub fn friend_game_played(&self, user: SteamId) -> Option<GamePlayed> {
        self.read_mirror(|mirror| {
            mirror.persona_state(user).map(|_| GamePlayed {
                app_id: self.app_id(),
                lobby: mirror.friend_lobby(user),
            })
        })
    }

    /// Sets a key of the local user's rich presence; an empty value removes it.
    ///
    /// # Errors
    /// For a key or value out of bounds, and for too many keys.
    pub fn set_rich_presence(&self, key: &str, value: &str) -> Result<(), PersonaError> {
        self.with_mirror(|mirror, now| mirror.set_rich_presence(now, key, value))
    }

    /// Removes all keys of the local user's rich presence.
    pub fn clear_rich_presence(&self) {
        self.with_mirror(|mirror, now| mirror.clear_rich_presence(now));
    }

    /// The value of a key of a user's rich presence; empty when there is none or it is not known.
    pub fn friend_rich_presence(&self, user: SteamId, key: &str) -> String {
        self.read_mirror(|mirror| {
            let known = mirror.rich_presence(user);
            known.and_then(|known| known.get(key)).cloned()
        })
        .unwrap_or_default()
    }

    /// The keys of a user's rich presence, in alphabetical order.
    pub fn friend_rich_presence_keys(&self, user: SteamId) -> Vec<String> {
        self.read_mirror(|mirror| {
            let known = mirror.rich_presence(user);
            known.map_or_else(Vec::new, |known| known.keys().cloned().collect())
        })
    }

    /// Asks for a user's rich presence. Answered by `FriendRichPresenceUpdate`.
    ///
    /// # Errors
    /// When the ID is no user's, or too much is asked at once.
    pub fn request_friend_rich_presence(&self, user: SteamId) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| mirror.request_rich_presence(now, user))
    }

    /// Invites a user to the game of the local user. It is lost if the user is not there.
    ///
    /// # Errors
    /// When the ID is no user's, the connect string is too long, or too much is said at once.
    pub fn invite_user_to_game(&self, user: SteamId, connect: &str) -> Result<(), LobbyError> {
        let connect = connect.to_owned();
        self.tell(user, Tell::GameInvite { connect })
    }

    /// The local user accepts an invitation to a lobby: `JoinRequested` follows.
    pub fn accept_lobby_invite(&self, lobby: SteamId, user: SteamId) {
        let callback = Callback::JoinRequested { lobby, user };
        self.shared.callbacks.push(callback);
    }

    /// The local user accepts an invitation to a game: `JoinGameRequested` follows.
    pub fn accept_game_invite(&self, user: SteamId, connect: &str) {
        let connect = connect.to_owned();
        let callback = Callback::JoinGameRequested { user, connect };
        self.shared.callbacks.push(callback);
    }

    /// The overlay opened or closed: `OverlayToggled` follows.
    pub fn report_overlay(&self, active: bool, user_initiated: bool) {
        self.shared.callbacks.push(Callback::OverlayToggled {
            active,
            user_initiated,
            app_id: self.app_id(),
        });
    }

    /// Tells a user something by way of the directory.
    ///
    /// # Errors
    /// When the ID is no user's, or too much is said at once.
    pub(crate) fn tell(&self, user: SteamId, tell: Tell) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| mirror.tell(now, user, tell))
    }
}
