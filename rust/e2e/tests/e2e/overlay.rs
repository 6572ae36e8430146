//! The overlay: opened and closed, used with a keyboard and a gamepad, and with clicks in two windows.

mod incomplete;

use std::process::Command;

use samovar_e2e::{APP_ID, DEADLINE, Game, ProjectOptions, Scenario, repository_root};
use serde_json::{Value, json};

use crate::common::{PUBLIC, create_lobby, join_lobby, until};

/// `KEY_TAB`, `KEY_ESCAPE` and `KEY_ENTER`.
const TAB: i64 = 4_194_306;
const ESCAPE: i64 = 4_194_305;
const ENTER: i64 = 4_194_309;
/// `JOY_BUTTON_A` and its kin.
const PAD_A: i64 = 0;
const PAD_B: i64 = 1;
const PAD_GUIDE: i64 = 5;
const PAD_NEXT_PAGE: i64 = 10;
const PAD_DOWN: i64 = 12;
const PAD_RIGHT: i64 = 14;
/// `PERSONA_CHANGE_AVATAR`.
const AVATAR: i64 = 64;
/// `PERSONA_STATE_BUSY`.
const BUSY: i64 = 2;

/// A game with the overlay, and Steam initialised.
fn watched(scenario: &Scenario, name: &str) -> Game {
    let game = scenario
        .launch(name)
        .scene("res://tests/games/overlay_watch.gd")
        .start();
    game.init(APP_ID);
    wait_look(&game, "the overlay's node", |look| look["there"] == true);
    game
}

fn look(game: &Game) -> Value {
    game.game("look", json!([]))
}

fn wait_look(game: &Game, what: &str, enough: impl Fn(&Value) -> bool) -> Value {
    let mut last = Value::Null;
    until(what, DEADLINE, || {
        last = look(game);
        enough(&last)
    });
    last
}

fn shows(look: &Value, text: &str) -> bool {
    look["texts"]
        .as_array()
        .is_some_and(|texts| texts.iter().any(|shown| shown == text))
}

fn press(game: &Game, key: i64, shift: bool) {
    game.game("press", json!([key, shift, 0]));
}

fn pad(game: &Game, button: i64) {
    game.game("pad", json!([button]));
}

/// Presses the button until the focus is on that control.
fn pad_to(game: &Game, button: i64, control: &str) {
    until(control, DEADLINE, || {
        if look(game)["focus"] == control {
            return true;
        }
        pad(game, button);
        game.barrier();
        look(game)["focus"] == control
    });
}

fn toggled(game: &Game, active: bool, user_initiated: bool) {
    let signal = game.signal("overlay_toggled");
    assert_eq!(
        signal.args,
        [json!(active), json!(user_initiated), json!(APP_ID)]
    );
}

fn closed(game: &Game) {
    toggled(game, false, true);
    let gone = wait_look(game, "no window", |look| look["children"] == 0);
    assert_eq!(gone["processing"], false);
}

#[test]
fn the_overlay_opens_and_closes() {
    let scenario = Scenario::new("overlay");
    let ann = watched(&scenario, "ann");
    let idle = look(&ann);
    assert_eq!(idle["children"], 0, "{idle}");
    assert_eq!(idle["processing"], false, "{idle}");
    assert_eq!(idle["writing"], true, "{idle}");

    // By each call, closed by each way that is no click.
    for (call, args, shown) in [
        ("activateGameOverlay", json!(["Friends"]), "Friends"),
        (
            "activateGameOverlay",
            json!(["Settings"]),
            "Choose a picture…",
        ),
        ("activateGameOverlay", json!([]), "Friends"),
        (
            "activateGameOverlayToUser",
            json!(["steamid", crate::common::NOBODY]),
            "Offline",
        ),
        (
            "activateGameOverlayInviteDialogConnectString",
            json!(["+connect x"]),
            "Invite friends to your game",
        ),
    ] {
        ann.steam(call, args);
        toggled(&ann, true, false);
        wait_look(&ann, shown, |look| shows(look, shown));
        press(&ann, ESCAPE, false);
        closed(&ann);
    }

    // By the user.
    ann.game("forget", json!([]));
    press(&ann, TAB, true);
    toggled(&ann, true, true);
    ann.game("write", json!(["abc"]));
    press(&ann, TAB, true);
    closed(&ann);
    pad(&ann, PAD_GUIDE);
    toggled(&ann, true, true);
    pad(&ann, PAD_DOWN);
    pad(&ann, PAD_B);
    closed(&ann);

    // The game has heard nothing, and goes on where it was.
    let after = wait_look(&ann, "the focus", |look| look["writing"] == true);
    assert_eq!(after["heard"], json!([]), "{after}");
    assert_eq!(after["text"], "", "{after}");
    ann.game("write", json!(["abc"]));
    wait_look(&ann, "the game's text", |look| look["text"] == "abc");
    ann.finish();
}

