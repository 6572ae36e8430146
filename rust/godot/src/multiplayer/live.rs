//! The objects of the two classes that live.

use std::sync::{Arc, Weak};

use godot::classes::Object;
use godot::obj::{Gd, InstanceId};
use parking_lot::Mutex;
use samovar_steam::Callback;

use super::{SteamMultiplayerPeer, SteamPacketPeer};
use crate::connections;

/// Objects of a class, the oldest first.
pub(super) struct Live<T>(Mutex<Vec<(InstanceId, Weak<T>)>>);

/// The objects of the class `SteamMultiplayerPeer`.
pub(super) static MULTIPLAYER: Live<SteamMultiplayerPeer> = Live(Mutex::new(Vec::new()));
/// The objects of the class `SteamPacketPeer`.
pub(super) static PACKET: Live<SteamPacketPeer> = Live(Mutex::new(Vec::new()));

impl<T> Live<T> {
    pub(super) fn add(&self, id: InstanceId, one: &Arc<T>) {
        self.0.lock().push((id, Arc::downgrade(one)));
    }

    pub(super) fn remove(&self, id: InstanceId) {
        self.0.lock().retain(|(one, _)| *one != id);
    }

    /// What the object with this ID holds.
    pub(super) fn find(&self, id: InstanceId) -> Option<Arc<T>> {
        let all = self.0.lock();
        let (_, found) = all.iter().find(|(one, _)| *one == id)?;
        found.upgrade()
    }

    fn each(&self) -> Vec<Arc<T>> {
        let all = self.0.lock();
        all.iter().filter_map(|(_, one)| one.upgrade()).collect()
    }

    fn objects(&self) -> Vec<Gd<Object>> {
        let ids: Vec<InstanceId> = self.0.lock().iter().map(|(id, _)| *id).collect();
        let ids = ids.into_iter();
        ids.filter_map(|id| Gd::try_from_instance_id(id).ok())
            .collect()
    }
}

/// Lets each peer hear of what happened, and tell the game what follows. For the main thread, before the game hears of it
/// from `Steam`.
pub(crate) fn hear(callback: &Callback) {
    for peer in MULTIPLAYER.each() {
        peer.hear(callback);
    }
}

/// Disconnects the lambdas that are connected to signals of objects that live: one that is still connected when the script
/// language is gone is freed twice. What Godot itself has connected it disconnects itself.
pub(crate) fn disconnect_lambdas() {
    for object in MULTIPLAYER.objects().into_iter().chain(PACKET.objects()) {
        connections::disconnect_lambdas(object);
    }
}

/// Closes whatever is open, so that the others hear of it before the network ends.
pub(crate) fn close_all() {
    for peer in MULTIPLAYER.each() {
        peer.close();
    }
}
