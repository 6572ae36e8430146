//! What peers say of connections, and what time brings.

use std::time::Instant;

use samovar_id::SteamId;

use crate::sessions::Sessions;
use crate::sessions::config::END_PATIENCE;
use crate::sessions::consent::{self, Dialler, Say, Stage, Word};
use crate::sessions::control::{ConnectionEnd, ConnectionId, Flow};
use crate::sessions::info::{DisconnectReason, FailReason, SessionState};
use crate::sessions::session::Session;

impl Sessions {
    /// A peer has said something of a connection.
    pub(in crate::sessions) fn on_connection_word(
        &mut self,
        now: Instant,
        from: SteamId,
        id: ConnectionId,
        word: Word,
    ) -> Stage {
        let dialler = self.dialler(from, id);
        let never_was =
            id.number == 0 || (dialler == Dialler::Us && id.number >= self.next_incarnation);
        if never_was || from == self.me {
            return Stage::Unknown;
        }
        let stage = self.stage(now, from, id);
        let (to, say) = consent::next(dialler, stage, word);
        match (stage, to) {
            (_, Stage::Asked) => self.ask_for_connection(now, from, id),
            (Stage::Unknown | Stage::Asked | Stage::Lingering, Stage::Over) => {
                self.forget_connection(now, from, id, false);
            }
            (Stage::Requesting, Stage::Connecting | Stage::Ending) => {
                self.open_connection(now, from, id);
            }
            _ => {}
        }
        self.tell(now, from, id, say);
        self.settle(from, Flow::Connection(id));
        to
    }

    /// Whether a message that the peer has sent in a connection is for the game.
    pub(in crate::sessions) fn is_expected_in(
        &mut self,
        now: Instant,
        peer: SteamId,
        id: ConnectionId,
        incarnation: u64,
    ) -> bool {
        if incarnation != id.number {
            return false;
        }
        let is_open = |session: &Session| {
            session.state == SessionState::Connected && session.connection.lingers_until.is_none()
        };
        if self.live(peer, Flow::Connection(id)).is_some_and(is_open) {
            return true;
        }
        let to = self.on_connection_word(now, peer, id, Word::Data);
        to == Stage::Connecting && self.live(peer, Flow::Connection(id)).is_some_and(is_open)
    }

    /// A peer ends or refuses a connection, after so many reliable messages of its.
    pub(in crate::sessions) fn on_end(
        &mut self,
        now: Instant,
        from: SteamId,
        id: ConnectionId,
        sent: u64,
        end: ConnectionEnd,
    ) {
        let live = self.live(from, Flow::Connection(id));
        let is_complete = live.is_none_or(|session| session.received_reliably >= sent);
        let word = if is_complete {
            Word::End
        } else {
            Word::EndLater
        };
        let before = self.stage(now, from, id);
        let to = self.on_connection_word(now, from, id, word);
        if before == to || !matches!(to, Stage::Ending | Stage::Done) {
            return;
        }
        if let Some(session) = self.live_mut(from, Flow::Connection(id)) {
            session.connection.end = Some(end.cut());
            session.connection.ending = now.checked_add(END_PATIENCE).map(|until| (sent, until));
        }
        if to == Stage::Done {
            self.end_connection(now, from, id);
        }
        self.settle(from, Flow::Connection(id));
    }

    /// Reliable messages of a connection have come: its end may be due.
    pub(in crate::sessions) fn connection_delivered(
        &mut self,
        now: Instant,
        peer: SteamId,
        id: ConnectionId,
    ) {
        let Some(session) = self.live_mut(peer, Flow::Connection(id)) else {
            return;
        };
        let Some((sent, _)) = session.connection.ending else {
            return;
        };
        if session.received_reliably >= sent {
            self.pass(now, peer, id, Word::Came);
        } else if let Some(until) = now.checked_add(END_PATIENCE) {
            session.connection.ending = Some((sent, until));
        }
        self.settle(peer, Flow::Connection(id));
    }

