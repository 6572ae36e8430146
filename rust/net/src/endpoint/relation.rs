//! What two users have told each other before they are connected: offers, consent, and probes.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use samovar_id::SteamId;
use tracing::debug;
use x25519_dalek::PublicKey as Share;

use super::Shared;
use super::paths::random;
use super::peer::{Asked, Peer};
use super::peers::{CODE_UNUSED, MAX_PEERS, Peers};
use super::rate::revive;
use crate::identity::PublicKey;
use crate::sessions::{DisconnectReason, Sessions};
use crate::wire::{Offer, Probe};

/// An offer that was made so long after the connection was opened says that its sender has the connection no more; one
/// made around then may only be late. Covers what two users' ideas of the directory's time differ by.
const STALE_AFTER: Duration = Duration::from_secs(1);
/// How long who has not said which process it is has time to do so, before it is asked again.
const ASK_AGAIN: Duration = Duration::from_secs(1);
/// How long an offer keeps its nonce while it is made again. An answer that takes longer counts for nothing.
const SAME_NONCE: Duration = Duration::from_secs(60);
/// How long after a challenge of a peer's another one counts: it can have this user answer at once, but not without end.
const CHALLENGED_EVERY: Duration = Duration::from_millis(500);

/// An offer that was made to this process, and is no replay.
pub(super) struct Fresh {
    pub(super) offer: Offer,
    /// Whose key it proves, and the number of its process.
    pub(super) key: PublicKey,
    pub(super) process: u64,
    pub(super) made_at: Instant,
}

impl Peers {
    /// Notes who and where a peer is that has made an offer. False when it agrees on nothing, or there is no room.
    pub(super) fn offered(
        &mut self,
        shared: &mut Shared,
        sessions: &Mutex<Sessions>,
        now: Instant,
        peer: SteamId,
        fresh: &Fresh,
    ) -> bool {
        let offer = &fresh.offer;
        let me = self.me;
        self.ready.insert(peer);
        let Some(found) = self.entry(shared, now, peer) else {
            return false;
        };
        if found.their_share == Some(offer.share) {
            found.paths.offer(&offer.candidates);
            let stale = found.connections.iter().any(|connection| {
                connection
                    .connected_at
                    .is_some_and(|connected_at| fresh.made_at > connected_at + STALE_AFTER)
            });
            if stale {
                debug!(%peer, "a peer has lost the connection");
                self.drop_connections(shared, sessions, now, peer);
            }
        } else {
            // A first word, or the peer has started anew: what there was with its earlier process is over.
            let agreed = found.share_secret.diffie_hellman(&Share::from(offer.share));
            if !agreed.was_contributory() {
                return false;
            }
            let secret = path_secret(agreed.as_bytes(), me, peer);
            self.drop_connections(shared, sessions, now, peer);
            self.bindings.forget(peer);
            let Some(found) = self.peers.get_mut(&peer) else {
                return false;
            };
            found.their_share = Some(offer.share);
            found.paths.start(secret, &offer.candidates);
        }
        let Some(found) = self.peers.get_mut(&peer) else {
            return false;
        };
        found.process = fresh.process;
        found.used_at = now;
        found.key = Some(fresh.key);
        found.next_dial = None;
        true
    }

    /// Every process has another number from now on.
    pub(super) fn forget_processes(&mut self) {
        for found in self.peers.values_mut() {
            found.process = 0;
            found.asked = None;
            found.challenged_at = None;
        }
    }

    /// What was asked may not have arrived: it may be asked again at once.
    pub(super) fn forget_asked(&mut self) {
        for found in self.peers.values_mut() {
            found.asked = None;
        }
    }

    /// The number that a peer's process names in something that may be a replay: worth a try where none is known, since the
    /// peer itself says so when it is wrong.
    pub(super) fn note_process(&mut self, peer: SteamId, process: u64) {
        if let Some(found) = self.peers.get_mut(&peer)
            && found.process == 0
        {
            found.process = process;
        }
    }

    /// A peer says which process it is, in answer to an offer. Whether that is so: then the offer has to go again.
    pub(super) fn challenged(
        &mut self,
        now: Instant,
        peer: SteamId,
        answers: u64,
        process: u64,
    ) -> bool {
        let Some(found) = self.peers.get_mut(&peer) else {
            return false;
        };
        let is_soon = |at: Instant| now < at + CHALLENGED_EVERY;
        if found.asked.is_none_or(|asked| asked.nonce != answers)
            || found.challenged_at.is_some_and(is_soon)
        {
            return false;
        }
        found.asked = None;
        found.challenged_at = Some(now);
        found.process = process;
        true
    }

    /// Whether this process has made a peer an offer, and they are not connected yet.
    pub(super) fn awaits(&self, peer: SteamId) -> bool {
        let found = self.peers.get(&peer);
        found.is_some_and(|found| found.asked.is_some() && !found.is_connected())
    }

