//! A world that Godot's spawner and synchronizer keep the same for four players on a bad network.

use samovar_e2e::{DEADLINE, ProjectOptions};
use serde_json::{Map, Value, json};

use crate::common::until;
use crate::peer_common::{How, Play};

const HOW: [How; 2] = [How::Enet, How::Lobby];

/// 5 % of the packets are lost, and each takes 25 ms more.
fn bad_network() -> ProjectOptions {
    let setting = |name| format!("samovar/network_conditions/send_{name}");
    ProjectOptions::default()
        .setting(&setting("loss_percent"), "5.0")
        .setting(&setting("lag_milliseconds"), "25")
}

/// Those who are there move somewhere, and everybody sees all of them there.
fn all_move(play: &Play, there: &[usize], step: i64) {
    let place = |index: usize| {
        let index = i64::try_from(index).expect("a small number");
        [step, 10 * index]
    };
    for index in there {
        let [x, y] = place(*index);
        // It may not have been spawned here yet.
        let id = play.ids[*index].to_string();
        until("the own body", DEADLINE, || {
            play.games[*index]
                .game("bodies", json!([]))
                .get(&id)
                .is_some()
        });
        play.games[*index].game("move", json!([x, y]));
    }
    let wanted: Map<String, Value> = there
        .iter()
        .map(|index| (play.ids[*index].to_string(), json!(place(*index))))
        .collect();
    let wanted = Value::Object(wanted);
    for index in there {
        until("everybody in their places", DEADLINE, || {
            play.games[*index].game("bodies", json!([])) == wanted
        });
    }
}

#[test]
fn everybody_sees_the_same_world_whoever_comes_and_goes() {
    for how in HOW {
        let scene = "res://tests/games/peer_world.gd";
        let mut play = Play::with("peer_world", how, 4, &bad_network(), scene);
        play.games[0].game("rule", json!([]));
        play.everybody_joins();
        all_move(&play, &[0, 1, 2, 3], 1);
        // One leaves, and comes again.
        play.games[1].game("close", json!([]));
        play.leaves(1);
        all_move(&play, &[0, 2, 3], 2);
        play.join(1, true);
        all_move(&play, &[0, 1, 2, 3], 3);
        if how == How::Lobby {
            // One is killed, and is there anew in the game's next run.
            play.games[2].kill();
            play.leaves(2);
            all_move(&play, &[0, 1, 3], 4);
            play.start_anew(2);
            play.join(2, false);
            all_move(&play, &[0, 1, 2, 3], 5);
        }
        play.finish();
    }
}
