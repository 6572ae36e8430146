//! The connections, listen sockets and poll groups of a user. It decides; it has no clock and no lock.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::{Duration, Instant};

use samovar_id::SteamId;
use samovar_net::{ConnectionEnd, ConnectionId, Flow, Sessions};

use super::config::ConnectionConfig;
use super::pair::Pair;
use super::types::{
    ConnectOptions, ConnectionHandle, ConnectionInfo, ConnectionState, ListenSocket, PollGroup,
    SocketError, StatusChange,
};

/// The most connections, with those that are over and that the game has not closed.
pub const MAX_CONNECTIONS: usize = 1024;
/// The most listen sockets.
pub const MAX_LISTEN_SOCKETS: usize = 256;
/// The most poll groups.
pub const MAX_POLL_GROUPS: usize = 256;
/// The most bytes of a connection's name, in UTF-8 (`k_cchSteamNetworkingMaxConnectionDescription`).
pub const MAX_CONNECTION_NAME: usize = 127;

/// How long what was sent reliably may take to go after a connection was closed with `linger`.
const LINGER: Duration = Duration::from_secs(10);

/// A multiplayer peer that looks after connections of its own.
pub(crate) type Owner = u32;

/// The way of a connection's messages.
pub(super) enum Link {
    Network(ConnectionId),
    Pair(Pair),
}

pub(super) struct Connection {
    pub(super) peer: SteamId,
    pub(super) link: Link,
    pub(super) state: ConnectionState,
    pub(super) listen: ListenSocket,
    /// Whether the peer has asked, and waits for an answer.
    pub(super) is_asked: bool,
    pub(super) group: Option<PollGroup>,
    pub(super) owner: Option<Owner>,
    pub(super) port: u32,
    pub(super) symmetric: bool,
    pub(super) user_data: i64,
    pub(super) name: String,
    pub(super) end: Option<ConnectionEnd>,
    /// How many lanes it has.
    pub(super) lanes: u32,
    /// What is set of it alone.
    pub(super) config: ConnectionConfig,
}

impl Connection {
    pub(super) fn new(peer: SteamId, link: Link, port: u32, options: &ConnectOptions) -> Self {
        Self {
            peer,
            link,
            state: ConnectionState::Connecting,
            listen: 0,
            is_asked: false,
            group: None,
            owner: None,
            port,
            symmetric: options.symmetric,
            user_data: options.user_data,
            name: String::new(),
            end: None,
            lanes: 1,
            config: options.config,
        }
    }

    /// The network's connection under it.
    pub(super) fn id(&self) -> Option<ConnectionId> {
        match self.link {
            Link::Network(id) => Some(id),
            Link::Pair(_) => None,
        }
    }
}

pub(super) struct Listen {
    pub(super) port: u32,
    pub(super) options: ConnectOptions,
    pub(super) owner: Option<Owner>,
}

/// All of them. [`Sessions`] are passed in: they carry the messages.
pub(crate) struct Sockets {
    pub(super) me: SteamId,
    pub(super) next: u32,
    pub(super) connections: BTreeMap<ConnectionHandle, Connection>,
    pub(super) handles: HashMap<(SteamId, ConnectionId), ConnectionHandle>,
    pub(super) listens: BTreeMap<ListenSocket, Listen>,
    pub(super) groups: BTreeSet<PollGroup>,
    /// What peers ask for on ports on which nobody listens yet, or that a question of our own will meet. The sessions bound
    /// how much that is, and forget it in time.
    pub(super) waiting: BTreeSet<(SteamId, ConnectionId)>,
    /// The connections of multiplayer peers that have changed.
    pub(super) owners: BTreeMap<Owner, BTreeSet<ConnectionHandle>>,
    pub(super) changes: Vec<StatusChange>,
}

impl Sockets {
    pub(crate) fn new(me: SteamId) -> Self {
        Self {
            me,
            next: 0,
            connections: BTreeMap::new(),
            handles: HashMap::new(),
            listens: BTreeMap::new(),
            groups: BTreeSet::new(),
            waiting: BTreeSet::new(),
            owners: BTreeMap::new(),
            changes: Vec::new(),
        }
    }

    /// A handle that nothing has.
    pub(super) fn new_handle(&mut self) -> u32 {
        loop {
            self.next = self.next.wrapping_add(1);
            let handle = self.next;
            let is_taken = self.connections.contains_key(&handle)
                || self.listens.contains_key(&handle)
                || self.groups.contains(&handle)
                || self.owners.contains_key(&handle);
            if handle != 0 && !is_taken {
                return handle;
            }
        }
    }

    /// What has changed since this was last called.
    pub(crate) fn take_changes(&mut self) -> Vec<StatusChange> {
        std::mem::take(&mut self.changes)
    }

    /// What is known of a connection.
    pub(crate) fn info(
        &self,
        now: Instant,
        sessions: &Sessions,
        handle: ConnectionHandle,
    ) -> Option<ConnectionInfo> {
        let connection = self.connections.get(&handle)?;
        let remote_address = connection
            .id()
            .and_then(|id| sessions.info(now, connection.peer, Flow::Connection(id)))
            .and_then(|info| info.link?.remote)
            .map(|remote| remote.ip());
        let ended = connection.end.as_ref();
        let name = match connection.name.as_str() {
            "" => String::new(),
            name => format!(" '{name}'"),
        };
        let kind = match connection.link {
            Link::Network(_) => "P2P",
            Link::Pair(_) => "pipe",
        };
        Some(ConnectionInfo {
            peer: connection.peer,
            user_data: connection.user_data,
            listen_socket: connection.listen,
            remote_address,
            state: connection.state,
            end_reason: ended.map_or(0, |end| end.reason),
            end_debug: ended.map(|end| end.debug.clone()).unwrap_or_default(),
            description: format!(
                "#{handle} {kind} steamid:{} vport {}{name}",
                connection.peer.to_godot(),
                connection.port
            ),
            is_within: connection.id().is_none(),
        })
    }

