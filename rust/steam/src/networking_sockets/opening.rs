//! Listening, and asking for connections.

use std::time::Instant;

use samovar_id::SteamId;
use samovar_net::Sessions;

use super::arriving::{Way, is_asked};
use super::pair::Pair;
use super::table::{Connection, Link, Listen, MAX_CONNECTIONS, MAX_LISTEN_SOCKETS, Owner, Sockets};
use super::types::{ConnectOptions, ConnectionHandle, ConnectionState, ListenSocket, end};
use crate::networking_messages::END_MISC_GENERIC;

impl Sockets {
    /// Listens on a virtual port; `None` where somebody does, or there are too many.
    pub(crate) fn listen(
        &mut self,
        now: Instant,
        sessions: &mut Sessions,
        port: u32,
        options: ConnectOptions,
        owner: Option<Owner>,
    ) -> Option<ListenSocket> {
        let is_taken = self.listens.values().any(|listen| listen.port == port);
        if is_taken || self.listens.len() >= MAX_LISTEN_SOCKETS {
            return None;
        }
        let handle = self.new_handle();
        self.listens.insert(
            handle,
            Listen {
                port,
                options,
                owner,
            },
        );
        let early: Vec<_> = self.waiting.iter().copied().collect();
        for (peer, id) in early {
            if id.port == port && is_asked(sessions, peer, id) {
                self.asked(now, sessions, peer, id);
            }
        }
        Some(handle)
    }

    /// Ends the listen socket of a multiplayer peer on a port.
    pub(crate) fn close_listener(&mut self, now: Instant, sessions: &mut Sessions, port: u32) {
        let mut listens = self.listens.iter();
        let socket = listens.find(|(_, listen)| listen.port == port && listen.owner.is_some());
        if let Some(socket) = socket.map(|(socket, _)| *socket) {
            self.close_listen(now, sessions, socket);
        }
    }

    /// The multiplayer peer that listens on a port.
    pub(crate) fn listener(&self, port: u32) -> Option<Owner> {
        let mut listens = self.listens.values();
        listens.find(|listen| listen.port == port)?.owner
    }

    /// Ends a listen socket, and every connection that came by it.
    pub(crate) fn close_listen(
        &mut self,
        now: Instant,
        sessions: &mut Sessions,
        socket: ListenSocket,
    ) -> bool {
        if self.listens.remove(&socket).is_none() {
            return false;
        }
        let came: Vec<u32> = self
            .connections
            .iter()
            .filter(|(_, connection)| connection.listen == socket)
            .map(|(handle, _)| *handle)
            .collect();
        for handle in came {
            let ended = end(END_MISC_GENERIC, "The listen socket was closed");
            self.close(now, sessions, handle, ended, false);
        }
        true
    }

    /// Whether there is such a listen socket.
    pub(crate) fn is_listening(&self, socket: ListenSocket) -> bool {
        self.listens.contains_key(&socket)
    }

    /// Asks a user for a connection. `None` where there are too many, or a symmetric one is there already.
    pub(crate) fn connect(
        &mut self,
        now: Instant,
        sessions: &mut Sessions,
        peer: SteamId,
        port: u32,
        options: &ConnectOptions,
        owner: Option<Owner>,
    ) -> Option<ConnectionHandle> {
        if peer == self.me {
            return self.connect_to_self(now, sessions, port, options, owner);
        }
        if options.symmetric
            && let Some(answered) = self.answer_same_question(now, sessions, peer, port, owner)
        {
            if let Some(handle) = answered {
                self.take_options(sessions, handle, options);
            }
            return answered;
        }
        if self.connections.len() >= MAX_CONNECTIONS {
            return None;
        }
        let timeout = options
            .timeout
            .unwrap_or(sessions.config().messages_timeout);
        let id = sessions
            .dial(now, peer, port, options.symmetric, timeout)
            .ok()?;
        let handle = self.new_handle();
        let mut connection = Connection::new(peer, Link::Network(id), port, options);
        connection.owner = owner;
        self.connections.insert(handle, connection);
        self.handles.insert((peer, id), handle);
        self.apply_config(sessions, handle);
        self.note(now, sessions, handle, ConnectionState::None);
        Some(handle)
    }

