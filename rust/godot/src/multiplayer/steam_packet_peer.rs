//! The class `SteamPacketPeer`: one peer of a `SteamMultiplayerPeer`.

use std::sync::Arc;

use godot::obj::InstanceId;
use parking_lot::RwLock;
use samovar_macros::api;
use samovar_steam::SteamId;
use samovar_steam::multiplayer_peer::{PeerInfo, TransferMode};

use super::{GodotError, MultiplayerPeer, PeerState, live};
use crate::surface::{Instance, Receiver};

/// One peer of a [SteamMultiplayerPeer].
///
/// It is what [method SteamMultiplayerPeer.get_peer] returns. [code]put_packet[/code] sends to this peer, reliably, on channel
/// 0. What the peer sends arrives with the [SteamMultiplayerPeer], and never here.
pub(crate) struct SteamPacketPeer {
    id: InstanceId,
    /// `None` for one that a script has made itself.
    of: RwLock<Option<Of>>,
}

/// Whose peer it is.
#[derive(Clone)]
struct Of {
    multiplayer: Arc<MultiplayerPeer>,
    peer: i32,
    user: SteamId,
    handle: u32,
}

#[api]
impl SteamPacketPeer {
    /// Who it is.
    #[func]
    fn get_steam_id(&self) -> i64 {
        self.of().map_or(0, |of| of.user.to_godot())
    }

    /// The handle of its connection; 0 when it has gone.
    #[func]
    fn get_connection_handle(&self) -> i64 {
        self.info().map_or(0, |info| i64::from(info.handle))
    }

    /// Its ID in the multiplayer.
    #[func]
    fn get_peer_id(&self) -> i64 {
        self.of().map_or(0, |of| i64::from(of.peer))
    }

    /// The state of its connection; STATE_NONE when it has gone.
    #[func]
    fn get_state(&self) -> PeerState {
        PeerState(self.info().map_or(0, |info| i64::from(info.state)))
    }

    /// Disconnects it: when what waits has been sent, or at once if [param force] is true.
    #[func]
    fn disconnect_peer(&self, #[opt(default = false)] force: bool) {
        if let Some(of) = self.of() {
            // Another may have its ID by now.
            if self.info().is_some() {
                // Who is gone already is.
                let _ = of.multiplayer.disconnect_peer(of.peer, force);
            }
        }
    }
}

impl SteamPacketPeer {
    pub(super) fn new(id: InstanceId) -> Self {
        Self {
            id,
            of: RwLock::new(None),
        }
    }

    /// The object is gone.
    pub(super) fn gone(&self) {
        live::PACKET.remove(self.id);
    }

    /// Says whose peer it is.
    pub(super) fn give(&self, multiplayer: &Arc<MultiplayerPeer>, info: &PeerInfo) {
        *self.of.write() = Some(Of {
            multiplayer: multiplayer.clone(),
            peer: info.id,
            user: info.user,
            handle: info.handle,
        });
    }

    /// Whether it is of this connection, and not of an earlier one of the same ID.
    pub(super) fn is_of(&self, info: &PeerInfo) -> bool {
        self.of()
            .is_some_and(|of| (of.user, of.handle) == (info.user, info.handle))
    }

    pub(super) fn put_packet(&self, data: &[u8]) -> GodotError {
        let Some(of) = self.of().filter(|_| self.info().is_some()) else {
            return GodotError::UNAVAILABLE;
        };
        let sent = of
            .multiplayer
            .put_packet(of.peer, 0, TransferMode::Reliable, data);
        sent.map_or_else(GodotError::of, |()| GodotError::OK)
    }

    fn of(&self) -> Option<Of> {
        self.of.read().clone()
    }

    /// What is known of it while it is there.
    fn info(&self) -> Option<PeerInfo> {
        let of = self.of()?;
        let info = of.multiplayer.info(of.peer)?;
        self.is_of(&info).then_some(info)
    }
}

impl Receiver for SteamPacketPeer {
    #[allow(unsafe_code)]
    unsafe fn receiver<'a>(instance: Instance) -> &'a Self {
        // SAFETY: the caller's; Godot has this pointer from `class.rs`.
        unsafe { &*instance.cast::<Self>() }
    }
}
