//! Questions about users whose answer the game waits for: who does not get one in time is told that there is none.

use samovar_id::SteamId;

use super::{Mirror, Notice};
use crate::error::LobbyError;
use crate::limits::{MAX_PENDING_COMMANDS, REQUEST_TIMEOUT_MS};
use crate::protocol::Millis;

/// `k_EPersonaChangeName`.
const NAME: u32 = 1;

/// What the game wants to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Question {
    /// Who a user is.
    Persona(SteamId),
    /// A user's rich presence.
    RichPresence(SteamId),
}

/// The questions that are not answered, oldest first, none twice; at most [`MAX_PENDING_COMMANDS`].
#[derive(Default)]
pub(super) struct Questions(Vec<(Question, Millis)>);

impl Questions {
    pub(super) fn has_room(&self, question: Question) -> Result<(), LobbyError> {
        let is_known = self.0.iter().any(|(other, _)| *other == question);
        if is_known || self.0.len() < MAX_PENDING_COMMANDS {
            Ok(())
        } else {
            Err(LobbyError::TooManyPending)
        }
    }

    /// Waits for an answer. One that is waited for already is so from the first time on.
    pub(super) fn ask(&mut self, now: Millis, question: Question) {
        if self.0.iter().all(|(other, _)| *other != question) {
            self.0.push((question, now.plus(REQUEST_TIMEOUT_MS)));
        }
    }

    /// Whether somebody has waited for it.
    pub(super) fn answered(&mut self, question: Question) -> bool {
        let before = self.0.len();
        self.0.retain(|(other, _)| *other != question);
        self.0.len() < before
    }

    pub(super) fn poll_timeout(&self) -> Option<Millis> {
        self.0.first().map(|(_, gives_up_at)| *gives_up_at)
    }

    fn take_overdue(&mut self, now: Millis) -> Vec<Question> {
        self.0
            .extract_if(.., |(_, gives_up_at)| *gives_up_at <= now)
            .map(|(question, _)| question)
            .collect()
    }
}

impl Mirror {
    /// Says of questions that are not answered in time that there is no such user, or nothing new.
    pub(super) fn questions_timeout(&mut self, now: Millis) {
        for question in self.questions.take_overdue(now) {
            let notice = match question {
                Question::Persona(user) => Notice::PersonaStateChange { user, flags: NAME },
                Question::RichPresence(user) => Notice::FriendRichPresenceUpdate {
                    user,
                    app_id: self.app_id,
                },
            };
            self.notice(notice);
        }
    }
}
