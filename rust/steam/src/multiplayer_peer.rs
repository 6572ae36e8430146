//! `SteamMultiplayerPeer`: the peers of Godot's own multiplayer, over connections of `ISteamNetworkingSockets`.
//!
//! One class answers the three APIs that go by that name. What differs is where the peers come from: users that the game
//! names, the members of a lobby that it names, or a lobby that the peer itself makes or joins.

mod admission;
mod event;
mod lobby;
mod meeting;
mod mesh;
mod packets;
mod sending;
mod turns;

use std::sync::Arc;
use std::time::Instant;

pub use event::{LobbyState, PeerEvent, PeerInfo};

use bytes::Bytes;
use parking_lot::Mutex;
use samovar_id::SteamId;
use samovar_lobby::LobbyKind;

use crate::callback::Callback;
use crate::client::Steam;
use crate::networking_sockets::{ListenSocket, MAX_LANES};
use mesh::Inner;
pub(crate) use packets::MAX_HEAD;

/// The largest packet, in bytes (`k_cbMaxSteamNetworkingSocketsMessageSizeSend`).
pub const MAX_PACKET: usize = 512 * 1024;

/// How a packet travels: Godot's `MultiplayerPeer.TransferMode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransferMode {
    /// It may be lost, or overtaken by others. 0 to Godot.
    Unreliable,
    /// It may be lost; what arrives later than one sent after it on its channel is dropped. 1 to Godot.
    UnreliableOrdered,
    /// It arrives once, in order on its channel. 2 to Godot.
    #[default]
    Reliable,
}

/// Godot's `MultiplayerPeer.ConnectionStatus`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PeerStatus {
    /// 0 to Godot.
    #[default]
    Disconnected,
    /// A client that no peer has answered yet. 1 to Godot.
    Connecting,
    /// 2 to Godot.
    Connected,
}

/// Why a call did nothing. Each is one of Godot's `Error`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// It is in use already: it has to be closed first. `ERR_ALREADY_IN_USE`.
    #[error("the peer is in use; close it first")]
    AlreadyInUse,
    /// Steam does not run, the port is taken, or the user is not in that lobby, or not as it has to be. `ERR_CANT_CREATE`.
    #[error("{0}")]
    CantCreate(&'static str),
    /// It is not connected. `ERR_UNCONFIGURED`.
    #[error("the peer is not connected")]
    Unconfigured,
    /// There is no such peer, or an argument means nothing. `ERR_INVALID_PARAMETER`.
    #[error("{0}")]
    InvalidParameter(&'static str),
    /// The packet is too large, or so much waits to be sent that this does not fit. `ERR_OUT_OF_MEMORY`.
    #[error("{0}")]
    OutOfMemory(&'static str),
}

/// A packet that has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Who sent it: an ID of Godot's multiplayer.
    pub peer: i32,
    /// On which channel.
    pub channel: i32,
    /// How it travelled.
    pub mode: TransferMode,
    /// What it says.
    pub data: Bytes,
}

/// The sender, channel and mode of the packet that comes next.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct PacketHead {
    /// Who sent it: an ID of Godot's multiplayer.
    pub peer: i32,
    /// On which channel.
    pub channel: i32,
    /// How it travelled.
    pub mode: TransferMode,
}

/// The peers of Godot's multiplayer, as one of them sees them.
///
/// Every method returns at once, and may be called from any thread. What happens is told by [`MultiplayerPeer::take_event`],
/// after [`MultiplayerPeer::poll`] or [`MultiplayerPeer::on_callback`].
#[derive(Default)]
pub struct MultiplayerPeer {
    inner: Mutex<Inner>,
}

impl MultiplayerPeer {
    /// One that is with nobody.
    pub fn new() -> Self {
        Self::default()
    }

    /// Hosts: is the server, with ID 1, for everybody who asks on a virtual port.
    ///
    /// # Errors
    /// [`PeerError::AlreadyInUse`] until it is closed; [`PeerError::CantCreate`] where the port is taken.
    pub fn create_host(&self, steam: &Arc<Steam>, virtual_port: u32) -> Result<(), PeerError> {
        let mut inner = self.inner.lock();
        inner.may_begin()?;
        inner.start(steam, None, virtual_port, false)
    }

    /// Asks a host. Whoever asks itself hosts, in place of another peer of the same game that does.
    ///
    /// # Errors
    /// As [`MultiplayerPeer::create_host`]; [`PeerError::InvalidParameter`] where that is no user.
    pub fn create_client(
        &self,
        steam: &Arc<Steam>,
        host: SteamId,
        virtual_port: u32,
    ) -> Result<(), PeerError> {
        if !host.is_individual() {
            return Err(PeerError::InvalidParameter("that is no user's Steam ID"));
        }
        let other = (host != steam.steam_id()).then_some(host);
        let instead = other.is_none();
        let mut inner = self.inner.lock();
        inner.may_begin()?;
        inner.start(steam, other, virtual_port, instead)
    }

