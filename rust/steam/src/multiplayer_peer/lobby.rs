//! Peers from a lobby: the members of one that the game names, or that the peer itself makes or joins.

use std::collections::BTreeSet;
use std::sync::Arc;

use samovar_id::SteamId;
use samovar_lobby::LobbyKind;

use super::mesh::Inner;
use super::{LobbyState, PeerError, PeerEvent, PeerStatus};
use crate::callback::Callback;
use crate::client::Steam;

/// `k_EResultOK`, and `k_EChatRoomEnterResponseSuccess`.
const OK: i32 = 1;
const ENTERED: u32 = 1;
/// `k_EResultFail`.
const FAIL: i32 = 2;

/// A lobby whose members are the peers.
pub(super) struct Tracked {
    pub(super) lobby: SteamId,
    /// The peer is in it on its own account, and leaves it when it ends.
    is_own: bool,
    /// The other members, as far as they have been looked after.
    members: BTreeSet<SteamId>,
}

impl Tracked {
    pub(super) fn members(&self) -> &BTreeSet<SteamId> {
        &self.members
    }
}

impl Inner {
    /// Hosts for the members of a lobby that the local user owns.
    pub(super) fn host_with_lobby(
        &mut self,
        steam: &Arc<Steam>,
        lobby: SteamId,
        instead: bool,
    ) -> Result<(), PeerError> {
        self.may_begin()?;
        if steam.lobby_owner(lobby) != Some(steam.steam_id()) {
            return Err(PeerError::CantCreate(
                "the local user does not own that lobby",
            ));
        }
        self.start(steam, None, 0, instead)?;
        self.track(lobby, false);
        Ok(())
    }

    /// Connects with the owner of a lobby and its other members. The owner itself hosts.
    pub(super) fn connect_to_lobby(
        &mut self,
        steam: &Arc<Steam>,
        lobby: SteamId,
    ) -> Result<(), PeerError> {
        self.may_begin()?;
        let Some(owner) = steam.lobby_owner(lobby) else {
            return Err(PeerError::CantCreate("the local user is not in that lobby"));
        };
        if owner == steam.steam_id() {
            return self.host_with_lobby(steam, lobby, true);
        }
        self.start(steam, Some(owner), 0, false)?;
        self.track(lobby, false);
        Ok(())
    }

    fn track(&mut self, lobby: SteamId, is_own: bool) {
        self.lobby = Some(Tracked {
            lobby,
            is_own,
            members: BTreeSet::new(),
        });
        self.lobby_state = match &self.active {
            Some(active) if active.host.is_some() => LobbyState::Client,
            _ => LobbyState::Hosting,
        };
        self.follow_lobby();
    }

    /// Asks for a lobby of its own.
    pub(super) fn create_lobby(
        &mut self,
        steam: &Arc<Steam>,
        kind: LobbyKind,
        max_members: u32,
    ) -> Result<(), PeerError> {
        self.may_begin()?;
        let request = steam
            .create_lobby(kind, max_members)
            .map_err(|_| PeerError::CantCreate("such a lobby cannot be made"))?;
        self.await_lobby(steam, Asked::Creation(request), LobbyState::HostPending);
        Ok(())
    }

    /// Joins a lobby.
    pub(super) fn connect_lobby(
        &mut self,
        steam: &Arc<Steam>,
        lobby: SteamId,
    ) -> Result<(), PeerError> {
        self.may_begin()?;
        steam
            .join_lobby(lobby)
            .map_err(|_| PeerError::CantCreate("that lobby cannot be joined"))?;
        self.await_lobby(steam, Asked::Joining(lobby), LobbyState::ClientPending);
        Ok(())
    }

    /// Whether it is with nobody, and has not asked for a lobby.
    pub(super) fn may_begin(&self) -> Result<(), PeerError> {
        let is_free = self.active.is_none() && self.pending.is_none();
        is_free.then_some(()).ok_or(PeerError::AlreadyInUse)
    }

    fn await_lobby(&mut self, steam: &Arc<Steam>, asked: Asked, state: LobbyState) {
        self.events.clear();
        self.pending = Some(Pending {
            steam: Arc::clone(steam),
            asked,
        });
        self.lobby_state = state;
        self.status = PeerStatus::Connecting;
    }