    /// Accepts what a peer asks for.
    pub(crate) fn accept(
        &mut self,
        now: Instant,
        sessions: &mut Sessions,
        handle: ConnectionHandle,
    ) -> Result<(), SocketError> {
        let connection = self
            .connections
            .get_mut(&handle)
            .ok_or(SocketError::InvalidParam)?;
        if !std::mem::replace(&mut connection.is_asked, false) {
            return Err(SocketError::InvalidState);
        }
        match &connection.link {
            Link::Pair(pair) => {
                let other = pair.other.ok_or(SocketError::InvalidState)?;
                self.open_pair(now, sessions, [other, handle]);
            }
            Link::Network(id) => {
                let (peer, id) = (connection.peer, *id);
                let is_accepted = sessions.accept(now, peer, Flow::Connection(id));
                self.apply_config(sessions, handle);
                self.follow(now, sessions, handle);
                if !is_accepted {
                    return Err(SocketError::InvalidState);
                }
            }
        }
        Ok(())
    }

    /// Ends a connection, or refuses it. What has not been read is dropped.
    pub(crate) fn close(
        &mut self,
        now: Instant,
        sessions: &mut Sessions,
        handle: ConnectionHandle,
        ended: ConnectionEnd,
        linger: bool,
    ) -> bool {
        let Some(connection) = self.connections.get_mut(&handle) else {
            return false;
        };
        let old = std::mem::replace(&mut connection.state, ConnectionState::None);
        let peer = connection.peer;
        self.note(now, sessions, handle, old);
        let Some(connection) = self.connections.remove(&handle) else {
            return false;
        };
        match connection.link {
            Link::Network(id) => {
                self.handles.remove(&(peer, id));
                let linger = linger.then_some(LINGER);
                sessions.close_connection(now, peer, id, ended, linger);
            }
            Link::Pair(pair) => {
                if let Some(other) = pair.other {
                    self.end_pair(now, sessions, other, ended);
                }
            }
        }
        true
    }

    /// The other end of a pair is closed.
    fn end_pair(
        &mut self,
        now: Instant,
        sessions: &Sessions,
        handle: ConnectionHandle,
        ended: ConnectionEnd,
    ) {
        let Some(connection) = self.connections.get_mut(&handle) else {
            return;
        };
        if let Link::Pair(pair) = &mut connection.link {
            pair.other = None;
        }
        connection.is_asked = false;
        connection.end = Some(ended);
        let old = std::mem::replace(&mut connection.state, ConnectionState::ClosedByPeer);
        self.note(now, sessions, handle, old);
    }

    pub(super) fn handle_of(&self, peer: SteamId, id: ConnectionId) -> Option<ConnectionHandle> {
        self.handles.get(&(peer, id)).copied()
    }

    pub(crate) fn create_group(&mut self) -> Option<PollGroup> {
        if self.groups.len() >= MAX_POLL_GROUPS {
            return None;
        }
        let group = self.new_handle();
        self.groups.insert(group);
        Some(group)
    }

    /// Takes every connection out of a group and forgets it.
    pub(crate) fn destroy_group(&mut self, sessions: &mut Sessions, group: PollGroup) -> bool {
        if !self.groups.remove(&group) {
            return false;
        }
        for connection in self.connections.values_mut() {
            if connection.group == Some(group) {
                connection.group = None;
                if let Some(id) = connection.id() {
                    sessions.set_group(connection.peer, id, None);
                }
            }
        }
        true
    }

    /// Puts a connection into a group; 0 takes it out.
    pub(crate) fn set_group(
        &mut self,
        sessions: &mut Sessions,
        handle: ConnectionHandle,
        group: PollGroup,
    ) -> bool {
        let group = match group {
            0 => None,
            group if self.groups.contains(&group) => Some(group),
            _ => return false,
        };
        let Some(connection) = self.connections.get_mut(&handle) else {
            return false;
        };
        connection.group = group;
        if let Some(id) = connection.id() {
            sessions.set_group(connection.peer, id, group);
        }
        true
    }

    /// A multiplayer peer that will look after connections.
    pub(crate) fn new_owner(&mut self) -> Owner {
        let owner = self.new_handle();
        self.owners.insert(owner, BTreeSet::new());
        owner
    }

    /// The multiplayer peer is closed.
    pub(crate) fn forget_owner(&mut self, owner: Owner) {
        self.owners.remove(&owner);
    }

    /// The connections of a multiplayer peer that have changed.
    pub(crate) fn take_changed(&mut self, owner: Owner) -> BTreeSet<ConnectionHandle> {
        let changed = self.owners.get_mut(&owner);
        changed.map(std::mem::take).unwrap_or_default()
    }

    /// The game's own number of a connection.
    pub(crate) fn user_data(&self, handle: ConnectionHandle) -> Option<i64> {
        Some(self.connections.get(&handle)?.user_data)
    }

    /// Names a connection, for logs.
    pub(crate) fn set_name(&mut self, handle: ConnectionHandle, name: &str) -> bool {
        let end = name.floor_char_boundary(MAX_CONNECTION_NAME);
        let connection = self.connections.get_mut(&handle);
        connection
            .map(|connection| name[..end].clone_into(&mut connection.name))
            .is_some()
    }
}