    /// Asks a further user, so that the peers are a mesh.
    ///
    /// # Errors
    /// [`PeerError::Unconfigured`] unless it hosts or is a client; [`PeerError::InvalidParameter`] where that is no other user.
    pub fn add_peer(&self, user: SteamId, virtual_port: u32) -> Result<(), PeerError> {
        if !user.is_individual() {
            return Err(PeerError::InvalidParameter("that is no user's Steam ID"));
        }
        let mut inner = self.inner.lock();
        inner.ask(user, virtual_port)?;
        if let Some(active) = &mut inner.active {
            active.is_mesh = true;
        }
        Ok(())
    }

    /// Hosts for the members of a lobby that the local user owns: each is asked, whenever they come.
    ///
    /// # Errors
    /// As [`MultiplayerPeer::create_host`]; [`PeerError::CantCreate`] for a lobby of somebody else's.
    pub fn host_with_lobby(&self, steam: &Arc<Steam>, lobby: SteamId) -> Result<(), PeerError> {
        self.inner.lock().host_with_lobby(steam, lobby, false)
    }

    /// Connects with the owner of a lobby, who hosts, and with all other members. The owner itself hosts, in place of
    /// another peer of the same game that does.
    ///
    /// # Errors
    /// As [`MultiplayerPeer::create_host`]; [`PeerError::CantCreate`] where the local user is not in that lobby.
    pub fn connect_to_lobby(&self, steam: &Arc<Steam>, lobby: SteamId) -> Result<(), PeerError> {
        self.inner.lock().connect_to_lobby(steam, lobby)
    }

    /// Makes a lobby of its own, and hosts for its members. [`PeerEvent::LobbyCreated`] and [`PeerEvent::LobbyJoined`] follow.
    /// It is left when the peer is closed.
    ///
    /// # Errors
    /// [`PeerError::AlreadyInUse`] until it is closed; [`PeerError::CantCreate`] where there can be no such lobby.
    pub fn create_lobby(
        &self,
        steam: &Arc<Steam>,
        kind: LobbyKind,
        max_members: u32,
    ) -> Result<(), PeerError> {
        self.inner.lock().create_lobby(steam, kind, max_members)
    }

    /// Joins a lobby, and connects with its owner and its other members. [`PeerEvent::LobbyJoined`] follows. It is left when
    /// the peer is closed.
    ///
    /// # Errors
    /// [`PeerError::AlreadyInUse`] until it is closed; [`PeerError::CantCreate`] where that is no lobby.
    pub fn connect_lobby(&self, steam: &Arc<Steam>, lobby: SteamId) -> Result<(), PeerError> {
        self.inner.lock().connect_lobby(steam, lobby)
    }

    /// Does what is due: meets peers, loses them, takes packets. Events follow.
    pub fn poll(&self) {
        self.inner.lock().poll(Instant::now());
    }

    /// Takes what Steam tells the game, for what is about a lobby of this peer's own. Events follow.
    pub fn on_callback(&self, callback: &Callback) {
        self.inner.lock().on_callback(callback);
    }

    /// The next event, oldest first.
    pub fn take_event(&self) -> Option<PeerEvent> {
        self.inner.lock().events.pop_front()
    }

    /// Sends a packet to a peer, to all (0), or to all but one (negative). A channel that there is not is channel 0.
    ///
    /// # Errors
    /// [`PeerError::Unconfigured`] while it is not connected, [`PeerError::InvalidParameter`] where there is no such peer or
    /// the packet is too large, [`PeerError::OutOfMemory`] where too much waits: other peers get it nevertheless.
    pub fn put_packet(
        &self,
        target: i32,
        channel: i32,
        mode: TransferMode,
        data: &[u8],
    ) -> Result<(), PeerError> {
        let channel = u32::try_from(channel).unwrap_or(0);
        self.inner.lock().put(target, channel, mode, data)
    }

    /// How many packets wait to be taken.
    pub fn available(&self) -> usize {
        let inner = self.inner.lock();
        // Godot hears of a peer before it takes what that has sent.
        let is_told = |event: &PeerEvent| !matches!(event, PeerEvent::Connected(_));
        if inner.events.iter().all(is_told) {
            inner.packets.len()
        } else {
            0
        }
    }

    /// About the packet that [`MultiplayerPeer::take_packet`] gives next.
    pub fn next_packet(&self) -> Option<PacketHead> {
        let inner = self.inner.lock();
        let packet = inner.packets.front()?;
        Some(PacketHead {
            peer: packet.peer,
            channel: packet.channel,
            mode: packet.mode,
        })
    }

    /// Takes the next packet.
    pub fn take_packet(&self) -> Option<Packet> {
        self.inner.lock().take_packet()
    }

