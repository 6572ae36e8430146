//! How connections between users begin and end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use parking_lot::Mutex;
use quinn_proto::{
    ClientConfig, ConnectionError, ConnectionHandle, Incoming, ServerConfig, VarInt,
};
use samovar_id::SteamId;
use tracing::{debug, error};

use super::Shared;
use super::cids::Mark;
use super::peer::PeerConnection;
use super::peers::{ALPN, CODE_PROTOCOL, CODE_UNUSED, Peers};
use super::virtual_addr::virtual_addr;
use crate::sessions::{DisconnectReason, Sessions};

/// The most connections of one peer, with those that are being opened.
const MAX_CONNECTIONS: usize = 4;

impl Peers {
    pub(super) fn incoming(
        &mut self,
        shared: &mut Shared,
        now: Instant,
        peer: SteamId,
        from: SocketAddr,
        incoming: Incoming,
    ) {
        let found = self
            .peers
            .get(&peer)
            .filter(|found| found.consented && !self.closed);
        let key = found.and_then(|found| found.key);
        let crypto = key
            .filter(|_| peer < self.me)
            .and_then(|key| self.tls.server(ALPN, Some(key)).ok());
        let Some(crypto) = crypto else {
            return self.quic.ignore(incoming);
        };
        let mut config = ServerConfig::with_crypto(crypto);
        config
            .transport_config(Arc::clone(&self.transport))
            .migration(false);
        self.make_room(shared, now, peer);
        match self.quic.accept(now, incoming, Some(Arc::new(config))) {
            Ok(handle) => self.add_connection(peer, handle),
            Err(Some((_, bytes))) => shared.packet(peer, from, bytes),
            Err(None) => {}
        }
    }

    /// A peer, or who replays its packets, that opens connections without end only closes its own earlier ones.
    fn make_room(&mut self, shared: &mut Shared, now: Instant, peer: SteamId) {
        let Some(found) = self
            .peers
            .get_mut(&peer)
            .filter(|found| found.connections.len() >= MAX_CONNECTIONS)
        else {
            return;
        };
        if let Some(at) = found
            .connections
            .iter()
            .position(|connection| connection.connected_at.is_none())
        {
            let handle = found.connections.remove(at).handle;
            self.close_handle(shared, now, peer, handle, CODE_UNUSED);
        }
    }

    fn add_connection(&mut self, peer: SteamId, handle: ConnectionHandle) {
        self.by_handle.insert(handle, peer);
        self.ready.insert(peer);
        if let Some(found) = self.peers.get_mut(&peer) {
            // Mostly there is one.
            found.connections.reserve_exact(1);
            found
                .connections
                .push(PeerConnection::new(handle, &self.budget));
        }
    }

    pub(super) fn dial(&mut self, now: Instant, peer: SteamId, key: crate::PublicKey) {
        let crypto = match self.tls.client(ALPN, key) {
            Ok(crypto) => crypto,
            Err(error) => return error!(%error, "TLS cannot be configured"),
        };
        let mut config = ClientConfig::new(crypto);
        config
            .transport_config(Arc::clone(&self.transport))
            .initial_dst_cid_provider(Arc::new(|| Mark::Peer.cid()));
        match self.quic.connect(now, config, virtual_addr(peer)) {
            Ok(handle) => self.add_connection(peer, handle),
            Err(error) => error!(%error, "a peer cannot be dialled"),
        }
    }

    pub(super) fn connected(
        &mut self,
        shared: &mut Shared,
        sessions: &Mutex<Sessions>,
        now: Instant,
        peer: SteamId,
        handle: ConnectionHandle,
    ) {
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        debug!(%peer, "connected to a peer");
        let was_connected = found.is_connected();
        let earlier: Vec<ConnectionHandle> = found
            .connections
            .extract_if(.., |connection| connection.handle != handle)
            .map(|connection| connection.handle)
            .collect();
        if let (Some(connection), Some(quic)) =
            (found.connections.first_mut(), self.quic.get_mut(handle))
        {
            connection.open(now, quic);
        }
        for earlier in earlier {
            self.close_handle(shared, now, peer, earlier, CODE_UNUSED);
        }
        let mut sessions = sessions.lock();
        if was_connected {
            // The peer has lost the earlier one, and with it what travelled there.
            sessions.on_disconnected(now, peer, DisconnectReason::Error);
        }
        sessions.on_connected(now, peer);
    }

    pub(super) fn lost(
        &mut self,
        sessions: &Mutex<Sessions>,
        now: Instant,
        peer: SteamId,
        handle: ConnectionHandle,
        reason: &ConnectionError,
    ) {
        debug!(%peer, %reason, "a connection to a peer is gone");
        self.by_handle.remove(&handle);
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        let at = found
            .connections
            .iter()
            .position(|connection| connection.handle == handle);
        let Some(connection) = at.map(|at| found.connections.remove(at)) else {
            return;
        };
        if connection.connected_at.is_some() {
            let reason = match reason {
                ConnectionError::TimedOut => DisconnectReason::TimedOut,
                ConnectionError::ApplicationClosed(close)
                    if close.error_code != VarInt::from_u32(CODE_PROTOCOL) =>
                {
                    DisconnectReason::ClosedByPeer
                }
                _ => DisconnectReason::Error,
            };
            sessions.lock().on_disconnected(now, peer, reason);
        }
    }
}