    /// What Steam tells the game, and what of it is about the lobby of this peer's own.
    pub(super) fn on_callback(&mut self, callback: &Callback) {
        match callback {
            Callback::LobbyCreated {
                request,
                result,
                lobby,
            } => self.lobby_created(*request, *result, *lobby),
            Callback::LobbyJoined {
                lobby,
                locked,
                response,
            } => self.lobby_joined(*lobby, *locked, *response),
            Callback::LobbyChatUpdate {
                lobby,
                changed,
                making_change,
                state,
            } if self.owns(*lobby) => self.events.push_back(PeerEvent::LobbyChatUpdate {
                lobby: *lobby,
                changed: *changed,
                making_change: *making_change,
                state: *state,
            }),
            Callback::LobbyDataUpdate {
                success,
                lobby,
                member,
            } if self.owns(*lobby) => self.events.push_back(PeerEvent::LobbyDataUpdate {
                success: *success,
                lobby: *lobby,
                member: *member,
            }),
            Callback::LobbyMessage {
                lobby,
                user,
                text,
                kind,
            } if self.owns(*lobby) => self.events.push_back(PeerEvent::LobbyMessage {
                lobby: *lobby,
                user: *user,
                text: text.clone(),
                kind: *kind,
            }),
            _ => {}
        }
    }

    fn owns(&self, lobby: SteamId) -> bool {
        let tracked = self.lobby.as_ref();
        tracked.is_some_and(|tracked| tracked.is_own && tracked.lobby == lobby)
    }

    fn lobby_created(&mut self, request: u64, result: i32, lobby: Option<SteamId>) {
        let asked = Asked::Creation(request);
        let Some(pending) = self.pending.take_if(|pending| pending.asked == asked) else {
            return;
        };
        let created = lobby.filter(|_| result == OK);
        let started = created.is_some_and(|_| self.start(&pending.steam, None, 0, true).is_ok());
        let event = match created {
            Some(created) if started => {
                self.track(created, true);
                PeerEvent::LobbyCreated { result, lobby }
            }
            created => {
                if let Some(created) = created {
                    let _ = pending.steam.leave_lobby(created);
                }
                self.shut();
                let result = if created.is_some() { FAIL } else { result };
                PeerEvent::LobbyCreated {
                    result,
                    lobby: None,
                }
            }
        };
        self.events.push_back(event);
    }

    fn lobby_joined(&mut self, lobby: SteamId, locked: bool, response: u32) {
        let is_awaited = self
            .pending
            .as_ref()
            .is_some_and(|pending| pending.asked == Asked::Joining(lobby));
        if !is_awaited && !self.owns(lobby) {
            return;
        }
        if let Some(pending) = self.pending.take_if(|_| is_awaited) {
            let owner = pending
                .steam
                .lobby_owner(lobby)
                .filter(|_| response == ENTERED);
            let started = owner.is_some_and(|owner| {
                let host = (owner != pending.steam.steam_id()).then_some(owner);
                let instead = host.is_none();
                self.start(&pending.steam, host, 0, instead).is_ok()
            });
            if started {
                self.track(lobby, true);
            } else {
                if response == ENTERED {
                    let _ = pending.steam.leave_lobby(lobby);
                }
                self.shut();
            }
        }
        self.events.push_back(PeerEvent::LobbyJoined {
            lobby,
            locked,
            response,
        });
    }

    /// Looks who has come to the lobby, and who has left it.
    pub(super) fn follow_lobby(&mut self) {
        let (Some(active), Some(tracked)) = (&self.active, &mut self.lobby) else {
            return;
        };
        let me = active.steam.steam_id();
        let is_same = active.steam.read_mirror(|mirror| {
            let Some(lobby) = mirror.lobby(tracked.lobby) else {
                // Who is not in it any more goes on with those that it is connected with.
                return true;
            };
            let mut count = 0;
            let known = lobby
                .members
                .iter()
                .map(|member| member.user)
                .filter(|user| *user != me)
                .all(|user| {
                    count += 1;
                    tracked.members.contains(&user)
                });
            known && count == tracked.members.len()
        });
        if is_same {
            return;
        }
        let now: BTreeSet<SteamId> = active
            .steam
            .lobby_members(tracked.lobby)
            .into_iter()
            .filter(|user| *user != me)
            .collect();
        let before = std::mem::replace(&mut tracked.members, now.clone());
        let port = active.port;
        for gone in before.difference(&now) {
            self.part(*gone);
        }
        if self.refuses {
            // Nor does it ask for connections.
            return;
        }
        for come in now.difference(&before) {
            // Who cannot be asked may ask.
            let _ = self.ask(*come, port);
        }
    }

    /// The lobby of this peer's own is left, and every other one forgotten.
    pub(super) fn leave_lobby(&mut self) {
        self.lobby_state = LobbyState::NotConnected;
        if let Some(pending) = self.pending.take() {
            match pending.asked {
                Asked::Joining(lobby) => drop(pending.steam.leave_lobby(lobby)),
                Asked::Creation(request) => pending.steam.abandon_lobby(request),
            }
        }
        if let Some(tracked) = self.lobby.take()
            && tracked.is_own
            && let Some(active) = &self.active
        {
            let _ = active.steam.leave_lobby(tracked.lobby);
        }
    }
}

/// A lobby that is asked for.
pub(super) struct Pending {
    pub(super) steam: Arc<Steam>,
    asked: Asked,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Asked {
    /// It is being made, by the creation of this number.
    Creation(u64),
    Joining(SteamId),
}
