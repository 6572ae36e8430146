//! The same play over ENet and over each way to open a `SteamMultiplayerPeer`: what is called, what arrives, and what the
//! multiplayer's signals say, in their order.

use std::net::UdpSocket;

use samovar_e2e::{APP_ID, Game, Scenario};
use serde_json::json;

use crate::common::{NOBODY, PUBLIC, create_lobby, join_lobby};

/// How a peer is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum How {
    Enet,
    /// `host_with_lobby` and `connect_to_lobby`.
    Lobby,
    /// `create_host` and `create_client`.
    User,
    /// `create_lobby` and `connect_lobby`.
    Own,
}

const ALL: [How; 4] = [How::Enet, How::Lobby, How::User, How::Own];

impl How {
    fn name(self) -> &'static str {
        match self {
            Self::Enet => "enet",
            Self::Lobby => "lobby",
            Self::User => "user",
            Self::Own => "own",
        }
    }
}

const CALLS: [&str; 6] = [
    "reliable_0",
    "reliable_2",
    "unreliable_0",
    "unreliable_2",
    "ordered_0",
    "ordered_2",
];

/// Games that play together, the host first.
struct Play {
    scenario: Scenario,
    how: How,
    games: Vec<Game>,
    /// What who joins has to be told: a port, a lobby, a user.
    what: i64,
    /// By game: its ID in the multiplayer.
    ids: Vec<i64>,
}

impl Play {
    /// The host alone, and those who are to join.
    fn new(name: &'static str, how: How, players: usize) -> Self {
        let scenario = Scenario::new(name);
        let games = ["ann", "bob", "cat", "dan"];
        let games: Vec<Game> = games[..players]
            .iter()
            .map(|name| {
                let launch = scenario.launch(name);
                let game = launch.scene("res://tests/games/peer_play.gd").start();
                game.init(APP_ID);
                game
            })
            .collect();
        let mut play = Self {
            scenario,
            how,
            games,
            what: 0,
            ids: vec![0; players],
        };
        play.host(false);
        play
    }

    /// The host opens its peer, for a lobby that it leaves an earlier one for.
    fn host(&mut self, again: bool) {
        let host = &self.games[0];
        if self.how == How::Lobby && again {
            host.steam("leaveLobby", json!([self.what]));
        }
        self.what = match self.how {
            How::Enet => free_port(),
            How::Lobby => create_lobby(host, PUBLIC, 8),
            How::User => host.steam_id(),
            How::Own => 0,
        };
        self.open(0, again);
        if self.how == How::Own {
            let created = self.games[0].event_where("own", |data| data["name"] == "lobby_created");
            assert_eq!(created.data["args"][0], 1);
            self.what = created.data["args"][1].as_i64().expect("a lobby");
        }
        self.ids[0] = 1;
        assert_eq!(self.games[0].game("id", json!([])), 1);
    }

    fn open(&self, index: usize, again: bool) {
        let arguments = json!([self.how.name(), index == 0, self.what, again]);
        assert_eq!(
            self.games[index].game("open", arguments),
            0,
            "{:?}",
            self.how
        );
    }

    /// A client opens its peer, and everybody who is there hears of it.
    fn join(&mut self, index: usize, again: bool) {
        if self.how == How::Lobby && !again {
            join_lobby(&self.games[index], self.what);
        }
        self.open(index, again);
        self.hears(index, "connected_to_server");
        self.ids[index] = self.games[index]
            .game("id", json!([]))
            .as_i64()
            .expect("an ID");
        for other in (0..self.games.len()).filter(|other| *other != index) {
            if self.ids[other] != 0 {
                self.hears_of(other, "peer_connected", index);
                self.hears_of(index, "peer_connected", other);
            }
        }
    }

    fn everybody_joins(&mut self) {
        for index in 1..self.games.len() {
            self.join(index, false);
        }
    }

    fn hears(&self, index: usize, signal: &str) {
        self.games[index].event_where("multiplayer", |data| data["name"] == signal);
    }

    fn hears_of(&self, index: usize, signal: &str, other: usize) {
        let id = self.ids[other];
        self.games[index].event_where("multiplayer", |data| {
            data["name"] == signal && data["id"] == id
        });
    }

