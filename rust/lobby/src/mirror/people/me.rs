//! What the local user says of itself, and to others.

use std::sync::Arc;

use samovar_id::SteamId;

use super::{AVATAR, NAME, STATUS};
use crate::error::{LobbyError, PersonaError};
use crate::limits::{AVATAR_BYTES, MAX_CONNECT, MAX_NAME};
use crate::mirror::questions::Question;
use crate::mirror::{Mirror, Notice};
use crate::persona::{Persona, PersonaState, RichPresence, Tell, set_presence};
use crate::protocol::{Command, Millis};

impl Mirror {
    /// The local user's persona.
    pub fn persona(&self) -> &Persona {
        &self.people.me
    }

    /// The local user's rich presence.
    pub fn my_rich_presence(&self) -> &RichPresence {
        &self.people.my_presence
    }

    /// Gives the local user another name, at most [`MAX_NAME`] bytes, or state.
    pub fn set_persona(&mut self, now: Millis, name: &str, state: PersonaState) {
        let me = &mut self.people.me;
        let name = &name[..name.floor_char_boundary(MAX_NAME)];
        let mut flags = 0;
        if me.name != name {
            flags |= NAME;
        }
        if me.state != state {
            flags |= STATUS;
        }
        if flags == 0 {
            return;
        }
        name.clone_into(&mut me.name);
        me.state = state;
        let persona = me.clone();
        self.gather_persona(now, Command::SetPersona(persona));
        let user = self.me;
        self.notice(Notice::PersonaStateChange { user, flags });
    }

    /// Gives the local user a picture of its own, or takes it away. `avatar` is a random number for it, not 0.
    ///
    /// # Errors
    /// [`PersonaError::NotAnAvatar`].
    pub fn set_avatar(&mut self, picture: Option<(u64, Arc<[u8]>)>) -> Result<(), PersonaError> {
        if let Some((avatar, pixels)) = &picture
            && (*avatar == 0 || pixels.len() != AVATAR_BYTES)
        {
            return Err(PersonaError::NotAnAvatar);
        }
        let (avatar, pixels) = match picture {
            Some((avatar, pixels)) => (avatar, Some(pixels)),
            None => (0, None),
        };
        self.people.me.avatar = avatar;
        self.people.my_pixels = pixels;
        self.waiting
            .retain(|command| !matches!(command, Command::SetAvatar { .. }));
        // Waits beyond the bound if it must: at most one does.
        let command = self.my_avatar();
        self.waiting.push_back(command);
        let user = self.me;
        self.notice(Notice::PersonaStateChange {
            user,
            flags: AVATAR,
        });
        Ok(())
    }

    /// Sets a key of the local user's rich presence, visible here at once; an empty value removes it.
    ///
    /// # Errors
    /// For a key or value out of bounds, and for too many keys.
    pub fn set_rich_presence(
        &mut self,
        now: Millis,
        key: &str,
        value: &str,
    ) -> Result<(), PersonaError> {
        if set_presence(&mut self.people.my_presence, key, value)? {
            let all = self.people.my_presence.clone();
            self.gather_persona(now, Command::SetRichPresence(all));
        }
        Ok(())
    }

    /// Removes all keys of the local user's rich presence.
    pub fn clear_rich_presence(&mut self, now: Millis) {
        if !self.people.my_presence.is_empty() {
            self.people.my_presence.clear();
            self.gather_persona(now, Command::SetRichPresence(RichPresence::new()));
        }
    }

    /// Asks for a user's rich presence. [`Notice::FriendRichPresenceUpdate`] answers, at the latest after
    /// [`crate::limits::REQUEST_TIMEOUT_MS`], as when there is no such user.
    ///
    /// # Errors
    /// [`LobbyError::NotAUser`], [`LobbyError::TooManyPending`].
    pub fn request_rich_presence(&mut self, now: Millis, user: SteamId) -> Result<(), LobbyError> {
        if !user.is_individual() {
            return Err(LobbyError::NotAUser);
        }
        if user == self.me {
            let app_id = self.app_id;
            self.notice(Notice::FriendRichPresenceUpdate { user, app_id });
            return Ok(());
        }
        let question = Question::RichPresence(user);
        self.questions.has_room(question)?;
        self.queue_once(Command::RichPresence { user })?;
        self.questions.ask(now, question);
        Ok(())
    }

    /// Tells a user something, if it is there. Nobody learns whether it was.
    ///
    /// # Errors
    /// [`LobbyError::NotAUser`], [`LobbyError::ConnectTooLong`], [`LobbyError::TooOften`], [`LobbyError::TooManyPending`].
    pub fn tell(&mut self, now: Millis, to: SteamId, tell: Tell) -> Result<(), LobbyError> {
        if !to.is_individual() {
            return Err(LobbyError::NotAUser);
        }
        if let Tell::GameInvite { connect } = &tell
            && connect.len() > MAX_CONNECT
        {
            return Err(LobbyError::ConnectTooLong { len: connect.len() });
        }
        self.has_room()?;
        let rate = match tell {
            Tell::GameInvite { .. } => &mut self.speech,
            Tell::TicketUsed { .. } | Tell::TicketCancelled { .. } => &mut self.tickets,
        };
        if !rate.take(now) {
            return Err(LobbyError::TooOften);
        }
        self.queue(Command::Tell { to, tell })
    }

    pub(super) fn my_avatar(&self) -> Command {
        Command::SetAvatar {
            avatar: self.people.me.avatar,
            pixels: self
                .people
                .my_pixels
                .as_ref()
                .map_or_else(Vec::new, |pixels| pixels.to_vec()),
        }
    }
}
