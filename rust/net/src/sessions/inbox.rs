//! Messages that have arrived and wait to be read.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use samovar_id::SteamId;

use super::config::{MAX_CHANNELS, MESSAGE_OVERHEAD, RECEIVE_LEAST, SessionConfig};
use super::control::{ConnectionId, Flow};
use super::message::Message;

/// Empty queues that are kept for their memory.
const MAX_EMPTY_QUEUES: usize = 2 * MAX_CHANNELS;

/// What messages are read from: each has its queue, in the order of arrival.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Source {
    /// A channel of an interface, of all peers.
    Channel(Flow, u32),
    /// A connection, of all its lanes.
    Connection(SteamId, ConnectionId),
    /// All connections of a group.
    Group(u32),
}

/// The queues, and what each peer has in them.
#[derive(Default)]
pub(super) struct Inbox {
    queues: BTreeMap<Source, VecDeque<Message>>,
    peers: BTreeMap<(SteamId, Flow), Unread>,
    /// What waits of all connections of a peer, with what it counts beyond its bytes.
    connections: BTreeMap<SteamId, usize>,
    groups: BTreeMap<(SteamId, ConnectionId), u32>,
    /// All that waits, with what it counts beyond its bytes.
    bytes: usize,
    /// Channels that the game has found empty: it reads them.
    read: BTreeSet<Source>,
}

/// The most channels of which it is known that the game has found them empty.
const MAX_READ: usize = 4 * MAX_CHANNELS;

/// What a peer's session has sent, channel by channel, whether it waits or has been read.
#[derive(Default)]
struct Unread {
    bytes: usize,
    channels: BTreeMap<u32, Channel>,
}

#[derive(Default)]
struct Channel {
    messages: usize,
    bytes: usize,
    /// The game has taken a message.
    is_read: bool,
}

impl Channel {
    fn has_room(&self, config: &SessionConfig) -> bool {
        self.bytes < config.receive_limit && self.messages < config.receive_messages
    }
}

/// Whether a peer whose messages take so much, of all that wait, may leave more of them.
fn fits(config: &SessionConfig, own: usize, all: usize) -> bool {
    own < config.receive_total && (all < config.receive_all || own < RECEIVE_LEAST)
}

impl Unread {
    fn has_room(&self, config: &SessionConfig, channel: u32) -> bool {
        match self.channels.get(&channel) {
            Some(channel) => channel.has_room(config),
            None => {
                self.channels.len() < MAX_CHANNELS
                    || self.channels.values().any(|known| known.messages == 0)
            }
        }
    }
}

/// Where the messages of one channel of a peer's session go.
pub(super) struct Inlet<'a> {
    /// Of all channels of the session.
    bytes: &'a mut usize,
    /// Of all connections of the peer, if it is one.
    connections: Option<&'a mut usize>,
    /// Of everybody.
    all: &'a mut usize,
    channel: &'a mut Channel,
    queue: &'a mut VecDeque<Message>,
}

impl Inlet<'_> {
    /// Whether there is room for a further message.
    pub(super) fn has_room(&self, config: &SessionConfig) -> bool {
        let own = self.connections.as_deref().unwrap_or(self.bytes);
        fits(config, *own, *self.all) && self.channel.has_room(config)
    }

    /// Adds a message.
    pub(super) fn push(&mut self, message: Message) {
        let bytes = message.data.len() + MESSAGE_OVERHEAD;
        self.channel.messages += 1;
        self.channel.bytes += message.data.len();
        *self.bytes += bytes;
        if let Some(connections) = &mut self.connections {
            **connections += bytes;
        }
        *self.all += bytes;
        self.queue.push_back(message);
    }
}

impl Inbox {
    /// Whether a message of the peer may still come: the bounds can be exceeded by the one that is let in last.
    pub(super) fn has_room(
        &self,
        config: &SessionConfig,
        peer: SteamId,
        flow: Flow,
        channel: u32,
    ) -> bool {
        let unread = self.peers.get(&(peer, flow));
        let own = if flow.connection().is_some() {
            self.connections.get(&peer).copied()
        } else {
            unread.map(|unread| unread.bytes)
        };
        fits(config, own.unwrap_or(0), self.bytes)
            && unread.is_none_or(|unread| unread.has_room(config, channel))
    }

    /// Adds a message; false, and the message is dropped, where there is no room.
    pub(super) fn push(&mut self, config: &SessionConfig, message: Message) -> bool {
        let inlet = self.inlet(config, message.peer, message.flow, message.channel);
        inlet.map(|mut inlet| inlet.push(message)).is_some()
    }

