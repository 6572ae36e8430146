//! Unreliable calls that are ordered are ordered on a bad network too, which GodotSteam's are only because they are reliable.

use samovar_e2e::{DEADLINE, ProjectOptions};
use serde_json::json;

use crate::common::until;
use crate::peer_common::{How, Play};

/// How many calls there are.
const CALLS: usize = 400;
/// As how many of them a network has to bring at least that loses none.
const ENOUGH: usize = 100;

/// The numbers that have arrived, in their order.
fn arrived(play: &Play, call: &str) -> Vec<usize> {
    let lines = play.games[1].output().lines();
    let events = lines.iter().filter_map(|line| line.event.as_ref());
    events
        .filter(|event| event.name == "rpc" && event.data["how"] == call)
        .filter_map(|event| event.data["text"].as_str()?.parse().ok())
        .collect()
}

#[test]
fn ordered_calls_never_go_back_where_packets_overtake_each_other() {
    let setting = "samovar/network_conditions/send_reorder_percent";
    let time = "samovar/network_conditions/reorder_milliseconds";
    let scene = "res://tests/games/peer_play.gd";
    let options = ProjectOptions::default()
        .setting(setting, "20.0")
        .setting(time, "60");
    let mut play = Play::with("peer_ordered", How::Lobby, 2, &options, scene);
    play.everybody_joins();
    let goes_back = |numbers: &[usize]| numbers.windows(2).any(|pair| pair[0] > pair[1]);
    for (call, is_ordered) in [("unreliable_0", false), ("ordered_0", true)] {
        play.games[0].game("count", json!([play.ids[1], call, CALLS]));
        until("the last calls", DEADLINE, || {
            let numbers = arrived(&play, call);
            numbers.last() >= Some(&(CALLS - 20)) && numbers.len() >= ENOUGH
        });
        let numbers = arrived(&play, call);
        assert_eq!(goes_back(&numbers), !is_ordered, "{call}: {numbers:?}");
    }
    play.finish();
}
