//! Godot's multiplayer between users: who meets whom, what they hear, and what they send each other.

mod common;

use std::thread;
use std::time::Duration;

use common::Game;
use common::players::{Player, is_mesh, players, until};
use samovar_steam::StartConfig;
use samovar_steam::multiplayer_peer::{PeerError, PeerEvent, PeerStatus, TransferMode};
use samovar_steam::networking_config::NetworkingConfig;

const TIMEOUT_INITIAL: i64 = 24;

#[test]
fn a_client_meets_its_host_and_they_talk_in_every_mode() {
    let folder = tempfile::tempdir().unwrap();
    let [host, client] = players(folder.path());
    host.peer.set_max_channels(41);
    client.peer.set_max_channels(41);
    host.peer.create_host(&host.game.steam, 0).unwrap();
    assert_eq!(host.peer.status(), PeerStatus::Connected);
    assert_eq!((host.id(), host.peer.is_server()), (1, true));
    client
        .peer
        .create_client(&client.game.steam, host.user(), 0)
        .unwrap();
    assert_eq!(client.peer.status(), PeerStatus::Connecting);
    assert!(client.id() > 1 && !client.peer.is_server());
    let both = [&host, &client];
    until(&both, "they meet", || is_mesh(&both));
    assert_eq!(client.peer.status(), PeerStatus::Connected);
    assert_eq!(host.peer.user_of(client.id()), Some(client.user()));
    assert_eq!(client.peer.peer_of(host.user()), Some(1));
    assert_eq!(client.peer.user_of(client.id()), Some(client.user()));
    // Clients of a host reach each other through it.
    assert!(host.peer.server_relay() && client.peer.server_relay());

    let modes = [
        TransferMode::Unreliable,
        TransferMode::UnreliableOrdered,
        TransferMode::Reliable,
    ];
    for (from, to) in [(&host, &client), (&client, &host)] {
        for mode in modes {
            for channel in [0, 1, 3, 40] {
                for target in [0, to.id(), -7] {
                    from.put(target, channel, mode, b"hello");
                    until(&both, "a packet", || !to.packets.borrow().is_empty());
                    let packet = to.packets.borrow_mut().remove(0);
                    assert_eq!(packet.peer, from.id());
                    assert_eq!((packet.channel, packet.mode), (channel, mode));
                    assert_eq!(packet.data, b"hello"[..]);
                }
                // All but this one: nobody is left.
                from.put(-to.id(), channel, mode, b"not for you");
            }
        }
        let large: Vec<u8> = (0..512 * 1024_u32).map(|at| at.to_le_bytes()[1]).collect();
        for mode in modes {
            from.put(0, 0, mode, &large);
            until(&both, "a large packet", || !to.packets.borrow().is_empty());
            assert_eq!(to.packets.borrow_mut().remove(0).data, large);
        }
        from.put(0, 41, TransferMode::Reliable, b"no such channel");
        until(&both, "a packet", || !to.packets.borrow().is_empty());
        assert_eq!(to.packets.borrow_mut().remove(0).channel, 0);
        let too_large = from
            .peer
            .put_packet(0, 0, TransferMode::Reliable, &[0; 512 * 1024 + 1]);
        assert!(matches!(too_large, Err(PeerError::InvalidParameter(_))));
        let nobody = from.peer.put_packet(77, 0, TransferMode::Reliable, b"x");
        assert!(matches!(nobody, Err(PeerError::InvalidParameter(_))));
        assert!(to.packets.borrow().is_empty());
    }
}

#[test]
fn who_finds_no_host_hears_of_it() {
    let folder = tempfile::tempdir().unwrap();
    let mut networking = NetworkingConfig::default();
    networking.set(TIMEOUT_INITIAL, 700.0).unwrap();
    let nobody = Game::start(folder.path());
    let config = StartConfig {
        networking,
        ..StartConfig::new(480)
    };
    let client = Player::new(Game::start_with(folder.path(), config));
    client
        .peer
        .create_client(&client.game.steam, nobody.id(), 5)
        .unwrap();
    until(&[&client], "it ends", || {
        client.peer.status() == PeerStatus::Disconnected
    });
    assert_eq!(
        client.heard(),
        [PeerEvent::SessionFailed {
            user: nobody.id(),
            reason: 5003,
            state: 5
        }]
    );
    // It can be used again at once.
    client.peer.create_host(&client.game.steam, 5).unwrap();
}

