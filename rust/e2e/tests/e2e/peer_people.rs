//! Who the peers of a `SteamMultiplayerPeer` are: users, IDs, connections and objects.

use samovar_e2e::DEADLINE;
use serde_json::json;

use crate::common::{NOBODY, until};
use crate::peer_common::{How, Play};

const ALL: [How; 3] = [How::Lobby, How::User, How::Own];

/// `NetworkingConnectionState`.
const CONNECTED: i64 = 3;
const CLOSED_BY_PEER: i64 = 4;

#[test]
fn users_and_their_ids_are_found_by_each_other() {
    for how in ALL {
        let mut play = Play::new("peer_people", how, 2);
        play.everybody_joins();
        let users: Vec<i64> = play.games.iter().map(samovar_e2e::Game::steam_id).collect();
        for at in 0..2 {
            for (user, id) in users.iter().zip(&play.ids) {
                for method in ["get_steam_id_for_peer_id", "get_steam64_from_peer_id"] {
                    assert_eq!(play.ask(at, method, json!([id])), *user, "{how:?} {at}");
                }
                for method in ["get_peer_id_for_steam_id", "get_peer_id_from_steam64"] {
                    assert_eq!(play.ask(at, method, json!([user])), *id, "{how:?} {at}");
                }
            }
            assert_eq!(play.ask(at, "get_steam_id_for_peer_id", json!([77])), 0);
            assert_eq!(play.ask(at, "get_peer_id_for_steam_id", json!([NOBODY])), 0);
            let other = 1 - at;
            let id = play.ids[other];
            let map = play.ask(at, "get_peer_map", json!([]));
            assert_eq!(map, json!({ id.to_string(): users[other] }));
            let info = play.ask(at, "get_peer_info", json!([id]));
            assert_eq!(info["peer_id"], id);
            assert_eq!(info["steam_id"], users[other]);
            assert_eq!(info["connection_state"], CONNECTED);
            let one = play.games[at].game("one", json!([id]));
            let wanted = json!({
                "steam_id": users[other],
                "peer_id": id,
                "is_connected": true,
                "has_handle": true,
                "is_same": true,
            });
            assert_eq!(one, wanted);
            let debug = play.ask(at, "collect_debug_data", json!([]));
            assert_eq!(debug["connections"].as_array().map(Vec::len), Some(1));
        }
        play.finish();
    }
}

#[test]
fn one_peers_object_sends_to_it_and_ends_with_it() {
    let mut play = Play::new("peer_object", How::Lobby, 3);
    play.everybody_joins();
    let answers = play.games[0].game("send_and_part", json!([play.ids[1]]));
    assert_eq!(answers, json!([0, 0, true, true, 2]));
    // What was sent before it was disconnected arrives.
    let packet = play.games[1].event("packet");
    assert_eq!(packet.data["size"], 3);
    assert_eq!(packet.data["whole"], true);
    play.hears(1, "server_disconnected");
    play.hears_of(0, "peer_disconnected", 1);
    assert_eq!(
        play.ask(0, "get_peer_map", json!([])),
        json!({ play.ids[2].to_string(): play.games[2].steam_id() })
    );
    play.finish();
}

#[test]
fn expressobits_signal_tells_each_state_of_a_connection() {
    let mut play = Play::new("peer_states", How::User, 2);
    play.games[0].game("hear_connections", json!([]));
    play.everybody_joins();
    let user = play.games[1].steam_id();
    let mut before = 0;
    until("the connection", DEADLINE, || {
        let event = play.games[0].event("connection");
        assert_eq!(event.data["connection"]["identity"], user);
        assert_eq!(event.data["before"], before);
        let state = event.data["connection"]["connection_state"].as_i64();
        before = state.expect("a state");
        before == CONNECTED
    });
    play.games[1].game("close", json!([]));
    let event = play.games[0].event("connection");
    assert_eq!(event.data["connection"]["connection_state"], CLOSED_BY_PEER);
    assert_eq!(event.data["before"], CONNECTED);
    play.finish();
}
