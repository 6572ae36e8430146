//! Asking again: what was said may be lost, or could not be said.

use std::time::Instant;

use samovar_id::SteamId;

use super::Sessions;
use super::config::RETRANSMIT;
use super::control::{Control, Flow};
use super::info::SessionState;
use super::session::Session;

impl Sessions {
    /// Asks again at once for every session that has no answer: the way to the peers has changed. Looks at all
    /// sessions.
    pub fn retry_requests(&mut self, now: Instant) {
        let is_asking = |session: &&Session| session.state == SessionState::Requesting;
        let asking: Vec<(SteamId, Flow)> = self
            .peers
            .iter()
            .flat_map(|(peer, found)| found.slots().map(|(flow, slot)| (*peer, flow, slot)))
            .filter(|(_, _, slot)| slot.live().filter(is_asking).is_some())
            .map(|(peer, flow, _)| (peer, flow))
            .collect();
        for (peer, flow) in asking {
            self.retransmit(now, peer, flow);
            self.settle(peer, flow);
        }
    }

    /// Says again what a peer has to hear of sessions that are not open yet: it has not been able to.
    pub fn repeat_words(&mut self, now: Instant, peer: SteamId) {
        for flow in self.flows(peer) {
            let Some(session) = self.live(peer, flow) else {
                continue;
            };
            match (session.state, session.theirs) {
                (SessionState::Requesting, _) => self.retransmit(now, peer, flow),
                (SessionState::Connecting, Some(yours)) => {
                    let mine = session.mine;
                    self.say(peer, Control::Accept { flow, yours, mine });
                }
                _ => {}
            }
            self.settle(peer, flow);
        }
    }

    /// The slot has to be settled.
    pub(super) fn retransmit(&mut self, now: Instant, peer: SteamId, flow: Flow) {
        let Some(session) = self.live_mut(peer, flow) else {
            return;
        };
        session.retransmit_at = now + RETRANSMIT;
        let request = session.request(flow);
        self.say(peer, request);
    }
}