    fn say(&self, from: usize, target: i64, call: &str, text: &str) {
        let said = self.games[from].game("say", json!([target, call, text]));
        assert_eq!(
            said, 0,
            "{call} from {from} to {target} over {:?}",
            self.how
        );
    }

    fn arrives(&self, at: usize, from: usize, call: &str, text: &str) {
        let id = self.ids[from];
        self.games[at].event_where("rpc", |data| {
            data["from"] == id && data["how"] == call && data["text"] == text
        });
    }

    /// What the multiplayer's signals said to a game, with the games' names instead of their IDs.
    fn heard(&self, index: usize) -> Vec<String> {
        let names = ["ann", "bob", "cat", "dan"];
        let lines = self.games[index].output().lines();
        let events = lines.iter().filter_map(|line| line.event.as_ref());
        let signals = events.filter(|event| event.name == "multiplayer");
        signals
            .map(|event| {
                let id = event.data["id"].as_i64().expect("an ID");
                let name = event.data["name"].as_str().expect("a name");
                let who = self.ids.iter().position(|known| *known == id && id != 0);
                who.map_or(name.to_owned(), |who| format!("{name} {}", names[who]))
            })
            .collect()
    }

    /// What every game heard; and they end.
    fn finish(self) -> Vec<Vec<String>> {
        for game in &self.games {
            game.barrier();
        }
        let heard = (0..self.games.len()).map(|index| self.heard(index));
        let heard = heard.collect();
        self.scenario.finish_all(self.games);
        heard
    }
}

/// A port that nobody listens on now.
fn free_port() -> i64 {
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a socket");
    i64::from(socket.local_addr().expect("an address").port())
}

/// The same play, each way; everybody hears the same over all of them.
fn same_over_all(play: impl Fn(How) -> Vec<Vec<String>>) {
    let mut wanted = None;
    for how in ALL {
        let heard = play(how);
        match &wanted {
            None => wanted = Some(heard),
            Some(wanted) => assert_eq!(heard, *wanted, "{how:?}, and over ENet"),
        }
    }
}

#[test]
fn calls_of_every_mode_and_channel_arrive_both_ways() {
    same_over_all(|how| {
        let mut play = Play::new("peer_calls", how, 2);
        play.everybody_joins();
        for call in CALLS {
            play.say(0, play.ids[1], call, "from the host");
            play.arrives(1, 0, call, "from the host");
            play.say(1, 1, call, "to the host");
            play.arrives(0, 1, call, "to the host");
            play.say(1, 0, call, "to all");
            play.arrives(0, 1, call, "to all");
        }
        let state = play.games[1].game("state", json!([]));
        assert_eq!(
            state,
            json!({"status": 2, "is_server": false, "peers": [1]})
        );
        play.finish()
    });
}

#[test]
fn a_negative_target_is_everybody_but_one() {
    same_over_all(|how| {
        let mut play = Play::new("peer_all_but_one", how, 3);
        play.everybody_joins();
        play.say(0, -play.ids[1], "reliable_0", "not to bob");
        play.arrives(2, 0, "reliable_0", "not to bob");
        play.say(0, play.ids[1], "reliable_0", "to bob");
        play.arrives(1, 0, "reliable_0", "to bob");
        let lines = play.games[1].output().lines();
        let wrong = lines.iter().find(|line| line.text.contains("not to bob"));
        assert!(wrong.is_none(), "{wrong:?}");
        play.say(1, 0, "reliable_0", "to all");
        play.arrives(0, 1, "reliable_0", "to all");
        play.arrives(2, 1, "reliable_0", "to all");
        play.finish()
    });
}

#[test]
fn who_is_disconnected_hears_it_and_so_does_who_did_it() {
    for force in [false, true] {
        same_over_all(|how| {
            let mut play = Play::new("peer_disconnected", how, 2);
            play.everybody_joins();
            play.games[0].game("disconnect_one", json!([play.ids[1], force]));
            // With force, Godot's reference says, it is not told of it.
            if !force {
                play.hears_of(0, "peer_disconnected", 1);
            }
            play.hears(1, "server_disconnected");
            assert_eq!(play.games[1].game("state", json!([]))["status"], 0);
            play.finish()
        });
    }
}

