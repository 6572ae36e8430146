//! Pictures of a user's own: from the profile's folder or the game, as the user and as others see them.

use std::fs;

use samovar_e2e::{APP_ID, DEADLINE, Game, Launch, Scenario};
use serde_json::{Value, json};

use crate::bad_input::all_refused;
use crate::common::{NOBODY, lobby_of, until};

const PEOPLE: &str = "res://tests/games/people.gd";
/// A PNG file of 4 x 2 pixels: the square in the middle is (0, 128, 0), left and right of it is red.
const GREEN: &[u8] = &[
    137, 80, 78, 71, 13, 10, 26, 10, 0, 0, 0, 13, 73, 72, 68, 82, 0, 0, 0, 4, 0, 0, 0, 2, 8, 2, 0,
    0, 0, 240, 202, 234, 52, 0, 0, 0, 19, 73, 68, 65, 84, 120, 156, 99, 248, 207, 192, 192, 208, 0,
    66, 32, 6, 50, 7, 0, 81, 226, 5, 253, 127, 239, 167, 195, 0, 0, 0, 0, 73, 69, 78, 68, 174, 66,
    96, 130,
];
/// A pixel of it, in hexadecimal.
const GREEN_PIXEL: &str = "008000ff";

fn ann(scenario: &Scenario) -> Launch {
    scenario
        .launch("ann")
        .env("SAMOVAR_PROFILE", "ann")
        .scene(PEOPLE)
}

/// The size of a user's picture and the first of its bytes, by way of `getPlayerAvatar`.
fn picture(game: &Game, user: i64, size: i64) -> (i64, Value) {
    game.steam("getPlayerAvatar", json!([size, user]));
    let loaded = game.signal_where("avatar_loaded", |args| args[0] == user);
    (loaded.int(1), loaded.args[2].clone())
}

fn is_all(data: &Value, pixel: &str) -> bool {
    // The first 64 bytes are shown.
    data["hex"] == pixel.repeat(16)
}

/// The pixels of an image handle.
fn image(game: &Game, handle: i64) -> Value {
    let rgba = game.steam("getImageRGBA", json!([handle]));
    assert_eq!(rgba["success"], json!(true));
    rgba["buffer"].clone()
}

#[test]
fn a_picture_in_the_profiles_folder_is_the_users() {
    let scenario = Scenario::new("own_picture");
    // The first start makes the folder.
    let game = ann(&scenario).start();
    game.init(APP_ID);
    let generated = picture(&game, game.steam_id(), 3).1;
    game.finish();
    let folder = scenario.data_dir("").join("profiles/ann");
    fs::write(folder.join("avatar.png"), GREEN).unwrap();
    let game = ann(&scenario).start();
    game.init(APP_ID);
    let bob = scenario.player("bob");
    let id = game.steam_id();
    for (size, pixels) in [(1, 32), (2, 64), (3, 184)] {
        let (loaded, data) = picture(&game, id, size);
        assert_eq!(
            (loaded, &data["size"]),
            (pixels, &json!(pixels * pixels * 4))
        );
        assert!(is_all(&data, GREEN_PIXEL), "{data}");
    }
    // Others see it as soon as they know of it.
    lobby_of(&[&game, &bob], 2);
    until("Ann's picture", samovar_e2e::DEADLINE, || {
        is_all(&picture(&bob, id, 3).1, GREEN_PIXEL)
    });
    scenario.finish([game, bob]);

    // One that cannot be used is refused with a warning.
    for damage in [&GREEN[..40], b"nonsense", b""] {
        fs::write(folder.join("avatar.png"), damage).unwrap();
        let game = ann(&scenario).start();
        game.init(APP_ID);
        let _ = game.line("avatar.png is not used, and a generated one is in its place");
        assert_eq!(picture(&game, id, 3).1, generated);
        game.finish();
    }
}

