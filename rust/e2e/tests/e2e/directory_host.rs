//! The instance that hosts the directory goes away, in every way it can, in the middle of a chat.

use samovar_e2e::{APP_ID, DEADLINE, Game, Scenario, Signal, measured, unix_time};
use serde_json::json;

use crate::common::{
    DISCONNECTED, ENTERED, LEFT, PUBLIC, create_lobby, hear, join_lobby, members, owner, say,
    search_until, until, wait_change,
};

/// The limit that the product promises, in seconds.
const TAKEOVER_SECONDS: f64 = 3.0;

/// Ann hosts the directory (she came first), Bob owns the lobby, Ann and Cid are in it.
struct Chat {
    scenario: Scenario,
    ann: Option<Game>,
    bob: Game,
    cid: Game,
    lobby: i64,
    ids: [i64; 3],
}

fn start_chat(name: &'static str) -> Chat {
    let scenario = Scenario::alone(name);
    let ann = scenario.player("ann");
    search_until(&ann, "answer from a directory", |_| true);
    let bob = scenario.player("bob");
    let cid = scenario.player("cid");
    let ids = [&ann, &bob, &cid].map(Game::steam_id);
    let lobby = create_lobby(&bob, PUBLIC, 8);
    bob.steam("setLobbyData", json!([lobby, "map", "harbour"]));
    join_lobby(&ann, lobby);
    join_lobby(&cid, lobby);
    for game in [&ann, &bob] {
        wait_change(game, lobby, ids[2], ENTERED);
    }
    cid.steam("setLobbyMemberData", json!([lobby, "team", "red"]));
    bob.signal_where("lobby_data_update", |args| args[2] == ids[2]);
    bob.command(&json!({ "do": "chat", "lobby": lobby, "every_ms": 50 }));
    hear(&cid, lobby, ids[1], "line 5");
    hear(&ann, lobby, ids[1], "line 5");
    Chat {
        scenario,
        ann: Some(ann),
        bob,
        cid,
        lobby,
        ids,
    }
}

impl Chat {
    /// Waits until a line of Bob reaches Cid that cannot have been under way at `since`; the
    /// seconds from then.
    fn goes_on(&self, since: f64) -> f64 {
        let heard = self.cid.wait("chat after the takeover", DEADLINE, |line| {
            let event = line.event.as_ref()?;
            let chat = event.data["name"] == "lobby_message" && event.at() > since + 0.25;
            chat.then(|| event.at())
        });
        heard.1 - since
    }

    fn everything_is_there(&self) {
        for game in [&self.bob, &self.cid] {
            assert_eq!(owner(game, self.lobby), self.ids[1]);
            assert_eq!(
                game.steam("getLobbyData", json!([self.lobby, "map"])),
                json!("harbour")
            );
            let team = json!([self.lobby, self.ids[2], "team"]);
            assert_eq!(game.steam("getLobbyMemberData", team), json!("red"));
        }
    }

    /// Every line of Bob reached Cid once and in order, whatever happened in between.
    fn no_line_lost_or_doubled(&self) {
        self.bob
            .command(&json!({ "do": "chat", "lobby": self.lobby, "every_ms": 0 }));
        say(&self.bob, self.lobby, "last");
        hear(&self.cid, self.lobby, self.ids[1], "last");
        let from_bob = |heard: &Signal| heard.args[1] == self.ids[1];
        let lines: Vec<String> = self
            .cid
            .all_signals("lobby_message")
            .iter()
            .filter(|heard| from_bob(heard))
            .filter_map(|heard| {
                heard.args[2]
                    .as_str()?
                    .strip_prefix("line ")
                    .map(str::to_owned)
            })
            .collect();
        let wanted: Vec<String> = (1..=lines.len()).map(|number| number.to_string()).collect();
        assert_eq!(lines, wanted);
    }
}

fn report(what: &str, seconds: f64) {
    measured(what, &format!("{seconds:.2} s"));
    assert!(
        seconds
            <= samovar_e2e::patience(std::time::Duration::from_secs(1)).as_secs_f64()
                * TAKEOVER_SECONDS,
        "{what}: {seconds:.2} s"
    );
}

