//! The same play over ENet and over each way to open a `SteamMultiplayerPeer`: what is called, what arrives, and what the
//! multiplayer's signals say, in their order.

use samovar_e2e::{APP_ID, Scenario};
use serde_json::json;

use crate::common::{NOBODY, join_lobby};
use crate::peer_common::{ALL, How, Play};

const CALLS: [&str; 6] = [
    "reliable_0",
    "reliable_2",
    "unreliable_0",
    "unreliable_2",
    "ordered_0",
    "ordered_2",
];

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