#[test]
fn the_call_that_opens_it_builds_nothing_and_what_is_pressed_meanwhile_counts() {
    let scenario = Scenario::new("overlay_early");
    let ann = watched(&scenario, "ann");
    for is_loaded in [false, true, true] {
        let call = json!(["activateGameOverlay", ["Friends"]]);
        assert_eq!(ann.game("children_after", call), 0);
        if is_loaded {
            // The next page is the recent players'.
            pad(&ann, PAD_NEXT_PAGE);
            toggled(&ann, true, false);
            wait_look(&ann, "nobody", |look| {
                shows(look, "Nobody yet. Whoever you play with is listed here.")
            });
        } else {
            toggled(&ann, true, false);
        }
        press(&ann, ESCAPE, false);
        closed(&ann);
    }
    // Closed with a key that is pressed before there is a window.
    assert_eq!(
        ann.game("children_after", json!(["activateGameOverlay", []])),
        0
    );
    press(&ann, ESCAPE, false);
    toggled(&ann, true, false);
    closed(&ann);
    // The game hears of it when there is something to be seen.
    ann.game(
        "children_after",
        json!(["activateGameOverlay", ["Friends"]]),
    );
    let opened = ann.signal("overlay_toggled");
    assert_eq!(opened.args[0], json!(true));
    assert!(shows(&look(&ann), "Friends"));
    press(&ann, ESCAPE, false);
    closed(&ann);
    ann.game("children_after", json!(["activateGameOverlay", []]));
    ann.game("take_overlay_away", json!([true]));
    wait_look(&ann, "another overlay", |look| look["there"] == true);
    ann.finish();
}

#[test]
fn the_project_turns_the_overlay_and_its_shortcut_off() {
    let options = ProjectOptions::default().setting("samovar/overlay/shortcut", "false");
    let scenario = Scenario::with("overlay_shortcut", &options);
    let ann = watched(&scenario, "ann");
    assert_eq!(look(&ann)["listening"], false);
    press(&ann, TAB, true);
    pad(&ann, PAD_GUIDE);
    wait_look(&ann, "the events in the game", |look| {
        look["heard"]
            .as_array()
            .is_some_and(|heard| heard.len() == 4)
    });
    assert_eq!(look(&ann)["children"], 0);
    ann.steam("activateGameOverlay", json!(["friends"]));
    toggled(&ann, true, false);
    press(&ann, ESCAPE, false);
    closed(&ann);
    wait_look(&ann, "deaf again", |look| look["listening"] == false);
    ann.finish();
    drop(scenario);

    let options = ProjectOptions::default().setting("samovar/overlay/enabled", "false");
    let scenario = Scenario::with("overlay_off", &options);
    let ann = scenario
        .launch("ann")
        .scene("res://tests/games/overlay_watch.gd")
        .start();
    ann.init(APP_ID);
    ann.steam("activateGameOverlay", json!(["friends"]));
    ann.barrier();
    assert_eq!(look(&ann)["there"], false);
    ann.finish();
}

