//! Offers on their way through the directory.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use samovar_id::SteamId;
use tracing::debug;

use super::challenges::Challenges;
use super::heard::Heard;
use super::paths::random;
use super::relation::Fresh;
use super::{Endpoint, EndpointEvent};
use crate::sessions::Control;
use crate::wire::{Body, MAX_CANDIDATES, Offer, Signal, SignalError};

/// How old an offer may be, and how far in the future, in milliseconds.
const WINDOW_MS: u64 = 60_000;

pub(super) struct Signals {
    candidates: Vec<SocketAddr>,
    /// The directory and its term.
    directory: (u64, u64),
    /// The directory's time, and when it was that.
    clock: Option<(Instant, u64)>,
    /// What offers to this process have to name; another one in each term of each directory.
    process: u64,
    /// The time of the own latest offer.
    offered_ms: u64,
    heard: Heard,
    challenges: Challenges,
    ignored: u64,
}

/// What a signal that was checked asks for.
enum Checked {
    /// An offer to this process.
    Offer(Box<Fresh>),
    /// An offer of this process that it has to repeat, for the process of this number.
    Challenge { answers: u64, process: u64 },
    /// An offer to an earlier process, or to whichever: with its nonce.
    Misdirected { nonce: u64, process: u64 },
}

impl Default for Signals {
    fn default() -> Self {
        Self {
            candidates: Vec::new(),
            directory: (0, 0),
            clock: None,
            process: new_process(),
            offered_ms: 0,
            heard: Heard::default(),
            challenges: Challenges::default(),
            ignored: 0,
        }
    }
}