#[test]
fn a_game_changes_the_picture_and_others_see_it() {
    let scenario = Scenario::new("set_avatar");
    let game = ann(&scenario).start();
    game.init(APP_ID);
    let bob = scenario.player("bob");
    let (_, ids) = lobby_of(&[&game, &bob], 2);
    let generated = picture(&bob, ids[0], 3).1;
    let before = bob.int("getLargeFriendAvatar", json!([ids[0]]));
    assert!(before > 0);

    assert_eq!(
        game.game("set_avatar", json!([300, 20, "#102030"])),
        json!(true)
    );
    game.signal_where("persona_state_change", |args| {
        args[0] == ids[0] && args[1] == 64
    });
    bob.signal_where("persona_state_change", |args| {
        args[0] == ids[0] && args[1] == 64
    });
    let blue = "102030ff";
    assert!(is_all(&picture(&game, ids[0], 2).1, blue));
    // On its way at first: -1, and then a signal with the handle.
    let mut handle = bob.int("getLargeFriendAvatar", json!([ids[0]]));
    if handle == -1 {
        let loaded = bob.signal("avatar_image_loaded");
        assert_eq!(
            [loaded.int(0), loaded.int(2), loaded.int(3)],
            [ids[0], 184, 184]
        );
        handle = loaded.int(1);
    }
    assert!(handle > 0 && handle != before, "{handle}, before {before}");
    assert!(is_all(&image(&bob, handle), blue));
    assert!(is_all(&picture(&bob, ids[0], 3).1, blue));
    assert_eq!(bob.int("getLargeFriendAvatar", json!([ids[0]])), handle);

    assert_eq!(game.game("set_avatar", json!([0, 0, ""])), json!(true));
    // The signal comes twice for a new picture, with its number and with its pixels: this may be one of the last.
    bob.signal_where("persona_state_change", |args| {
        args[0] == ids[0] && args[1] == 64
    });
    until("the generated picture", DEADLINE, || {
        picture(&bob, ids[0], 3).1 == generated
    });
    assert_eq!(
        game.game("set_avatar", json!([50, 50, "#040506"])),
        json!(true)
    );
    scenario.finish([game, bob]);

    // It is kept.
    let game = ann(&scenario).start();
    game.init(APP_ID);
    assert!(is_all(&picture(&game, ids[0], 1).1, "040506ff"));
    game.finish();
}

#[test]
fn image_handles_stand_for_pixels() {
    let scenario = Scenario::new("image_handles");
    let game = scenario.player("ann");
    let id = game.steam_id();
    let sizes = [
        ("getSmallFriendAvatar", 32),
        ("getMediumFriendAvatar", 64),
        ("getLargeFriendAvatar", 184),
    ];
    let mut handles = Vec::new();
    for (size, (method, pixels)) in (1..).zip(sizes) {
        let handle = game.int(method, json!([id]));
        assert!(handle > 0 && !handles.contains(&handle), "{handle}");
        assert_eq!(game.int(method, json!([id])), handle);
        assert_eq!(
            game.steam("getImageSize", json!([handle])),
            json!({ "success": true, "width": pixels, "height": pixels })
        );
        assert_eq!(image(&game, handle), picture(&game, id, size).1);
        handles.push(handle);
    }
    let other = game.int("getSmallFriendAvatar", json!([NOBODY]));
    assert!(!handles.contains(&other));
    for bad in [0, -1, 1_i64 << 40] {
        let size = game.steam("getImageSize", json!([bad]));
        assert_eq!(size, json!({ "success": false, "width": 0, "height": 0 }));
        let rgba = game.steam("getImageRGBA", json!([bad]));
        assert_eq!(
            (&rgba["success"], &rgba["buffer"]["size"]),
            (&json!(false), &json!(0))
        );
    }
    all_refused(
        &game,
        &sizes.map(|(method, _)| (method, json!([0]), json!(0))),
    );
    game.finish();
}