    /// The endpoint has been given all that it takes: what lingers may be gone.
    pub(in crate::sessions) fn end_lingering(
        &mut self,
        now: Instant,
        peer: SteamId,
        id: ConnectionId,
    ) {
        let flow = Flow::Connection(id);
        let Some(session) = self.live(peer, flow) else {
            return;
        };
        let Some(until) = session.connection.lingers_until else {
            return;
        };
        let is_gone = session.queue.is_empty() && session.queue.in_flight() == 0;
        if !is_gone && now < until {
            return;
        }
        let sent = if is_gone { session.sent_reliably } else { 0 };
        let end = session.connection.end.clone().unwrap_or_default();
        if self.pass(now, peer, id, Word::Gone) == Say::End {
            self.say_end(peer, id, sent, end);
        }
        self.settle(peer, flow);
    }

    pub(in crate::sessions) fn on_connection_linked(
        &mut self,
        now: Instant,
        peer: SteamId,
        id: ConnectionId,
    ) {
        let stage = self.stage(now, peer, id);
        let (to, say) = consent::next(self.dialler(peer, id), stage, Word::LinkUp);
        if let Some(session) = self.live_mut(peer, Flow::Connection(id))
            && (stage, to) == (Stage::Connecting, Stage::Connected)
        {
            session.used_at = now;
            session.opened();
            self.connection_changed(peer, id);
        }
        self.tell(now, peer, id, say);
    }

    pub(in crate::sessions) fn on_connection_unlinked(
        &mut self,
        now: Instant,
        peer: SteamId,
        id: ConnectionId,
        reason: DisconnectReason,
    ) {
        let failed = match reason {
            DisconnectReason::ClosedByPeer => None,
            DisconnectReason::TimedOut => Some(FailReason::RemoteTimeout),
            DisconnectReason::Error => Some(FailReason::Error),
        };
        self.note_failure(peer, id, failed);
        self.pass(now, peer, id, Word::LinkLost);
    }

    /// Does what is due in a connection. The slot has to be settled.
    pub(in crate::sessions) fn pass_connection_time(
        &mut self,
        now: Instant,
        peer: SteamId,
        id: ConnectionId,
    ) {
        let flow = Flow::Connection(id);
        let stage = self.stage(now, peer, id);
        let config = self.config;
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        let slot = found.slot_mut(flow);
        if slot
            .pending
            .as_ref()
            .is_some_and(|pending| pending.expires <= now)
        {
            self.pass(now, peer, id, Word::Late);
            return;
        }
        let Some(session) = slot.session.as_deref_mut() else {
            return;
        };
        let ending = session.connection.ending;
        match stage {
            Stage::Requesting | Stage::Connecting if session.is_late(now, &config, flow) => {
                self.note_failure(peer, id, Some(FailReason::Timeout));
                self.pass(now, peer, id, Word::Late);
            }
            Stage::Requesting if session.retransmit_at <= now => self.retransmit(now, peer, flow),
            Stage::Ending if ending.is_some_and(|(_, until)| until <= now) => {
                self.pass(now, peer, id, Word::Came);
            }
            Stage::Connected | Stage::Ending => session.queue.flush_due(now),
            Stage::Lingering => self.end_lingering(now, peer, id),
            _ => {}
        }
    }

    /// Something has happened that ends a connection, or does not. What the peer is to be told of it. The slot has to be
    /// settled.
    pub(in crate::sessions) fn pass(
        &mut self,
        now: Instant,
        peer: SteamId,
        id: ConnectionId,
        word: Word,
    ) -> Say {
        let stage = self.stage(now, peer, id);
        let (to, say) = consent::next(self.dialler(peer, id), stage, word);
        if to == Stage::Over && stage != Stage::Over {
            self.forget_connection(now, peer, id, say == Say::End);
        } else if to == Stage::Done && stage != Stage::Done {
            self.end_connection(now, peer, id);
        }
        say
    }

    /// Why the connection fails, if it does now. A connection that the peer has ended already has not failed.
    pub(in crate::sessions) fn note_failure(
        &mut self,
        peer: SteamId,
        id: ConnectionId,
        reason: Option<FailReason>,
    ) {
        if let Some(session) = self.live_mut(peer, Flow::Connection(id)) {
            let is_ended = session.connection.ending.is_some();
            session.error = reason.filter(|_| !is_ended);
        }
    }
}
