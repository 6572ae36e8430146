//! The callbacks that wait for the game, of which no other user can push out those about the others.

use std::collections::{HashMap, VecDeque};
use std::mem::discriminant;

use parking_lot::Mutex;
use samovar_id::SteamId;
use samovar_lobby::JoinResponse;
use tracing::warn;

use super::Callback;

/// The most callbacks that wait for the game. Beyond it the oldest about the user of whom most wait is dropped, with one
/// warning, so that a game that never runs its callbacks costs bounded memory.
pub const MAX_CALLBACKS: usize = 10_000;

/// The callbacks that wait for the game, oldest first. What becomes of a session is gathered: of each kind and peer only the
/// newest waits.
#[derive(Debug, Default)]
pub(crate) struct CallbackQueue(Mutex<Waiting>);

#[derive(Debug, Default)]
struct Waiting {
    queue: VecDeque<Entry>,
    /// What waits of each session, in order; at most one of a kind. Each has one entry in the queue.
    sessions: HashMap<Session, Vec<Callback>>,
    /// How many entries of the queue are about a user.
    counts: HashMap<Option<SteamId>, usize>,
    warned: bool,
}

#[derive(Debug)]
enum Entry {
    One(Callback),
    Session(Session),
}

/// A peer and the API by which it talks.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Session {
    P2p(SteamId),
    Messages(SteamId),
}

impl Session {
    fn of(callback: &Callback) -> Option<Self> {
        match callback {
            Callback::P2pSessionRequest { peer } | Callback::P2pSessionConnectFail { peer, .. } => {
                Some(Self::P2p(*peer))
            }
            Callback::MessagesSessionRequest { peer }
            | Callback::MessagesSessionFailed { peer, .. } => Some(Self::Messages(*peer)),
            _ => None,
        }
    }
}

impl Entry {
    /// The user that can cause as many as it likes; `None` where it is the local one, or nobody.
    fn user(&self) -> Option<SteamId> {
        match self {
            Self::Session(Session::P2p(peer) | Session::Messages(peer)) => Some(*peer),
            Self::One(callback) => match callback {
                Callback::ConnectionStatusChanged(change) => Some(change.info.peer),
                Callback::LobbyChatUpdate { changed, .. } => Some(*changed),
                Callback::LobbyDataUpdate { member, .. } => Some(*member),
                Callback::LobbyInvite { inviter, .. } => Some(*inviter),
                Callback::LobbyGameCreated { lobby, .. } => Some(*lobby),
                Callback::LobbyMessage { user, .. }
                | Callback::PersonaStateChange { user, .. }
                | Callback::FriendRichPresenceUpdate { user, .. }
                | Callback::GameInvited { user, .. }
                | Callback::AvatarImageLoaded { user, .. }
                | Callback::AvatarLoaded { user, .. }
                | Callback::ValidateAuthTicketResponse { user, .. } => Some(*user),
                _ => None,
            },
        }
    }
}

impl Waiting {
    fn add(&mut self, entry: Entry) {
        *self.counts.entry(entry.user()).or_default() += 1;
        self.queue.push_back(entry);
    }

    fn add_front(&mut self, session: Session) {
        let entry = Entry::Session(session);
        *self.counts.entry(entry.user()).or_default() += 1;
        self.queue.push_front(entry);
    }

    fn forget(&mut self, entry: &Entry) {
        let user = entry.user();
        if let Some(count) = self.counts.get_mut(&user) {
            *count -= 1;
            if *count == 0 {
                self.counts.remove(&user);
            }
        }
    }

    /// Drops the oldest entry about the user of whom most wait; of several such users, the oldest.
    fn drop_one(&mut self) {
        let most = self.counts.values().max().copied();
        let oldest = self
            .queue
            .iter()
            .position(|entry| self.counts.get(&entry.user()).copied() == most);
        if let Some(entry) = oldest.and_then(|index| self.queue.remove(index)) {
            self.forget(&entry);
            if let Entry::Session(session) = entry {
                self.sessions.remove(&session);
            }
        }
    }
}

impl CallbackQueue {
    pub(crate) fn push(&self, callback: Callback) {
        let mut waiting = self.0.lock();
        let session = Session::of(&callback);
        if let Some(events) = session.and_then(|session| waiting.sessions.get_mut(&session)) {
            events.retain(|event| discriminant(event) != discriminant(&callback));
            events.push(callback);
            return;
        }
        if waiting.queue.len() >= MAX_CALLBACKS {
            waiting.drop_one();
            if !waiting.warned {
                waiting.warned = true;
                warn!(
                    "{MAX_CALLBACKS} callbacks wait, the oldest are dropped: does the game call run_callbacks?"
                );
            }
        }
        if let Some(session) = session {
            waiting.sessions.insert(session, vec![callback]);
            waiting.add(Entry::Session(session));
        } else {
            waiting.add(Entry::One(callback));
        }
    }

    /// The local user has left a lobby: whatever waits to be told of its entering it is a failure now.
    pub(crate) fn left(&self, left: SteamId) {
        for entry in &mut self.0.lock().queue {
            if let Entry::One(Callback::LobbyJoined {
                lobby, response, ..
            }) = entry
                && *lobby == left
                && *response == JoinResponse::Success as u32
            {
                *response = JoinResponse::Error as u32;
            }
        }
    }

