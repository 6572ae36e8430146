//! Bad input: what each call returns, one error line, and nothing lost or half done.

use samovar_e2e::{Game, Scenario, bytes, text_bytes};
use serde_json::{Value, json};

use crate::common::{
    DOESNT_EXIST, NO_LOBBY, NOBODY, P2P_RELIABLE, P2P_UNRELIABLE, PUBLIC, SEND_RELIABLE,
    create_lobby, hear, join_response, lobby_of, members, owner, p2p, p2p_arrives, say,
};

/// Checks a row of (method, arguments, what it returns): one error line each.
pub(crate) fn all_refused(game: &Game, rows: &[(&str, Value, Value)]) {
    let mut wrong = Vec::new();
    for (name, args, wanted) in rows {
        let reply = game.try_steam(name, args.clone());
        let args: String = args.to_string().chars().take(60).collect();
        if reply.value != *wanted {
            wrong.push(format!(
                "{name}{args}: returned {}, not {wanted}",
                reply.value
            ));
        }
        if reply.errors.len() != 1 {
            wrong.push(format!(
                "{name}{args}: {} errors: {:?}",
                reply.errors.len(),
                reply.errors
            ));
        }
        for error in &reply.errors {
            game.expect_error(error);
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn methods_before_steam_init_print_one_error_and_return_the_default() {
    let scenario = Scenario::new("before_init");
    let game = scenario.game("ann");
    let id = NOBODY;
    let lobby = NO_LOBBY;
    let data = text_bytes("x");
    let rows = [
        ("getSteamID", json!([]), json!(0)),
        ("loggedOn", json!([]), json!(false)),
        ("isSubscribed", json!([]), json!(false)),
        ("getAppID", json!([]), json!(0)),
        ("sendP2PPacket", json!([id, data, 2, 0]), json!(false)),
        ("readP2PPacket", json!([100, 0]), json!({})),
        ("getAvailableP2PPacketSize", json!([0]), json!(0)),
        ("acceptP2PSessionWithUser", json!([id]), json!(false)),
        ("allowP2PPacketRelay", json!([true]), json!(false)),
        ("closeP2PSessionWithUser", json!([id]), json!(false)),
        ("closeP2PChannelWithUser", json!([id, 0]), json!(false)),
        ("getP2PSessionState", json!([id]), json!({})),
        ("sendMessageToUser", json!([id, data, 8, 0]), json!(0)),
        ("receiveMessagesOnChannel", json!([0, 10]), json!([])),
        ("acceptSessionWithUser", json!([id]), json!(false)),
        ("closeSessionWithUser", json!([id]), json!(false)),
        ("closeChannelWithUser", json!([id, 0]), json!(false)),
        (
            "getSessionConnectionInfo",
            json!([id, true, true]),
            json!({}),
        ),
        ("createLobby", json!([2, 4]), Value::Null),
        ("joinLobby", json!([lobby]), Value::Null),
        ("leaveLobby", json!([lobby]), Value::Null),
        ("requestLobbyList", json!([]), Value::Null),
        ("addRequestLobbyListDistanceFilter", json!([3]), Value::Null),
        ("getLobbyData", json!([lobby, "name"]), json!("")),
        ("setLobbyData", json!([lobby, "name", "x"]), json!(false)),
        ("getAllLobbyData", json!([lobby]), json!({})),
        ("getNumLobbyMembers", json!([lobby]), json!(0)),
        ("getLobbyMemberByIndex", json!([lobby, 0]), json!(0)),
        ("getLobbyOwner", json!([lobby]), json!(0)),
        ("sendLobbyChatMsg", json!([lobby, "x"]), json!(false)),
        ("inviteUserToLobby", json!([lobby, id]), json!(false)),
        ("getPersonaName", json!([]), json!("")),
        ("getFriendPersonaName", json!([id]), json!("")),
        ("getPlayerAvatar", json!([2, id]), Value::Null),
        ("getLargeFriendAvatar", json!([id]), json!(0)),
        ("getImageRGBA", json!([1]), json!({})),
        ("getImageSize", json!([1]), json!({})),
        ("getFavoriteGames", json!([]), json!([])),
        ("getRecentPlayers", json!([]), json!([])),
        ("getAuthSessionTicket", json!([]), json!({})),
        ("beginAuthSession", json!([data, 1, id]), json!(-1)),
        ("userHasLicenseForApp", json!([id, 480]), json!(2)),
        ("filterText", json!([2, id, "x"]), json!("")),
        ("isAPICallCompleted", json!([]), json!({})),
        ("getConnectedUniverse", json!([]), json!(0)),
        ("getServerRealTime", json!([]), json!(0)),
    ];
    all_refused(&game, &rows);
    // These have no guard: they are harmless, and quiet.
    let _ = game.steam("isSteamRunning", json!([]));
    game.steam("run_callbacks", json!([]));
    game.steam("steamShutdown", json!([]));
    assert_eq!(game.steam("get_steam_init_result", json!([])), json!({}));
    assert_eq!(game.steam("get_current_app_id", json!([])), json!(0));
    assert_eq!(game.steam("get_current_steam_id", json!([])), json!(0));
    // And nothing was kept: the game starts like any other.
    game.init(samovar_e2e::APP_ID);
    assert!(game.pending_signals("lobby_created").is_empty());
    let _ = create_lobby(&game, PUBLIC, 4);
    assert_eq!(game.all_signals("lobby_created").len(), 1);
    game.finish();
}

#[test]
fn bad_p2p_calls_are_refused() {
    let scenario = Scenario::new("bad_p2p");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let (ann_id, bob_id) = (ann.steam_id(), bob.steam_id());
    bob.auto_accept(true);
    bob.poll_p2p(&[0]);
    p2p(&ann, bob_id, "before", P2P_RELIABLE, 0);
    p2p_arrives(&bob, ann_id, "before", 0);

    let small = text_bytes("x");
    let mut rows = vec![
        (
            "sendP2PPacket",
            json!([bob_id, small, P2P_RELIABLE, -1]),
            json!(false),
        ),
        ("sendP2PPacket", json!([bob_id, small, 4, 0]), json!(false)),
        ("sendP2PPacket", json!([bob_id, small, -1, 0]), json!(false)),
        (
            "sendP2PPacket",
            json!([bob_id, bytes(1201, 1), P2P_UNRELIABLE, 0]),
            json!(false),
        ),
        (
            "sendP2PPacket",
            json!([bob_id, bytes(1201, 1), 1, 0]),
            json!(false),
        ),
        (
            "sendP2PPacket",
            json!([bob_id, bytes(1024 * 1024 + 1, 1), 2, 0]),
            json!(false),
        ),
        (
            "sendP2PPacket",
            json!([bob_id, bytes(1024 * 1024 + 1, 1), 3, 0]),
            json!(false),
        ),
        ("getAvailableP2PPacketSize", json!([-1]), json!(0)),
        ("readP2PPacket", json!([100, -1]), json!({})),
        ("closeP2PChannelWithUser", json!([bob_id, -1]), json!(false)),
    ];
    // No user: nothing, a negative number, a lobby, a number without universe and type.
    for wrong in [0, -1, NO_LOBBY, 12_345] {
        rows.push((
            "sendP2PPacket",
            json!([wrong, small, P2P_RELIABLE, 0]),
            json!(false),
        ));
        rows.push(("acceptP2PSessionWithUser", json!([wrong]), json!(false)));
        rows.push(("closeP2PSessionWithUser", json!([wrong]), json!(false)));
        rows.push(("closeP2PChannelWithUser", json!([wrong, 0]), json!(false)));
        rows.push(("getP2PSessionState", json!([wrong]), json!({})));
    }
    all_refused(&ann, &rows);

    // The open session has not noticed.
    p2p(&ann, bob_id, "after", P2P_RELIABLE, 0);
    p2p_arrives(&bob, ann_id, "after", 0);
    assert_eq!(bob.all_signals("p2p_session_request").len(), 1);
    assert!(ann.pending_signals("p2p_session_connect_fail").is_empty());
    scenario.finish([ann, bob]);
}

#[test]
fn bad_messages_calls_are_refused() {
    let scenario = Scenario::new("bad_messages");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let bob_id = bob.steam_id();
    bob.auto_accept(true);
    bob.poll_messages(&[0]);
    let send = |text: &str| {
        let sent = ann.steam(
            "sendMessageToUser",
            json!([bob_id, text_bytes(text), SEND_RELIABLE, 0]),
        );
        assert_eq!(sent, 1);
        bob.event_where("message", |message| message["text"] == text);
    };
    send("before");
    let small = text_bytes("x");
    let invalid = json!(8);
    let mut rows = vec![
        (
            "sendMessageToUser",
            json!([bob_id, bytes(512 * 1024 + 1, 1), 8, 0]),
            invalid.clone(),
        ),
        (
            "sendMessageToUser",
            json!([bob_id, bytes(512 * 1024 + 1, 1), 0, 0]),
            invalid.clone(),
        ),
        (
            "sendMessageToUser",
            json!([bob_id, small, SEND_RELIABLE, -1]),
            invalid.clone(),
        ),
        ("receiveMessagesOnChannel", json!([-1, 10]), json!([])),
        ("receiveMessagesOnChannel", json!([0, -1]), json!([])),
        ("closeChannelWithUser", json!([bob_id, -1]), json!(false)),
    ];
    for wrong in [0, -1, NO_LOBBY, 12_345] {
        rows.push((
            "sendMessageToUser",
            json!([wrong, small, 8, 0]),
            invalid.clone(),
        ));
        rows.push(("acceptSessionWithUser", json!([wrong]), json!(false)));
        rows.push(("closeSessionWithUser", json!([wrong]), json!(false)));
        rows.push(("closeChannelWithUser", json!([wrong, 0]), json!(false)));
    }
    all_refused(&ann, &rows);
    send("after");
    scenario.finish([ann, bob]);
}

#[test]
fn bad_matchmaking_calls_are_refused() {
    let scenario = Scenario::new("bad_matchmaking");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let (lobby, ids) = lobby_of(&[&ann, &bob], 4);
    ann.steam("setLobbyData", json!([lobby, "name", "kept"]));
    bob.signal_where("lobby_data_update", |args| {
        args[1] == lobby && args[2] == lobby
    });

    let key = "k".repeat(256);
    let value = "v".repeat(8193);
    // 4097 bytes, though fewer characters.
    let chat = format!("{}x", "é".repeat(2048));
    let no = json!(false);
    all_refused(
        &ann,
        &[
            ("createLobby", json!([PUBLIC, 251]), Value::Null),
            ("createLobby", json!([PUBLIC, 0]), Value::Null),
            ("createLobby", json!([PUBLIC, -3]), Value::Null),
            ("createLobby", json!([9, 4]), Value::Null),
            ("setLobbyMemberLimit", json!([lobby, 251]), no.clone()),
            ("setLobbyMemberLimit", json!([lobby, -1]), no.clone()),
            ("setLobbyType", json!([lobby, 9]), no.clone()),
            ("setLobbyData", json!([lobby, key, "x"]), no.clone()),
            ("setLobbyData", json!([lobby, "name", value]), no.clone()),
            ("setLobbyData", json!([lobby, "", "x"]), no.clone()),
            ("setLobbyMemberData", json!([lobby, key, "x"]), Value::Null),
            (
                "setLobbyMemberData",
                json!([lobby, "name", value]),
                Value::Null,
            ),
            ("sendLobbyChatMsg", json!([lobby, chat]), no.clone()),
            ("setLobbyOwner", json!([lobby, NOBODY]), no.clone()),
            ("inviteUserToLobby", json!([lobby, 0]), no.clone()),
            (
                "addRequestLobbyListStringFilter",
                json!([key, "x", 0]),
                Value::Null,
            ),
            (
                "addRequestLobbyListStringFilter",
                json!(["a", "x", 17]),
                Value::Null,
            ),
            (
                "addRequestLobbyListNumericalFilter",
                json!(["a", 1, -17]),
                Value::Null,
            ),
            ("addRequestLobbyListDistanceFilter", json!([9]), Value::Null),
            (
                "addRequestLobbyListResultCountFilter",
                json!([-1]),
                Value::Null,
            ),
        ],
    );
    // Lobbies that nobody made, of which one is no member, and what is no lobby at all.
    for wrong in [NO_LOBBY, ids[1], 0, -1] {
        all_refused(
            &ann,
            &[
                ("setLobbyData", json!([wrong, "name", "x"]), no.clone()),
                ("deleteLobbyData", json!([wrong, "name"]), no.clone()),
                (
                    "setLobbyMemberData",
                    json!([wrong, "name", "x"]),
                    Value::Null,
                ),
                ("sendLobbyChatMsg", json!([wrong, "x"]), no.clone()),
                ("setLobbyJoinable", json!([wrong, true]), no.clone()),
                ("setLobbyType", json!([wrong, 2]), no.clone()),
                ("setLobbyMemberLimit", json!([wrong, 5]), no.clone()),
                ("setLobbyOwner", json!([wrong, ids[1]]), no.clone()),
                ("inviteUserToLobby", json!([wrong, ids[1]]), no.clone()),
            ],
        );
    }
    for wrong in [0, -1, ids[1]] {
        all_refused(&ann, &[("joinLobby", json!([wrong]), Value::Null)]);
    }
    // A lobby ID that exists nowhere is answered by the directory, not by an error.
    assert_eq!(join_response(&ann, NO_LOBBY), DOESNT_EXIST);
    assert_eq!(
        ann.steam("requestLobbyData", json!([NO_LOBBY])),
        json!(true)
    );
    let update = ann.signal_where("lobby_data_update", |args| args[1] == NO_LOBBY);
    assert_eq!(update.args[0], json!(0), "an int: {:?}", update.args);
    // Getters know nothing of it, without an error.
    assert_eq!(
        ann.steam("getLobbyData", json!([NO_LOBBY, "name"])),
        json!("")
    );
    assert_eq!(ann.steam("getNumLobbyMembers", json!([NO_LOBBY])), json!(0));
    assert_eq!(ann.steam("getLobbyOwner", json!([NO_LOBBY])), json!(0));
    assert_eq!(
        ann.steam("getLobbyMemberByIndex", json!([lobby, 7])),
        json!(0)
    );
    assert_eq!(
        ann.steam("getLobbyMemberByIndex", json!([lobby, -1])),
        json!(0)
    );
    // What only the owner may do.
    all_refused(
        &bob,
        &[
            ("setLobbyData", json!([lobby, "name", "mine"]), no.clone()),
            ("deleteLobbyData", json!([lobby, "name"]), no.clone()),
            ("setLobbyJoinable", json!([lobby, false]), no.clone()),
            ("setLobbyType", json!([lobby, 0]), no.clone()),
            ("setLobbyMemberLimit", json!([lobby, 2]), no.clone()),
            ("setLobbyOwner", json!([lobby, ids[1]]), no),
        ],
    );

    // Nothing is lost or half done.
    for game in [&ann, &bob] {
        assert_eq!(
            game.steam("getLobbyData", json!([lobby, "name"])),
            json!("kept")
        );
        assert_eq!(members(game, lobby), ids);
        assert_eq!(owner(game, lobby), ids[0]);
        assert_eq!(game.steam("getLobbyMemberLimit", json!([lobby])), json!(4));
    }
    // One was made, and those that were refused are answered.
    let created = ann.pending_signals("lobby_created");
    assert!(created.iter().all(|signal| signal.args == [2, 0]));
    assert_eq!(created.len(), 4);
    // The longest allowed of everything works.
    let longest = "v".repeat(8192);
    let key = "k".repeat(255);
    assert_eq!(
        ann.steam("setLobbyData", json!([lobby, key, longest])),
        json!(true)
    );
    bob.signal_where("lobby_data_update", |args| {
        args[1] == lobby && args[2] == lobby
    });
    assert_eq!(
        bob.steam("getLobbyData", json!([lobby, key])),
        json!(longest)
    );
    let chat = "é".repeat(2048);
    say(&ann, lobby, &chat);
    hear(&bob, lobby, ids[0], &chat);
    let largest = create_lobby(&ann, crate::common::INVISIBLE, 250);
    assert_eq!(
        ann.steam("getLobbyMemberLimit", json!([largest])),
        json!(250)
    );
    scenario.finish([ann, bob]);
}
