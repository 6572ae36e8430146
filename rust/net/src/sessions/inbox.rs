//! Messages that have arrived and wait to be read.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use samovar_id::SteamId;

use super::config::{MAX_CHANNELS, MESSAGE_OVERHEAD, RECEIVE_LEAST, SessionConfig};
use super::control::Api;
use super::message::Message;

/// Empty queues that are kept for their memory.
const MAX_EMPTY_QUEUES: usize = 2 * MAX_CHANNELS;

/// One queue for each interface and channel, in the order of arrival over all peers, and what each peer has in them.
#[derive(Default)]
pub(super) struct Inbox {
    queues: BTreeMap<(Api, u32), VecDeque<Message>>,
    peers: BTreeMap<(SteamId, Api), Unread>,
    /// All that waits, with what it counts beyond its bytes.
    bytes: usize,
    /// Channels that the game has found empty: it reads them.
    read: BTreeSet<(Api, u32)>,
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
    fn has_room(&self, config: &SessionConfig, channel: u32, all: usize) -> bool {
        fits(config, self.bytes, all)
            && match self.channels.get(&channel) {
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
    /// Of everybody.
    all: &'a mut usize,
    channel: &'a mut Channel,
    queue: &'a mut VecDeque<Message>,
}

impl Inlet<'_> {
    /// Whether there is room for a further message.
    pub(super) fn has_room(&self, config: &SessionConfig) -> bool {
        fits(config, *self.bytes, *self.all) && self.channel.has_room(config)
    }

    /// Adds a message.
    pub(super) fn push(&mut self, message: Message) {
        self.channel.messages += 1;
        self.channel.bytes += message.data.len();
        *self.bytes += message.data.len() + MESSAGE_OVERHEAD;
        *self.all += message.data.len() + MESSAGE_OVERHEAD;
        self.queue.push_back(message);
    }
}

impl Inbox {
    /// Whether a message of the peer may still come: the bounds can be exceeded by the one that is let in last.
    pub(super) fn has_room(
        &self,
        config: &SessionConfig,
        peer: SteamId,
        api: Api,
        channel: u32,
    ) -> bool {
        self.peers
            .get(&(peer, api))
            .is_none_or(|unread| unread.has_room(config, channel, self.bytes))
    }

    /// Adds a message; false, and the message is dropped, where there is no room.
    pub(super) fn push(&mut self, config: &SessionConfig, message: Message) -> bool {
        let inlet = self.inlet(config, message.peer, message.api, message.channel);
        inlet.map(|mut inlet| inlet.push(message)).is_some()
    }

    /// Where messages of a peer's channel go; `None` where there is no room.
    pub(super) fn inlet(
        &mut self,
        config: &SessionConfig,
        peer: SteamId,
        api: Api,
        channel: u32,
    ) -> Option<Inlet<'_>> {
        let unread = self.peers.entry((peer, api)).or_default();
        if !unread.has_room(config, channel, self.bytes) {
            return None;
        }
        if unread.channels.len() >= MAX_CHANNELS && !unread.channels.contains_key(&channel) {
            let read = unread
                .channels
                .iter()
                .find(|(_, known)| known.messages == 0)
                .map(|(channel, _)| *channel);
            read.map(|channel| unread.channels.remove(&channel));
        }
        Some(Inlet {
            bytes: &mut unread.bytes,
            all: &mut self.bytes,
            channel: unread.channels.entry(channel).or_default(),
            queue: self.queues.entry((api, channel)).or_default(),
        })
    }

    /// The size of the next message.
    pub(super) fn front(&mut self, api: Api, channel: u32) -> Option<usize> {
        let front = self.queues.get(&(api, channel)).and_then(VecDeque::front);
        let size = front.map(|message| message.data.len());
        if size.is_none() {
            self.found_empty(api, channel);
        }
        size
    }

    fn found_empty(&mut self, api: Api, channel: u32) {
        if self.read.len() < MAX_READ {
            self.read.insert((api, channel));
        }
    }

    /// How many bytes of a peer's wait on a channel.
    pub(super) fn unread(&self, peer: SteamId, api: Api, channel: u32) -> usize {
        let unread = self.peers.get(&(peer, api));
        unread
            .and_then(|unread| unread.channels.get(&channel))
            .map_or(0, |known| known.bytes)
    }