#[test]
fn the_overlay_is_none_of_the_games_nodes_and_comes_back() {
    let scenario = Scenario::new("overlay_tree");
    let ann = watched(&scenario, "ann");
    let is_last = || ann.game("last_is_the_scene", json!([])) == true;
    assert!(is_last());
    for is_by_hand in [false, true] {
        ann.game("change_scene", json!([is_by_hand]));
        until("the next scene", DEADLINE, is_last);
        assert_eq!(look(&ann)["there"], true);
    }
    // What is taken away for a while stays away; what is freed is made again.
    ann.game("take_overlay_away", json!([false]));
    ann.barrier();
    assert_eq!(look(&ann)["there"], false);
    ann.game("free_overlay", json!([]));
    wait_look(&ann, "the overlay", |look| look["there"] == true);
    ann.game("take_overlay_away", json!([true]));
    wait_look(&ann, "no overlay", |look| look["there"] == true);
    assert!(is_last());
    press(&ann, TAB, true);
    toggled(&ann, true, true);
    ann.game("take_overlay_away", json!([true]));
    toggled(&ann, false, false);
    wait_look(&ann, "the overlay, closed", |look| {
        look["there"] == true && look["children"] == 0
    });
    ann.finish();
}

#[test]
fn a_setting_can_be_another_one_on_a_platform() {
    // Read by the library.
    let options = ProjectOptions::default()
        .setting("samovar/overlay/enabled", "true")
        .setting("samovar/overlay/enabled.linux", "false")
        .setting("samovar/overlay/enabled.windows", "true");
    let scenario = Scenario::with("overlay_off_here", &options);
    let ann = scenario
        .launch("ann")
        .scene("res://tests/games/overlay_watch.gd")
        .start();
    ann.init(APP_ID);
    ann.barrier();
    assert_eq!(look(&ann)["there"], false);
    assert_eq!(ann.steam("isOverlayEnabled", json!([])), false);
    ann.finish();
    drop(scenario);

    // Read by the overlay.
    let options = ProjectOptions::default()
        .setting("samovar/overlay/shortcut", "true")
        .setting("samovar/overlay/shortcut.linux", "false");
    let scenario = Scenario::with("overlay_shortcut_here", &options);
    let ann = watched(&scenario, "ann");
    assert_eq!(look(&ann)["listening"], false);
    ann.finish();
}

#[test]
fn an_invitation_is_sent_and_accepted_with_a_gamepad() {
    let scenario = Scenario::new("overlay_pad");
    let ann = watched(&scenario, "ann");
    let bob = watched(&scenario, "bob");
    // A game may have emptied its input map: a gamepad works all the same.
    bob.game("empty_input_map", json!([]));
    let (ann_id, bob_id) = (ann.steam_id(), bob.steam_id());
    let lobby = create_lobby(&ann, PUBLIC, 4);
    pad(&ann, PAD_GUIDE);
    toggled(&ann, true, true);
    pad_to(&ann, PAD_DOWN, &format!("Person_{bob_id}"));
    pad_to(&ann, PAD_RIGHT, &format!("Invite_{bob_id}"));
    pad(&ann, PAD_A);
    bob.signal_where("lobby_invite", |args| args[0] == ann_id && args[1] == lobby);
    wait_look(&ann, "the button's answer", |look| shows(look, "Invited"));

    // The toast has the mouse only: the game keeps the focus.
    let toast = wait_look(&bob, "the toast", |look| shows(look, "Accept"));
    assert_eq!(toast["writing"], true, "{toast}");
    pad(&bob, PAD_GUIDE);
    toggled(&bob, true, true);
    wait_look(&bob, "the invitation", |look| look["focus"] == "Accept");
    pad(&bob, PAD_A);
    closed(&bob);
    let wanted = bob.signal("join_requested");
    assert_eq!(wanted.args, [json!(lobby), json!(ann_id)]);
    join_lobby(&bob, lobby);

    // Nobody is to be invited who is there.
    wait_look(&ann, "Bob in the lobby", |look| {
        shows(look, "In your lobby") && !shows(look, "Invited")
    });
    // And accepted invitations wait no longer.
    pad(&bob, PAD_GUIDE);
    toggled(&bob, true, true);
    assert!(!shows(&look(&bob), "Accept"));
    // Who has been in a lobby with you is a recent player.
    pad(&bob, PAD_NEXT_PAGE);
    wait_look(&bob, "Ann", |look| shows(look, "PLAYED WITH  ·  1"));
    scenario.finish([ann, bob]);
}