    /// The own half of the key agreement with a peer, who may know our addresses from now on, the number of its process, 0
    /// where that is not known, and the nonce of the offer. `None` when it has just been asked for its number, or there is no room.
    pub(super) fn consent(
        &mut self,
        shared: &mut Shared,
        now: Instant,
        peer: SteamId,
    ) -> Option<([u8; 32], u64, u64)> {
        self.ready.insert(peer);
        let found = self.entry(shared, now, peer)?;
        found.consented = true;
        found.used_at = now;
        let recipient = found.process;
        let is_soon = |asked: Asked| now < asked.at + ASK_AGAIN;
        if recipient == 0 && found.asked.is_some_and(is_soon) {
            return None;
        }
        let is_same = |asked: &Asked| {
            asked.recipient == recipient && now.saturating_duration_since(asked.since) < SAME_NONCE
        };
        let (nonce, since) = found
            .asked
            .filter(is_same)
            .map_or_else(|| (random(), now), |asked| (asked.nonce, asked.since));
        found.asked = Some(Asked {
            nonce,
            recipient,
            since,
            at: now,
        });
        Some((found.share(), recipient, nonce))
    }

    /// The own half of the key agreement with a peer of whose process the number is known, and that number.
    pub(super) fn share_with(&self, peer: SteamId) -> Option<([u8; 32], u64)> {
        let found = self.peers.get(&peer).filter(|found| found.process != 0)?;
        Some((found.share(), found.process))
    }

    fn entry(&mut self, shared: &mut Shared, now: Instant, peer: SteamId) -> Option<&mut Peer> {
        if !self.peers.contains_key(&peer) {
            if self.peers.len() >= MAX_PEERS {
                let strangers = self.peers.iter().filter(|(_, found)| !found.consented);
                let stranger = *strangers.min_by_key(|(_, found)| found.used_at)?.0;
                self.forget(shared, now, stranger);
            }
            let mut share_secret = [0; 32];
            SystemRandom::new().fill(&mut share_secret).ok()?;
            self.peers.insert(peer, Peer::new(now, share_secret));
        }
        self.peers.get_mut(&peer)
    }

    fn drop_connections(
        &mut self,
        shared: &mut Shared,
        sessions: &Mutex<Sessions>,
        now: Instant,
        peer: SteamId,
    ) {
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        let was_connected = found.is_connected();
        for connection in std::mem::take(&mut found.connections) {
            self.close_handle(shared, now, peer, connection.handle, CODE_UNUSED);
        }
        if was_connected {
            sessions
                .lock()
                .on_disconnected(now, peer, DisconnectReason::ClosedByPeer);
        }
    }

    /// Ends everything with a peer.
    pub(super) fn forget(&mut self, shared: &mut Shared, now: Instant, peer: SteamId) {
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        for connection in std::mem::take(&mut found.connections) {
            self.close_handle(shared, now, peer, connection.handle, CODE_UNUSED);
        }
        self.peers.remove(&peer);
        self.due.set(peer, None);
        self.bindings.forget(peer);
    }

    /// Something that is not QUIC.
    pub(super) fn handle_probe(
        &mut self,
        shared: &mut Shared,
        now: Instant,
        from: SocketAddr,
        data: &[u8],
    ) {
        let Some(probe) = Probe::parse(data) else {
            return;
        };
        let me = self.me;
        let Some(found) = self
            .peers
            .get_mut(&probe.from)
            .filter(|found| found.consented)
        else {
            return;
        };
        if !found
            .paths
            .secret()
            .is_some_and(|secret| probe.is_proved_by(data, secret))
        {
            return;
        }
        self.ready.insert(probe.from);
        // Only an answer to what was just asked there shows that the peer is at this address: a question may be a replay.
        let was_silent = found.paths.is_silent(now);
        let answered = probe
            .answers
            .and_then(|question| found.paths.answered(now, from, question));
        if answered.is_some() {
            self.bindings.bind(now, from, probe.from);
        }
        if let Some(question) = probe.asks {
            let is_bound = self.bindings.peer_at(from) == Some(probe.from);
            let proved = is_bound && found.paths.knows(from);
            if let Some(answer) = found.paths.answer(me, from, question, proved) {
                shared.packet(probe.from, from, answer);
            }
        }
        if answered == Some(true) {
            debug!(peer = %probe.from, %from, "a path to a peer");
            for connection in &found.connections {
                if let Some(connection) = self.quic.get_mut(connection.handle) {
                    connection.path_changed(now);
                }
            }
        }
        if answered.is_some() && was_silent {
            for connection in &found.connections {
                if let Some(connection) = self.quic.get_mut(connection.handle) {
                    revive(connection);
                }
            }
        }
    }
}

/// What authenticates the probes of a pair: the agreed secret, bound to who agreed.
fn path_secret(agreed: &[u8; 32], one: SteamId, other: SteamId) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"samovar path secret v2");
    context.update(agreed);
    context.update(&one.min(other).raw().to_be_bytes());
    context.update(&one.max(other).raw().to_be_bytes());
    let mut secret = [0; 32];
    secret.copy_from_slice(context.finish().as_ref());
    secret
}
