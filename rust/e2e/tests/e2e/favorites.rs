//! Favourite game servers: kept for each profile.

use samovar_e2e::{APP_ID, Game, Scenario};
use serde_json::{Value, json};

use crate::bad_input::all_refused;

/// `Steam.FAVORITE_FLAG_FAVORITE` and `_HISTORY`.
const FAVORITE: i64 = 1;
const HISTORY: i64 = 2;

fn favorites(game: &Game) -> Vec<Value> {
    let all = game.steam("getFavoriteGames", json!([]));
    all.as_array().cloned().unwrap_or_default()
}

fn entry(ip: &str, flags: i64, played: i64) -> Value {
    json!({
        "ret": true, "app": APP_ID, "ip": ip, "game_port": 27015, "query_port": 27016, "flags": flags, "played": played,
    })
}

#[test]
fn favourites_are_kept_for_the_next_start() {
    let scenario = Scenario::new("favorites");
    let start = || {
        let game = scenario.launch("ann").env("SAMOVAR_PROFILE", "ann").start();
        game.init(APP_ID);
        game
    };
    let ann = start();
    assert_eq!(favorites(&ann), [] as [Value; 0]);
    let add = |ip: &str, flags: i64, played: i64| {
        ann.int("addFavoriteGame", json!([ip, 27015, 27016, flags, played]))
    };
    assert_eq!(add("10.0.0.1", FAVORITE, 100), 1);
    let changed = ann.signal("favorites_list_changed").args[0].clone();
    assert_eq!(
        changed,
        json!({
            "ip": "10.0.0.1", "query_port": 27016, "conn_port": 27015, "connection_port": 27015, "app_id": APP_ID,
            "flags": FAVORITE, "add": true, "account_id": ann.steam_id() & 0xffff_ffff,
        })
    );
    assert_eq!(add("10.0.0.2", HISTORY, 200), 2);
    assert_eq!(add("10.0.0.1", HISTORY, 300), 2);
    let all = [
        entry("10.0.0.1", FAVORITE | HISTORY, 300),
        entry("10.0.0.2", HISTORY, 200),
    ];
    assert_eq!(favorites(&ann), all);
    ann.finish();

    let ann = start();
    assert_eq!(favorites(&ann), all);
    let remove = |ip: &str, flags: i64| {
        ann.steam(
            "removeFavoriteGame",
            json!([APP_ID, ip, 27015, 27016, flags]),
        )
    };
    assert_eq!(remove("10.0.0.3", FAVORITE), json!(false));
    assert_eq!(remove("10.0.0.1", HISTORY), json!(true));
    assert_eq!(remove("10.0.0.2", HISTORY), json!(true));
    assert_eq!(remove("10.0.0.2", HISTORY), json!(false));
    ann.signal_where("favorites_list_changed", |args| {
        args[0]["ip"] == "10.0.0.2" && args[0]["add"] == false
    });
    assert_eq!(favorites(&ann), [entry("10.0.0.1", FAVORITE, 300)]);
    // They are Ann's alone.
    let bob = scenario.player("bob");
    assert_eq!(favorites(&bob), [] as [Value; 0]);
    scenario.finish([ann, bob]);
}

#[test]
fn bad_favourites_are_refused() {
    let scenario = Scenario::new("bad_favorites");
    let ann = scenario.player("ann");
    let add = "addFavoriteGame";
    let remove = "removeFavoriteGame";
    all_refused(
        &ann,
        &[
            (add, json!(["x", 1, 1, 1, 1]), json!(0)),
            (add, json!(["::1", 1, 1, 1, 1]), json!(0)),
            (add, json!(["10.0.0.1", -1, 1, 1, 1]), json!(0)),
            (add, json!(["10.0.0.1", 1, 65536, 1, 1]), json!(0)),
            (add, json!(["10.0.0.1", 1, 1, -1, 1]), json!(0)),
            (add, json!(["10.0.0.1", 1, 1, 1, -1]), json!(0)),
            (remove, json!([-1, "10.0.0.1", 1, 1, 1]), json!(false)),
            (remove, json!([480, "", 1, 1, 1]), json!(false)),
        ],
    );
    assert_eq!(favorites(&ann), [] as [Value; 0]);
    ann.finish();
}