#[test]
fn who_closes_its_peer_can_open_it_again() {
    same_over_all(|how| {
        let mut play = Play::new("peer_again", how, 2);
        play.everybody_joins();
        play.games[1].game("close", json!([]));
        play.hears_of(0, "peer_disconnected", 1);
        play.join(1, true);
        play.say(1, 1, "reliable_0", "again");
        play.arrives(0, 1, "reliable_0", "again");
        play.say(0, play.ids[1], "reliable_0", "and back");
        play.arrives(1, 0, "reliable_0", "and back");
        play.finish();
        // A new ID: what was heard of the earlier one is not comparable by it.
        Vec::new()
    });
}

#[test]
fn clients_hear_that_the_host_has_left_and_it_can_host_again() {
    same_over_all(|how| {
        let mut play = Play::new("peer_host_leaves", how, 2);
        play.everybody_joins();
        play.games[0].game("close", json!([]));
        play.hears(1, "server_disconnected");
        let first = play.what;
        play.host(true);
        // A second lobby, where there is one: the first is left behind.
        if how == How::Lobby {
            play.games[1].steam("leaveLobby", json!([first]));
            join_lobby(&play.games[1], play.what);
        }
        play.join(1, true);
        play.say(1, 1, "reliable_0", "again");
        play.arrives(0, 1, "reliable_0", "again");
        play.finish();
        Vec::new()
    });
}

#[test]
fn a_packet_of_the_largest_size_arrives_whole() {
    // One byte is the multiplayer's.
    const LARGEST: i64 = 512 * 1024 - 1;
    same_over_all(|how| {
        let mut play = Play::new("peer_largest", how, 2);
        play.everybody_joins();
        for (from, to) in [(0, 1), (1, 0)] {
            let sent = play.games[from].game("send", json!([play.ids[to], LARGEST]));
            assert_eq!(sent, 0);
            let id = play.ids[from];
            let packet = play.games[to].event("packet");
            assert_eq!(packet.data["from"], id);
            assert_eq!(packet.data["size"], LARGEST);
            assert_eq!(packet.data["whole"], true);
        }
        play.finish()
    });
}

#[test]
fn a_host_that_refuses_new_connections_takes_nobody_until_it_does_not() {
    for how in [How::Lobby, How::User] {
        let play = Play::new("peer_refuses", how, 2);
        play.games[0].game("refuse", json!([true]));
        if how == How::Lobby {
            join_lobby(&play.games[1], play.what);
        }
        play.open(1, false);
        play.hears(1, "connection_failed");
        play.games[0].game("refuse", json!([false]));
        play.open(1, false);
        play.hears(1, "connected_to_server");
        play.finish();
    }
}

#[test]
fn calls_to_somebody_who_has_just_gone_print_nothing() {
    for how in [How::Lobby, How::User, How::Own] {
        let mut play = Play::new("peer_gone", how, 2);
        play.everybody_joins();
        play.games[0].set("flood_target", play.ids[1].into());
        play.arrives(1, 0, "reliable_0", "flood");
        play.games[1].game("close", json!([]));
        play.hears_of(0, "peer_disconnected", 1);
        let lines = play.games[0].output().lines();
        let said = lines.iter().map(|line| &line.text);
        let said: Vec<_> = said
            .filter(|text| text.contains("WARNING") || text.contains("ERROR"))
            .collect();
        assert!(said.is_empty(), "{said:?}");
        play.finish();
    }
}

#[test]
fn a_client_of_nobody_hears_that_the_connection_failed() {
    let scenario = Scenario::new("peer_of_nobody");
    let launch = scenario.launch("ann");
    let game = launch.scene("res://tests/games/peer_play.gd").start();
    game.init(APP_ID);
    let opened = game.game("open", json!(["user", false, NOBODY, false]));
    assert_eq!(opened, 0);
    game.event_where("multiplayer", |data| data["name"] == "connection_failed");
    game.finish();
}
