//! What users do, and what they are told.

use samovar_id::SteamId;
use samovar_lobby::{LobbyKind, Notice};

use super::{User, World};

impl World {
    /// What the user has been told since the last time.
    pub(crate) fn notices(&mut self, user: User) -> Vec<Notice> {
        let mirror = self.mirror(user);
        std::iter::from_fn(|| mirror.poll_notice()).collect()
    }

    pub(crate) fn forget_notices(&mut self) {
        for user in 0..self.users.len() {
            self.notices(user);
        }
    }

    /// Creates a lobby and returns its ID; everybody's notices are taken.
    pub(crate) fn lobby(&mut self, owner: User, kind: LobbyKind, limit: u32) -> SteamId {
        let now = self.now;
        self.mirror(owner)
            .create(now, kind, limit)
            .expect("the limit is right");
        self.settle();
        let created = self
            .notices(owner)
            .into_iter()
            .find_map(|notice| match notice {
                Notice::LobbyCreated {
                    result: 1,
                    lobby: Some(lobby),
                } => Some(lobby),
                _ => None,
            });
        self.forget_notices();
        created.expect("the lobby is created")
    }

    /// Joins and returns the response.
    pub(crate) fn join(&mut self, user: User, lobby: SteamId) -> u32 {
        let now = self.now;
        let _ = self.mirror(user).join(now, lobby);
        self.settle();
        self.response(user).expect("a join is answered")
    }

    /// The response of the last join, if the user was told of one.
    pub(crate) fn response(&mut self, user: User) -> Option<u32> {
        self.notices(user)
            .into_iter()
            .rev()
            .find_map(|notice| match notice {
                Notice::LobbyJoined { response, .. } => Some(response),
                _ => None,
            })
    }

    /// A lobby with all of these in it, the first being the owner; everybody's notices are taken.
    pub(crate) fn party(&mut self, members: &[User]) -> SteamId {
        self.party_of(LobbyKind::Public, members)
    }

    /// The same of another kind.
    pub(crate) fn party_of(&mut self, kind: LobbyKind, members: &[User]) -> SteamId {
        let lobby = self.lobby(members[0], kind, 250);
        for user in &members[1..] {
            assert_eq!(self.join(*user, lobby), 1);
        }
        self.forget_notices();
        lobby
    }

    /// The lobbies that a search with the filters set before finds.
    pub(crate) fn search(&mut self, user: User) -> Vec<SteamId> {
        let now = self.now;
        self.mirror(user)
            .request_list(now)
            .expect("there is room for a search");
        self.settle();
        self.match_list(user).expect("a search is answered")
    }

    pub(crate) fn match_list(&mut self, user: User) -> Option<Vec<SteamId>> {
        self.notices(user)
            .into_iter()
            .find_map(|notice| match notice {
                Notice::LobbyMatchList { lobbies } => Some(lobbies),
                _ => None,
            })
    }

    /// The members of a lobby as a user sees them.
    pub(crate) fn members(&self, user: User, lobby: SteamId) -> Vec<SteamId> {
        let mirror = &self.users[user].mirror;
        (0..mirror.member_count(lobby))
            .filter_map(|index| mirror.member(lobby, index))
            .collect()
    }
}