#[test]
fn the_host_is_killed_in_the_middle_of_a_chat() {
    let chat = start_chat("host_killed");
    let since = unix_time();
    let ann = chat.ann.as_ref().expect("Ann plays");
    ann.kill();
    report("takeover after SIGKILL of the host", chat.goes_on(since));
    chat.everything_is_there();
    chat.no_line_lost_or_doubled();

    // New users come to the new host, find the lobby and join.
    // Under another name: the next free profile would be that of the killed one.
    let dan = chat
        .scenario
        .launch("dan")
        .arg("--samovar-profile=dan")
        .start();
    dan.init(APP_ID);
    let dan_id = dan.steam_id();
    search_until(&dan, "lobby of the dead host", |found| {
        found == [chat.lobby]
    });
    join_lobby(&dan, chat.lobby);
    wait_change(&chat.bob, chat.lobby, dan_id, ENTERED);

    // The killed member's place is kept for a while, then it is gone.
    let gone = |args: &[serde_json::Value]| {
        args[0] == chat.lobby && args[1] == chat.ids[0] && args[3] == DISCONNECTED
    };
    chat.bob
        .signal_within(DEADLINE * 2, "lobby_chat_update", gone);
    assert_eq!(
        members(&chat.bob, chat.lobby),
        [chat.ids[1], chat.ids[2], dan_id]
    );
    ann.check_errors();
    chat.scenario.finish([chat.bob, chat.cid, dan]);
}

#[test]
fn the_host_quits_in_the_middle_of_a_chat() {
    let mut chat = start_chat("host_quits");
    let ann = chat.ann.take().expect("Ann plays");
    let since = unix_time();
    ann.finish();
    report("takeover after the host quit", chat.goes_on(since));
    chat.everything_is_there();
    // She said goodbye, so she is out at once.
    wait_change(&chat.bob, chat.lobby, chat.ids[0], LEFT);
    assert_eq!(members(&chat.bob, chat.lobby), chat.ids[1..]);
    chat.no_line_lost_or_doubled();
    chat.scenario.finish([chat.bob, chat.cid]);
}

#[test]
#[cfg(unix)]
fn the_host_is_stopped_for_ten_seconds_and_continued() {
    let mut chat = start_chat("host_stopped");
    let ann = chat.ann.take().expect("Ann plays");
    let since = unix_time();
    ann.stop();
    let seconds = chat.goes_on(since);
    measured("takeover from a stopped host", &format!("{seconds:.2} s"));
    assert!(seconds < 8.0, "the others waited {seconds:.2} s");
    chat.everything_is_there();

    // Ten seconds of chat without her.
    chat.cid.wait("ten seconds of chat", DEADLINE, |line| {
        let event = line.event.as_ref()?;
        (event.data["name"] == "lobby_message" && event.at() > since + 10.0).then_some(())
    });
    ann.cont();

    // She steps down and is one of three again: hears new chat, is heard, and sees what they see.
    let woken = unix_time();
    ann.wait("chat after waking up", DEADLINE, |line| {
        let event = line.event.as_ref()?;
        (event.data["name"] == "lobby_message" && event.at() > woken + 1.0).then_some(())
    });
    say(&ann, chat.lobby, "I am back");
    for game in [&ann, &chat.bob, &chat.cid] {
        hear(game, chat.lobby, chat.ids[0], "I am back");
        assert_eq!(
            owner(game, chat.lobby),
            chat.ids[1],
            "as {} sees it",
            game.name()
        );
        until("all three members", DEADLINE, || {
            let mut seen = members(game, chat.lobby);
            seen.sort_unstable();
            let mut all = chat.ids;
            all.sort_unstable();
            seen == all
        });
    }
    chat.no_line_lost_or_doubled();

    // One directory is left: a lobby made by her is found by the others, and theirs by her.
    let dan = chat.scenario.player("dan");
    let new = create_lobby(&dan, PUBLIC, 4);
    for game in [&ann, &chat.bob] {
        search_until(game, "both lobbies", |found| {
            found.len() == 2 && found.contains(&new) && found.contains(&chat.lobby)
        });
    }
    chat.scenario.finish([ann, chat.bob, chat.cid, dan]);
}

#[test]
fn hosts_die_one_after_the_other() {
    let scenario = Scenario::alone("hosts_die");
    let mut games: Vec<Game> = ["ann", "bob", "cid", "dan"]
        .map(|name| scenario.player(name))
        .into();
    let last = games.pop().expect("four games");
    let lobby = create_lobby(&last, PUBLIC, 8);
    last.steam("setLobbyData", json!([lobby, "round", "1"]));
    for game in &games {
        join_lobby(game, lobby);
        wait_change(&last, lobby, game.steam_id(), ENTERED);
    }
    for (round, game) in games.iter().enumerate() {
        game.kill();
        let text = format!("after {round}");
        say(&last, lobby, &text);
        hear(&last, lobby, last.steam_id(), &text);
    }
    assert_eq!(
        last.steam("getLobbyData", json!([lobby, "round"])),
        json!("1")
    );
    assert_eq!(owner(&last, lobby), last.steam_id());
    search_until(&last, "its own lobby", |found| found == [lobby]);
    last.finish();
}
