//! What the game does with sessions.

use std::time::{Duration, Instant};

use bytes::Bytes;
use samovar_id::SteamId;

use super::types::{Api, Control, Delivery, Message, Nagle, SendError, SessionInfo, SessionState};
use super::{MAX_CHANNELS, MAX_QUEUED_MESSAGES, MAX_SESSIONS, Queued, Sessions};

/// The largest unreliable P2P packet, in bytes (`isteamnetworking.h`).
const MAX_P2P_UNRELIABLE: usize = 1200;
/// The largest reliable P2P packet, in bytes (`isteamnetworking.h`).
const MAX_P2P_RELIABLE: usize = 1024 * 1024;
/// The largest message, in bytes (`k_cbMaxSteamNetworkingSocketsMessageSizeSend`).
const MAX_MESSAGE: usize = 512 * 1024;
/// Buffered P2P packets go when this many bytes wait.
const P2P_BUFFER_BYTES: usize = 1200;
/// Buffered P2P packets go after this time.
const P2P_BUFFER_TIME: Duration = Duration::from_millis(200);
/// Messages go after this time (`NagleTime`).
const NAGLE_TIME: Duration = Duration::from_millis(5);

impl Sessions {
    /// Sends a message, asking for a session where there is none, and accepting one that the peer asks for.
    ///
    /// # Errors
    /// See [`SendError`]; nothing of the message is sent then.
    pub fn send(
        &mut self,
        now: Instant,
        peer: SteamId,
        api: Api,
        channel: u32,
        delivery: Delivery,
        data: Bytes,
    ) -> Result<(), SendError> {
        let max = match (api, delivery.reliable) {
            (Api::P2p, false) => MAX_P2P_UNRELIABLE,
            (Api::P2p, true) => MAX_P2P_RELIABLE,
            (Api::Messages, _) => MAX_MESSAGE,
        };
        if data.len() > max {
            return Err(SendError::TooLarge { max });
        }
        if peer == self.me {
            return self.send_to_self(now, api, channel, delivery.reliable, data);
        }
        self.prepare(now, peer, api, delivery.autorestart)?;
        let limit = self.send_limit(api);
        let repeat_after = self.config.request_repeat;
        let Some(session) = self.sessions.get_mut(&(peer, api)) else {
            return Err(SendError::TooMany);
        };
        if !session.channels_out.contains(&channel) && session.channels_out.len() >= MAX_CHANNELS {
            return Err(SendError::TooMany);
        }
        session.used_at = now;
        let open = session.state == SessionState::Connected;
        let repeats =
            session.state == SessionState::Requesting && now >= session.repeated_at + repeat_after;
        let refused = if delivery.no_delay && (!open || session.outbox.messages > 0) {
            Some(SendError::Ignored)
        } else if session.outbox.bytes + data.len() > limit
            || session.outbox.messages >= MAX_QUEUED_MESSAGES
        {
            Some(SendError::LimitExceeded)
        } else {
            session.channels_out.insert(channel);
            let was_empty = session.outbox.messages == 0;
            session.outbox.push(
                channel,
                Queued {
                    reliable: delivery.reliable,
                    data,
                },
            );
            let wait = match delivery.nagle {
                Nagle::None => None,
                Nagle::P2pBuffering => {
                    (session.outbox.bytes < P2P_BUFFER_BYTES).then_some(P2P_BUFFER_TIME)
                }
                Nagle::Messages => Some(NAGLE_TIME),
            };
            session.hold_until = match wait {
                Some(wait) if was_empty => Some(now + wait),
                Some(_) => session.hold_until,
                None => None,
            };
            None
        };
        if repeats {
            session.repeat += 1;
            session.repeated_at = now;
            let (incarnation, repeat) = (session.mine, session.repeat);
            self.control(
                peer,
                Control::Request {
                    api,
                    incarnation,
                    repeat,
                },
            );
        }
        refused.map_or(Ok(()), Err)
    }

    /// Makes sure that there is a live session to queue in.
    fn prepare(
        &mut self,
        now: Instant,
        peer: SteamId,
        api: Api,
        autorestart: bool,
    ) -> Result<(), SendError> {
        if let Some(session) = self.sessions.get(&(peer, api)) {
            if session.is_live() {
                return Ok(());
            }
            if api == Api::Messages && !autorestart && !self.pending.contains_key(&(peer, api)) {
                return Err(SendError::NoConnection);
            }
        }
        self.start(now, peer, api)
    }

