//! Godot's own multiplayer: the classes `SteamMultiplayerPeer` and `SteamPacketPeer`.
//!
//! Their base classes are for extensions, and the godot crate binds those only together with all of Godot's classes. So the
//! two are registered with Godot's own functions (`class.rs`), and Godot calls their virtual methods (`virtuals.rs`) without
//! anything in between.

mod class;
mod events;
mod live;
mod steam_multiplayer_peer;
mod steam_packet_peer;
mod virtuals;

use godot::global::godot_error;
use samovar_steam::multiplayer_peer::PeerError;

use samovar_steam::multiplayer_peer::MultiplayerPeer;

pub(crate) use class::{NativeClass, register_class, unregister_class};
pub(crate) use live::{close_all, disconnect_lambdas, hear};
pub(crate) use steam_multiplayer_peer::SteamMultiplayerPeer;
pub(crate) use steam_packet_peer::SteamPacketPeer;

use crate::surface::enums::enum_type;

enum_type!(GodotError, "Error");
enum_type!(DebugLevel, "SteamMultiplayerPeer.DebugLevel");
enum_type!(LobbyStateNumber, "SteamMultiplayerPeer.LobbyState");
enum_type!(PeerState, "SteamPacketPeer.PeerState");

impl GodotError {
    /// `OK`.
    const OK: Self = Self(0);
    /// `ERR_UNAVAILABLE`.
    const UNAVAILABLE: Self = Self(2);
    /// `ERR_CANT_CREATE`.
    const CANT_CREATE: Self = Self(20);
    /// `ERR_INVALID_PARAMETER`.
    const INVALID_PARAMETER: Self = Self(31);

    fn of(error: PeerError) -> Self {
        Self(match error {
            PeerError::AlreadyInUse => 22,
            PeerError::CantCreate(_) => Self::CANT_CREATE.0,
            PeerError::Unconfigured => 3,
            PeerError::InvalidParameter(_) => Self::INVALID_PARAMETER.0,
            PeerError::OutOfMemory(_) => 6,
        })
    }

    /// What a call came to; an error that names it where it was refused.
    fn say(call: &str, result: Result<(), PeerError>) -> Self {
        match result {
            Ok(()) => Self::OK,
            Err(error) => {
                godot_error!("{call}: {error}");
                Self::of(error)
            }
        }
    }
}
