//! Games that play over Godot's own multiplayer.

use std::net::UdpSocket;

use samovar_e2e::{APP_ID, Game, ProjectOptions, Scenario};
use serde_json::{Value, json};

use crate::common::{PUBLIC, create_lobby, join_lobby};

/// How a peer is opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum How {
    Enet,
    /// `host_with_lobby` and `connect_to_lobby`.
    Lobby,
    /// `create_host` and `create_client`.
    User,
    /// `create_lobby` and `connect_lobby`.
    Own,
}

pub(crate) const ALL: [How; 4] = [How::Enet, How::Lobby, How::User, How::Own];

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

/// The games' names.
const NAMES: [&str; 4] = ["ann", "bob", "cat", "dan"];
/// The scene that they play.
const SCENE: &str = "res://tests/games/peer_play.gd";

fn start(scenario: &Scenario, name: &str, scene: &str) -> Game {
    let game = scenario.launch(name).scene(scene).start();
    game.init(APP_ID);
    game
}

/// Games that play together, the host first.
pub(crate) struct Play {
    pub(crate) scenario: Scenario,
    scene: &'static str,
    pub(crate) how: How,
    pub(crate) games: Vec<Game>,
    /// What who joins has to be told: a port, a lobby, a user.
    pub(crate) what: i64,
    /// By game: its ID in the multiplayer.
    pub(crate) ids: Vec<i64>,
}

impl Play {
    /// The host alone, and those who are to join.
    pub(crate) fn new(name: &'static str, how: How, players: usize) -> Self {
        Self::with(name, how, players, &ProjectOptions::default(), SCENE)
    }

    /// The same, with settings and a scene that is made of that one.
    pub(crate) fn with(
        name: &'static str,
        how: How,
        players: usize,
        options: &ProjectOptions,
        scene: &'static str,
    ) -> Self {
        let scenario = Scenario::with(name, options);
        let games = NAMES[..players].iter();
        let games: Vec<Game> = games.map(|name| start(&scenario, name, scene)).collect();
        let mut play = Self {
            scenario,
            scene,
            how,
            games,
            what: 0,
            ids: vec![0; players],
        };
        play.host(false);
        play
    }

    /// The host opens its peer, for a lobby that it leaves an earlier one for.
    pub(crate) fn host(&mut self, again: bool) {
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

    pub(crate) fn open(&self, index: usize, again: bool) {
        let arguments = json!([self.how.name(), index == 0, self.what, again]);
        assert_eq!(
            self.games[index].game("open", arguments),
            0,
            "{:?}",
            self.how
        );
    }

    /// A client opens its peer, and everybody who is there hears of it.
    pub(crate) fn join(&mut self, index: usize, again: bool) {
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

    /// A client has gone, and everybody who is there hears of it.
    pub(crate) fn leaves(&mut self, index: usize) {
        for other in (0..self.games.len()).filter(|other| *other != index) {
            if self.ids[other] != 0 {
                self.hears_of(other, "peer_disconnected", index);
            }
        }
        self.ids[index] = 0;
    }

    /// A client's game, which has been killed, is started anew.
    pub(crate) fn start_anew(&mut self, index: usize) {
        self.games[index] = start(&self.scenario, &format!("{}2", NAMES[index]), self.scene);
    }

    pub(crate) fn everybody_joins(&mut self) {
        for index in 1..self.games.len() {
            self.join(index, false);
        }
    }

    pub(crate) fn hears(&self, index: usize, signal: &str) {
        self.games[index].event_where("multiplayer", |data| data["name"] == signal);
    }

    pub(crate) fn hears_of(&self, index: usize, signal: &str, other: usize) {
        let id = self.ids[other];
        self.games[index].event_where("multiplayer", |data| {
            data["name"] == signal && data["id"] == id
        });
    }

    /// Calls a game's peer itself.
    #[allow(clippy::needless_pass_by_value)] // call sites read better with json!([..]) inline
    pub(crate) fn ask(&self, at: usize, method: &str, arguments: Value) -> Value {
        self.games[at].game("ask", json!([method, arguments]))
    }

    /// Calls an RPC.
    pub(crate) fn say(&self, from: usize, target: i64, call: &str, text: &str) {
        let said = self.games[from].game("say", json!([target, call, text]));
        assert_eq!(
            said, 0,
            "{call} from {from} to {target} over {:?}",
            self.how
        );
    }

    pub(crate) fn arrives(&self, at: usize, from: usize, call: &str, text: &str) {
        let id = self.ids[from];
        self.games[at].event_where("rpc", |data| {
            data["from"] == id && data["how"] == call && data["text"] == text
        });
    }

    /// What the multiplayer's signals said to a game, with the games' names instead of their IDs.
    pub(crate) fn heard(&self, index: usize) -> Vec<String> {
        let lines = self.games[index].output().lines();
        let events = lines.iter().filter_map(|line| line.event.as_ref());
        let signals = events.filter(|event| event.name == "multiplayer");
        signals
            .map(|event| {
                let id = event.data["id"].as_i64().expect("an ID");
                let name = event.data["name"].as_str().expect("a name");
                let who = self.ids.iter().position(|known| *known == id && id != 0);
                who.map_or(name.to_owned(), |who| format!("{name} {}", NAMES[who]))
            })
            .collect()
    }

    /// What every game heard; and they end.
    pub(crate) fn finish(self) -> Vec<Vec<String>> {
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