    /// A new session, instead of one that is over. Accepts what the peer asks for, or asks.
    fn start(&mut self, now: Instant, peer: SteamId, api: Api) -> Result<(), SendError> {
        if self.sessions.len() >= MAX_SESSIONS && !self.sessions.contains_key(&(peer, api)) {
            let over = self
                .sessions
                .iter()
                .find(|(_, session)| !session.is_live())
                .map(|(key, _)| *key);
            self.sessions.remove(&over.ok_or(SendError::TooMany)?);
        }
        let session = self.new_session(now, api);
        let mine = session.mine;
        self.sessions.insert((peer, api), session);
        match self.pending.remove(&(peer, api)) {
            Some(pending) => {
                self.open(peer, api, pending.theirs);
                self.control(
                    peer,
                    Control::Accept {
                        api,
                        yours: pending.theirs,
                        mine,
                    },
                );
            }
            None => self.control(
                peer,
                Control::Request {
                    api,
                    incarnation: mine,
                    repeat: 0,
                },
            ),
        }
        Ok(())
    }

    fn send_to_self(
        &mut self,
        now: Instant,
        api: Api,
        channel: u32,
        reliable: bool,
        data: Bytes,
    ) -> Result<(), SendError> {
        let (bytes, messages) = self.inbox.waiting(self.me, api, channel);
        if bytes + data.len() > self.send_limit(api) || messages >= self.config.receive_messages {
            return Err(SendError::LimitExceeded);
        }
        self.inbox.push(Message {
            peer: self.me,
            api,
            channel,
            reliable,
            number: 0,
            received: now,
            data,
        });
        Ok(())
    }

    /// The size in bytes of the next message on a channel.
    pub fn available(&self, api: Api, channel: u32) -> Option<usize> {
        self.inbox
            .front(api, channel)
            .map(|message| message.data.len())
    }

    /// Takes the next message of a channel, in the order of arrival over all peers.
    pub fn receive(&mut self, api: Api, channel: u32) -> Option<Message> {
        self.inbox.pop(api, channel)
    }

    /// Lets a peer talk. False when it has neither asked nor a session. May be called again.
    pub fn accept(&mut self, now: Instant, peer: SteamId, api: Api) -> bool {
        if self.pending.contains_key(&(peer, api)) {
            return self.start(now, peer, api).is_ok();
        }
        self.sessions
            .get(&(peer, api))
            .is_some_and(super::Session::is_live)
    }

    /// Ends a session, or turns a request down. What is queued and what has not been read is dropped. False when there
    /// was nothing to end.
    pub fn close(&mut self, _now: Instant, peer: SteamId, api: Api) -> bool {
        self.inbox.discard(peer, api, None);
        if let Some(pending) = self.pending.remove(&(peer, api)) {
            self.note_over(peer, api, pending.theirs);
            if !self.sessions.contains_key(&(peer, api)) {
                return true;
            }
        }
        let Some(session) = self.sessions.remove(&(peer, api)) else {
            return false;
        };
        if let Some(theirs) = session.theirs {
            self.note_over(peer, api, theirs);
        }
        if session.is_live() {
            self.control(
                peer,
                Control::Close {
                    api,
                    incarnation: session.mine,
                },
            );
        }
        session.is_live()
    }

    /// Ends one channel; with the last one the session ends. False when it was not used.
    pub fn close_channel(&mut self, now: Instant, peer: SteamId, api: Api, channel: u32) -> bool {
        let Some(session) = self
            .sessions
            .get_mut(&(peer, api))
            .filter(|session| session.is_live())
        else {
            return false;
        };
        if !(session.channels_out.remove(&channel) | session.channels_in.remove(&channel)) {
            return false;
        }
        session.outbox.discard(channel);
        let last = session.channels_out.is_empty() && session.channels_in.is_empty();
        self.inbox.discard(peer, api, Some(channel));
        if last {
            self.close(now, peer, api);
        }
        true
    }

    /// How a session is; `None` when there is none.
    pub fn info(&self, _now: Instant, peer: SteamId, api: Api) -> Option<SessionInfo> {
        let session = self.sessions.get(&(peer, api))?;
        Some(SessionInfo {
            state: session.state,
            queued_bytes: session.outbox.bytes,
            queued_messages: session.outbox.messages,
            link: self.peers.get(&peer).and_then(|state| state.stats.clone()),
        })
    }
}
