//! Voice is not recorded here: games that look into the answers in every frame find their keys.

use samovar_e2e::Scenario;
use serde_json::json;

/// `VOICE_RESULT_NOT_RECORDING`.
const NOT_RECORDING: i64 = 2;

#[test]
fn there_is_no_voice_and_every_key_says_so() {
    let scenario = Scenario::new("voice");
    let game = scenario.player("ann");
    let available = game.steam("getAvailableVoice", json!([]));
    assert_eq!(
        available,
        json!({ "result": NOT_RECORDING, "size": 0, "buffer": 0 })
    );
    for args in [json!([]), json!([4096])] {
        let voice = game.steam("getVoice", args);
        assert_eq!(voice["result"], json!(NOT_RECORDING));
        assert_eq!((&voice["size"], &voice["written"]), (&json!(0), &json!(0)));
        assert!(voice.get("buffer").is_some());
    }
    game.finish();
}
