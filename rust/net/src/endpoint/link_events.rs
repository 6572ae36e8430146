//! What happens on links: they open, end, and carry frames.

use std::time::Instant;

use quinn_proto::{ConnectionError, Dir, Event, StreamEvent};
use tracing::debug;

use super::link::Broken;
use super::links::{CODE_PROTOCOL, LinkClosed, LinkId, Links};
use super::{EndpointEvent, MAX_UNTAKEN, Shared};
use crate::tls::peer_key;

/// The most frames of one link that are read while others may wait.
const MAX_AT_ONCE: usize = 256;

impl Links {
    pub(super) fn event(&mut self, shared: &mut Shared, now: Instant, link: LinkId, event: Event) {
        match event {
            Event::Connected => self.connected(shared, now, link),
            Event::ConnectionLost { reason } => self.lost(shared, link, &reason),
            Event::Stream(StreamEvent::Opened { dir: Dir::Bi }) => {
                if let Some(found) = self.links.get_mut(&link)
                    && let Some(connection) = self.quic.get_mut(found.handle)
                {
                    found.stream = connection.streams().accept(Dir::Bi);
                }
                self.read(shared, now, link);
                self.write(now, link);
            }
            Event::Stream(StreamEvent::Readable { .. }) => self.read(shared, now, link),
            Event::Stream(StreamEvent::Writable { .. }) => self.write(now, link),
            // Everything has arrived.
            Event::Stream(StreamEvent::Finished { .. } | StreamEvent::Stopped { .. }) => {
                if let Some((code, _)) = self.links.get(&link).and_then(|link| link.closing) {
                    self.close_now(now, link, code);
                }
            }
            _ => {}
        }
    }

    fn connected(&mut self, shared: &mut Shared, now: Instant, link: LinkId) {
        let Some(found) = self.links.get_mut(&link) else {
            return;
        };
        let Some(connection) = self.quic.get_mut(found.handle) else {
            return;
        };
        let Some(key) = peer_key(connection) else {
            return self.close_now(now, link, CODE_PROTOCOL);
        };
        if !found.inbound {
            found.stream = connection.streams().open(Dir::Bi);
        }
        found.open = true;
        let (inbound, remote) = (found.inbound, found.remote);
        if let Some(other) = self.admission.opened(now, link, key) {
            self.end_stranger(shared, now, other);
        }
        shared.event(EndpointEvent::LinkOpened {
            link,
            inbound,
            remote,
            key,
        });
    }

    fn lost(&mut self, shared: &mut Shared, link: LinkId, reason: &ConnectionError) {
        let Some(found) = self.remove(link) else {
            return;
        };
        if found.closing.is_some() {
            return;
        }
        debug!(?link, %reason, "a link is gone");
        let reason = match reason {
            ConnectionError::TimedOut => LinkClosed::TimedOut,
            ConnectionError::ApplicationClosed(close) => {
                LinkClosed::Closed(u32::try_from(close.error_code.into_inner()).unwrap_or(u32::MAX))
            }
            _ => LinkClosed::Failed,
        };
        shared.event(EndpointEvent::LinkClosed {
            link,
            inbound: found.inbound,
            reason,
        });
    }

    pub(super) fn read(&mut self, shared: &mut Shared, now: Instant, link: LinkId) {
        let Some(found) = self.links.get_mut(&link) else {
            return;
        };
        let Some(connection) = self.quic.get_mut(found.handle) else {
            return;
        };
        let most = MAX_UNTAKEN.saturating_sub(shared.events.len());
        let most = most.min(MAX_AT_ONCE);
        let read = found.read(connection, most, |frame| {
            shared.event(EndpointEvent::LinkFrame { link, frame });
        });
        let bytes = found.partial();
        if !found.admitted
            && let Some(other) = self.admission.heard(link, bytes)
        {
            self.end_stranger(shared, now, other);
        }
        match read {
            Ok(true) => {}
            Ok(false) => self.read_later(now, link),
            Err(Broken) => {
                let Some(inbound) = self.links.get(&link).map(|found| found.inbound) else {
                    return;
                };
                self.close_now(now, link, CODE_PROTOCOL);
                shared.event(EndpointEvent::LinkClosed {
                    link,
                    inbound,
                    reason: LinkClosed::Failed,
                });
            }
        }
    }

    pub(super) fn write(&mut self, now: Instant, link: LinkId) {
        let Some(found) = self.links.get_mut(&link) else {
            return;
        };
        let Some(connection) = self.quic.get_mut(found.handle) else {
            return;
        };
        let before = found.backlog();
        let is_read = found.write(connection);
        self.backlog = self.backlog - before + found.backlog();
        if !is_read && let Some((code, _)) = found.closing {
            self.close_now(now, link, code);
        }
    }
}
