//! `ISteamNetworkingSockets`: connections, as many with each user as a game wants.
//!
//! [`Sockets`] keeps handles, listen sockets and poll groups; `samovar-net` carries the messages.

mod arriving;
mod config;
mod detail;
mod messages;
mod opening;
mod pair;
mod table;
mod types;

use std::time::Instant;

use samovar_id::SteamId;
use samovar_net::{Flow, Sessions};

use crate::callback::Callback;
use crate::client::{Shared, Steam};
use crate::networking_messages::{MAX_RECEIVE, SendFlags, SessionConnectionInfo};

pub use config::{
    CONNECTION_CONFIG, ConfigInput, ConfigOwner, ConfigRead, ConnectionConfig,
    ConnectionConfigError, is_connection_config,
};
pub use detail::LaneStatus;
pub use messages::MAX_LANES;
pub use samovar_net::Lane;
pub use table::{MAX_CONNECTION_NAME, MAX_CONNECTIONS, MAX_LISTEN_SOCKETS, MAX_POLL_GROUPS};
pub(crate) use table::{Owner, Sockets};
pub(crate) use types::end;
use types::end_by_game;
pub use types::{
    ConnectOptions, ConnectionHandle, ConnectionInfo, ConnectionState, ListenSocket, PollGroup,
    SocketError, SocketMessage, StatusChange,
};

impl Steam {
    /// Listens for connections on a virtual port: each that comes is told as a change of its state. `None` where the port
    /// is taken, or there are [`MAX_LISTEN_SOCKETS`]. Who asked before is told of now, if they still wait.
    pub fn sockets_listen(&self, port: u32, options: ConnectOptions) -> Option<ListenSocket> {
        self.with_sockets(|sockets, sessions, now| {
            sockets.listen(now, sessions, port, options, None)
        })
    }

    /// Ends a listen socket and every connection that came by it. False where there is none.
    pub fn sockets_close_listen(&self, socket: ListenSocket) -> bool {
        self.with_sockets(|sockets, sessions, now| sockets.close_listen(now, sessions, socket))
    }

    /// Whether there is such a listen socket.
    pub fn sockets_is_listening(&self, socket: ListenSocket) -> bool {
        self.shared.sockets.lock().is_listening(socket)
    }

    /// Asks a user for a connection. `None` where the ID is no user's, there are [`MAX_CONNECTIONS`], a symmetric connection
    /// is there already, or nobody listens (oneself).
    pub fn sockets_connect(
        &self,
        peer: SteamId,
        port: u32,
        options: &ConnectOptions,
    ) -> Option<ConnectionHandle> {
        if !peer.is_individual() {
            return None;
        }
        self.with_sockets(|sockets, sessions, now| {
            sockets.connect(now, sessions, peer, port, options, None)
        })
    }

    /// Accepts a connection that a user asks for.
    ///
    /// # Errors
    /// [`SocketError::InvalidParam`] where there is none, [`SocketError::InvalidState`] where nobody waits for it.
    pub fn sockets_accept(&self, handle: ConnectionHandle) -> Result<(), SocketError> {
        self.with_sockets(|sockets, sessions, now| sockets.accept(now, sessions, handle))
    }

    /// Ends a connection, or refuses it. What has not been read is dropped; with `linger`, what was sent reliably goes first.
    /// The peer is told the reason and the text: one of the game's own of `ESteamNetConnectionEnd`, 1000 to 2999, where 0 is 1000
    /// and any other is told as 1999. False where there is none.
    pub fn sockets_close(
        &self,
        handle: ConnectionHandle,
        reason: i32,
        debug: &str,
        linger: bool,
    ) -> bool {
        let ended = end_by_game(reason, debug);
        self.with_sockets(|sockets, sessions, now| {
            sockets.close(now, sessions, handle, ended, linger)
        })
    }

    /// Sends a message on a lane. The message's number on the connection, from 1.
    ///
    /// # Errors
    /// See [`SocketError`].
    pub fn sockets_send(
        &self,
        handle: ConnectionHandle,
        lane: u32,
        flags: SendFlags,
        data: &[u8],
    ) -> Result<u64, SocketError> {
        let delivery = flags.delivery();
        self.sending(|sockets, sessions, now| {
            sockets.send(now, sessions, handle, lane, delivery, data)
        })
    }