    /// Ends it: every connection, when what was sent reliably has gone, and a lobby of its own. The game hears nothing more.
    pub fn close(&self) {
        let mut inner = self.inner.lock();
        inner.shut();
        inner.events.clear();
    }

    /// Disconnects a peer: with `force` without an event. A client that disconnects the host ends.
    ///
    /// # Errors
    /// [`PeerError::Unconfigured`] while it is not in use, [`PeerError::InvalidParameter`] where there is no such peer.
    pub fn disconnect_peer(&self, peer: i32, force: bool) -> Result<(), PeerError> {
        self.inner.lock().disconnect(peer, force)
    }

    /// Its own ID in Godot's multiplayer: 1 for a host, another for each client; 0 while it is not in use.
    pub fn unique_id(&self) -> i32 {
        let inner = self.inner.lock();
        match (&inner.active, inner.lobby_state) {
            (Some(active), _) => active.id,
            (None, LobbyState::HostPending) => mesh::HOST,
            (None, _) => 0,
        }
    }

    /// How far it is.
    pub fn status(&self) -> PeerStatus {
        self.inner.lock().status
    }

    /// Whether it hosts.
    pub fn is_server(&self) -> bool {
        let inner = self.inner.lock();
        match &inner.active {
            Some(active) => active.host.is_none(),
            None => inner.lobby_state == LobbyState::HostPending,
        }
    }

    /// Whether those who ask are refused.
    pub fn refuses_new_connections(&self) -> bool {
        self.inner.lock().refuses
    }

    /// Refuses those who ask from now on, or not any more. Whoever is connected stays.
    pub fn set_refuse_new_connections(&self, refuses: bool) {
        self.inner.lock().refuses = refuses;
    }

    /// The user of a peer; the local one for the own ID.
    pub fn user_of(&self, peer: i32) -> Option<SteamId> {
        self.inner.lock().user_of(peer)
    }

    /// The ID of a user in Godot's multiplayer; the own one for the local user.
    pub fn peer_of(&self, user: SteamId) -> Option<i32> {
        self.inner.lock().id_of(user)
    }

    /// All users that there is a connection with, or that are asked for one.
    pub fn peers(&self) -> Vec<PeerInfo> {
        self.inner.lock().infos()
    }

    /// About one peer; `None` where the game does not know of it.
    pub fn info(&self, peer: i32) -> Option<PeerInfo> {
        let inner = self.inner.lock();
        let handle = inner.handle_of(peer)?;
        let mut infos = inner.infos().into_iter();
        infos.find(|info| info.handle == handle)
    }

    /// Whether unreliable packets that cannot go now are dropped.
    pub fn no_delay(&self) -> bool {
        self.inner.lock().no_delay
    }

    /// Has unreliable packets dropped that cannot go now.
    pub fn set_no_delay(&self, no_delay: bool) {
        self.inner.lock().no_delay = no_delay;
    }

    /// What [`MultiplayerPeer::set_no_nagle`] was called with.
    pub fn no_nagle(&self) -> bool {
        self.inner.lock().no_nagle
    }

    /// Has no effect: no packet waits for others, and what is sent in a frame goes together as it is.
    pub fn set_no_nagle(&self, no_nagle: bool) {
        self.inner.lock().no_nagle = no_nagle;
    }

    /// Whether clients reach each other through the host: as it was set, or else where there is neither a lobby nor a mesh.
    pub fn server_relay(&self) -> bool {
        let inner = self.inner.lock();
        inner.server_relay.unwrap_or_else(|| {
            let active = inner.active.as_ref();
            active.is_some_and(|active| !active.is_mesh) && inner.lobby.is_none()
        })
    }

    /// Has clients reach each other through the host, or not.
    pub fn set_server_relay(&self, server_relay: bool) {
        self.inner.lock().server_relay = Some(server_relay);
    }

    /// Sets how many channels there are, 1 to [`MAX_LANES`]; 4 unless it is set. What is sent on others goes on channel 0.
    pub fn set_max_channels(&self, channels: u32) {
        self.inner.lock().channels = channels.clamp(1, MAX_LANES);
    }

    /// The lobby whose members the peers are.
    pub fn lobby(&self) -> Option<SteamId> {
        Some(self.inner.lock().lobby.as_ref()?.lobby)
    }

    /// How far it is with that lobby.
    pub fn lobby_state(&self) -> LobbyState {
        self.inner.lock().lobby_state
    }

    /// The listen socket by which others come; 0 while it is not in use.
    pub fn listen_socket(&self) -> ListenSocket {
        let inner = self.inner.lock();
        inner.active.as_ref().map_or(0, |active| active.listen)
    }
}

impl Drop for MultiplayerPeer {
    fn drop(&mut self) {
        self.close();
    }
}