#[test]
fn friends_are_joined_and_invitations_bounded() {
    let scenario = Scenario::new("overlay_join");
    let ann = watched(&scenario, "ann");
    let bob = watched(&scenario, "bob");
    let (ann_id, bob_id) = (ann.steam_id(), bob.steam_id());
    let lobby = create_lobby(&ann, PUBLIC, 4);
    pad(&bob, PAD_GUIDE);
    toggled(&bob, true, true);
    wait_look(&bob, "Ann in a lobby", |look| shows(look, "Join"));
    pad_to(&bob, PAD_RIGHT, &format!("Join_{ann_id}"));
    pad(&bob, PAD_A);
    closed(&bob);
    assert_eq!(
        bob.signal("join_requested").args,
        [json!(lobby), json!(ann_id)]
    );

    // Invitations to the game: the latest of each user waits.
    for number in 0..5 {
        ann.steam(
            "inviteUserToGame",
            json!([bob_id, format!("+table {number}")]),
        );
    }
    let toasts = wait_look(&bob, "a toast", |look| {
        look["invited"] == 5 && count(look, "Accept") == 1
    });
    assert_eq!(toasts["children"], 1, "{toasts}");
    press(&bob, TAB, true);
    toggled(&bob, true, true);
    wait_look(&bob, "one in the list", |look| count(look, "Accept") == 1);
    wait_look(&bob, "their number", |look| shows(look, "Friends (1)"));
    press(&bob, ENTER, false);
    closed(&bob);
    assert_eq!(
        bob.signal("join_game_requested").args,
        [json!(ann_id), json!("+table 4")]
    );
    // Toasts go by themselves, what they told of waits.
    bob.game("set_toast_seconds", json!([0.2]));
    let before = look(&bob)["toasts"].as_i64().expect("a number");
    ann.steam("inviteUserToGame", json!([bob_id, "+table 5"]));
    wait_look(&bob, "the toast", |look| look["toasts"] == before + 1);
    wait_look(&bob, "its end", |look| look["children"] == 0);
    press(&bob, TAB, true);
    toggled(&bob, true, true);
    wait_look(&bob, "their number", |look| shows(look, "Friends (1)"));
    scenario.finish([ann, bob]);
}

#[test]
fn many_invitations_build_three_toasts_and_wait_by_inviter() {
    const INVITERS: i64 = 4;
    const TIMES: i64 = 100;
    // A toast, and what is around all of them.
    const TOAST_NODES: i64 = 16;
    const AROUND: i64 = 8;
    let scenario = Scenario::new("overlay_flood");
    let bob = watched(&scenario, "bob");
    let first = crate::common::NOBODY;
    let inviters: Vec<i64> = (0..INVITERS).map(|number| first + number).collect();
    for round in 1..=2 {
        bob.game("invite_often", json!([inviters, TIMES]));
        let seen = wait_look(&bob, "three toasts", |look| count(look, "Accept") == 3);
        assert_eq!(seen["invited"], round * INVITERS * TIMES, "{seen}");
        assert_eq!(seen["toasts"], 3, "{seen}");
        let built = seen["most_built"].as_i64().expect("a number");
        println!("round {round}: {built} nodes at most in a frame");
        assert!(built <= 3 * TOAST_NODES + AROUND, "{seen}");
    }
    press(&bob, TAB, true);
    toggled(&bob, true, true);
    wait_look(&bob, "one of each", |look| count(look, "Accept") == 4);
    // They are gathered while it is open too.
    bob.game("invite_often", json!([[first], TIMES]));
    let seen = wait_look(&bob, "the number", |look| shows(look, "Friends (4)"));
    assert_eq!(count(&seen, "Accept"), 4, "{seen}");
    assert_eq!(seen["most_built"], 0, "{seen}");
    press(&bob, ENTER, false);
    closed(&bob);
    bob.signal_where("join_game_requested", |args| args[1] == "+table 99");
    bob.finish();
}