    /// The peer has asked for the same already: its question is answered. `None` where it has not.
    pub(super) fn answer_same_question(
        &mut self,
        now: Instant,
        sessions: &mut Sessions,
        peer: SteamId,
        port: u32,
        owner: Option<Owner>,
    ) -> Option<Option<ConnectionHandle>> {
        let same = self.connections.iter().find(|(_, connection)| {
            connection.peer == peer
                && connection.symmetric
                && connection.port == port
                && connection.state.is_live()
        });
        if let Some((handle, connection)) = same.map(|(handle, same)| (*handle, same)) {
            if !connection.is_asked || connection.owner != owner {
                return Some(None);
            }
            let _ = self.accept(now, sessions, handle);
            return Some(Some(handle));
        }
        let asked = self
            .waiting
            .iter()
            .find(|(of, id)| *of == peer && id.symmetric && id.port == port)
            .copied()
            .filter(|(peer, id)| is_asked(sessions, *peer, *id));
        let (peer, id) = asked?;
        let way = Way {
            listen: 0,
            options: ConnectOptions::default(),
            owner,
        };
        self.arrive(now, sessions, (peer, id), way);
        let handle = self.handles.get(&(peer, id)).copied()?;
        let _ = self.accept(now, sessions, handle);
        Some(Some(handle))
    }

    /// A connection to a listen socket of this user.
    pub(super) fn connect_to_self(
        &mut self,
        now: Instant,
        sessions: &Sessions,
        port: u32,
        options: &ConnectOptions,
        owner: Option<Owner>,
    ) -> Option<ConnectionHandle> {
        let mut listens = self.listens.iter();
        let (listen, found) = listens.find(|(_, listen)| listen.port == port)?;
        let (listen, theirs, their_owner) = (*listen, found.options, found.owner);
        let (one, other) = self.pair((self.me, port, options), (self.me, port, &theirs))?;
        if let Some(connection) = self.connections.get_mut(&one) {
            connection.owner = owner;
        }
        if let Some(connection) = self.connections.get_mut(&other) {
            connection.listen = listen;
            connection.is_asked = true;
            connection.owner = their_owner;
        }
        for handle in [one, other] {
            self.note(now, sessions, handle, ConnectionState::None);
        }
        Some(one)
    }

    /// Two connections that are the ends of one: who is at the other end of each, and on which port.
    pub(super) fn pair(
        &mut self,
        one: (SteamId, u32, &ConnectOptions),
        other: (SteamId, u32, &ConnectOptions),
    ) -> Option<(ConnectionHandle, ConnectionHandle)> {
        if self.connections.len() + 2 > MAX_CONNECTIONS {
            return None;
        }
        let first = self.new_handle();
        // Taken by a stand-in, so that the second is another one.
        let link = |other| Link::Pair(Pair::new(other));
        self.connections
            .insert(first, Connection::new(one.0, link(0), one.1, one.2));
        let second = self.new_handle();
        if let Some(connection) = self.connections.get_mut(&first) {
            connection.link = link(second);
        }
        self.connections.insert(
            second,
            Connection::new(other.0, link(first), other.1, other.2),
        );
        Some((first, second))
    }

    /// Opens both ends of a pair.
    pub(super) fn open_pair(
        &mut self,
        now: Instant,
        sessions: &Sessions,
        handles: [ConnectionHandle; 2],
    ) {
        for handle in handles {
            if let Some(connection) = self.connections.get_mut(&handle) {
                connection.is_asked = false;
                let old = std::mem::replace(&mut connection.state, ConnectionState::Connected);
                self.note(now, sessions, handle, old);
            }
        }
    }
}
