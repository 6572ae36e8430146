//! Stands in for `samovar_steam::multiplayer_peer::MultiplayerPeer` until that is there: a peer that never connects.

#![allow(clippy::unused_self, clippy::trivially_copy_pass_by_ref)]

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use samovar_steam::multiplayer_peer::{
    LobbyState, Packet, PeerError, PeerEvent, PeerInfo, PeerStatus, TransferMode,
};
use samovar_steam::{Callback, LobbyKind, Steam, SteamId};

#[derive(Default)]
pub(crate) struct MultiplayerPeer {
    no_delay: AtomicBool,
    no_nagle: AtomicBool,
    server_relay: AtomicBool,
    refuses: AtomicBool,
}

pub(crate) struct PacketHead {
    pub(crate) peer: i32,
    pub(crate) channel: i32,
    pub(crate) mode: TransferMode,
}

type Result = std::result::Result<(), PeerError>;
const NOT_THERE: Result = Err(PeerError::CantCreate("not there yet"));

impl MultiplayerPeer {
    pub(crate) fn new() -> Self {
        Self::default()
    }
    pub(crate) fn create_host(&self, _: &Arc<Steam>, _: u32) -> Result {
        NOT_THERE
    }
    pub(crate) fn create_client(&self, _: &Arc<Steam>, _: SteamId, _: u32) -> Result {
        NOT_THERE
    }
    pub(crate) fn add_peer(&self, _: SteamId, _: u32) -> Result {
        Err(PeerError::Unconfigured)
    }
    pub(crate) fn host_with_lobby(&self, _: &Arc<Steam>, _: SteamId) -> Result {
        NOT_THERE
    }
    pub(crate) fn connect_to_lobby(&self, _: &Arc<Steam>, _: SteamId) -> Result {
        NOT_THERE
    }
    pub(crate) fn create_lobby(&self, _: &Arc<Steam>, _: LobbyKind, _: u32) -> Result {
        NOT_THERE
    }
    pub(crate) fn connect_lobby(&self, _: &Arc<Steam>, _: SteamId) -> Result {
        NOT_THERE
    }
    pub(crate) fn poll(&self) {}
    pub(crate) fn on_callback(&self, _: &Callback) {}
    pub(crate) fn take_event(&self) -> Option<PeerEvent> {
        None
    }
    pub(crate) fn put_packet(&self, _: i32, _: i32, _: TransferMode, _: &[u8]) -> Result {
        Err(PeerError::Unconfigured)
    }
    pub(crate) fn available(&self) -> usize {
        0
    }
    pub(crate) fn next_packet(&self) -> Option<PacketHead> {
        None
    }
    pub(crate) fn take_packet(&self) -> Option<Packet> {
        None
    }
    pub(crate) fn close(&self) {}
    pub(crate) fn disconnect_peer(&self, _: i32, _: bool) {}
    pub(crate) fn unique_id(&self) -> i32 {
        0
    }
    pub(crate) fn status(&self) -> PeerStatus {
        PeerStatus::Disconnected
    }
    pub(crate) fn is_server(&self) -> bool {
        false
    }
    pub(crate) fn refuses_new_connections(&self) -> bool {
        self.refuses.load(Ordering::Relaxed)
    }
    pub(crate) fn set_refuse_new_connections(&self, refuse: bool) {
        self.refuses.store(refuse, Ordering::Relaxed);
    }
    pub(crate) fn user_of(&self, _: i32) -> Option<SteamId> {
        None
    }
    pub(crate) fn peer_of(&self, _: SteamId) -> Option<i32> {
        None
    }
    pub(crate) fn peers(&self) -> Vec<PeerInfo> {
        Vec::new()
    }
    pub(crate) fn info(&self, _: i32) -> Option<PeerInfo> {
        None
    }
    pub(crate) fn no_delay(&self) -> bool {
        self.no_delay.load(Ordering::Relaxed)
    }
    pub(crate) fn set_no_delay(&self, value: bool) {
        self.no_delay.store(value, Ordering::Relaxed);
    }
    pub(crate) fn no_nagle(&self) -> bool {
        self.no_nagle.load(Ordering::Relaxed)
    }
    pub(crate) fn set_no_nagle(&self, value: bool) {
        self.no_nagle.store(value, Ordering::Relaxed);
    }
    pub(crate) fn server_relay(&self) -> bool {
        self.server_relay.load(Ordering::Relaxed)
    }
    pub(crate) fn set_server_relay(&self, value: bool) {
        self.server_relay.store(value, Ordering::Relaxed);
    }
    pub(crate) fn set_max_channels(&self, _: u32) {}
    pub(crate) fn lobby(&self) -> Option<SteamId> {
        None
    }
    pub(crate) fn lobby_state(&self) -> LobbyState {
        LobbyState::NotConnected
    }
    pub(crate) fn listen_socket(&self) -> u32 {
        0
    }
}