/// 0 stands for a process that is not known.
fn new_process() -> u64 {
    random().max(1)
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
        // Offers that were made to this user before, here or elsewhere, count no more, whatever the clocks say.
        self.peers.forget_processes();
        self.signals.process = new_process();
        self.signals.directory = (directory, term);
        self.signals.clock = Some((now, time_ms));
        self.signals.offered_ms = 0;
        self.signals.heard = Heard::default();
    }

    /// Sends again what is unanswered: there is another directory.
    pub fn retry_signals(&mut self, now: Instant) {
        self.peers.forget_asked();
        self.sessions.lock().retry_requests(now);
    }

    /// The directory hands over what `from` sent. What is neither a fresh offer of `from` to this process, nor made to an
    /// earlier process of this user, nor an answer to what was just sent, is ignored, and counted.
    pub fn handle_signal(&mut self, now: Instant, from: SteamId, payload: &[u8]) {
        let result = self.check(now, from, payload).and_then(|checked| {
            match checked {
                Checked::Offer(fresh) => return self.take_offer(now, from, &fresh),
                Checked::Challenge { answers, process } => {
                    if !self.peers.challenged(now, from, answers, process) {
                        return Err("no answer to what was sent");
                    }
                    self.sessions.lock().repeat_words(now, from);
                }
                Checked::Misdirected { nonce, process } => {
                    self.peers.note_process(from, process);
                    let awaited = self.peers.awaits(from);
                    if !self.signals.challenges.allow(now, from, awaited) {
                        return Err("one of too many");
                    }
                    self.send_signal(from, Body::Challenge { answers: nonce });
                }
            }
            Ok(())
        });
        if let Err(reason) = result {
            self.signals.ignored = self.signals.ignored.saturating_add(1);
            debug!(%from, reason, "a signal is ignored");
        }
    }

    fn take_offer(
        &mut self,
        now: Instant,
        from: SteamId,
        fresh: &Fresh,
    ) -> Result<(), &'static str> {
        let (shared, sessions) = (&mut self.shared, &self.sessions);
        let taken = self.peers.offered(shared, sessions, now, from, fresh);
        if !taken {
            return Err("no room");
        }
        self.sessions
            .lock()
            .on_control(now, from, fresh.offer.control.clone());
        Ok(())
    }

    /// How many offers have been ignored: malformed, forged, replayed, late, or not for this user and app.
    pub fn ignored_offers(&self) -> u64 {
        self.signals.ignored
    }

    fn check(
        &mut self,
        now: Instant,
        from: SteamId,
        payload: &[u8],
    ) -> Result<Checked, &'static str> {
        let (signal, signer) = Signal::unseal(payload).map_err(|error| match error {
            SignalError::Malformed => "malformed",
            SignalError::NoSteamId => "no Steam ID",
            SignalError::Signature => "forged",
        })?;
        let me = self.shared.identity.steam_id();
        if signer != from || from == me {
            return Err("another's");
        }
        if signal.to != me || signal.app_id != self.shared.config.app_id {
            return Err("for another");
        }
        if (signal.directory, signal.term) != self.signals.directory {
            return Err("of another directory");
        }
        let process = signal.process;
        let offer = match signal.body {
            Body::Challenge { answers } => return Ok(Checked::Challenge { answers, process }),
            Body::Offer(offer) => offer,
        };
        // The others travel on a connection only.
        if !matches!(
            offer.control,
            Control::Request { .. } | Control::Accept { .. } | Control::End { .. }
        ) {
            return Err("neither a request nor its answer");
        }
        let time_ms = self.signals.time_ms(now).ok_or("without a directory")?;
        if offer.recipient != self.signals.process {
            return Ok(Checked::Misdirected {
                nonce: offer.nonce,
                process,
            });
        }
        if time_ms.abs_diff(offer.time_ms) > WINDOW_MS {
            return Err("not of this minute");
        }
        let heard = &mut self.signals.heard;
        if !heard.is_new(time_ms, WINDOW_MS, from, offer.time_ms) {
            return Err("a replay");
        }
        let age = Duration::from_millis(time_ms.saturating_sub(offer.time_ms));
        Ok(Checked::Offer(Box::new(Fresh {
            offer,
            key: signal.from.key,
            process,
            made_at: now.checked_sub(age).unwrap_or(now),
        })))
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
                Control::End { .. } => self.send_refusal(now, peer, control),
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
        let Some((share, recipient, nonce)) = self.peers.consent(&mut self.shared, now, peer)
        else {
            return;
        };
        // Who has not said which process it is cannot use the addresses.
        let candidates = match recipient {
            0 => Vec::new(),
            _ => self.signals.candidates.clone(),
        };
        self.offer(
            peer,
            (share, recipient, nonce),
            candidates,
            time_ms,
            control,
        );
    }

    /// Tells a peer to whom there is no connection that a connection is over, which is no consent to be connected: without
    /// the own addresses, and only if its process is known.
    fn send_refusal(&mut self, now: Instant, peer: SteamId, control: Control) {
        let (time_ms, share) = (self.signals.time_ms(now), self.peers.share_with(peer));
        if let (Some(time_ms), Some((share, recipient))) = (time_ms, share) {
            let whom = (share, recipient, random());
            self.offer(peer, whom, Vec::new(), time_ms, control);
        }
    }

    fn offer(
        &mut self,
        peer: SteamId,
        (share, recipient, nonce): ([u8; 32], u64, u64),
        candidates: Vec<SocketAddr>,
        time_ms: u64,
        control: Control,
    ) {
        self.signals.offered_ms = time_ms.max(self.signals.offered_ms.saturating_add(1));
        let offer = Offer {
            recipient,
            share,
            candidates,
            time_ms: self.signals.offered_ms,
            nonce,
            control,
        };
        self.send_signal(peer, Body::Offer(offer));
    }

    fn send_signal(&mut self, to: SteamId, body: Body) {
        let (directory, term) = self.signals.directory;
        let signal = Signal {
            to,
            app_id: self.shared.config.app_id,
            directory,
            term,
            from: self.shared.identity.credential(),
            process: self.signals.process,
            body,
        };
        if let Ok(payload) = signal.seal(&self.shared.identity) {
            self.shared.event(EndpointEvent::Signal {
                to,
                payload: Bytes::from(payload),
            });
        }
    }
}
