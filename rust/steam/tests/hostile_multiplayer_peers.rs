//! Multiplayer peers among those who lie about who they are, flood, or keep silent; and lobbies that nobody waits for any more.

mod common;

use std::cell::RefCell;
use std::thread;
use std::time::{Duration, Instant};

use common::{Game, games};
use samovar_steam::multiplayer_peer::{MultiplayerPeer, PeerError, PeerEvent, PeerStatus};
use samovar_steam::networking_sockets::{ConnectOptions, ConnectionHandle, ConnectionState};
use samovar_steam::{Callback, LobbyKind, SendFlags, SteamId};

const PATIENCE: Duration = Duration::from_secs(20);
/// A reliable message.
const RELIABLE: i64 = 8;

/// A game with multiplayer peers, and what each has heard.
struct Player {
    game: Game,
    peers: Vec<MultiplayerPeer>,
    heard: RefCell<Vec<(usize, PeerEvent)>>,
    told: RefCell<Vec<Callback>>,
}

impl Player {
    fn new(game: Game, peers: usize) -> Self {
        Self {
            game,
            peers: (0..peers).map(|_| MultiplayerPeer::new()).collect(),
            heard: RefCell::default(),
            told: RefCell::default(),
        }
    }

    fn peer(&self) -> &MultiplayerPeer {
        &self.peers[0]
    }

    fn frame(&self) {
        while let Some(callback) = self.game.steam.next_callback() {
            for peer in &self.peers {
                peer.on_callback(&callback);
            }
            self.told.borrow_mut().push(callback);
        }
        for (index, peer) in self.peers.iter().enumerate() {
            peer.poll();
            let events = std::iter::from_fn(|| peer.take_event());
            let events = events.map(|event| (index, event));
            self.heard.borrow_mut().extend(events);
            while peer.take_packet().is_some() {}
        }
    }

    fn has_heard(&self, wanted: impl Fn(&PeerEvent) -> bool) -> bool {
        self.heard.borrow().iter().any(|(_, event)| wanted(event))
    }

    fn has_met_anybody(&self) -> bool {
        self.has_heard(|event| matches!(event, PeerEvent::Connected(_)))
    }
}

fn until(players: &[&Player], what: &str, is_so: impl Fn() -> bool) {
    let end = Instant::now() + PATIENCE;
    while !is_so() {
        players.iter().for_each(|player| player.frame());
        assert!(
            Instant::now() < end,
            "never: {what}; heard {:?}",
            players
                .iter()
                .map(|player| (player.heard.borrow().clone(), player.told.borrow().clone()))
                .collect::<Vec<_>>()
        );
        thread::sleep(Duration::from_millis(1));
    }
}

fn frames(players: &[&Player], count: usize) {
    for _ in 0..count {
        players.iter().for_each(|player| player.frame());
        thread::sleep(Duration::from_millis(1));
    }
}

/// A bare connection, as a changed game makes it, and the state that it has.
fn dial(liar: &Game, victim: SteamId) -> ConnectionHandle {
    let options = ConnectOptions {
        symmetric: true,
        ..ConnectOptions::default()
    };
    let handle = liar.steam.sockets_connect(victim, 0, &options);
    handle.expect("a connection")
}

fn state(liar: &Game, handle: ConnectionHandle) -> ConnectionState {
    let info = liar.steam.sockets_info(handle);
    info.map_or(ConnectionState::None, |info| info.state)
}

fn send(liar: &Game, handle: ConnectionHandle, data: &[u8]) -> bool {
    let flags = SendFlags::from_number(RELIABLE);
    liar.steam.sockets_send(handle, 0, flags, data).is_ok()
}

fn identity(id: i32) -> Vec<u8> {
    let mut message = vec![3];
    message.extend_from_slice(&id.to_le_bytes());
    message
}

#[test]
fn nobody_has_an_id_that_is_not_their_own() {
    let folder = tempfile::tempdir().unwrap();
    let [host, liar] = games(folder.path());
    let host = Player::new(host, 1);
    host.peer().create_host(&host.game.steam, 0).unwrap();
    for id in [1, 0, -1, 2, 4242, i32::MAX, i32::MIN] {
        let handle = dial(&liar, host.game.id());
        assert!(send(&liar, handle, &identity(id)));
        until(&[&host], "the liar is sent away", || {
            while liar.steam.next_callback().is_some() {}
            state(&liar, handle) == ConnectionState::ClosedByPeer
        });
        liar.steam.sockets_close(handle, 0, "", false);
        assert!(!host.has_met_anybody(), "{id}: {:?}", host.heard.borrow());
    }
}

#[test]
fn a_client_of_a_host_lets_nobody_else_in() {
    let folder = tempfile::tempdir().unwrap();
    let [host, client, stranger] = games(folder.path());
    let [host, client] = [host, client].map(|game| Player::new(game, 1));
    host.peer().create_host(&host.game.steam, 0).unwrap();
    let host_id = host.game.id();
    client
        .peer()
        .create_client(&client.game.steam, host_id, 0)
        .unwrap();
    let both = [&host, &client];
    until(&both, "they meet", || {
        both.iter().all(|player| player.has_met_anybody())
    });
    let handle = dial(&stranger, client.game.id());
    send(&stranger, handle, &identity(4242));
    until(&both, "the stranger is sent away", || {
        while stranger.steam.next_callback().is_some() {}
        !state(&stranger, handle).is_live()
    });
    let met = client.heard.borrow();
    let met = met
        .iter()
        .filter(|(_, event)| matches!(event, PeerEvent::Connected(_)));
    assert_eq!(met.count(), 1);
}