    /// Sends at once what waits for more to go with it.
    ///
    /// # Errors
    /// [`SocketError::InvalidParam`] where there is no such connection, [`SocketError::NoConnection`] where it is over.
    pub fn sockets_flush(&self, handle: ConnectionHandle) -> Result<(), SocketError> {
        self.with_sockets(|sockets, sessions, _| sockets.flush(sessions, handle))
    }

    /// Takes up to `max` messages of a connection, [`MAX_RECEIVE`] at most. `None` where there is none.
    pub fn sockets_receive(
        &self,
        handle: ConnectionHandle,
        max: usize,
    ) -> Option<Vec<SocketMessage>> {
        let max = max.min(MAX_RECEIVE);
        self.receiving(|sockets, sessions| {
            let mut messages = Vec::new();
            sockets.receive(sessions, handle, max, &mut messages)?;
            let user_data = sockets.user_data(handle)?;
            let messages = messages.into_iter().map(|message| SocketMessage {
                handle,
                user_data,
                message,
            });
            Some(messages.collect())
        })
    }

    /// Takes up to `max` messages of all connections of a group, [`MAX_RECEIVE`] at most, as they came. `None` where there is no such
    /// group.
    pub fn sockets_receive_group(
        &self,
        group: PollGroup,
        max: usize,
    ) -> Option<Vec<SocketMessage>> {
        let max = max.min(MAX_RECEIVE);
        self.receiving(|sockets, sessions| sockets.receive_group(sessions, group, max))
    }

    /// Makes a poll group; `None` where there are [`MAX_POLL_GROUPS`].
    pub fn sockets_create_group(&self) -> Option<PollGroup> {
        self.shared.sockets.lock().create_group()
    }

    /// Takes every connection out of a group and forgets it. False where there is none.
    pub fn sockets_destroy_group(&self, group: PollGroup) -> bool {
        self.with_sockets(|sockets, sessions, _| sockets.destroy_group(sessions, group))
    }

    /// Puts a connection into a group; 0 takes it out. False where there is no such connection or group.
    pub fn sockets_set_group(&self, handle: ConnectionHandle, group: PollGroup) -> bool {
        self.with_sockets(|sockets, sessions, _| sockets.set_group(sessions, handle, group))
    }

    /// Gives a connection lanes: as many as it has or more, [`MAX_LANES`] at most, none with a weight of 0.
    ///
    /// # Errors
    /// [`SocketError::NoConnection`] where there is no such connection, [`SocketError::InvalidParam`] where the lanes are
    /// wrong, [`SocketError::InvalidState`] where it is over.
    pub fn sockets_set_lanes(
        &self,
        handle: ConnectionHandle,
        lanes: &[Lane],
    ) -> Result<(), SocketError> {
        self.with_sockets(|sockets, sessions, _| sockets.set_lanes(sessions, handle, lanes))
    }

    /// What is known of a connection; `None` where there is none.
    pub fn sockets_info(&self, handle: ConnectionHandle) -> Option<ConnectionInfo> {
        self.shared
            .with_sockets(|sockets, sessions, now| sockets.info(now, sessions, handle))
    }

    /// How a connection's traffic is, and how many lanes it has; `None` where there is no such connection.
    pub fn sockets_status(&self, handle: ConnectionHandle) -> Option<(SessionConnectionInfo, u32)> {
        self.shared.with_sockets(|sockets, sessions, now| {
            let connection = sockets.connections.get(&handle)?;
            let id = connection.id();
            let info = id.and_then(|id| sessions.info(now, connection.peer, Flow::Connection(id)));
            let reason = connection.end.as_ref().map_or(0, |end| end.reason);
            let state = connection.state as i32;
            let status = match info {
                Some(info) => SessionConnectionInfo::new(info, state, reason),
                None => SessionConnectionInfo {
                    state,
                    end_reason: reason,
                    ping_ms: if id.is_none() { 0 } else { -1 },
                    ..SessionConnectionInfo::unknown()
                },
            };
            Some((status, connection.lanes))
        })
    }

