//! Networking: P2P packets.

use godot::builtin::{PackedByteArray, VarDictionary, vdict};
use godot::global::godot_error;
use godot::meta::ToGodot;
use samovar_macros::api;
use samovar_steam::{P2pSend, P2pSendError, SteamId};

use super::keys::Keys;
use super::{Steam, arguments};

const INTERFACE: &str = "Networking";
/// The keys of what [`Steam::readP2PPacket`] returns.
const PACKET_KEYS: [&str; 3] = ["data", "remote_steam_id", "steam_id_remote"];

#[api]
impl Steam {
    /// Lets a user talk to you, in answer to [signal p2p_session_request], or before: then the signal does not come when the
    /// user first sends. Returns [code]false[/code] only for what is not a user's ID.
    #[func]
    #[allow(non_snake_case)]
    fn acceptP2PSessionWithUser(&self, remote_steam_id: i64) -> bool {
        const CALL: &str = "acceptP2PSessionWithUser";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        arguments::user(CALL, remote_steam_id).is_some_and(|peer| client.p2p_accept(peer))
    }

    /// Has no effect yet: there are no relays. Returns [code]true[/code].
    #[func]
    #[allow(non_snake_case)]
    fn allowP2PPacketRelay(&self, allow: bool) -> bool {
        let _ = allow;
        self.client(INTERFACE, "allowP2PPacketRelay").is_some()
    }

    /// Ends a channel with a user, and the session with the last one. Returns whether there was such a channel.
    #[func]
    #[allow(non_snake_case)]
    fn closeP2PChannelWithUser(&self, remote_steam_id: i64, channel: i64) -> bool {
        const CALL: &str = "closeP2PChannelWithUser";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        let (Some(peer), Some(channel)) = (
            arguments::user(CALL, remote_steam_id),
            arguments::channel(CALL, channel),
        ) else {
            return false;
        };
        client.p2p_close_channel(peer, channel)
    }

    /// Ends the session with a user; packets that wait, or that you have not read, are dropped. Returns whether there
    /// was one. When the user sends again, [signal p2p_session_request] comes again.
    #[func]
    #[allow(non_snake_case)]
    fn closeP2PSessionWithUser(&self, remote_steam_id: i64) -> bool {
        const CALL: &str = "closeP2PSessionWithUser";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        arguments::user(CALL, remote_steam_id).is_some_and(|peer| client.p2p_close(peer))
    }

    /// How the session with a user is: connection_active, connecting, session_error, using_relay,
    /// bytes_queued_for_send, packets_queued_for_send, remote_ip, remote_port. Empty when there is none.
    #[func]
    #[allow(non_snake_case)]
    fn getP2PSessionState(&self, remote_steam_id: i64) -> VarDictionary {
        const CALL: &str = "getP2PSessionState";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return VarDictionary::new();
        };
        let Some(peer) = arguments::user(CALL, remote_steam_id) else {
            return VarDictionary::new();
        };
        let Some(state) = client.p2p_state(peer) else {
            return VarDictionary::new();
        };
        vdict! {
            "connection_active" => i64::from(state.connection_active),
            "connecting" => i64::from(state.connecting),
            "session_error" => i64::from(state.session_error),
            "using_relay" => i64::from(state.using_relay),
            "bytes_queued_for_send" => length(state.bytes_queued_for_send),
            "packets_queued_for_send" => length(state.packets_queued_for_send),
            "remote_ip" => state.remote_ip.map_or(0, |ip| i64::from(ip.to_bits())),
            "remote_port" => i64::from(state.remote_port),
        }
    }

    /// The size in bytes of the next packet on a channel; 0 when there is none. Packets of 0 bytes do not exist.
    #[func]
    #[allow(non_snake_case)]
    fn getAvailableP2PPacketSize(&self, #[opt(default = 0)] channel: i64) -> i64 {
        const CALL: &str = "getAvailableP2PPacketSize";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return 0;
        };
        arguments::channel(CALL, channel)
            .and_then(|channel| client.p2p_available(channel))
            .map_or(0, length)
    }

    /// Takes the next packet of a channel: data, a [PackedByteArray] of at most [param packet_size] bytes, and
    /// remote_steam_id (steam_id_remote is the same). Empty when there is none.
    #[func]
    #[allow(non_snake_case)]
    fn readP2PPacket(&self, packet_size: i64, #[opt(default = 0)] channel: i64) -> VarDictionary {
        const CALL: &str = "readP2PPacket";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return VarDictionary::new();
        };
        let Ok(packet_size) = usize::try_from(packet_size) else {
            godot_error!("{CALL}: packet_size {packet_size} is negative");
            return VarDictionary::new();
        };
        let Some(channel) = arguments::channel(CALL, channel) else {
            return VarDictionary::new();
        };
        let Some(message) = client.p2p_read(channel) else {
            return VarDictionary::new();
        };
        let data = message.data.get(..packet_size).unwrap_or(&message.data);
        let peer = message.peer.to_godot().to_variant();
        let keys = self
            .state
            .packet_keys
            .get_or_init(|| Keys::new(PACKET_KEYS));
        keys.dictionary([PackedByteArray::from(data).to_variant(), peer.clone(), peer])
    }

    /// Sends a packet to a user. [param send_type] is a [enum P2PSend]; unreliable packets have 1 to 1200 bytes,
    /// reliable ones 1 byte to 1 MiB. Returns whether it was taken, not whether it arrives: when the user cannot be reached within
    /// 20 seconds, [signal p2p_session_connect_fail] follows. More than 2 MiB that wait for one user are not taken.
    #[func]
    #[allow(non_snake_case)]
    fn sendP2PPacket(
        &self,
        remote_steam_id: i64,
        data: PackedByteArray,
        send_type: i64,
        #[opt(default = 0)] channel: i64,
    ) -> bool {
        const CALL: &str = "sendP2PPacket";
        if !self.is_running(INTERFACE, CALL) {
            return false;
        }
        let Some(peer) = arguments::user(CALL, remote_steam_id) else {
            return false;
        };
        let Some(channel) = arguments::channel(CALL, channel) else {
            return false;
        };
        let Some(send) = P2pSend::from_number(send_type) else {
            godot_error!("{CALL}: send_type {send_type} is not 0 to 3");
            return false;
        };
        // Borrowed, which is cheaper than shared; nothing here calls a script before it is given back.
        let sent = match &*self.state.client.read() {
            Some(client) => client.p2p_send(peer, data.as_slice(), send, channel),
            None => return false,
        };
        match sent {
            Ok(()) => true,
            // No mistake of the game's: it sends faster than the network, and may try again.
            Err(P2pSendError::LimitExceeded) => false,
            Err(error) => {
                godot_error!(
                    "{CALL}: a packet of {} bytes to {}: {error}",
                    data.len(),
                    SteamId::to_godot(peer)
                );
                false
            }
        }
    }
}

/// A length as Godot has it.
pub(super) fn length(length: usize) -> i64 {
    i64::try_from(length).unwrap_or(i64::MAX)
}
