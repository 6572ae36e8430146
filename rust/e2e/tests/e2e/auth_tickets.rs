//! Auth session tickets: one user proves to another who it is.

use samovar_e2e::{APP_ID, Game, Scenario, bytes};
use serde_json::{Value, json};

use crate::bad_input::all_refused;
use crate::common::{NO_LOBBY, NOBODY, RESULT_OK, lobby_of};

/// `Steam.BeginAuthSessionResult`.
const OK: i64 = 0;
const INVALID_TICKET: i64 = 1;
const DUPLICATE_REQUEST: i64 = 2;
const GAME_MISMATCH: i64 = 4;
/// `Steam.AuthSessionResponse`.
const RESPONSE_OK: i64 = 0;
const USER_NOT_CONNECTED: i64 = 1;
const TICKET_CANCELED: i64 = 6;

fn player(scenario: &Scenario, name: &str, app_id: u32) -> Game {
    let game = scenario
        .launch(name)
        .scene("res://tests/games/people.gd")
        .env("SAMOVAR_PROFILE", name)
        .start();
    game.init(app_id);
    game
}

/// A new ticket: its handle and its bytes in hexadecimal.
fn ticket(game: &Game, recipient: i64) -> (i64, String) {
    let made = game.game("ticket", json!([recipient]));
    assert_eq!(made["room"], 1024);
    let handle = made["id"].as_i64().unwrap_or(0);
    let response = game.signal("get_auth_session_ticket_response");
    assert_eq!((response.int(0), response.int(1)), (handle, RESULT_OK));
    (handle, made["hex"].as_str().unwrap_or_default().to_owned())
}

fn begin(game: &Game, ticket: &str, user: i64) -> i64 {
    game.game("begin", json!([ticket, user]))
        .as_i64()
        .unwrap_or(-1)
}

/// Waits for what becomes of a user's ticket.
fn validated(game: &Game, user: i64, response: i64) {
    let signal = game.signal("validate_auth_ticket_response");
    assert_eq!(signal.args, [json!(user), json!(response), json!(user)]);
}

#[test]
fn a_ticket_proves_its_owner_until_it_is_cancelled() {
    let scenario = Scenario::new("auth_tickets");
    let ann = player(&scenario, "ann", APP_ID);
    let bob = player(&scenario, "bob", APP_ID);
    let (_, ids) = lobby_of(&[&ann, &bob], 2);
    let license = |app: u32| bob.int("userHasLicenseForApp", json!([ids[0], app]));
    assert_eq!(license(APP_ID), 2);

    let (handle, sealed) = ticket(&ann, ids[1]);
    assert_eq!(begin(&bob, &sealed, ids[0]), OK);
    validated(&bob, ids[0], RESPONSE_OK);
    assert_eq!(begin(&bob, &sealed, ids[0]), DUPLICATE_REQUEST);
    assert_eq!((license(APP_ID), license(APP_ID + 1)), (0, 1));
    ann.steam("cancelAuthTicket", json!([handle]));
    validated(&bob, ids[0], TICKET_CANCELED);
    assert_eq!(license(APP_ID), 2);
    bob.steam("endAuthSession", json!([ids[0]]));
    assert_eq!(begin(&bob, &sealed, ids[0]), DUPLICATE_REQUEST);

    // One that is cancelled before it is used.
    let (handle, sealed) = ticket(&ann, 0);
    ann.steam("cancelAuthTicket", json!([handle]));
    assert_eq!(begin(&bob, &sealed, ids[0]), OK);
    validated(&bob, ids[0], RESPONSE_OK);
    validated(&bob, ids[0], TICKET_CANCELED);
    bob.steam("endAuthSession", json!([ids[0]]));

    // Its owner leaves.
    let (_, sealed) = ticket(&ann, 0);
    assert_eq!(begin(&bob, &sealed, ids[0]), OK);
    validated(&bob, ids[0], RESPONSE_OK);
    ann.finish();
    validated(&bob, ids[0], USER_NOT_CONNECTED);
    bob.steam("endAuthSession", json!([ids[0]]));
    bob.barrier();
    assert_eq!(
        bob.pending_signals("validate_auth_ticket_response").len(),
        0
    );
    bob.finish();
}

#[test]
fn a_ticket_of_another_or_for_another_is_refused() {
    let scenario = Scenario::alone("auth_refusals");
    let ann = player(&scenario, "ann", APP_ID);
    let bob = player(&scenario, "bob", APP_ID);
    let eve = player(&scenario, "eve", APP_ID + 1);
    let (ann_id, bob_id, eve_id) = (ann.steam_id(), bob.steam_id(), eve.steam_id());
    let (_, for_bob) = ticket(&ann, bob_id);
    let (_, for_all) = ticket(&ann, 0);
    assert_eq!(begin(&eve, &for_bob, ann_id), INVALID_TICKET);
    assert_eq!(begin(&eve, &for_all, ann_id), GAME_MISMATCH);
    assert_eq!(begin(&bob, &for_bob, eve_id), INVALID_TICKET);
    // Cut, altered, and no ticket at all.
    let half = &for_bob[..100];
    let mut altered = for_bob.clone();
    let last = altered.pop();
    altered.push(if last == Some('0') { '1' } else { '0' });
    for bad in ["", half, &altered, &"00".repeat(150)] {
        assert_eq!(begin(&bob, bad, ann_id), INVALID_TICKET);
    }
    // Sizes are the sender's to say: no error in the log.
    for size in [-1, 151, 1_i64 << 40] {
        let result = bob.int("beginAuthSession", json!([bytes(150, 1), size, ann_id]));
        assert_eq!(result, INVALID_TICKET);
    }
    assert_eq!(begin(&bob, &for_bob, ann_id), OK);
    validated(&bob, ann_id, RESPONSE_OK);
    all_refused(
        &bob,
        &[
            (
                "beginAuthSession",
                json!([bytes(9, 1), 9, 0]),
                json!(INVALID_TICKET),
            ),
            ("endAuthSession", json!([NO_LOBBY]), Value::Null),
            ("cancelAuthTicket", json!([-1]), Value::Null),
            ("userHasLicenseForApp", json!([0, 480]), json!(2)),
        ],
    );
    let reply = bob.try_steam("getAuthSessionTicket", json!([NO_LOBBY]));
    assert_eq!(
        (&reply.value["id"], &reply.value["size"]),
        (&json!(0), &json!(0))
    );
    bob.expect_error(&reply.errors[0]);
    bob.steam("endAuthSession", json!([NOBODY]));
    bob.steam("cancelAuthTicket", json!([12345]));
    scenario.finish([ann, bob, eve]);
}
