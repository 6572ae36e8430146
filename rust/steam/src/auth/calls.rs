//! What the game and the network thread ask of the tickets.

use samovar_id::SteamId;

use super::{Auth, BeginAuthSession, TicketError};
use crate::client::{Shared, Steam};
use crate::files;

impl Shared {
    /// Runs `change` on the tickets, hands on the callbacks that came of it, and has the network thread tell what is to
    /// be told.
    pub(crate) fn with_auth<R>(&self, change: impl FnOnce(&mut Auth) -> R) -> R {
        let mut auth = self.local.auth.lock();
        let result = change(&mut auth);
        let callbacks: Vec<_> = std::iter::from_fn(|| auth.poll_callback()).collect();
        drop(auth);
        for callback in callbacks {
            self.callbacks.push(callback);
        }
        self.wake.notify();
        result
    }
}

impl Steam {
    /// A new ticket for `recipient`, or for anybody: its handle and its bytes. `GetAuthSessionTicketResponse` follows.
    ///
    /// # Errors
    /// See [`TicketError`].
    pub fn auth_session_ticket(
        &self,
        recipient: Option<SteamId>,
    ) -> Result<(u32, Vec<u8>), TicketError> {
        let number = files::random_u64().map_err(|_| TicketError::Random)?;
        let now = self.shared.directory_now_ms();
        self.shared
            .with_auth(|auth| auth.ticket(now, recipient, number))
    }

    /// Takes a ticket back. Whoever uses it gets `ValidateAuthTicketResponse`.
    pub fn cancel_auth_ticket(&self, handle: u32) {
        self.shared.with_auth(|auth| auth.cancel(handle));
    }

    /// Checks a ticket that should be `user`'s. If it is good, `ValidateAuthTicketResponse` follows, now and when that
    /// changes.
    pub fn begin_auth_session(&self, ticket: &[u8], user: SteamId) -> BeginAuthSession {
        let now = self.shared.directory_now_ms();
        self.shared.with_auth(|auth| auth.begin(now, ticket, user))
    }

    /// Ends the session with a user, if there is one.
    pub fn end_auth_session(&self, user: SteamId) {
        self.shared.with_auth(|auth| auth.end(user));
    }

    /// Whether there is a session with a user whose ticket is good.
    pub fn is_authenticated(&self, user: SteamId) -> bool {
        self.shared.local.auth.lock().is_authenticated(user)
    }
}
