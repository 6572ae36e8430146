//! Utils and the like: what is honest to say without Steam.

use std::time::{SystemTime, UNIX_EPOCH};

use samovar_e2e::{APP_ID, ProjectOptions, Scenario};
use serde_json::{Value, json};

use crate::bad_input::all_refused;
use crate::common::lobby_of;

#[test]
fn what_needs_steam_says_so() {
    let scenario = Scenario::new("utils");
    let game = scenario.player("ann");
    let no = json!(false);
    for (method, args, wanted) in [
        ("getAppID", json!([]), json!(APP_ID)),
        ("getConnectedUniverse", json!([]), json!(1)),
        ("getCurrentBatteryPower", json!([]), json!(255)),
        ("getIPCCallCount", json!([]), json!(0)),
        ("getIPCountry", json!([]), json!("")),
        ("getIPv6ConnectivityState", json!([2]), json!(0)),
        ("getSecondsSinceAppActive", json!([]), json!(0)),
        ("getAPICallFailureReason", json!([]), json!(-1)),
        (
            "isAPICallCompleted",
            json!([]),
            json!({ "completed": false, "failed": false }),
        ),
        ("isOverlayEnabled", json!([]), json!(true)),
        ("overlayNeedsPresent", json!([]), no.clone()),
        ("isSteamRunningInVR", json!([]), no.clone()),
        ("isSteamInBigPictureMode", json!([]), no.clone()),
        ("isSteamRunningOnSteamDeck", json!([]), no.clone()),
        ("isSteamChinaLauncher", json!([]), no.clone()),
        ("isVRHeadsetStreamingEnabled", json!([]), no.clone()),
        ("setVRHeadsetStreamingEnabled", json!([]), Value::Null),
        ("startVRDashboard", json!([]), Value::Null),
        ("setGameLauncherMode", json!([true]), Value::Null),
        ("setOverlayNotificationPosition", json!([0]), Value::Null),
        ("setOverlayNotificationInset", json!([10, 20]), Value::Null),
        (
            "showGamepadTextInput",
            json!([0, 0, "x", 10, ""]),
            no.clone(),
        ),
        (
            "showFloatingGamepadTextInput",
            json!([0, 0, 0, 10, 10]),
            no.clone(),
        ),
        ("dismissGamepadTextInput", json!([]), no.clone()),
        ("dismissFloatingGamepadTextInput", json!([]), no.clone()),
        ("advertiseGame", json!([]), Value::Null),
        ("getPlayerSteamLevel", json!([]), json!(0)),
        ("getGameBadgeLevel", json!([1, false]), json!(0)),
        ("isPhoneIdentifying", json!([]), no.clone()),
        ("isPhoneRequiringVerification", json!([]), no.clone()),
        ("isPhoneVerified", json!([]), no.clone()),
        ("isTwoFactorEnabled", json!([]), no.clone()),
        (
            "userHasLicenseForApp",
            json!([game.steam_id(), APP_ID]),
            json!(0),
        ),
        (
            "userHasLicenseForApp",
            json!([game.steam_id(), 7]),
            json!(1),
        ),
    ] {
        assert_eq!(game.steam(method, args), wanted, "{method}");
    }
    let untouched = game.int("getSecondsSinceComputerActive", json!([]));
    assert!((0..180).contains(&untouched), "{untouched}");
    game.steam("checkFileSignature", json!(["res://project.godot"]));
    assert_eq!(game.signal("check_file_signature").int(0), 3);
    all_refused(
        &game,
        &[
            ("getIPv6ConnectivityState", json!([3]), json!(0)),
            ("setOverlayNotificationPosition", json!([4]), Value::Null),
            ("setOverlayNotificationInset", json!([-1, 0]), Value::Null),
            (
                "setOverlayNotificationInset",
                json!([0, 1_i64 << 40]),
                Value::Null,
            ),
        ],
    );
    game.finish();
}

#[test]
fn the_overlay_can_be_switched_off() {
    let options = ProjectOptions::default().setting("samovar/overlay/enabled", "false");
    let scenario = Scenario::with("no_overlay", &options);
    let game = scenario.player("ann");
    assert_eq!(game.steam("isOverlayEnabled", json!([])), json!(false));
    game.finish();
}

#[test]
fn players_share_a_clock() {
    let scenario = Scenario::new("server_time");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    lobby_of(&[&ann, &bob], 2);
    let unix = || {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since.as_secs()).unwrap_or(0)
    };
    let before = unix();
    let times = [&ann, &bob, &ann].map(|game| game.int("getServerRealTime", json!([])));
    let after = unix();
    let all = times
        .iter()
        .all(|time| (before - 1..=after + 1).contains(time));
    assert!(all, "{before}, {times:?}, {after}");
    assert!(times.is_sorted(), "{times:?}");
    scenario.finish([ann, bob]);
}

#[test]
fn languages_have_steams_names() {
    let scenario = Scenario::new("languages");
    for (locale, language) in [
        ("de_AT.UTF-8", "german"),
        ("pt_BR.UTF-8", "brazilian"),
        ("C", "english"),
    ] {
        let game = scenario
            .launch("ann")
            .env("LANG", locale)
            .env("LC_ALL", locale)
            .start();
        assert_eq!(
            game.bad_steam("getAvailableGameLanguages", json!([])),
            json!("None")
        );
        game.init(APP_ID);
        for method in [
            "getSteamUILanguage",
            "getCurrentGameLanguage",
            "getAvailableGameLanguages",
        ] {
            assert_eq!(
                game.steam(method, json!([])),
                json!(language),
                "{method} in {locale}"
            );
        }
        game.finish();
    }
}
