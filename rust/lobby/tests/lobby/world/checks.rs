//! What holds of every directory.

use samovar_id::SteamId;
use samovar_lobby::{Directory, Event};

/// Exactly one owner, no member twice, never more members than the limit, nothing empty.
pub(super) fn check(directory: &Directory) {
    for lobby in directory.lobbies() {
        let members: Vec<SteamId> = lobby.members.iter().map(|member| member.user).collect();
        let mut unique = members.clone();
        unique.sort_unstable();
        unique.dedup();
        assert!(!members.is_empty(), "an empty lobby is gone");
        assert_eq!(unique.len(), members.len(), "no member twice: {lobby:?}");
        assert!(members.contains(&lobby.owner), "the owner is in: {lobby:?}");
        assert!(
            members.len() <= lobby.limit as usize,
            "no more than the limit: {lobby:?}"
        );
        assert!((1..=250).contains(&lobby.limit));
    }
}

pub(super) fn memberships(directory: &Directory) -> Vec<(SteamId, Vec<SteamId>)> {
    let members = |lobby: &samovar_lobby::LobbySnapshot| {
        lobby.members.iter().map(|member| member.user).collect()
    };
    directory
        .lobbies()
        .map(|lobby| (lobby.id, members(lobby)))
        .collect()
}

/// The lobby that an event is about, if only its members may get it.
pub(crate) fn members_only(event: &Event) -> Option<SteamId> {
    match event {
        Event::Entered { lobby, .. }
        | Event::Left { lobby, .. }
        | Event::Data { lobby, .. }
        | Event::MemberData { lobby, .. }
        | Event::Settings { lobby, .. }
        | Event::GameServer { lobby, .. }
        | Event::Chat { lobby, .. }
        | Event::Said { lobby, .. }
        | Event::InvitedBy { lobby, .. } => Some(*lobby),
        Event::Resumed { lobby } => Some(lobby.snapshot.id),
        _ => None,
    }
}
