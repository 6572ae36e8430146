//! What the news of others means beside the callbacks that it becomes: for tickets, pictures and recent players.

use samovar_id::SteamId;
use samovar_lobby::{LobbyError, Notice, Tell};
use tracing::debug;

use super::Worker;
use crate::auth::AuthTell;

/// `k_EPersonaChangeName`.
const NAME: u32 = 1;
/// `k_EPersonaChangeComeOnline`.
const COME_ONLINE: u32 = 4;
/// `k_EPersonaChangeAvatar`.
const AVATAR: u32 = 64;
/// `k_EChatMemberStateChangeEntered`.
const ENTERED: u32 = 1;
/// `k_EChatRoomEnterResponseSuccess`.
const SUCCESS: u32 = 1;

/// A notice as far as it means something beside its callback.
pub(super) enum Aside {
    Told(SteamId, AuthTell),
    Gone(SteamId),
    Changed(SteamId, u32),
    /// The local user is in this lobby now.
    Joined(SteamId),
    /// This user is in a lobby with the local one now.
    Met(SteamId),
}

impl Aside {
    pub(super) fn of(notice: &Notice) -> Option<Self> {
        Some(match *notice {
            Notice::Told { from, ref tell } => Self::Told(from, auth_tell(tell)?),
            Notice::UserGone { user } => Self::Gone(user),
            Notice::PersonaStateChange { user, flags } => Self::Changed(user, flags),
            Notice::LobbyJoined {
                lobby,
                response: SUCCESS,
                ..
            } => Self::Joined(lobby),
            Notice::LobbyChatUpdate { changed, state, .. } if state & ENTERED != 0 => {
                Self::Met(changed)
            }
            _ => return None,
        })
    }
}

fn auth_tell(tell: &Tell) -> Option<AuthTell> {
    match *tell {
        Tell::TicketUsed { ticket } => Some(AuthTell::TicketUsed { ticket }),
        Tell::TicketCancelled { ticket } => Some(AuthTell::TicketCancelled { ticket }),
        Tell::GameInvite { .. } => None,
    }
}

impl Worker {
    pub(super) fn heed(&self, aside: &Aside) {
        let shared = &self.setup.shared;
        match *aside {
            Aside::Told(from, tell) => shared.with_auth(|auth| auth.told(from, tell)),
            Aside::Gone(user) => {
                shared.with_auth(|auth| auth.user_gone(user));
                shared.avatar_gone(user);
            }
            Aside::Changed(user, flags) => {
                let name = shared.mirror.lock().known_name(user).map(str::to_owned);
                if flags & NAME != 0
                    && let Some(name) = name
                {
                    shared.local.renamed(user, &name);
                }
                if flags & COME_ONLINE != 0 {
                    shared.with_auth(|auth| auth.user_online(user));
                }
                if flags & AVATAR != 0 {
                    shared.avatar_arrived(user);
                }
            }
            Aside::Joined(lobby) => {
                let mirror = shared.mirror.lock();
                let members = (0..mirror.member_count(lobby))
                    .filter_map(|index| mirror.member(lobby, index))
                    .map(|user| (user, mirror.known_name(user).unwrap_or_default().to_owned()));
                let members: Vec<(SteamId, String)> = members.collect();
                drop(mirror);
                shared.local.met(shared.now_ms(), &members);
            }
            Aside::Met(user) => {
                let name = shared.mirror.lock().known_name(user).map(str::to_owned);
                let met = (user, name.unwrap_or_default());
                shared.local.met(shared.now_ms(), &[met]);
            }
        }
    }

    /// Has the directory hand on what is to be told about tickets; what is too much at once waits.
    pub(super) fn tell_tickets(&self) {
        let shared = &self.setup.shared;
        while self.home.is_welcomed() {
            let next = shared.local.auth.lock().poll_tell();
            let Some((to, told)) = next else { return };
            let tell = match told {
                AuthTell::TicketUsed { ticket } => Tell::TicketUsed { ticket },
                AuthTell::TicketCancelled { ticket } => Tell::TicketCancelled { ticket },
            };
            let now = shared.now_ms();
            let result = shared.mirror.lock().tell(now, to, tell);
            match result {
                Ok(()) => {}
                Err(LobbyError::TooOften | LobbyError::TooManyPending) => {
                    shared.local.auth.lock().untold(to, told);
                    return;
                }
                Err(error) => debug!(%error, "a ticket's owner is not told"),
            }
        }
    }
}