#[test]
fn what_somebody_says_before_they_go_is_there_before_they_are_gone() {
    let folder = tempfile::tempdir().expect("a folder");
    let [host, client] = players(folder.path());
    host.peer.create_host(&host.game.steam, 0).expect("a host");
    let asked = client
        .peer
        .create_client(&client.game.steam, host.user(), 0);
    asked.expect("a client");
    let both = [&host, &client];
    until(&both, "they meet", || is_mesh(&both));
    let id = client.id();
    client.put(1, 0, TransferMode::Reliable, b"goodbye");
    client.peer.close();
    // As Godot's multiplayer does: what has happened first, and then every packet.
    until(&[&client], "it is gone", || {
        host.peer.poll();
        let gone = std::iter::from_fn(|| host.peer.take_event())
            .any(|event| event == PeerEvent::Disconnected(id));
        if gone {
            assert_eq!(host.data(), [b"goodbye"]);
            assert_eq!(host.peer.available(), 0);
        }
        let packets = std::iter::from_fn(|| host.peer.take_packet());
        host.packets.borrow_mut().extend(packets);
        gone
    });
}

#[test]
fn a_client_that_asks_before_there_is_a_host_meets_it() {
    let folder = tempfile::tempdir().unwrap();
    let [host, client] = players(folder.path());
    client
        .peer
        .create_client(&client.game.steam, host.user(), 3)
        .unwrap();
    let both = [&host, &client];
    for _ in 0..100 {
        both.iter().for_each(|player| player.frame());
        thread::sleep(Duration::from_millis(1));
    }
    assert_eq!(client.heard(), []);
    host.peer.create_host(&host.game.steam, 3).unwrap();
    until(&both, "they meet", || is_mesh(&both));
}

#[test]
fn a_host_refuses_who_asks_and_keeps_who_is_there() {
    let folder = tempfile::tempdir().unwrap();
    let [host, first, second] = players(folder.path());
    host.peer.create_host(&host.game.steam, 0).unwrap();
    let ask = |player: &Player| {
        let steam = &player.game.steam;
        player.peer.create_client(steam, host.user(), 0).unwrap();
    };
    ask(&first);
    let both = [&host, &first];
    until(&both, "they meet", || is_mesh(&both));
    host.peer.set_refuse_new_connections(true);
    ask(&second);
    until(&[&host, &first, &second], "it is refused", || {
        second.peer.status() == PeerStatus::Disconnected
    });
    assert!(is_mesh(&both));
    host.peer.set_refuse_new_connections(false);
    ask(&second);
    until(&[&host, &second], "it is let in", || {
        host.peers().len() == 2
    });

    // One is sent away, with and without a word to the host's game.
    host.peer.disconnect_peer(second.id(), true).unwrap();
    assert!(
        !host
            .heard()
            .iter()
            .any(|event| matches!(event, PeerEvent::Disconnected(_)))
    );
    host.peer.disconnect_peer(first.id(), false).unwrap();
    until(&[&host, &first, &second], "they end", || {
        [&first, &second]
            .iter()
            .all(|player| player.peer.status() == PeerStatus::Disconnected)
    });
    let went = host.heard().into_iter();
    assert_eq!(
        went.filter(|event| matches!(event, PeerEvent::Disconnected(_)))
            .count(),
        1
    );
    assert!(host.peer.disconnect_peer(5, false).is_err());
}

#[test]
fn a_game_that_is_killed_is_lost_and_one_that_comes_anew_takes_its_place() {
    let folder = tempfile::tempdir().unwrap();
    let [host, client] = players(folder.path());
    host.peer.create_host(&host.game.steam, 0).unwrap();
    client
        .peer
        .create_client(&client.game.steam, host.user(), 0)
        .unwrap();
    let both = [&host, &client];
    until(&both, "they meet", || is_mesh(&both));
    client.game.steam.shutdown();
    until(&both, "both hear", || {
        host.peers().is_empty() && client.peer.status() == PeerStatus::Disconnected
    });
    let put = client.peer.put_packet(1, 0, TransferMode::Reliable, b"x");
    assert_eq!(put, Err(PeerError::Unconfigured));
}
