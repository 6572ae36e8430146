//! How packets are sent, and options of connections.

use godot::builtin::{VarDictionary, Variant};
use godot::global::godot_error;
use samovar_macros::api;

use super::SteamMultiplayerPeer;
use crate::shared::AnyThread;
use crate::surface;

#[api]
impl SteamMultiplayerPeer {
    /// Whether an unreliable packet that cannot be sent at once is dropped.
    #[func]
    fn get_no_delay(&self) -> bool {
        self.peer.no_delay()
    }

    /// Changes what [method get_no_delay] returns, for packets that are sent from now on.
    #[func]
    fn set_no_delay(&self, no_delay: bool) {
        self.peer.set_no_delay(no_delay);
    }

    /// Whether packets go out at once, instead of waiting a few milliseconds for others to travel with.
    #[func]
    fn get_no_nagle(&self) -> bool {
        self.peer.no_nagle()
    }

    /// Changes what [method get_no_nagle] returns, for packets that are sent from now on.
    #[func]
    fn set_no_nagle(&self, no_nagle: bool) {
        self.peer.set_no_nagle(no_nagle);
    }

    /// Whether the multiplayer lets the server pass on what clients say to each other, which is what
    /// [code]is_server_relay_supported[/code] returns. For clients that are not connected to each other, as without a lobby.
    #[func]
    fn get_server_relay(&self) -> bool {
        self.peer.server_relay()
    }

    /// Changes what [method get_server_relay] returns. To be set before the peer becomes the multiplayer's.
    #[func]
    fn set_server_relay(&self, server_relay: bool) {
        self.peer.set_server_relay(server_relay);
    }

    /// As [method get_server_relay].
    #[func]
    fn get_as_relay(&self) -> bool {
        self.peer.server_relay()
    }

    /// As [method set_server_relay].
    #[func]
    fn set_as_relay(&self, as_relay: bool) {
        self.peer.set_server_relay(as_relay);
    }

    /// The handle of the socket that the peer listens on; 0 while it does not.
    #[func]
    fn get_listen_socket(&self) -> i64 {
        i64::from(self.peer.listen_socket())
    }

    /// Does nothing: the peer listens on a socket of its own. For scripts that set it to 0.
    #[func]
    fn set_listen_socket(&self, listen_socket: i64) {
        if listen_socket != 0 && listen_socket != i64::from(self.peer.listen_socket()) {
            godot_error!(
                "SteamMultiplayerPeer.set_listen_socket: the peer listens on a socket of its own, and cannot on {listen_socket}"
            );
        }
    }

    /// The options of connections: values by [enum NetworkingConfigValue], as they were set.
    #[func]
    fn get_options(&self) -> VarDictionary {
        self.options.lock().duplicate_shallow()
    }

    /// Sets all options of connections: values by [enum NetworkingConfigValue]. They are kept; what the network does is
    /// configured with [method Steam.setGlobalConfigValueInt32] and its kin.
    #[func]
    fn set_options(&self, options: VarDictionary) {
        self.keep_options(options);
    }

    /// Sets one option of connections, as [method set_options]. [param steam_networking_config] is a
    /// [enum NetworkingConfigValue].
    #[func]
    fn set_config(&self, steam_networking_config: i64, value: Variant) {
        if !surface::is_config_value(steam_networking_config) {
            godot_error!(
                "SteamMultiplayerPeer.set_config: {steam_networking_config} is no NetworkingConfigValue"
            );
            return;
        }
        let before = self.change_options(|options| {
            let before = options.get(steam_networking_config);
            options.set(steam_networking_config, &value);
            before
        });
        drop(before);
    }

    /// Takes an option back.
    #[func]
    fn clear_config(&self, steam_networking_config: i64) {
        let before = self.change_options(|options| options.remove(steam_networking_config));
        drop(before);
    }

    /// Takes all options back.
    #[func]
    fn clear_all_configs(&self) {
        self.keep_options(VarDictionary::new());
    }
}

impl SteamMultiplayerPeer {
    /// Changes a copy, and keeps that: what is kept is never shared with a script. What was there goes when nothing is locked.
    fn change_options<T>(&self, change: impl FnOnce(&mut VarDictionary) -> T) -> T {
        let mut options = self.options.lock().duplicate_shallow();
        let result = change(&mut options);
        let before = std::mem::replace(&mut *self.options.lock(), AnyThread::new(options));
        drop(before);
        result
    }

    pub(super) fn keep_options(&self, options: VarDictionary) {
        let copy = options.duplicate_shallow();
        let before = std::mem::replace(&mut *self.options.lock(), AnyThread::new(copy));
        // Not while it is locked: what is in it may run code of the game when it goes.
        drop(before);
    }
}
