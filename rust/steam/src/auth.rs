//! `ISteamUser`: tickets, with which one user proves to another who it is.
//!
//! A ticket is signed with its owner's key, so whoever checks it needs nobody else. What happens to it afterwards, owner
//! and verifier tell each other: the verifier that it is used, the owner that it is cancelled.

mod calls;
mod ticket;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use samovar_id::SteamId;
use samovar_lobby::Millis;
use samovar_net::Identity;

use crate::callback::Callback;
pub use ticket::{MAX_TICKET, TICKET_LIFETIME_MS};
use ticket::{Ticket, Unreadable};

/// The most tickets of the local user that are neither cancelled nor expired.
pub const MAX_TICKETS: usize = 256;
/// The most users who have told the local user that they use a ticket, for each ticket.
pub const MAX_VERIFIERS: usize = 256;
/// The most users whose tickets are checked, or remembered as used, at once.
pub const MAX_AUTHENTICATED: usize = 4096;
/// The used tickets that are remembered of a user; what was issued before a forgotten one counts as expired.
const MAX_USED: usize = 32;
/// While so many things are to be told, nobody hears that a ticket is unknown.
const MAX_ANSWERS: usize = 64;
/// The most things to tell that wait for a directory.
const MAX_TELLS: usize = 4096;

const RESULT_OK: i32 = 1;
/// `k_EAuthSessionResponseOK` and its kin.
const RESPONSE_OK: i32 = 0;
const RESPONSE_USER_NOT_CONNECTED: i32 = 1;
const RESPONSE_TICKET_CANCELED: i32 = 6;

/// `EBeginAuthSessionResult`: what checking a ticket came to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BeginAuthSession {
    /// It is good.
    Ok = 0,
    /// It is no ticket, not this user's, or for somebody else.
    InvalidTicket = 1,
    /// It has been used, or a session with this user is running.
    DuplicateRequest = 2,
    /// It was made by another version.
    InvalidVersion = 3,
    /// It is for another app.
    GameMismatch = 4,
    /// It is too old.
    ExpiredTicket = 5,
}

/// Why there is no ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// There are [`MAX_TICKETS`].
    #[error("there are {MAX_TICKETS} tickets; cancel those that are not needed any more")]
    TooMany,
    /// The system gives no random numbers.
    #[error("the system's random generator failed")]
    Random,
}

/// What owner and verifier of a ticket tell each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthTell {
    /// The verifier: it has begun a session with this ticket.
    TicketUsed {
        /// The ticket's number.
        ticket: u64,
    },
    /// The owner: it is not good any more.
    TicketCancelled {
        /// The ticket's number.
        ticket: u64,
    },
}

/// A ticket of the local user.
#[derive(Debug)]
struct Issued {
    ticket: Ticket,
    verifiers: BTreeSet<SteamId>,
}

/// What is known of a user whose tickets were checked.
#[derive(Debug, Default)]
struct User {
    session: Option<Session>,
    /// Number and time of issue.
    used: VecDeque<(u64, u64)>,
    /// What was issued then or before counts as expired.
    forgotten_ms: Option<u64>,
    /// When the last of the used tickets expires.
    expires_ms: u64,
}

#[derive(Clone, Copy, Debug)]
struct Session {
    number: u64,
    cancelled: bool,
    gone: bool,
}

/// The local user's tickets, and its sessions with others. A state machine: time is passed in, and is the directory's.
#[derive(Debug)]
pub struct Auth {
    identity: Arc<Identity>,
    app_id: u32,
    last_handle: u32,
    issued: BTreeMap<u32, Issued>,
    users: HashMap<SteamId, User>,
    tells: VecDeque<(SteamId, AuthTell)>,
    callbacks: VecDeque<Callback>,
}

