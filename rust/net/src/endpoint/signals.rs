//! Offers on their way through the directory.

use std::collections::{HashSet, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use samovar_id::SteamId;
use tracing::debug;

use super::paths::random;
use super::{Endpoint, EndpointEvent};
use crate::sessions::Control;
use crate::wire::{MAX_CANDIDATES, Offer, OfferError};

/// How old an offer may be, and how far in the future, in milliseconds.
const WINDOW_MS: u64 = 60_000;
/// How much users' ideas of the directory's time may differ, in milliseconds.
const SLACK_MS: u64 = 1_000;
/// The most offers that are remembered so that none is taken twice.
const MAX_SEEN: usize = 8192;

#[derive(Default)]
pub(super) struct Signals {
    candidates: Vec<SocketAddr>,
    /// The directory and its term.
    directory: (u64, u64),
    /// The directory's time, and when it was that.
    clock: Option<(Instant, u64)>,
    /// Offers that were made before were made to an earlier process of this user, or are replays.
    first_ms: u64,
    seen: HashSet<(SteamId, u64)>,
    seen_order: VecDeque<(SteamId, u64)>,
    ignored: u64,
}

impl Signals {
    pub(super) fn set_candidates(&mut self, mut candidates: Vec<SocketAddr>) {
        candidates.truncate(MAX_CANDIDATES);
        self.candidates = candidates;
    }

    fn time_ms(&self, now: Instant) -> Option<u64> {
        let (at, time_ms) = self.clock?;
        let elapsed = u64::try_from(now.saturating_duration_since(at).as_millis()).ok()?;
        time_ms.checked_add(elapsed)
    }

    /// True the first time.
    fn is_new(&mut self, from: SteamId, nonce: u64) -> bool {
        if !self.seen.insert((from, nonce)) {
            return false;
        }
        self.seen_order.push_back((from, nonce));
        if self.seen_order.len() > MAX_SEEN
            && let Some(oldest) = self.seen_order.pop_front()
        {
            self.seen.remove(&oldest);
        }
        true
    }
}

impl Endpoint {
    /// The directory that this process is connected to, its term, and its clock in milliseconds since 1970. Offers are good
    /// there alone, and carry its time, so that the users' clocks need not agree. Within a term the clock does not go back:
    /// else it could be made to, for an old offer to count again.
    pub fn set_directory(&mut self, now: Instant, directory: u64, term: u64, time_ms: u64) {
        let before = self.signals.time_ms(now);
        let is_same = self.signals.directory == (directory, term);
        if let Some(before) = before.filter(|_| is_same) {
            self.signals.clock = Some((now, time_ms.max(before)));
            return;
        }
        self.peers.forget_offers();
        self.signals.directory = (directory, term);
        self.signals.clock = Some((now, time_ms));
        self.signals.first_ms = time_ms.saturating_sub(SLACK_MS);
    }

    /// Sends again what is unanswered: there is another directory.
    pub fn retry_signals(&mut self, now: Instant) {
        self.sessions.lock().retry_requests(now);
    }

    /// The directory hands over what `from` sent. What is not a fresh offer of `from` for this user is ignored, and
    /// counted.
    pub fn handle_signal(&mut self, now: Instant, from: SteamId, payload: &[u8]) {
        let result = self.check(now, from, payload).and_then(|(offer, made_at)| {
            let taken = self.peers.offered(
                &mut self.shared,
                &self.sessions,
                now,
                from,
                (&offer, made_at),
            );
            taken.then_some(offer.control).ok_or("out of date")
        });
        match result {
            Ok(control) => self.sessions.lock().on_control(now, from, control),
            Err(reason) => {
                self.signals.ignored = self.signals.ignored.saturating_add(1);
                debug!(%from, reason, "an offer is ignored");
            }
        }
    }

    /// How many offers have been ignored: malformed, forged, replayed, late, or not for this user and app.
    pub fn ignored_offers(&self) -> u64 {
        self.signals.ignored
    }

    /// The offer in a payload, and when it was made.
    fn check(
        &mut self,
        now: Instant,
        from: SteamId,
        payload: &[u8],
    ) -> Result<(Offer, Instant), &'static str> {
        let (offer, signer) = Offer::unseal(payload).map_err(|error| match error {
            OfferError::Malformed => "malformed",
            OfferError::NoSteamId => "no Steam ID",
            OfferError::Signature => "forged",
        })?;
        if signer != from || from == self.shared.identity.steam_id() {
            return Err("another's");
        }
        if offer.to != self.shared.identity.steam_id() || offer.app_id != self.shared.config.app_id
        {
            return Err("for another");
        }
        if (offer.directory, offer.term) != self.signals.directory {
            return Err("of another directory");
        }
        // The others travel on a connection only.
        if !matches!(
            offer.control,
            Control::Request { .. } | Control::Accept { .. }
        ) {
            return Err("neither a request nor an acceptance");
        }
        let time_ms = self.signals.time_ms(now).ok_or("without a directory")?;
        if time_ms.abs_diff(offer.time_ms) > WINDOW_MS {
            return Err("not of this minute");
        }
        if offer.time_ms < self.signals.first_ms {
            return Err("of before this process");
        }
        if !self.signals.is_new(from, offer.nonce) {
            return Err("a replay");
        }
        let age = Duration::from_millis(time_ms.saturating_sub(offer.time_ms));
        Ok((offer, now.checked_sub(age).unwrap_or(now)))
    }

    /// Sends what sessions have to tell each other: on the connection, where there is one, else by offer. False when
    /// there is nothing.
    pub(super) fn send_controls(&mut self, now: Instant) -> bool {
        let mut any = false;
        loop {
            let Some((peer, control)) = self.sessions.lock().poll_control() else {
                return any;
            };
            any = true;
            if self.peers.send_control(peer, &control) {
                continue;
            }
            match control {
                Control::Request { .. } | Control::Accept { .. } => {
                    self.send_offer(now, peer, control);
                }
                // Without a connection there is nothing to close, or to tell of.
                Control::Idle { .. }
                | Control::Busy { .. }
                | Control::Close { .. }
                | Control::Quality { .. }
                | Control::Room { .. } => {}
            }
        }
    }

    fn send_offer(&mut self, now: Instant, peer: SteamId, control: Control) {
        // Without a directory it cannot be sent; it is repeated when there is one.
        let Some(time_ms) = self.signals.time_ms(now) else {
            return;
        };
        let (directory, term) = self.signals.directory;
        let Some(share) = self.peers.consent(&mut self.shared, now, peer) else {
            return;
        };
        let offer = Offer {
            to: peer,
            app_id: self.shared.config.app_id,
            directory,
            term,
            from: self.shared.identity.credential(),
            share,
            candidates: self.signals.candidates.clone(),
            time_ms,
            nonce: random(),
            control,
        };
        if let Ok(payload) = offer.seal(&self.shared.identity) {
            self.shared.event(EndpointEvent::Signal {
                to: peer,
                payload: Bytes::from(payload),
            });
        }
    }
}
