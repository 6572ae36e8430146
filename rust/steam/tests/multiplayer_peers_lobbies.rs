//! Godot's multiplayer among the members of a lobby.

mod common;

use common::players::{is_mesh, lobby_of, players, until};
use samovar_steam::multiplayer_peer::{
    LobbyState, MultiplayerPeer, PeerError, PeerEvent, PeerStatus, TransferMode,
};
use samovar_steam::{LobbyKind, SteamId};

#[test]
fn the_members_of_a_lobby_are_a_mesh_whoever_comes_and_goes() {
    let folder = tempfile::tempdir().unwrap();
    let [host, one, two, three] = players(folder.path());
    let all = [&host, &one, &two, &three];
    let lobby = lobby_of(&host);
    host.peer.host_with_lobby(&host.game.steam, lobby).unwrap();
    for guest in [&one, &two, &three] {
        guest.game.join(lobby);
        guest
            .peer
            .connect_to_lobby(&guest.game.steam, lobby)
            .unwrap();
    }
    until(&all, "all meet", || is_mesh(&all));
    for player in &all[1..] {
        // Godot hears of the host first.
        assert!(matches!(player.heard()[0], PeerEvent::Connected(1)));
        assert!(!player.peer.server_relay());
    }
    for player in all {
        player.put(0, 0, TransferMode::Reliable, &player.id().to_le_bytes());
    }
    until(&all, "all hear all", || {
        all.iter().all(|player| player.packets.borrow().len() == 3)
    });

    // One leaves: its last word arrives, and each of the others hears once that it is gone.
    two.put(0, 2, TransferMode::Reliable, b"bye");
    let gone = two.id();
    two.peer.close();
    assert_eq!((two.peer.status(), two.id()), (PeerStatus::Disconnected, 0));
    let rest = [&host, &one, &three];
    until(&rest, "the others hear", || is_mesh(&rest));
    for player in rest {
        assert_eq!(player.data().last().map(Vec::as_slice), Some(&b"bye"[..]));
        let went = PeerEvent::Disconnected(gone);
        assert_eq!(player.heard().last(), Some(&went));
    }
    // It comes again, as somebody else to Godot, though it never left the lobby.
    two.heard.borrow_mut().clear();
    two.peer.connect_to_lobby(&two.game.steam, lobby).unwrap();
    until(&all, "it is back", || is_mesh(&all));

    // One leaves the lobby, but does not close its peer: the others part with it.
    three.game.steam.leave_lobby(lobby).unwrap();
    let rest = [&host, &one, &two];
    until(&all, "the others part", || is_mesh(&rest));

    // The host leaves.
    host.peer.close();
    let guests = [&one, &two];
    until(&guests, "the guests end", || {
        guests
            .iter()
            .all(|guest| guest.peer.status() == PeerStatus::Disconnected)
    });
    for guest in guests {
        assert_eq!(guest.heard().last(), Some(&PeerEvent::Disconnected(1)));
        assert_eq!(guest.peer.available(), 0);
    }
}

#[test]
fn who_is_not_in_the_lobby_is_not_let_in() {
    let folder = tempfile::tempdir().unwrap();
    let [host, stranger] = players(folder.path());
    let lobby = lobby_of(&host);
    host.peer.host_with_lobby(&host.game.steam, lobby).unwrap();
    let denied = stranger.peer.connect_to_lobby(&stranger.game.steam, lobby);
    assert!(matches!(denied, Err(PeerError::CantCreate(_))));
    let denied = stranger.peer.host_with_lobby(&stranger.game.steam, lobby);
    assert!(matches!(denied, Err(PeerError::CantCreate(_))));
    stranger
        .peer
        .create_client(&stranger.game.steam, host.user(), 0)
        .unwrap();
    until(&[&host, &stranger], "it ends", || {
        stranger.peer.status() == PeerStatus::Disconnected
    });
    assert_eq!(host.peers(), []);
}

