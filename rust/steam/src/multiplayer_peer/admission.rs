//! Who is let in, who is asked again, and who has had time enough to say who they are.

use std::time::{Duration, Instant};

use super::lobby::Tracked;
use super::mesh::{Inner, Remote};
use crate::networking_sockets::{ConnectionHandle, ConnectionState};

/// The most connections that one user may have with this peer: one, and one that takes its place.
const MAX_OF_USER: usize = 2;
/// How long a user may wait who is not known to be in the lobby yet.
const MEMBER_PATIENCE: Duration = Duration::from_secs(10);
/// The most of them; the one who has waited longest makes room.
const MAX_STRANGERS: usize = 32;
/// How long a peer may take to say who it is.
const IDENTITY_PATIENCE: Duration = Duration::from_secs(10);
/// After how long a member of the lobby is asked again with whom there is no connection.
const ASK_AGAIN: Duration = Duration::from_secs(5);

impl Inner {
    /// Accepts those who ask, or refuses them.
    pub(super) fn admit(&mut self, now: Instant) {
        let Some(active) = &mut self.active else {
            return;
        };
        let members = self.lobby.as_ref().map(Tracked::members);
        // A client without a lobby is with its host, and with those whom its game names.
        let host = active.host.filter(|_| members.is_none() && !active.is_mesh);
        for (handle, user, since) in std::mem::take(&mut active.held) {
            let theirs = active.remotes.values().filter(|remote| remote.user == user);
            if self.refuses || theirs.count() >= MAX_OF_USER {
                active.close(handle, "New connections are refused");
                continue;
            }
            let is_stranger = members.is_some_and(|members| !members.contains(&user))
                || host.is_some_and(|host| host != user);
            if is_stranger {
                if now.saturating_duration_since(since) < MEMBER_PATIENCE {
                    active.held.push((handle, user, since));
                } else {
                    active.close(handle, "Not in the lobby");
                }
                continue;
            }
            let accepted = active.steam.with_sockets(|sockets, sessions, now| {
                let accepted = sockets.accept(now, sessions, handle);
                sockets.open_wide(sessions, handle);
                accepted
            });
            // Where the game itself has accepted it, it is on its way.
            let state = active.steam.sockets_info(handle).map(|info| info.state);
            if accepted.is_ok() || state.is_some_and(ConnectionState::is_live) {
                let remote = Remote::new(user, ConnectionState::Connecting);
                active.remotes.insert(handle, remote);
            }
        }
        // Only those are left who are not let in.
        let excess = active.held.len().saturating_sub(MAX_STRANGERS);
        let oldest: Vec<ConnectionHandle> = active
            .held
            .drain(..excess)
            .map(|(handle, _, _)| handle)
            .collect();
        for handle in oldest {
            active.close(handle, "Not in the lobby");
        }
    }

    /// Asks members of the lobby once more with whom there is no connection: what was asked before may have been in vain.
    pub(super) fn ask_again(&mut self, now: Instant) {
        let Some(active) = self.active.as_mut().filter(|_| !self.refuses) else {
            return;
        };
        if active.asks_at.is_some_and(|at| now < at) {
            return;
        }
        let is_first = active.asks_at.is_none();
        active.asks_at = Some(now + ASK_AGAIN);
        let port = active.port;
        if let Some(tracked) = self.lobby.as_ref().filter(|_| !is_first) {
            for member in tracked.members().clone() {
                // Who cannot be asked may ask.
                let _ = self.ask(member, port);
            }
        }
    }

    /// Those who do not say who they are are lost in time.
    pub(super) fn lose_the_silent(&mut self, now: Instant) {
        let Some(active) = &mut self.active else {
            return;
        };
        let silent = |remote: &Remote| {
            let told_at = remote.told_at.filter(|_| remote.id.is_none());
            told_at.is_some_and(|at| now.saturating_duration_since(at) >= IDENTITY_PATIENCE)
        };
        let remotes = active.remotes.iter();
        let silent: Vec<ConnectionHandle> = remotes
            .filter(|(_, remote)| silent(remote))
            .map(|(handle, _)| *handle)
            .collect();
        for handle in silent {
            self.lost(handle);
        }
    }
}