    pub(crate) fn pop(&self) -> Option<Callback> {
        let mut waiting = self.0.lock();
        waiting.warned = false;
        let entry = waiting.queue.pop_front()?;
        waiting.forget(&entry);
        let session = match entry {
            Entry::One(callback) => return Some(callback),
            Entry::Session(session) => session,
        };
        let mut events = waiting.sessions.remove(&session)?;
        let event = events.remove(0);
        if !events.is_empty() {
            waiting.sessions.insert(session, events);
            waiting.add_front(session);
        }
        Some(event)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(queue: &CallbackQueue) -> Vec<Callback> {
        std::iter::from_fn(|| queue.pop()).collect()
    }

    fn user(number: u32) -> SteamId {
        SteamId::individual(u64::from(number))
    }

    #[test]
    fn a_full_queue_drops_the_oldest() {
        let queue = CallbackQueue::default();
        for number in 0..=MAX_CALLBACKS {
            queue.push(Callback::ServersDisconnected {
                result: i32::try_from(number).expect("small"),
            });
        }
        assert_eq!(
            queue.pop(),
            Some(Callback::ServersDisconnected { result: 1 })
        );
        assert_eq!(queue.0.lock().queue.len(), MAX_CALLBACKS - 1);
    }

    #[test]
    fn a_peer_that_asks_in_every_turn_pushes_out_nothing() {
        let queue = CallbackQueue::default();
        let honest = |peer| {
            [
                Callback::P2pSessionRequest { peer },
                Callback::MessagesSessionRequest { peer },
            ]
        };
        let joined = Callback::LobbyJoined {
            lobby: SteamId::lobby(1),
            locked: false,
            response: 1,
        };
        let [flooding, first, last] = [1, 2, 3].map(user);
        let push = |callback| queue.push(callback);
        queue.push(joined.clone());
        honest(first).into_iter().for_each(push);
        for _ in 0..MAX_CALLBACKS {
            for callback in honest(flooding) {
                queue.push(callback);
            }
            queue.push(Callback::P2pSessionConnectFail {
                peer: flooding,
                error: 4,
            });
        }
        honest(last).into_iter().for_each(push);
        let [asks, asks_by_messages] = honest(flooding);
        let failed = Callback::P2pSessionConnectFail {
            peer: flooding,
            error: 4,
        };
        let mut expected = vec![joined];
        expected.extend(honest(first));
        expected.extend([asks, failed, asks_by_messages]);
        expected.extend(honest(last));
        assert_eq!(all(&queue), expected);
        assert!(queue.0.lock().sessions.is_empty());
        assert!(queue.0.lock().counts.is_empty());
    }

    #[test]
    fn who_has_left_a_lobby_is_told_of_no_success() {
        let queue = CallbackQueue::default();
        let [left, other] = [1, 2].map(SteamId::lobby);
        let joined = |lobby, response: JoinResponse| Callback::LobbyJoined {
            lobby,
            locked: false,
            response: response as u32,
        };
        queue.push(joined(left, JoinResponse::Full));
        queue.push(joined(left, JoinResponse::Success));
        queue.push(joined(other, JoinResponse::Success));
        queue.left(left);
        queue.push(joined(left, JoinResponse::Success));
        let expected = [
            joined(left, JoinResponse::Full),
            joined(left, JoinResponse::Error),
            joined(other, JoinResponse::Success),
            joined(left, JoinResponse::Success),
        ];
        assert_eq!(all(&queue), expected);
    }

    #[test]
    fn what_became_of_a_session_last_is_told_last() {
        let queue = CallbackQueue::default();
        let peer = user(1);
        let asks = Callback::P2pSessionRequest { peer };
        let failed = Callback::P2pSessionConnectFail { peer, error: 4 };
        for callback in [&asks, &failed, &asks] {
            queue.push(callback.clone());
        }
        assert_eq!(queue.pop(), Some(failed));
        queue.push(asks.clone());
        assert_eq!(queue.pop().as_ref(), Some(&asks));
        assert_eq!(queue.pop(), None);
        queue.push(asks.clone());
        assert_eq!(all(&queue), [asks], "what was told is told anew");
    }

    #[test]
    fn whoever_fills_the_queue_loses_its_own() {
        let [flooding, honest] = [1, 2].map(user);
        let lobby = SteamId::lobby(1);
        let floods: [fn(SteamId, SteamId) -> Callback; 5] = [
            |lobby, user| Callback::LobbyMessage {
                lobby,
                user,
                text: String::new(),
                kind: 1,
            },
            |lobby, member| Callback::LobbyDataUpdate {
                success: true,
                lobby,
                member,
            },
            |lobby, inviter| Callback::LobbyInvite {
                inviter,
                lobby,
                app_id: 480,
            },
            |_, user| Callback::PersonaStateChange { user, flags: 1 },
            |lobby, changed| Callback::LobbyChatUpdate {
                lobby,
                changed,
                making_change: changed,
                state: 1,
            },
        ];
        for flood in floods {
            let queue = CallbackQueue::default();
            let created = Callback::LobbyCreated {
                request: 1,
                result: 1,
                lobby: Some(lobby),
            };
            let asks = Callback::P2pSessionRequest { peer: honest };
            queue.push(created.clone());
            queue.push(flood(lobby, honest));
            queue.push(asks.clone());
            for _ in 0..MAX_CALLBACKS + 100 {
                queue.push(flood(lobby, flooding));
            }
            let told = all(&queue);
            assert_eq!(told.len(), MAX_CALLBACKS);
            assert_eq!(told[..3], [created, flood(lobby, honest), asks]);
        }
    }
}
