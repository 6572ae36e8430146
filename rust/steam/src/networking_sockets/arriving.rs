//! What peers ask for, and what becomes of connections.

use std::time::Instant;

use samovar_id::SteamId;
use samovar_net::{ConnectionId, ConnectionState as Net, FailReason, Flow, Sessions};

use super::config::ConnectionConfig;
use super::table::{Connection, Link, Listen, MAX_CONNECTIONS, Owner, Sockets};
use super::types::{
    ConnectOptions, ConnectionHandle, ConnectionState, ListenSocket, StatusChange, end,
};
use crate::networking_messages::{END_MISC_GENERIC, END_MISC_TIMEOUT, END_REMOTE_TIMEOUT};

/// The way by which a connection comes.
#[derive(Clone, Copy)]
pub(super) struct Way {
    pub(super) listen: ListenSocket,
    pub(super) options: ConnectOptions,
    pub(super) owner: Option<Owner>,
}

impl Way {
    fn by(handle: ListenSocket, listen: &Listen) -> Self {
        Self {
            listen: handle,
            options: listen.options,
            owner: listen.owner,
        }
    }
}

impl Sockets {
    /// Looks at what has become of the network's connections.
    pub(crate) fn pump(&mut self, now: Instant, sessions: &mut Sessions) {
        while let Some((peer, id)) = sessions.take_changed_connection() {
            if let Some(handle) = self.handles.get(&(peer, id)).copied() {
                self.follow(now, sessions, handle);
            } else if is_asked(sessions, peer, id) {
                self.asked(now, sessions, peer, id);
            } else {
                self.waiting.remove(&(peer, id));
            }
        }
    }

    /// A peer asks for a connection.
    pub(super) fn asked(
        &mut self,
        now: Instant,
        sessions: &mut Sessions,
        peer: SteamId,
        id: ConnectionId,
    ) {
        if id.symmetric
            && let Some((handle, own)) = self.own_question(peer, id.port)
        {
            if self.me < peer {
                // The peer will take our question for its own.
                self.waiting.insert((peer, id));
                return;
            }
            sessions.close_connection(now, peer, own, end(0, ""), None);
            self.handles.remove(&(peer, own));
            self.take_over(now, sessions, handle, id);
            return;
        }
        let listens = self.listens.iter();
        let listen = listens
            .filter(|(_, listen)| listen.port == id.port)
            .map(|(handle, listen)| Way::by(*handle, listen))
            .next();
        match listen {
            Some(way) => self.arrive(now, sessions, (peer, id), way),
            None => drop(self.waiting.insert((peer, id))),
        }
    }

    /// The connection that we have asked a peer for, and that both sides may ask for.
    pub(super) fn own_question(
        &self,
        peer: SteamId,
        port: u32,
    ) -> Option<(ConnectionHandle, ConnectionId)> {
        self.connections.iter().find_map(|(handle, connection)| {
            let is_it = connection.peer == peer
                && connection.symmetric
                && connection.port == port
                && connection.state == ConnectionState::Connecting
                && !connection.is_asked;
            connection.id().filter(|_| is_it).map(|id| (*handle, id))
        })
    }

    /// A connection goes on as the one that the peer asks for.
    pub(super) fn take_over(
        &mut self,
        now: Instant,
        sessions: &mut Sessions,
        handle: ConnectionHandle,
        id: ConnectionId,
    ) {
        let Some(connection) = self.connections.get_mut(&handle) else {
            return;
        };
        connection.link = Link::Network(id);
        connection.is_asked = false;
        let (peer, group, owner) = (connection.peer, connection.group, connection.owner);
        self.waiting.remove(&(peer, id));
        self.handles.insert((peer, id), handle);
        sessions.accept(now, peer, Flow::Connection(id));
        self.apply_config(sessions, handle);
        if group.is_some() {
            sessions.set_group(peer, id, group);
        }
        if owner.is_some() {
            self.open_wide(sessions, handle);
        }
        self.follow(now, sessions, handle);
    }

    pub(super) fn arrive(
        &mut self,
        now: Instant,
        sessions: &Sessions,
        (peer, id): (SteamId, ConnectionId),
        way: Way,
    ) {
        if self.connections.len() >= MAX_CONNECTIONS {
            // It may be asked again, or forgotten.
            self.waiting.insert((peer, id));
            return;
        }
        let handle = self.new_handle();
        let mut connection = Connection::new(peer, Link::Network(id), id.port, &way.options);
        connection.symmetric = id.symmetric;
        connection.listen = way.listen;
        // It has the listen socket's, for as long as nothing else is set.
        connection.config = ConnectionConfig::default();
        connection.is_asked = true;
        connection.owner = way.owner;
        self.connections.insert(handle, connection);
        self.handles.insert((peer, id), handle);
        self.waiting.remove(&(peer, id));
        self.note(now, sessions, handle, ConnectionState::None);
    }

    /// Takes over how the network's connection is.
    pub(super) fn follow(&mut self, now: Instant, sessions: &Sessions, handle: ConnectionHandle) {
        let Some(connection) = self.connections.get_mut(&handle) else {
            return;
        };
        let Some(id) = connection.id() else { return };
        if !connection.state.is_live() {
            return;
        }
        let (state, ended) = match sessions.connection(connection.peer, id) {
            Some(status) => match status.state {
                Net::Asked | Net::Requesting => (ConnectionState::Connecting, None),
                Net::Connecting => (ConnectionState::FindingRoute, None),
                Net::Connected => (ConnectionState::Connected, None),
                Net::ClosedByPeer => (ConnectionState::ClosedByPeer, status.end),
                Net::Failed(reason) => {
                    let (reason, debug) = match reason {
                        FailReason::Timeout => {
                            (END_MISC_TIMEOUT, "Timed out attempting to connect")
                        }
                        FailReason::RemoteTimeout => {
                            (END_REMOTE_TIMEOUT, "The peer stopped answering")
                        }
                        FailReason::Error => (END_MISC_GENERIC, "The connection broke"),
                    };
                    (
                        ConnectionState::ProblemDetectedLocally,
                        Some(end(reason, debug)),
                    )
                }
            },
            None => (
                ConnectionState::ProblemDetectedLocally,
                Some(end(END_MISC_TIMEOUT, "The peer does not ask any more")),
            ),
        };
        let old = std::mem::replace(&mut connection.state, state);
        if ended.is_some() {
            connection.end = ended;
        }
        if state != ConnectionState::Connecting {
            connection.is_asked = false;
        }
        if old != state {
            self.note(now, sessions, handle, old);
        }
    }

    /// Notes that a state has changed.
    pub(super) fn note(
        &mut self,
        now: Instant,
        sessions: &Sessions,
        handle: ConnectionHandle,
        old_state: ConnectionState,
    ) {
        let Some(connection) = self.connections.get(&handle) else {
            return;
        };
        if let Some(changed) = connection
            .owner
            .and_then(|owner| self.owners.get_mut(&owner))
        {
            changed.insert(handle);
        }
        if let Some(info) = self.info(now, sessions, handle) {
            self.changes.push(StatusChange {
                handle,
                info,
                old_state,
            });
        }
    }
}

/// Whether a peer asks for it, and waits for an answer.
pub(super) fn is_asked(sessions: &Sessions, peer: SteamId, id: ConnectionId) -> bool {
    let status = sessions.connection(peer, id);
    status.is_some_and(|status| status.state == samovar_net::ConnectionState::Asked)
}