    /// Whether the game has taken a message of a peer's from a channel, or found it empty.
    pub(super) fn is_read(&self, peer: SteamId, api: Api, channel: u32) -> bool {
        let unread = self.peers.get(&(peer, api));
        let known = unread.and_then(|unread| unread.channels.get(&channel));
        known.is_some_and(|known| known.is_read) || self.read.contains(&(api, channel))
    }

    pub(super) fn pop(&mut self, api: Api, channel: u32) -> Option<Message> {
        let queue = self.queues.get_mut(&(api, channel));
        let Some((queue, message)) = queue.and_then(|queue| {
            let message = queue.pop_front()?;
            Some((queue, message))
        }) else {
            self.found_empty(api, channel);
            return None;
        };
        if queue.is_empty() {
            self.forget_empty(api, channel);
        }
        if let Some(unread) = self.peers.get_mut(&(message.peer, api)) {
            unread.bytes -= message.data.len() + MESSAGE_OVERHEAD;
            self.bytes -= message.data.len() + MESSAGE_OVERHEAD;
            if let Some(known) = unread.channels.get_mut(&channel) {
                known.is_read = true;
                known.messages -= 1;
                known.bytes -= message.data.len();
            }
        }
        Some(message)
    }

    /// Whether the peer has used the channel.
    pub(super) fn has_channel(&self, peer: SteamId, api: Api, channel: u32) -> bool {
        self.peers
            .get(&(peer, api))
            .is_some_and(|unread| unread.channels.contains_key(&channel))
    }

    /// Whether the peer has used any channel.
    pub(super) fn has_channels(&self, peer: SteamId, api: Api) -> bool {
        self.peers
            .get(&(peer, api))
            .is_some_and(|unread| !unread.channels.is_empty())
    }

    /// Whether anything of the peer's waits to be read.
    pub(super) fn has_unread(&self, peer: SteamId, api: Api) -> bool {
        self.peers
            .get(&(peer, api))
            .is_some_and(|unread| unread.bytes > 0)
    }

    /// Drops what waits of a peer on one channel, and forgets that it was used.
    pub(super) fn drop_channel(&mut self, peer: SteamId, api: Api, channel: u32) {
        let Some(unread) = self.peers.get_mut(&(peer, api)) else {
            return;
        };
        if let Some(known) = unread.channels.remove(&channel) {
            unread.bytes -= known.bytes + known.messages * MESSAGE_OVERHEAD;
            self.bytes -= known.bytes + known.messages * MESSAGE_OVERHEAD;
            self.drop_unread(peer, api, channel, &known);
        }
    }

    /// Drops what waits of a peer, and forgets its channels.
    pub(super) fn drop_peer(&mut self, peer: SteamId, api: Api) {
        let Some(unread) = self.peers.remove(&(peer, api)) else {
            return;
        };
        self.bytes -= unread.bytes;
        for (channel, known) in &unread.channels {
            self.drop_unread(peer, api, *channel, known);
        }
    }

    fn drop_unread(&mut self, peer: SteamId, api: Api, channel: u32, known: &Channel) {
        if known.messages == 0 {
            return;
        }
        if let Some(queue) = self.queues.get_mut(&(api, channel)) {
            queue.retain(|message| message.peer != peer);
            if queue.is_empty() {
                self.forget_empty(api, channel);
            }
        }
    }

    fn forget_empty(&mut self, api: Api, channel: u32) {
        if self.queues.len() > MAX_EMPTY_QUEUES {
            self.queues.remove(&(api, channel));
        } else if let Some(queue) = self.queues.get_mut(&(api, channel)) {
            queue.shrink_to(1024);
        }
    }

    #[cfg(test)]
    pub(super) fn check(&self, config: &SessionConfig) {
        use super::config::MAX_SESSIONS;
        assert!(self.peers.len() <= MAX_SESSIONS);
        let all: usize = self.peers.values().map(|unread| unread.bytes).sum();
        assert_eq!(all, self.bytes);
        let mut queued = 0;
        for (key, unread) in &self.peers {
            assert!(unread.channels.len() <= MAX_CHANNELS);
            let mut bytes = 0;
            for (channel, known) in &unread.channels {
                let messages = self.queues.get(&(key.1, *channel)).into_iter().flatten();
                let (count, size) = messages
                    .filter(|message| message.peer == key.0)
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
    pub(super) fn knows(&self, peer: SteamId, api: Api) -> bool {
        self.peers.contains_key(&(peer, api))
    }
}
