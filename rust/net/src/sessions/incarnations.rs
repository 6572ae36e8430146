//! Which streams still matter.

use std::time::Instant;

use samovar_id::SteamId;

use super::Sessions;
use super::control::Api;

impl Sessions {
    /// The number of the own session with a peer, if it is neither closed nor failed. Streams of earlier ones carry
    /// nothing that matters.
    pub(crate) fn live_incarnation(&self, peer: SteamId, api: Api) -> Option<u64> {
        self.live(peer, api).map(|session| session.mine)
    }

    /// Whether the peer itself has gone on from a session of its own, so that nobody waits for what is left of it.
    pub(crate) fn is_outlived(
        &self,
        now: Instant,
        peer: SteamId,
        api: Api,
        incarnation: u64,
    ) -> bool {
        match self.live(peer, api).and_then(|session| session.theirs) {
            Some(theirs) => incarnation < theirs,
            None => incarnation <= self.records.get(now, peer, api).closed,
        }
    }
}
