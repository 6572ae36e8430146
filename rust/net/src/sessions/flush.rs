//! Sending what waits for more to go with it.

use samovar_id::SteamId;

use super::Sessions;
use super::control::Flow;

impl Sessions {
    /// Lets go at once what waits in a session for more to go with it.
    pub fn flush(&mut self, peer: SteamId, flow: Flow) {
        if let Some(session) = self.live_mut(peer, flow) {
            session.queue.flush();
        }
        self.settle(peer, flow);
    }

    /// Sets how many bytes of a connection may wait to be sent or acknowledged, in place of what is configured for all.
    pub fn set_send_limit(&mut self, peer: SteamId, flow: Flow, bytes: usize) {
        if let Some(session) = self.live_mut(peer, flow) {
            session.connection.send_limit = Some(bytes);
        }
    }

    /// Whether [`Sessions::take_changed_connection`] has something to return.
    pub fn has_changed_connections(&self) -> bool {
        self.connections.has_changed()
    }
}
