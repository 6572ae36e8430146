//! Sending and receiving on connections.

use std::time::Instant;

use samovar_net::{Delivery, Flow, Lane, Message, SendError, Sessions};

use super::table::{Link, Sockets};
use super::types::{ConnectionHandle, PollGroup, SocketError, SocketMessage};
use crate::multiplayer_peer::MAX_HEAD;
use crate::networking_messages::MAX_MESSAGE;

/// The most lanes of a connection.
pub const MAX_LANES: u32 = 63;

/// The most bytes of a multiplayer peer's connection that wait to be sent or acknowledged.
const MAX_PEER_BYTES: usize = 4 * 1024 * 1024;

impl Sockets {
    /// Sends a message on a lane. Its number on the connection, from 1.
    pub(crate) fn send(
        &mut self,
        now: Instant,
        sessions: &mut Sessions,
        handle: ConnectionHandle,
        lane: u32,
        delivery: Delivery,
        data: &[u8],
    ) -> Result<u64, SocketError> {
        let connection = self
            .connections
            .get(&handle)
            .ok_or(SocketError::InvalidParam)?;
        let most = match connection.owner {
            Some(_) => MAX_MESSAGE + MAX_HEAD,
            None => MAX_MESSAGE,
        };
        if lane >= connection.lanes || data.len() > most {
            return Err(SocketError::InvalidParam);
        }
        if connection.is_asked {
            return Err(SocketError::InvalidState);
        }
        if !connection.state.is_live() {
            return Err(SocketError::NoConnection);
        }
        match &connection.link {
            Link::Network(id) => sessions
                .send(
                    now,
                    connection.peer,
                    Flow::Connection(*id),
                    lane,
                    delivery,
                    data,
                )
                .map_err(|error| match error {
                    SendError::NoConnection => SocketError::NoConnection,
                    SendError::TooLarge { .. } => SocketError::InvalidParam,
                    SendError::Ignored => SocketError::Ignored,
                    _ => SocketError::LimitExceeded,
                }),
            Link::Pair(pair) => {
                let other = pair.other.ok_or(SocketError::NoConnection)?;
                let other = self
                    .connections
                    .get_mut(&other)
                    .ok_or(SocketError::NoConnection)?;
                // As they see it, it is from whom they are connected with.
                let from = other.peer;
                match &mut other.link {
                    Link::Pair(pair) => pair.push(now, from, lane, delivery.reliable, data),
                    Link::Network(_) => Err(SocketError::NoConnection),
                }
            }
        }
    }

    /// Sends what waits for more to go with it.
    pub(crate) fn flush(
        &mut self,
        sessions: &mut Sessions,
        handle: ConnectionHandle,
    ) -> Result<(), SocketError> {
        let connection = self
            .connections
            .get(&handle)
            .ok_or(SocketError::InvalidParam)?;
        if !connection.state.is_live() {
            return Err(SocketError::NoConnection);
        }
        if let Link::Network(id) = connection.link {
            sessions.flush(connection.peer, Flow::Connection(id));
        }
        Ok(())
    }

    /// Takes up to so many messages of a connection. `None` where there is none.
    pub(crate) fn receive(
        &mut self,
        sessions: &mut Sessions,
        handle: ConnectionHandle,
        max: usize,
        into: &mut Vec<Message>,
    ) -> Option<()> {
        let connection = self.connections.get_mut(&handle)?;
        let peer = connection.peer;
        match &mut connection.link {
            Link::Network(id) => sessions.receive_from(peer, *id, max, into),
            Link::Pair(pair) => into.extend(std::iter::from_fn(|| pair.pop()).take(max)),
        }
        Some(())
    }

    /// Takes up to so many messages of all connections of a group. `None` where there is no such group.
    pub(crate) fn receive_group(
        &mut self,
        sessions: &mut Sessions,
        group: PollGroup,
        max: usize,
    ) -> Option<Vec<SocketMessage>> {
        if !self.groups.contains(&group) {
            return None;
        }
        let mut messages = Vec::new();
        sessions.receive_from_group(group, max, &mut messages);
        let mut received: Vec<SocketMessage> = messages
            .into_iter()
            .filter_map(|message| {
                let Flow::Connection(id) = message.flow else {
                    return None;
                };
                let handle = self.handle_of(message.peer, id)?;
                let user_data = self.connections.get(&handle)?.user_data;
                Some(SocketMessage {
                    handle,
                    user_data,
                    message,
                })
            })
            .collect();
        for (handle, connection) in &mut self.connections {
            if connection.group != Some(group) {
                continue;
            }
            let user_data = connection.user_data;
            if let Link::Pair(pair) = &mut connection.link {
                let room = max - received.len();
                let messages = std::iter::from_fn(|| pair.pop()).take(room);
                received.extend(messages.map(|message| SocketMessage {
                    handle: *handle,
                    user_data,
                    message,
                }));
            }
        }
        Some(received)
    }

    /// Makes a connection a multiplayer peer's: all lanes can be used, without any order among them, and as much may wait as
    /// Godot's peers are used to.
    pub(crate) fn open_wide(&mut self, sessions: &mut Sessions, handle: ConnectionHandle) {
        if let Some(connection) = self.connections.get_mut(&handle) {
            connection.lanes = MAX_LANES;
            if let Link::Network(id) = connection.link {
                sessions.set_send_limit(connection.peer, Flow::Connection(id), MAX_PEER_BYTES);
            }
        }
    }

    /// Gives a connection lanes.
    pub(crate) fn set_lanes(
        &mut self,
        sessions: &mut Sessions,
        handle: ConnectionHandle,
        lanes: &[Lane],
    ) -> Result<(), SocketError> {
        let connection = self
            .connections
            .get_mut(&handle)
            .ok_or(SocketError::NoConnection)?;
        let count = u32::try_from(lanes.len()).unwrap_or(u32::MAX);
        let is_weighed = lanes.iter().all(|lane| lane.weight > 0);
        if count < connection.lanes || count > MAX_LANES || !is_weighed {
            return Err(SocketError::InvalidParam);
        }
        if !connection.state.is_live() {
            return Err(SocketError::InvalidState);
        }
        if let Link::Network(id) = connection.link
            && !sessions.set_lanes(connection.peer, id, lanes)
        {
            return Err(SocketError::InvalidParam);
        }
        connection.lanes = count;
        Ok(())
    }
}
