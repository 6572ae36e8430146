//! Games that play by Godot's multiplayer, and what each has heard.

use std::cell::RefCell;
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use samovar_steam::multiplayer_peer::{MultiplayerPeer, Packet, PeerEvent, TransferMode};
use samovar_steam::{Callback, LobbyKind, SteamId};

use super::{Game, games};

/// Far longer than anything here takes on an idle machine.
const PATIENCE: Duration = Duration::from_secs(20);

/// A game that plays, and what it has heard.
pub(crate) struct Player {
    pub(crate) game: Game,
    pub(crate) peer: MultiplayerPeer,
    pub(crate) heard: RefCell<Vec<PeerEvent>>,
    pub(crate) packets: RefCell<Vec<Packet>>,
}

impl Player {
    pub(crate) fn new(game: Game) -> Self {
        Self {
            game,
            peer: MultiplayerPeer::new(),
            heard: RefCell::default(),
            packets: RefCell::default(),
        }
    }

    pub(crate) fn user(&self) -> SteamId {
        self.game.id()
    }

    pub(crate) fn id(&self) -> i32 {
        self.peer.unique_id()
    }

    /// A frame.
    pub(crate) fn frame(&self) {
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

    pub(crate) fn heard(&self) -> Vec<PeerEvent> {
        self.heard.borrow().clone()
    }

    pub(crate) fn peers(&self) -> Vec<i32> {
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

    pub(crate) fn put(&self, target: i32, channel: i32, mode: TransferMode, data: &[u8]) {
        let put = self.peer.put_packet(target, channel, mode, data);
        put.expect("a packet that is taken");
    }

    pub(crate) fn data(&self) -> Vec<Vec<u8>> {
        let packets = self.packets.borrow();
        packets.iter().map(|packet| packet.data.to_vec()).collect()
    }
}

/// Runs frames of all until something is so.
pub(crate) fn until(players: &[&Player], what: &str, is_so: impl Fn() -> bool) {
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

pub(crate) fn players<const N: usize>(folder: &Path) -> [Player; N] {
    games(folder).map(Player::new)
}

pub(crate) fn lobby_of(owner: &Player) -> SteamId {
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
pub(crate) fn is_mesh(players: &[&Player]) -> bool {
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