impl Auth {
    /// Without tickets or sessions.
    pub fn new(identity: Arc<Identity>, app_id: u32) -> Self {
        Self {
            identity,
            app_id,
            last_handle: 0,
            issued: BTreeMap::new(),
            users: HashMap::new(),
            tells: VecDeque::new(),
            callbacks: VecDeque::new(),
        }
    }

    /// A new ticket for `recipient`, or for anybody, and its handle. `number` has to be random.
    /// `GetAuthSessionTicketResponse` follows.
    ///
    /// # Errors
    /// [`TicketError::TooMany`].
    pub fn ticket(
        &mut self,
        now: Millis,
        recipient: Option<SteamId>,
        number: u64,
    ) -> Result<(u32, Vec<u8>), TicketError> {
        if self.issued.len() >= MAX_TICKETS {
            self.issued
                .retain(|_, issued| issued.ticket.expires_ms > now.0);
        }
        if self.issued.len() >= MAX_TICKETS {
            return Err(TicketError::TooMany);
        }
        let ticket = Ticket::new(now, self.app_id, recipient, number);
        self.last_handle = self.last_handle.checked_add(1).unwrap_or(1);
        let verifiers = BTreeSet::new();
        self.issued
            .insert(self.last_handle, Issued { ticket, verifiers });
        self.callbacks
            .push_back(Callback::GetAuthSessionTicketResponse {
                ticket: self.last_handle,
                result: RESULT_OK,
            });
        Ok((self.last_handle, ticket.seal(&self.identity)))
    }

    /// Takes a ticket back: whoever uses it is told. Nothing happens when there is no such ticket.
    pub fn cancel(&mut self, handle: u32) {
        let Some(issued) = self.issued.remove(&handle) else {
            return;
        };
        for verifier in issued.verifiers {
            let ticket = issued.ticket.number;
            self.tell(verifier, AuthTell::TicketCancelled { ticket });
        }
    }

    /// Checks a ticket that should be `user`'s and begins a session with it if it is good. In that case
    /// `ValidateAuthTicketResponse` follows, now and when that changes.
    pub fn begin(&mut self, now: Millis, sealed: &[u8], user: SteamId) -> BeginAuthSession {
        let ticket = match Ticket::unseal(sealed) {
            Ok((ticket, owner)) if owner == user => ticket,
            Ok(_) | Err(Unreadable::Invalid) => return BeginAuthSession::InvalidTicket,
            Err(Unreadable::Version) => return BeginAuthSession::InvalidVersion,
        };
        let is_for_me = ticket
            .recipient
            .is_none_or(|recipient| recipient == self.me());
        if !is_for_me || !ticket.has_sound_times(now) {
            return BeginAuthSession::InvalidTicket;
        }
        if ticket.app_id != self.app_id {
            return BeginAuthSession::GameMismatch;
        }
        if now.0 >= ticket.expires_ms {
            return BeginAuthSession::ExpiredTicket;
        }
        if self.users.len() >= MAX_AUTHENTICATED && !self.users.contains_key(&user) {
            self.users
                .retain(|_, user| user.session.is_some() || user.expires_ms > now.0);
            if self.users.len() >= MAX_AUTHENTICATED {
                return BeginAuthSession::InvalidTicket;
            }
        }
        let known = self.users.entry(user).or_default();
        let used = known
            .used
            .iter()
            .any(|(number, _)| *number == ticket.number);
        if used || known.session.is_some() {
            return BeginAuthSession::DuplicateRequest;
        }
        if known
            .forgotten_ms
            .is_some_and(|then| ticket.issued_ms <= then)
        {
            return BeginAuthSession::ExpiredTicket;
        }
        known.remember(&ticket);
        self.validated(user, RESPONSE_OK);
        let ticket = ticket.number;
        self.tell(user, AuthTell::TicketUsed { ticket });
        BeginAuthSession::Ok
    }

    /// Ends the session with a user, if there is one.
    pub fn end(&mut self, user: SteamId) {
        if let Some(known) = self.users.get_mut(&user) {
            known.session = None;
        }
    }