    /// Where messages of a peer's channel go; `None` where there is no room.
    pub(super) fn inlet(
        &mut self,
        config: &SessionConfig,
        peer: SteamId,
        flow: Flow,
        channel: u32,
    ) -> Option<Inlet<'_>> {
        if !self.has_room(config, peer, flow, channel) {
            return None;
        }
        let source = self.source(peer, flow, channel);
        let unread = self.peers.entry((peer, flow)).or_default();
        if unread.channels.len() >= MAX_CHANNELS && !unread.channels.contains_key(&channel) {
            let read = unread
                .channels
                .iter()
                .find(|(_, known)| known.messages == 0)
                .map(|(channel, _)| *channel);
            read.map(|channel| unread.channels.remove(&channel));
        }
        let is_connection = flow.connection().is_some();
        Some(Inlet {
            bytes: &mut unread.bytes,
            connections: is_connection.then(|| self.connections.entry(peer).or_default()),
            all: &mut self.bytes,
            channel: unread.channels.entry(channel).or_default(),
            queue: self.queues.entry(source).or_default(),
        })
    }

    /// What a channel of a peer's session is read from.
    fn source(&self, peer: SteamId, flow: Flow, channel: u32) -> Source {
        match flow {
            Flow::P2p | Flow::Messages => Source::Channel(flow, channel),
            Flow::Connection(id) => self
                .groups
                .get(&(peer, id))
                .map_or(Source::Connection(peer, id), |group| Source::Group(*group)),
        }
    }

    /// The size of the next message.
    pub(super) fn front(&mut self, flow: Flow, channel: u32) -> Option<usize> {
        let source = Source::Channel(flow, channel);
        let front = self.queues.get(&source).and_then(VecDeque::front);
        let size = front.map(|message| message.data.len());
        if size.is_none() {
            self.found_empty(source);
        }
        size
    }

    fn found_empty(&mut self, source: Source) {
        if self.read.len() < MAX_READ {
            self.read.insert(source);
        }
    }

    /// How many bytes of a peer's wait on a channel.
    pub(super) fn unread(&self, peer: SteamId, flow: Flow, channel: u32) -> usize {
        let unread = self.peers.get(&(peer, flow));
        unread
            .and_then(|unread| unread.channels.get(&channel))
            .map_or(0, |known| known.bytes)
    }

    /// Whether the game has taken a message of a peer's from a channel, or found it empty.
    pub(super) fn is_read(&self, peer: SteamId, flow: Flow, channel: u32) -> bool {
        let unread = self.peers.get(&(peer, flow));
        let known = unread.and_then(|unread| unread.channels.get(&channel));
        known.is_some_and(|known| known.is_read)
            || self.read.contains(&self.source(peer, flow, channel))
    }

    pub(super) fn pop(&mut self, flow: Flow, channel: u32) -> Option<Message> {
        self.pop_of(Source::Channel(flow, channel))
    }

    pub(super) fn pop_of_connection(&mut self, peer: SteamId, id: ConnectionId) -> Option<Message> {
        self.peers.get(&(peer, Flow::Connection(id)))?;
        self.pop_of(Source::Connection(peer, id))
    }

    pub(super) fn pop_of_group(&mut self, group: u32) -> Option<Message> {
        self.pop_of(Source::Group(group))
    }

    fn pop_of(&mut self, source: Source) -> Option<Message> {
        let queue = self.queues.get_mut(&source);
        let Some((queue, message)) = queue.and_then(|queue| {
            let message = queue.pop_front()?;
            Some((queue, message))
        }) else {
            self.found_empty(source);
            return None;
        };
        if queue.is_empty() {
            self.forget_empty(source);
        }
        if let Some(unread) = self.peers.get_mut(&(message.peer, message.flow)) {
            let bytes = message.data.len() + MESSAGE_OVERHEAD;
            unread.bytes -= bytes;
            if let Some(known) = unread.channels.get_mut(&message.channel) {
                known.is_read = true;
                known.messages -= 1;
                known.bytes -= message.data.len();
            }
            self.uncount(message.peer, message.flow, bytes);
        }
        Some(message)
    }

    fn uncount(&mut self, peer: SteamId, flow: Flow, bytes: usize) {
        self.bytes -= bytes;
        if flow.connection().is_some()
            && let Some(connections) = self.connections.get_mut(&peer)
        {
            *connections -= bytes;
            if *connections == 0 {
                self.connections.remove(&peer);
            }
        }
    }

    /// What waits of a connection goes along, to its place by the time of arrival.
    pub(super) fn set_group(&mut self, peer: SteamId, id: ConnectionId, group: Option<u32>) {
        let flow = Flow::Connection(id);
        let before = self.source(peer, flow, 0);
        match group {
            Some(group) => self.groups.insert((peer, id), group),
            None => self.groups.remove(&(peer, id)),
        };
        let after = self.source(peer, flow, 0);
        let Some(queue) = self.queues.get_mut(&before).filter(|_| before != after) else {
            return;
        };
        let (moved, left): (VecDeque<Message>, VecDeque<Message>) = std::mem::take(queue)
            .into_iter()
            .partition(|message| message.peer == peer && message.flow == flow);
        if left.is_empty() {
            self.queues.remove(&before);
        } else {
            *queue = left;
        }
        if !moved.is_empty() {
            let queue = self.queues.entry(after).or_default();
            queue.extend(moved);
            // Those of the same time stay in their order.
            queue
                .make_contiguous()
                .sort_by_key(|message| message.received);
        }
    }

    /// Whether the peer has used the channel.
    pub(super) fn has_channel(&self, peer: SteamId, flow: Flow, channel: u32) -> bool {
        self.peers
            .get(&(peer, flow))
            .is_some_and(|unread| unread.channels.contains_key(&channel))
    }

    /// Whether the peer has used any channel.
    pub(super) fn has_channels(&self, peer: SteamId, flow: Flow) -> bool {
        self.peers
            .get(&(peer, flow))
            .is_some_and(|unread| !unread.channels.is_empty())
    }

    /// Whether anything of the peer's waits to be read.
    pub(super) fn has_unread(&self, peer: SteamId, flow: Flow) -> bool {
        self.peers
            .get(&(peer, flow))
            .is_some_and(|unread| unread.bytes > 0)
    }

    /// Drops what waits of a peer on one channel, and forgets that it was used.
    pub(super) fn drop_channel(&mut self, peer: SteamId, flow: Flow, channel: u32) {
        let Some(unread) = self.peers.get_mut(&(peer, flow)) else {
            return;
        };
        if let Some(known) = unread.channels.remove(&channel) {
            let bytes = known.bytes + known.messages * MESSAGE_OVERHEAD;
            unread.bytes -= bytes;
            self.uncount(peer, flow, bytes);
            self.drop_unread(peer, flow, channel, &known);
        }
    }

    /// Drops what waits of a peer, and forgets its channels.
    pub(super) fn drop_peer(&mut self, peer: SteamId, flow: Flow) {
        let Some(unread) = self.peers.remove(&(peer, flow)) else {
            return;
        };
        self.uncount(peer, flow, unread.bytes);
        for (channel, known) in &unread.channels {
            self.drop_unread(peer, flow, *channel, known);
        }
        if let Some(id) = flow.connection() {
            let source = Source::Connection(peer, id);
            self.queues.remove(&source);
            self.read.remove(&source);
        }
    }

    fn drop_unread(&mut self, peer: SteamId, flow: Flow, channel: u32, known: &Channel) {
        if known.messages == 0 {
            return;
        }
        let source = self.source(peer, flow, channel);
        if let Some(queue) = self.queues.get_mut(&source) {
            queue.retain(|message| {
                message.peer != peer || message.flow != flow || message.channel != channel
            });
            if queue.is_empty() {
                self.forget_empty(source);
            }
        }
    }

    fn forget_empty(&mut self, source: Source) {
        if self.queues.len() > MAX_EMPTY_QUEUES {
            self.queues.remove(&source);
        } else if let Some(queue) = self.queues.get_mut(&source) {
            queue.shrink_to(1024);
        }
    }

    #[cfg(test)]
    pub(super) fn check(&self, config: &SessionConfig) {
        use super::config::{MAX_CONNECTIONS, MAX_SESSIONS};
        assert!(self.peers.len() <= MAX_SESSIONS + MAX_CONNECTIONS);
        assert!(self.groups.len() <= MAX_CONNECTIONS);
        let all: usize = self.peers.values().map(|unread| unread.bytes).sum();
        assert_eq!(all, self.bytes);
        let of_connections = self
            .peers
            .iter()
            .filter(|((_, flow), _)| flow.connection().is_some());
        let of_connections: usize = of_connections.map(|(_, unread)| unread.bytes).sum();
        assert_eq!(self.connections.values().sum::<usize>(), of_connections);
        let mut queued = 0;
        for (key, unread) in &self.peers {
            assert!(unread.channels.len() <= MAX_CHANNELS);
            let mut bytes = 0;
            for (channel, known) in &unread.channels {
                let source = self.source(key.0, key.1, *channel);
                let messages = self.queues.get(&source).into_iter().flatten();
                let is_of = |message: &&Message| {
                    (message.peer, message.flow, message.channel) == (key.0, key.1, *channel)
                };
                let (count, size) = messages
                    .filter(is_of)
                    .fold((0, 0), |(count, size), message| {
                        (count + 1, size + message.data.len())
                    });
                assert_eq!((count, size), (known.messages, known.bytes));
                assert!(count <= config.receive_messages);
                bytes += size + count * MESSAGE_OVERHEAD;
                queued += count;
            }
            assert_eq!(bytes, unread.bytes);
        }
        assert_eq!(
            queued,
            self.queues.values().map(VecDeque::len).sum::<usize>()
        );
    }

    #[cfg(test)]
    pub(super) fn knows(&self, peer: SteamId, flow: Flow) -> bool {
        self.peers.contains_key(&(peer, flow))
    }
}
