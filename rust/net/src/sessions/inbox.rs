//! Messages that have arrived and wait to be read.

use std::collections::{HashMap, VecDeque};

use samovar_id::SteamId;

use super::types::{Api, Message};

#[derive(Default)]
pub(super) struct Inbox {
    channels: HashMap<(Api, u32), VecDeque<Message>>,
    /// Bytes and messages that wait, by peer and channel.
    waiting: HashMap<(SteamId, Api, u32), (usize, usize)>,
}

impl Inbox {
    pub(super) fn push(&mut self, message: Message) {
        let waiting = self
            .waiting
            .entry((message.peer, message.api, message.channel))
            .or_default();
        waiting.0 += message.data.len();
        waiting.1 += 1;
        self.channels
            .entry((message.api, message.channel))
            .or_default()
            .push_back(message);
    }

    pub(super) fn front(&self, api: Api, channel: u32) -> Option<&Message> {
        self.channels.get(&(api, channel))?.front()
    }

    pub(super) fn pop(&mut self, api: Api, channel: u32) -> Option<Message> {
        let queue = self.channels.get_mut(&(api, channel))?;
        let message = queue.pop_front()?;
        if queue.is_empty() {
            self.channels.remove(&(api, channel));
        }
        let key = (message.peer, api, channel);
        if let Some(waiting) = self.waiting.get_mut(&key) {
            waiting.0 -= message.data.len();
            waiting.1 -= 1;
            if waiting.1 == 0 {
                self.waiting.remove(&key);
            }
        }
        Some(message)
    }

    /// Bytes and messages of a peer that wait on a channel.
    pub(super) fn waiting(&self, peer: SteamId, api: Api, channel: u32) -> (usize, usize) {
        self.waiting
            .get(&(peer, api, channel))
            .copied()
            .unwrap_or_default()
    }

    /// Drops what waits of a peer: on one channel, or on all of an interface.
    pub(super) fn discard(&mut self, peer: SteamId, api: Api, channel: Option<u32>) {
        let goes = |key: &(SteamId, Api, u32)| {
            key.0 == peer && key.1 == api && channel.is_none_or(|channel| channel == key.2)
        };
        let touched: Vec<u32> = self
            .waiting
            .keys()
            .filter(|key| goes(key))
            .map(|key| key.2)
            .collect();
        self.waiting.retain(|key, _| !goes(key));
        for channel in touched {
            if let Some(queue) = self.channels.get_mut(&(api, channel)) {
                queue.retain(|message| message.peer != peer);
                if queue.is_empty() {
                    self.channels.remove(&(api, channel));
                }
            }
        }
    }
}
