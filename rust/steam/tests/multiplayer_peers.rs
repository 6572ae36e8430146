//! Godot's multiplayer between users: who meets whom, what they hear, and what they send each other.

mod common;

use std::cell::RefCell;
use std::thread;
use std::time::{Duration, Instant};

use common::{Game, games};
use samovar_steam::multiplayer_peer::{
    LobbyState, MultiplayerPeer, Packet, PeerError, PeerEvent, PeerStatus, TransferMode,
};
use samovar_steam::networking_config::NetworkingConfig;
use samovar_steam::{Callback, LobbyKind, StartConfig, SteamId};

const PATIENCE: Duration = Duration::from_secs(20);
const TIMEOUT_INITIAL: i64 = 24;

/// A game that plays, and what it has heard.
struct Player {
    game: Game,
    peer: MultiplayerPeer,
    heard: RefCell<Vec<PeerEvent>>,
    packets: RefCell<Vec<Packet>>,
}

impl Player {
    fn new(game: Game) -> Self {
        Self {
            game,
            peer: MultiplayerPeer::new(),
            heard: RefCell::default(),
            packets: RefCell::default(),
        }
    }

    fn user(&self) -> SteamId {
        self.game.id()
    }

    fn id(&self) -> i32 {
        self.peer.unique_id()
    }

    /// A frame.
    fn frame(&self) {
        while let Some(callback) = self.game.steam.next_callback() {
            self.peer.on_callback(&callback);
        }
        self.peer.poll();
        let events = std::iter::from_fn(|| self.peer.take_event());
        let events = events.filter(|event| !matches!(event, PeerEvent::ConnectionStatusChanged(_)));
        self.heard.borrow_mut().extend(events);
        let packets = std::iter::from_fn(|| self.peer.take_packet());
        self.packets.borrow_mut().extend(packets);
    }

    fn heard(&self) -> Vec<PeerEvent> {
        self.heard.borrow().clone()
    }

    fn peers(&self) -> Vec<i32> {
        let mut peers = Vec::new();
        for event in self.heard.borrow().iter() {
            match event {
                PeerEvent::Connected(id) => {
                    assert!(!peers.contains(id), "{id} came twice: {:?}", self.heard());
                    peers.push(*id);
                }
                PeerEvent::Disconnected(id) => {
                    assert!(peers.contains(id), "{id} went twice: {:?}", self.heard());
                    peers.retain(|peer| peer != id);
                }
                _ => {}
            }
        }
        peers.sort_unstable();
        peers
    }

    fn put(&self, target: i32, channel: i32, mode: TransferMode, data: &[u8]) {
        let put = self.peer.put_packet(target, channel, mode, data);
        put.expect("a packet that is taken");
    }

    fn data(&self) -> Vec<Vec<u8>> {
        let packets = self.packets.borrow();
        packets.iter().map(|packet| packet.data.to_vec()).collect()
    }
}

/// Runs frames of all until something is so.
fn until(players: &[&Player], what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        for player in players {
            player.frame();
        }
        assert!(
            Instant::now() < end,
            "never: {what}; heard {:#?}",
            players
                .iter()
                .map(|player| player.heard())
                .collect::<Vec<_>>()
        );
        thread::sleep(Duration::from_millis(1));
    }
}

fn players<const N: usize>(folder: &std::path::Path) -> [Player; N] {
    games(folder).map(Player::new)
}

fn lobby_of(owner: &Player) -> SteamId {
    let asked = owner.game.steam.create_lobby(LobbyKind::Public, 8);
    asked.expect("a creation that is sent");
    owner.game.wait("lobby_joined", |callback| match callback {
        Callback::LobbyJoined {
            lobby, response: 1, ..
        } => Some(*lobby),
        _ => None,
    })
}

/// Whether everybody knows everybody.
fn is_mesh(players: &[&Player]) -> bool {
    players.iter().all(|player| {
        let mut others: Vec<i32> = players
            .iter()
            .map(|other| other.id())
            .filter(|id| *id != player.id())
            .collect();
        others.sort_unstable();
        player.peers() == others
    })
}

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