    /// Whether there is a session with a user whose ticket is good.
    pub fn is_authenticated(&self, user: SteamId) -> bool {
        let session = self.users.get(&user).and_then(|known| known.session);
        session.is_some_and(|session| !session.cancelled && !session.gone)
    }

    /// A user told something about a ticket.
    pub fn told(&mut self, from: SteamId, tell: AuthTell) {
        match tell {
            AuthTell::TicketUsed { ticket } => self.told_used(from, ticket),
            AuthTell::TicketCancelled { ticket } => self.told_cancelled(from, ticket),
        }
    }

    /// A user is not online any more.
    pub fn user_gone(&mut self, user: SteamId) {
        if let Some(session) = self.session(user)
            && !session.gone
            && !session.cancelled
        {
            session.gone = true;
            self.validated(user, RESPONSE_USER_NOT_CONNECTED);
        }
    }

    /// A user is online, or is so again: it is told that its ticket is used, since it may not have heard.
    pub fn user_online(&mut self, user: SteamId) {
        if let Some(session) = self.session(user)
            && !session.cancelled
        {
            session.gone = false;
            let ticket = session.number;
            self.tell(user, AuthTell::TicketUsed { ticket });
        }
    }

    /// The next thing to tell a user.
    pub fn poll_tell(&mut self) -> Option<(SteamId, AuthTell)> {
        self.tells.pop_front()
    }

    /// Keeps for later what could not be told yet.
    pub fn untold(&mut self, to: SteamId, tell: AuthTell) {
        self.tells.push_front((to, tell));
    }

    /// The next callback. To be asked for after each call.
    pub fn poll_callback(&mut self) -> Option<Callback> {
        self.callbacks.pop_front()
    }

    fn told_used(&mut self, from: SteamId, number: u64) {
        let found = self.issued.values_mut().find(|issued| {
            let recipient = issued.ticket.recipient;
            issued.ticket.number == number && recipient.is_none_or(|recipient| recipient == from)
        });
        if let Some(issued) = found {
            if issued.verifiers.len() < MAX_VERIFIERS {
                issued.verifiers.insert(from);
            }
        } else if self.tells.len() < MAX_ANSWERS {
            // It is cancelled, or an earlier process of this profile had it. Anybody can ask, so not everybody is answered.
            self.tell(from, AuthTell::TicketCancelled { ticket: number });
        }
    }

    fn told_cancelled(&mut self, from: SteamId, number: u64) {
        if let Some(session) = self.session(from)
            && session.number == number
            && !session.cancelled
        {
            session.cancelled = true;
            self.validated(from, RESPONSE_TICKET_CANCELED);
        }
    }

    fn session(&mut self, user: SteamId) -> Option<&mut Session> {
        self.users.get_mut(&user)?.session.as_mut()
    }

    fn me(&self) -> SteamId {
        self.identity.steam_id()
    }

    fn validated(&mut self, user: SteamId, response: i32) {
        self.callbacks
            .push_back(Callback::ValidateAuthTicketResponse {
                user,
                response,
                owner: user,
            });
    }

    fn tell(&mut self, to: SteamId, tell: AuthTell) {
        if to == self.me() {
            self.told(to, tell);
        } else if self.tells.len() < MAX_TELLS {
            self.tells.push_back((to, tell));
        }
    }
}

impl User {
    /// Begins a session with a ticket, which is used from now on.
    fn remember(&mut self, ticket: &Ticket) {
        if self.used.len() >= MAX_USED
            && let Some((_, issued_ms)) = self.used.pop_front()
        {
            self.forgotten_ms = self.forgotten_ms.max(Some(issued_ms));
        }
        self.used.push_back((ticket.number, ticket.issued_ms));
        self.expires_ms = self.expires_ms.max(ticket.expires_ms);
        self.session = Some(Session {
            number: ticket.number,
            cancelled: false,
            gone: false,
        });
    }
}

#[cfg(test)]
mod tests;