    /// Sets a connection's name, for logs; cut to [`MAX_CONNECTION_NAME`] bytes. False where there is none.
    pub fn sockets_set_name(&self, handle: ConnectionHandle, name: &str) -> bool {
        self.shared.sockets.lock().set_name(handle, name)
    }

    /// A connection's name; `None` where there is no such connection.
    pub fn sockets_name(&self, handle: ConnectionHandle) -> Option<String> {
        let sockets = self.shared.sockets.lock();
        sockets
            .connections
            .get(&handle)
            .map(|connection| connection.name.clone())
    }

    /// Sets the game's own number of a connection. False where there is none.
    pub fn sockets_set_user_data(&self, handle: ConnectionHandle, user_data: i64) -> bool {
        let mut sockets = self.shared.sockets.lock();
        let connection = sockets.connections.get_mut(&handle);
        connection
            .map(|connection| connection.user_data = user_data)
            .is_some()
    }

    /// The game's own number of a connection, -1 until it is set; `None` where there is no such connection.
    pub fn sockets_user_data(&self, handle: ConnectionHandle) -> Option<i64> {
        self.shared.sockets.lock().user_data(handle)
    }

    /// Two connected ends within this process: the first is with `two`, the second with `one`. Both are open at once.
    pub fn sockets_pair(
        &self,
        one: SteamId,
        two: SteamId,
    ) -> Option<(ConnectionHandle, ConnectionHandle)> {
        self.with_sockets(|sockets, sessions, now| {
            let options = ConnectOptions::default();
            let (first, second) = sockets.pair((two, 0, &options), (one, 0, &options))?;
            sockets.open_pair(now, sessions, [first, second]);
            Some((first, second))
        })
    }

    /// Does something with connections, and wakes the network thread to send what came of it.
    pub(crate) fn with_sockets<R>(
        &self,
        change: impl FnOnce(&mut Sockets, &mut Sessions, Instant) -> R,
    ) -> R {
        let result = self.shared.with_sockets(change);
        self.shared.wake.notify();
        result
    }

    /// Sends on connections: what is sent one by one goes together.
    pub(crate) fn sending<R>(
        &self,
        send: impl FnOnce(&mut Sockets, &mut Sessions, Instant) -> R,
    ) -> R {
        let result = self.shared.with_sockets(send);
        self.shared.wake.notify_soon();
        result
    }

    /// Reads messages, and wakes the network if it waited for room.
    pub(crate) fn receiving<R>(&self, receive: impl FnOnce(&mut Sockets, &mut Sessions) -> R) -> R {
        let mut sockets = self.shared.sockets.lock();
        let mut sessions = self.shared.sessions.lock();
        let result = receive(&mut sockets, &mut sessions);
        let waited_for = sessions.take_waits_for_room();
        drop(sessions);
        drop(sockets);
        if waited_for {
            self.shared.wake.notify();
        }
        result
    }
}

impl Shared {
    /// Does something with connections. The one lock is taken before the other here, and nowhere else are there two.
    pub(crate) fn with_sockets<R>(
        &self,
        change: impl FnOnce(&mut Sockets, &mut Sessions, Instant) -> R,
    ) -> R {
        let now = Instant::now();
        let mut sockets = self.sockets.lock();
        let result = {
            let mut sessions = self.sessions.lock();
            sockets.pump(now, &mut sessions);
            change(&mut sockets, &mut sessions, now)
        };
        // With the connections locked: nothing is between them and the queue.
        for change in sockets.take_changes() {
            self.callbacks
                .push(Callback::ConnectionStatusChanged(Box::new(change)));
        }
        result
    }

    /// Has what became of connections told as callbacks. The network's thread does it in each of its turns.
    pub(crate) fn pump_sockets(&self) {
        if self.sessions.lock().has_changed_connections() {
            self.with_sockets(|_, _, _| ());
        }
    }
}