#[test]
fn a_peer_makes_and_joins_lobbies_of_its_own_one_after_the_other() {
    let folder = tempfile::tempdir().unwrap();
    let [host, guest] = players(folder.path());
    let both = [&host, &guest];
    for round in 0..2 {
        for player in both {
            player.heard.borrow_mut().clear();
        }
        host.peer
            .create_lobby(&host.game.steam, LobbyKind::Public, 4)
            .unwrap();
        assert_eq!(host.peer.status(), PeerStatus::Connecting);
        assert_eq!((host.id(), host.peer.is_server()), (1, true));
        assert_eq!(host.peer.lobby_state(), LobbyState::HostPending);
        let again = host
            .peer
            .create_lobby(&host.game.steam, LobbyKind::Public, 4);
        assert_eq!(again, Err(PeerError::AlreadyInUse));
        until(&both, "the lobby", || host.heard().len() == 2);
        let lobby = host.peer.lobby().unwrap();
        assert_eq!(
            host.heard(),
            [
                PeerEvent::LobbyCreated {
                    result: 1,
                    lobby: Some(lobby)
                },
                PeerEvent::LobbyJoined {
                    lobby,
                    locked: false,
                    response: 1
                }
            ],
            "round {round}"
        );
        assert_eq!(host.peer.lobby_state(), LobbyState::Hosting);
        guest.peer.connect_lobby(&guest.game.steam, lobby).unwrap();
        assert_eq!(guest.peer.status(), PeerStatus::Connecting);
        until(&both, "they meet", || is_mesh(&both));
        assert_eq!(
            guest.heard(),
            [
                PeerEvent::LobbyJoined {
                    lobby,
                    locked: false,
                    response: 1
                },
                PeerEvent::Connected(1)
            ]
        );
        assert_eq!(guest.peer.lobby_state(), LobbyState::Client);
        host.game.steam.send_lobby_chat(lobby, "hello").unwrap();
        until(&both, "a line of chat", || {
            let heard = guest.heard();
            heard.iter().any(
                |event| matches!(event, PeerEvent::LobbyMessage { text, .. } if text == "hello"),
            )
        });
        guest.peer.close();
        until(&both, "the guest goes", || host.peers().is_empty());
        until(&both, "its place in the lobby is free", || {
            host.game.steam.lobby_member_count(lobby) == 1
        });
        host.peer.close();
        assert_eq!(
            host.game.steam.lobby_owner(lobby),
            None,
            "the lobby is left"
        );
    }
    // One that there is not.
    guest.heard.borrow_mut().clear();
    let gone = SteamId::from_godot(host.user().to_godot() + 1).filter(|id| id.is_lobby());
    assert_eq!(gone, None);
    let wrong = guest.peer.connect_lobby(&guest.game.steam, host.user());
    assert!(matches!(wrong, Err(PeerError::CantCreate(_))));
    assert_eq!(guest.peer.status(), PeerStatus::Disconnected);
}

#[test]
fn an_owner_who_joins_its_own_lobby_hosts_in_place_of_its_earlier_peer() {
    let folder = tempfile::tempdir().unwrap();
    let [host, guest] = players(folder.path());
    let lobby = lobby_of(&host);
    let earlier = MultiplayerPeer::new();
    earlier.host_with_lobby(&host.game.steam, lobby).unwrap();
    // As a handler of lobby_joined does that is the same for everybody.
    host.peer.connect_to_lobby(&host.game.steam, lobby).unwrap();
    assert!(host.peer.is_server());
    earlier.poll();
    assert_eq!(earlier.status(), PeerStatus::Disconnected);
    drop(earlier);
    guest.game.join(lobby);
    guest
        .peer
        .connect_to_lobby(&guest.game.steam, lobby)
        .unwrap();
    let both = [&host, &guest];
    until(&both, "they meet", || is_mesh(&both));
    // A second peer of one's own on the same port is an error, and harms nobody.
    let second = MultiplayerPeer::new();
    let taken = second.create_host(&host.game.steam, 0);
    assert!(matches!(taken, Err(PeerError::CantCreate(_))));
    second.create_host(&host.game.steam, 9).unwrap();
    assert!(is_mesh(&both));
}
