//! What all sessions come to together.

use samovar_id::SteamId;

use super::Sessions;
use super::info::LinkStats;

impl Sessions {
    /// The connected peers, and what is known of each connection; `None` in the first moments.
    pub fn links(&self) -> impl Iterator<Item = (SteamId, Option<&LinkStats>)> {
        let connected = self.peers.iter().filter(|(_, found)| found.connected);
        connected.map(|(peer, found)| (*peer, found.link.as_ref()))
    }

    /// How many sessions there are, over all peers and interfaces, with those that are over and not forgotten.
    pub fn session_count(&self) -> usize {
        self.session_count + self.connections.sessions
    }
}
