//! Who the peers are.

use godot::builtin::{StringName, VarDictionary, Variant, vdict};
use godot::classes::{ClassDb, Object};
use godot::meta::ToGodot;
use godot::obj::{Gd, InstanceId, Singleton};
use samovar_macros::api;
use samovar_steam::SteamId;
use samovar_steam::multiplayer_peer::PeerInfo;

use super::SteamMultiplayerPeer;
use crate::multiplayer::class::NativeClass;
use crate::multiplayer::{SteamPacketPeer, live};
use crate::steam::user;
use crate::surface::PacketPeerObject;

#[api]
impl SteamMultiplayerPeer {
    /// One peer as an object; null where there is none with this ID.
    #[func]
    fn get_peer(&self, peer_id: i64) -> PacketPeerObject {
        let info = number(peer_id).and_then(|peer| self.peer.info(peer));
        PacketPeerObject(info.map_or_else(Variant::nil, |info| self.packet_peer(&info)))
    }

    /// The user who is this peer; your own for your own ID, 0 for an unknown one.
    #[func]
    fn get_steam_id_for_peer_id(&self, peer_id: i64) -> i64 {
        let user = number(peer_id).and_then(|peer| self.peer.user_of(peer));
        user.map_or(0, SteamId::to_godot)
    }

    /// The ID that a user has as a peer; your own for yourself, 0 for somebody who is no peer.
    #[func]
    fn get_peer_id_for_steam_id(&self, steam_id: i64) -> i64 {
        let call = Self::named("get_peer_id_for_steam_id");
        self.peer_id_of(&call, steam_id)
    }

    /// As [method get_steam_id_for_peer_id].
    #[func]
    fn get_steam64_from_peer_id(&self, peer_id: i64) -> i64 {
        self.get_steam_id_for_peer_id(peer_id)
    }

    /// As [method get_peer_id_for_steam_id].
    #[func]
    fn get_peer_id_from_steam64(&self, steam_id: i64) -> i64 {
        let call = Self::named("get_peer_id_from_steam64");
        self.peer_id_of(&call, steam_id)
    }

    /// What is known of a peer: [code]peer_id[/code], [code]steam_id[/code], [code]connection_handle[/code],
    /// [code]connection_state[/code] (a [enum Steam.NetworkingConnectionState]) and [code]ping[/code], in milliseconds or -1.
    /// Empty for an unknown one.
    #[func]
    fn get_peer_info(&self, peer_id: i64) -> VarDictionary {
        let info = number(peer_id).and_then(|peer| self.peer.info(peer));
        info.map_or_else(VarDictionary::new, |info| described(&info))
    }

    /// The Steam IDs of all peers, by the peers' IDs. You are not among them.
    #[func]
    fn get_peer_map(&self) -> VarDictionary {
        let mut map = VarDictionary::new();
        let peers = self.peer.peers();
        for info in peers.iter().filter(|info| info.id != 0) {
            map.set(i64::from(info.id), info.user.to_godot());
        }
        map
    }
}

impl SteamMultiplayerPeer {
    fn peer_id_of(&self, call: &str, steam_id: i64) -> i64 {
        // A variable holds 0 while there is nobody.
        if steam_id == 0 {
            return 0;
        }
        let peer = user(call, steam_id).and_then(|user| self.peer.peer_of(user));
        peer.map_or(0, i64::from)
    }

    /// The object of a peer: the one that was given out before, as long as it lives.
    pub(in crate::multiplayer) fn packet_peer(&self, info: &PeerInfo) -> Variant {
        let before = self.packet_peers.lock().get(&info.id).copied();
        let before = before.and_then(|id| Gd::<Object>::try_from_instance_id(id).ok());
        if let Some(object) = before {
            let id = object.instance_id();
            if live::PACKET.find(id).is_some_and(|peer| peer.is_of(info)) {
                return object.to_variant();
            }
        }
        let object = ClassDb::singleton().instantiate(&StringName::from(SteamPacketPeer::NAME));
        let id = object.object_id();
        if let Some(made) = id.and_then(|id| live::PACKET.find(id)) {
            made.give(&self.peer, info);
        }
        if let Some(id) = id {
            self.remember(info.id, id);
        }
        object
    }

    fn remember(&self, peer: i32, id: InstanceId) {
        let mut packet_peers = self.packet_peers.lock();
        // As many as there are peers: those that went are forgotten, and so are those whose going nobody was told.
        packet_peers.retain(|peer, _| self.peer.user_of(*peer).is_some());
        packet_peers.insert(peer, id);
    }

    pub(in crate::multiplayer) fn forget_packet_peer(&self, peer: i32) {
        self.packet_peers.lock().remove(&peer);
    }
}

pub(super) fn described(info: &PeerInfo) -> VarDictionary {
    vdict! {
        "peer_id" => info.id,
        "steam_id" => info.user.to_godot(),
        "connection_handle" => i64::from(info.handle),
        "connection_state" => info.state,
        "ping" => info.ping_ms,
    }
}

/// An ID of Godot's multiplayer; what cannot be one is nobody's.
fn number(peer_id: i64) -> Option<i32> {
    i32::try_from(peer_id).ok().filter(|peer| *peer != 0)
}
