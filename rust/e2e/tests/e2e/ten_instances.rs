//! Ten instances started in the same instant: ten users, one directory.

use samovar_e2e::{APP_ID, Game, Scenario};
use serde_json::json;

use crate::common::{PUBLIC, search_until};

#[test]
fn ten_instances_at_once_get_ten_ids_and_one_directory() {
    let scenario = Scenario::alone("ten_instances");
    let names: Vec<String> = (0..10).map(|number| format!("game{number}")).collect();
    let games: Vec<Game> = names.iter().map(|name| scenario.game(name)).collect();
    // The commands wait in the files, so all ten run them in their first frame.
    for game in &games {
        game.send(&json!({ "do": "steam", "name": "steamInit", "args": [APP_ID] }));
        game.send(&json!({ "do": "steam", "name": "createLobby", "args": [PUBLIC, 4] }));
    }
    let mut ids: Vec<i64> = games.iter().map(Game::steam_id).collect();
    ids.sort_unstable();
    ids.dedup();
    assert_eq!(ids.len(), 10, "{ids:?}");
    let mut lobbies: Vec<i64> = games
        .iter()
        .map(|game| game.signal("lobby_created").int(1))
        .collect();
    lobbies.sort_unstable();
    for game in &games {
        search_until(game, "list of ten lobbies", |found| {
            let mut found = found.to_vec();
            found.sort_unstable();
            found == lobbies
        });
    }
    scenario.finish_all(games);
}