#[test]
fn who_sends_without_saying_who_they_are_is_sent_away() {
    let folder = tempfile::tempdir().unwrap();
    let [host, flooder] = games(folder.path());
    let host = Player::new(host, 1);
    host.peer().create_host(&host.game.steam, 0).unwrap();
    let handle = dial(&flooder, host.game.id());
    let packet = [2; 64 * 1024];
    until(&[&host], "the flooder is sent away", || {
        while flooder.steam.next_callback().is_some() {}
        send(&flooder, handle, &packet);
        state(&flooder, handle) == ConnectionState::ClosedByPeer
    });
    assert!(!host.has_met_anybody());
}

#[test]
fn a_client_of_a_host_that_keeps_silent_ends_in_time() {
    let folder = tempfile::tempdir().unwrap();
    let [mute, client] = games(folder.path());
    let client = Player::new(client, 1);
    mute.steam
        .sockets_listen(0, ConnectOptions::default())
        .unwrap();
    client
        .peer()
        .create_client(&client.game.steam, mute.id(), 0)
        .unwrap();
    until(&[&client], "it ends", || {
        while let Some(callback) = mute.steam.next_callback() {
            if let Callback::ConnectionStatusChanged(change) = callback
                && change.info.state == ConnectionState::Connecting
            {
                mute.steam.sockets_accept(change.handle).unwrap();
            }
        }
        client.peer().status() == PeerStatus::Disconnected
    });
}

#[test]
fn a_lobby_that_nobody_waits_for_any_more_is_left_and_no_other_is() {
    let folder = tempfile::tempdir().unwrap();
    let [game] = games(folder.path());
    let player = Player::new(game, 2);
    let steam = &player.game.steam;
    let [first, second] = [&player.peers[0], &player.peers[1]];
    // The game's own, one that is given up, and one of another peer, all at once.
    steam.create_lobby(LobbyKind::Public, 3).unwrap();
    first.create_lobby(steam, LobbyKind::Invisible, 2).unwrap();
    first.close();
    second.create_lobby(steam, LobbyKind::Invisible, 7).unwrap();
    until(&[&player], "the second has its lobby", || {
        second.status() == PeerStatus::Connected
    });
    frames(&[&player], 200);
    assert_eq!(first.status(), PeerStatus::Disconnected);
    assert_eq!(first.take_event(), None);
    let own = second.lobby().expect("a lobby");
    assert_eq!(steam.lobby_member_limit(own), 7);
    assert_eq!(steam.lobby_owner(own), Some(player.game.id()));
    let told = player.told.borrow();
    let created: Vec<SteamId> = told
        .iter()
        .filter_map(|callback| match callback {
            Callback::LobbyCreated { lobby, .. } => *lobby,
            _ => None,
        })
        .collect();
    let limits: Vec<u32> = created
        .iter()
        .map(|lobby| steam.lobby_member_limit(*lobby))
        .collect();
    assert_eq!(limits, [3, 7], "the game's own stays");
}

#[test]
fn a_peer_that_is_dropped_while_it_waits_leaves_no_lobby_behind() {
    let folder = tempfile::tempdir().unwrap();
    let [game, other] = games(folder.path());
    let mut player = Player::new(game, 1);
    let steam = player.game.steam.clone();
    player
        .peer()
        .create_lobby(&steam, LobbyKind::Public, 2)
        .unwrap();
    player.peers.clear();
    frames(&[&player], 300);
    other.steam.request_lobby_list().unwrap();
    let lobbies = other.wait("lobby_match_list", |callback| match callback {
        Callback::LobbyMatchList { lobbies } => Some(lobbies.clone()),
        _ => None,
    });
    assert_eq!(lobbies, []);
}

#[test]
fn a_peer_does_one_thing_at_a_time() {
    let folder = tempfile::tempdir().unwrap();
    let [game] = games(folder.path());
    let player = Player::new(game, 1);
    let (steam, peer) = (&player.game.steam, player.peer());
    // The port is the game's: there can be no host.
    let listen = steam.sockets_listen(0, ConnectOptions::default()).unwrap();
    peer.create_lobby(steam, LobbyKind::Public, 2).unwrap();
    let user = player.game.id();
    let in_use = Err(PeerError::AlreadyInUse);
    assert_eq!(peer.create_host(steam, 4), in_use);
    assert_eq!(peer.create_client(steam, user, 4), in_use);
    assert_eq!(peer.host_with_lobby(steam, user), in_use);
    assert_eq!(peer.connect_to_lobby(steam, user), in_use);
    assert_eq!(peer.connect_lobby(steam, user), in_use);
    until(&[&player], "an answer", || {
        !player.heard.borrow().is_empty()
    });
    let failed = PeerEvent::LobbyCreated {
        result: 2,
        lobby: None,
    };
    assert_eq!(player.heard.borrow()[0].1, failed);
    assert_eq!(peer.status(), PeerStatus::Disconnected);
    let told = player.told.borrow();
    let lobby = told.iter().find_map(|callback| match callback {
        Callback::LobbyCreated { lobby, .. } => *lobby,
        _ => None,
    });
    let lobby = lobby.expect("a lobby that was made");
    assert_eq!(steam.lobby_owner(lobby), None, "it is left");
    steam.sockets_close_listen(listen);
    peer.set_refuse_new_connections(true);
    peer.create_host(steam, 0).unwrap();
    assert!(peer.refuses_new_connections(), "as it was asked to");
}
