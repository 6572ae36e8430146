//! The class `SteamMultiplayerPeer`. One file for each kind of calls; here is what they share, and the signals.

// Godot passes arguments by value.
#![allow(clippy::needless_pass_by_value)]

mod connecting;
mod debug;
mod lobby;
mod options;
mod peers;

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::sync::atomic::AtomicI32;
use std::time::Instant;

use godot::builtin::VarDictionary;
use godot::global::{godot_error, godot_warn};
use godot::obj::InstanceId;
use parking_lot::Mutex;
use samovar_macros::api;
use samovar_steam::multiplayer_peer::{Packet, PeerError, TransferMode};
use samovar_steam::{Seldom, SteamId};

use super::{MultiplayerPeer, live};
use crate::shared::{AnyThread, Flag, Shared};
use crate::surface::{Instance, Receiver};

/// Connects Godot's own multiplayer through Steam's names: RPCs, [MultiplayerSpawner] and [MultiplayerSynchronizer] work
/// between users as they do with [ENetMultiplayerPeer].
///
/// Three classes go by this name, and this is all of them. Of GodotSteam 4.17 and later: create a lobby with `Steam` and
/// call [method host_with_lobby], the others join it and call [method connect_to_lobby]; or without a lobby
/// [method create_host] and [method create_client]. Of the earlier GodotSteam MultiplayerPeer: the peer makes the lobby
/// itself, with [method create_lobby] and [method connect_lobby]. Of expressobits: [method create_host] and
/// [method create_client], with options.
///
/// Afterwards set it as [code]multiplayer.multiplayer_peer[/code]. Initialise Steam first, and call its
/// [code]run_callbacks[/code] in each frame.
pub(crate) struct SteamMultiplayerPeer {
    pub(super) id: InstanceId,
    pub(super) peer: Arc<MultiplayerPeer>,
    /// Whom, on which channel and how the next packet is sent.
    pub(super) target: AtomicI32,
    pub(super) channel: AtomicI32,
    pub(super) mode: Shared<TransferMode>,
    /// The packet that Godot looks at: its bytes live until it takes the next.
    pub(super) current: Mutex<Option<Packet>>,
    pub(super) debug_level: Shared<i64>,
    pub(super) telling: Flag,
    said_elsewhere: Flag,
    /// When a packet that could not be sent is next told of.
    unsent: Mutex<Seldom<&'static str>>,
    options: Mutex<AnyThread<VarDictionary>>,
    direct: Mutex<VecDeque<Message>>,
    /// The objects that were given out, by peer.
    packet_peers: Mutex<BTreeMap<i32, InstanceId>>,
}

/// A line of the lobby's chat.
struct Message {
    user: SteamId,
    text: String,
    kind: u32,
}

impl SteamMultiplayerPeer {
    pub(super) fn new(id: InstanceId) -> Self {
        Self {
            id,
            peer: Arc::new(MultiplayerPeer::new()),
            target: AtomicI32::new(0),
            channel: AtomicI32::new(0),
            mode: Shared::new(TransferMode::Reliable),
            current: Mutex::new(None),
            debug_level: Shared::new(0),
            telling: Flag::new(false),
            said_elsewhere: Flag::new(false),
            unsent: Mutex::new(Seldom::default()),
            options: Mutex::new(AnyThread::default()),
            direct: Mutex::new(VecDeque::new()),
            packet_peers: Mutex::new(BTreeMap::new()),
        }
    }

    /// The object is gone.
    pub(super) fn gone(&self) {
        live::MULTIPLAYER.remove(self.id);
        self.close();
    }

    pub(super) fn close(&self) {
        self.peer.close();
        self.direct.lock().clear();
    }

    pub(super) fn say_elsewhere(&self) {
        if !self.said_elsewhere.replace(true) {
            godot_error!(
                "SteamMultiplayerPeer.poll: signals are emitted on the main thread; called from another one it does nothing"
            );
        }
    }
}

#[api]
impl SteamMultiplayerPeer {
    /// The answer to [method create_lobby]. [param result] is a [enum Steam.Result]; 1 is success, and
    /// [signal lobby_joined] follows.
    #[signal]
    fn lobby_created(result: i64, lobby_id: i64);

    /// The answer to [method connect_lobby]; who has created a lobby gets it too. [param response] is a
    /// [enum Steam.ChatRoomEnterResponse]; 1 is success.
    #[signal]
    fn lobby_joined(lobby: i64, permissions: i64, locked: bool, response: i64);

    /// A member of the peer's lobby came or went. [param chat_state] is a [enum Steam.ChatMemberStateChange].
    #[signal]
    fn lobby_chat_update(lobby_id: i64, changed_id: i64, making_change_id: i64, chat_state: i64);

    /// Data of the peer's lobby or of a member changed. For the lobby's own data [param member_id] is the lobby's ID.
    #[signal]
    fn lobby_data_update(success: i64, lobby_id: i64, member_id: i64);

    /// Somebody in the peer's lobby, or you, said something.
    #[signal]
    fn lobby_message(lobby_id: i64, user: i64, message: GString, chat_type: i64);

    /// A user could not be reached, or was lost. [param reason] is a [enum Steam.NetworkingConnectionEnd],
    /// [param connection_state] a [enum Steam.NetworkingConnectionState].
    #[signal]
    fn network_session_failed(steam_id: i64, reason: i64, connection_state: i64);

    /// The answer to [method collect_debug_data], with what it returns.
    #[signal]
    fn debug_data(data: VarDictionary);

    /// A connection of this peer has changed its state. [param connection] has the keys [code]identity[/code] (the user's
    /// Steam ID), [code]user_data[/code] (the peer's ID) and [code]connection_state[/code], and those that GodotSteam's signal
    /// of this name has beside them. [param old_state] is the [enum Steam.NetworkingConnectionState] before.
    #[signal]
    fn network_connection_status_changed(
        connect_handle: i64,
        connection: VarDictionary,
        old_state: i64,
    );
}

impl SteamMultiplayerPeer {
    /// The beginning of an error, and of what says which call could not be made.
    fn named(call: &str) -> String {
        format!("SteamMultiplayerPeer.{call}")
    }

    /// Says that a packet was not sent, once in 10 s for each reason. Somebody who has just gone is no news: Godot sends to
    /// them until it hears of it.
    pub(super) fn say_unsent(&self, error: PeerError) {
        let level = self.debug_level.get();
        let is_gone = matches!(error, PeerError::InvalidParameter(_));
        if is_gone && level < super::events::DEBUG_PEER {
            return;
        }
        let text = match error {
            PeerError::CantCreate(text)
            | PeerError::InvalidParameter(text)
            | PeerError::OutOfMemory(text) => text,
            PeerError::AlreadyInUse | PeerError::Unconfigured => "the peer is not connected",
        };
        if self.unsent.lock().may_say(text, Instant::now()) {
            godot_warn!("SteamMultiplayerPeer: packets are not sent: {text}");
        }
    }
}

impl Receiver for SteamMultiplayerPeer {
    #[allow(unsafe_code)]
    unsafe fn receiver<'a>(instance: Instance) -> &'a Self {
        // SAFETY: the caller's; Godot has this pointer from `class.rs`.
        unsafe { &*instance.cast::<Self>() }
    }
}