#[test]
fn nothing_is_asked_where_invitations_are_accepted_by_themselves() {
    let options = ProjectOptions::default().setting("samovar/lobby/accept_invites", "true");
    let scenario = Scenario::with("overlay_accepting", &options);
    let ann = watched(&scenario, "ann");
    let bob = watched(&scenario, "bob");
    let lobby = create_lobby(&ann, PUBLIC, 4);
    ann.steam("inviteUserToLobby", json!([lobby, bob.steam_id()]));
    bob.signal_where("join_requested", |args| args[0] == lobby);
    bob.barrier();
    assert_eq!(look(&bob)["toasts"], 0);
    scenario.finish([ann, bob]);
}

fn count(look: &Value, text: &str) -> usize {
    look["texts"].as_array().map_or(0, |texts| {
        texts.iter().filter(|shown| *shown == text).count()
    })
}

#[test]
fn the_profile_is_edited_in_the_overlay() {
    let scenario = Scenario::new("overlay_profile");
    let ann = watched(&scenario, "ann");
    let bob = watched(&scenario, "bob");
    let bob_id = bob.steam_id();
    press(&bob, TAB, true);
    toggled(&bob, true, true);
    pad(&bob, PAD_NEXT_PAGE);
    pad(&bob, PAD_NEXT_PAGE);
    wait_look(&bob, "the profile", |look| look["focus"] == "ChoosePicture");
    // A picture: B leaves the dialog, not the overlay.
    for choose in [false, true] {
        pad(&bob, PAD_A);
        wait_look(&bob, "the dialog", |look| look["dialogs"] == 1);
        if choose {
            bob.game("choose_picture", json!([]));
        } else {
            pad(&bob, PAD_B);
        }
        wait_look(&bob, "the dialog's end", |look| look["dialogs"] == 0);
    }
    wait_look(&bob, "the answer", |look| shows(look, "Saved."));
    ann.signal_where("persona_state_change", |args| {
        args[0] == bob_id && args[1].as_i64().is_some_and(|flags| flags & AVATAR != 0)
    });
    pad_to(&bob, PAD_DOWN, "ProfileName");
    // A field takes letters once it is pressed.
    press(&bob, ENTER, false);
    bob.game("write", json!(["Agafya the second"]));
    press(&bob, ENTER, false);
    wait_look(&bob, "the name", |look| shows(look, "Agafya the second"));
    assert_eq!(bob.steam("getPersonaName", json!([])), "Agafya the second");
    pad_to(&bob, PAD_DOWN, "StateBusy");
    pad(&bob, PAD_A);
    until("Ann sees both", DEADLINE, || {
        ann.steam("getFriendPersonaName", json!([bob_id])) == "Agafya the second"
            && ann.int("getFriendPersonaState", json!([bob_id])) == BUSY
    });
    scenario.finish([ann, bob]);
}

#[test]
fn the_overlay_is_used_in_two_windows() {
    for tool in ["Xvfb", "xdotool"] {
        let found = Command::new("sh")
            .args(["-c", &format!("command -v {tool}")])
            .output();
        if !found.is_ok_and(|output| output.status.success()) {
            samovar_e2e::skipped("overlay", &format!("there is no {tool}"));
            return;
        }
    }
    let _alone = Scenario::alone("overlay_windows");
    let output = Command::new(repository_root().join("scripts/overlay"))
        .current_dir(repository_root())
        .output()
        .expect("scripts/overlay can be run");
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
