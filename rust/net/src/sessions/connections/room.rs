//! How many connections there may be, and the requests for them.

use std::collections::BTreeSet;
use std::time::Instant;

use samovar_id::SteamId;

use super::END_TOO_MANY;
use crate::sessions::Sessions;
use crate::sessions::config::{
    MAX_CONNECTIONS, MAX_CONNECTIONS_OF_PEER, MAX_IDLE_WORDS, MAX_PENDING_CONNECTIONS,
    MAX_PENDING_CONNECTIONS_OF_PEER, PENDING_MARGIN,
};
use crate::sessions::control::{ConnectionEnd, ConnectionId, Flow};
use crate::sessions::session::{Peer, Pending, Slot};

impl Sessions {
    pub(in crate::sessions) fn has_room_for_connection(&self, peer: SteamId) -> bool {
        self.connections.sessions < MAX_CONNECTIONS
            && self.connections_of(peer) < MAX_CONNECTIONS_OF_PEER
    }

    pub(in crate::sessions) fn connections_of(&self, peer: SteamId) -> usize {
        let flows = self.peers.get(&peer).into_iter().flat_map(Peer::slots);
        let is_one = |slot: &Slot| slot.session.is_some() || slot.pending.is_some();
        flows
            .filter(|(flow, slot)| flow.connection().is_some() && is_one(slot))
            .count()
    }

    /// Notes a peer's request, or refuses it.
    pub(in crate::sessions) fn ask_for_connection(
        &mut self,
        now: Instant,
        from: SteamId,
        id: ConnectionId,
    ) {
        let expires = now
            .checked_add(self.config.messages_timeout.saturating_add(PENDING_MARGIN))
            .unwrap_or(now);
        let flow = Flow::Connection(id);
        if let Some(found) = self.peers.get_mut(&from)
            && let Some(pending) = &mut found.slot_mut(flow).pending
        {
            pending.expires = expires;
            return;
        }
        let own = self.connections.pending.get(&from).map_or(0, BTreeSet::len);
        if own >= MAX_PENDING_CONNECTIONS_OF_PEER || !self.has_room_for_connection(from) {
            return self.refuse(now, from, id);
        }
        if self.connections.pending_count >= MAX_PENDING_CONNECTIONS {
            let pending = self.connections.pending.iter();
            let most = pending.max_by_key(|(_, requests)| requests.len());
            let most = most.map(|(peer, requests)| (*peer, requests.len(), requests.first()));
            match most {
                Some((peer, count, Some((_, oldest)))) if count > own + 1 => {
                    let oldest = *oldest;
                    self.refuse(now, peer, oldest);
                }
                _ => return self.refuse(now, from, id),
            }
        }
        let order = self.next_pending;
        self.next_pending += 1;
        let requests = self.connections.pending.entry(from).or_default();
        requests.insert((order, id));
        self.connections.pending_count += 1;
        let slot = self.peers.entry(from).or_default().slot_mut(flow);
        slot.pending = Some(Pending {
            incarnation: id.number,
            order,
            expires,
        });
        self.connection_changed(from, id);
    }

    /// There are too many.
    pub(in crate::sessions) fn refuse(&mut self, now: Instant, peer: SteamId, id: ConnectionId) {
        self.forget_connection(now, peer, id, false);
        let key = (peer, self.dialler(peer, id));
        if self.words.waiting(peer) < MAX_IDLE_WORDS
            && self.connections.past.end(now, key, id.number, true)
        {
            let end = ConnectionEnd {
                reason: END_TOO_MANY,
                debug: "too many connections".to_owned(),
            };
            self.say_end(peer, id, 0, end);
        }
        self.settle(peer, Flow::Connection(id));
    }

    pub(in crate::sessions) fn take_pending_connection(
        &mut self,
        peer: SteamId,
        id: ConnectionId,
    ) -> bool {
        let found = self.peers.get_mut(&peer);
        let slot = found.map(|found| found.slot_mut(Flow::Connection(id)));
        let Some(pending) = slot.and_then(|slot| slot.pending.take()) else {
            return false;
        };
        if let Some(requests) = self.connections.pending.get_mut(&peer) {
            requests.remove(&(pending.order, id));
            self.connections.pending_count -= 1;
            if requests.is_empty() {
                self.connections.pending.remove(&peer);
            }
        }
        let was_announced = self.connections.announced.remove(&(peer, id));
        if was_announced {
            self.connections.changed.insert((peer, id));
        } else {
            self.connections.changed.remove(&(peer, id));
        }
        true
    }
}
