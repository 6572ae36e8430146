//! Two users on one machine meet in a lobby and talk.

mod common;

use std::time::Duration;

use common::{Game, games};
use samovar_steam::{Callback, LobbyKind, MessageResult, P2pSend, SendFlags};

#[test]
fn two_users_meet_in_a_lobby_and_talk() {
    let folder = tempfile::tempdir().unwrap();
    let [host, guest] = games(folder.path());
    assert_ne!(host.id(), guest.id());

    host.steam.create_lobby(LobbyKind::Public, 4).unwrap();
    let lobby = host.wait("lobby_created", |callback| match callback {
        Callback::LobbyCreated {
            result: 1, lobby, ..
        } => *lobby,
        _ => None,
    });
    host.wait("lobby_joined", |callback| {
        matches!(callback, Callback::LobbyJoined { response: 1, .. }).then_some(())
    });
    host.steam.set_lobby_data(lobby, "name", "Tea").unwrap();
    host.wait("lobby_data_update", |callback| {
        matches!(callback, Callback::LobbyDataUpdate { .. }).then_some(())
    });

    guest.steam.request_lobby_list().unwrap();
    let found = guest.wait("lobby_match_list", |callback| match callback {
        Callback::LobbyMatchList { lobbies } => Some(lobbies.clone()),
        _ => None,
    });
    assert_eq!(found, [lobby]);
    assert_eq!(guest.steam.lobby_data(lobby, "name"), "Tea");
    guest.join(lobby);
    assert_eq!(guest.steam.lobby_member_count(lobby), 2);
    assert_eq!(guest.steam.lobby_owner(lobby), Some(host.id()));
    host.wait("lobby_chat_update", |callback| match callback {
        Callback::LobbyChatUpdate {
            changed, state: 1, ..
        } => (*changed == guest.id()).then_some(()),
        _ => None,
    });
    assert_eq!(
        host.steam.friend_persona_name(guest.id()),
        Some(guest.steam.persona_name())
    );

    guest.steam.send_lobby_chat(lobby, "hello").unwrap();
    for game in [&host, &guest] {
        game.wait("lobby_message", |callback| match callback {
            Callback::LobbyMessage { user, text, .. } => {
                (*user == guest.id() && text == "hello").then_some(())
            }
            _ => None,
        });
    }

    guest
        .steam
        .p2p_send(host.id(), b"ping", P2pSend::Reliable, 0)
        .unwrap();
    host.wait("p2p_session_request", |callback| match callback {
        Callback::P2pSessionRequest { peer } => (*peer == guest.id()).then_some(()),
        _ => None,
    });
    assert!(host.steam.p2p_accept(guest.id()));
    assert_eq!(host.packet(0), b"ping");
    host.steam
        .p2p_send(guest.id(), b"pong", P2pSend::Unreliable, 3)
        .unwrap();
    assert_eq!(guest.packet(3), b"pong");
    let large: Vec<u8> = (0..1024 * 1024_u32)
        .map(|number| number.to_le_bytes()[1])
        .collect();
    guest
        .steam
        .p2p_send(host.id(), &large, P2pSend::Reliable, 1)
        .unwrap();
    assert_eq!(host.packet(1), large);
    assert!(
        guest
            .steam
            .p2p_state(host.id())
            .is_some_and(|state| state.connection_active)
    );
}

#[test]
fn who_hosts_the_directory_quits_and_the_lobby_stays() {
    let folder = tempfile::tempdir().unwrap();
    let [host, guest] = games(folder.path());
    guest.steam.create_lobby(LobbyKind::Public, 4).unwrap();
    let lobby = guest.wait("lobby_created", |callback| match callback {
        Callback::LobbyCreated {
            result: 1, lobby, ..
        } => *lobby,
        _ => None,
    });
    host.join(lobby);
    guest.steam.set_lobby_data(lobby, "name", "Tea").unwrap();
    drop(host);
    let third = Game::start(folder.path());
    guest.wait("the other leaves", |callback| {
        matches!(callback, Callback::LobbyChatUpdate { state: 2, .. }).then_some(())
    });
    // Who asks the new directory before the members have told it of the lobby hears that there is none.
    third.until("a member of the lobby", || {
        third.join(lobby);
        third.steam.lobby_member_count(lobby) == 2
    });
    third.until("the lobby's name", || {
        third.steam.lobby_data(lobby, "name") == "Tea"
    });
    assert_eq!(third.steam.lobby_owner(lobby), Some(guest.id()));
    assert_eq!(third.steam.lobby_member_count(lobby), 2);
}

#[test]
fn a_request_that_is_never_accepted_fails_after_the_time_out() {
    let folder = tempfile::tempdir().unwrap();
    let [host, guest] = games(folder.path());
    guest
        .steam
        .p2p_send(host.id(), b"ping", P2pSend::Reliable, 0)
        .unwrap();
    guest.wait_for(
        Duration::from_secs(20),
        "p2p_session_connect_fail",
        |callback| match callback {
            Callback::P2pSessionConnectFail { peer, error } => {
                (*peer == host.id() && *error == 4).then_some(())
            }
            _ => None,
        },
    );
    assert_eq!(host.steam.p2p_available(0), None);
}

/// As a game sends what has no flags, in new processes, from whichever side; and so the first answer.
#[test]
fn plain_unreliable_first_messages_arrive() {
    let folder = tempfile::tempdir().unwrap();
    let plain = SendFlags::from_number(0);
    let runs: usize = std::env::var("RUNS").map_or(4, |runs| runs.parse().unwrap());
    for run in 0..runs {
        let [one, other] = games(folder.path());
        let (from, to) = if run % 2 == 0 {
            (&one, &other)
        } else {
            (&other, &one)
        };
        let is_messages = run / 2 % 2 == 0;
        let send = |from: &Game, to: &Game, text: &[u8]| {
            if is_messages {
                assert_eq!(
                    from.steam.messages_send(to.id(), text, plain, 0),
                    MessageResult::Ok
                );
            } else {
                from.steam
                    .p2p_send(to.id(), text, P2pSend::Unreliable, 0)
                    .unwrap();
            }
        };
        let receive = |by: &Game, text: &[u8]| {
            by.until(&format!("{run}: {}", String::from_utf8_lossy(text)), || {
                if is_messages {
                    by.steam
                        .messages_receive(0, 1)
                        .iter()
                        .any(|message| message.data == text)
                } else {
                    by.steam
                        .p2p_read(0)
                        .is_some_and(|message| message.data == text)
                }
            });
        };
        send(from, to, b"first");
        to.wait("a request", |callback| {
            matches!(
                callback,
                Callback::P2pSessionRequest { .. } | Callback::MessagesSessionRequest { .. }
            )
            .then_some(())
        });
        if run / 4 % 2 == 0 {
            if is_messages {
                to.steam.messages_accept(from.id());
            } else {
                to.steam.p2p_accept(from.id());
            }
        }
        send(to, from, b"answer");
        receive(to, b"first");
        receive(from, b"answer");
    }
}

/// Bits that no flag has are sent with as if they were not there, and what a session that is over is sent is refused with
/// 35, unless it starts over.
#[test]
fn messages_with_any_flags_and_after_the_end() {
    const AUTORESTART: i64 = 32;
    const RELIABLE: i64 = 8;
    let folder = tempfile::tempdir().unwrap();
    let [host, guest] = games(folder.path());
    let send = |flags: i64| {
        let flags = SendFlags::from_number(flags);
        guest.steam.messages_send(host.id(), b"hello", flags, 0)
    };
    assert_eq!(send(RELIABLE | 2 | 64 | 1 << 31), MessageResult::Ok);
    host.wait("a request", |callback| {
        matches!(callback, Callback::MessagesSessionRequest { .. }).then_some(())
    });
    assert!(host.steam.messages_accept(guest.id()));
    host.until("hello", || !host.steam.messages_receive(0, 1).is_empty());
    for bit in (0..32).filter(|bit| ![0, 2, 4, 5].contains(bit)) {
        assert_eq!(send(RELIABLE | 1 << bit), MessageResult::Ok);
        host.until("a message", || {
            !host.steam.messages_receive(0, 1).is_empty()
        });
    }
    assert!(host.steam.messages_close(guest.id()));
    guest.until("the end", || {
        guest.steam.messages_session_info(host.id()).state == 4
    });
    assert_eq!(send(RELIABLE) as i32, 35);
    assert_eq!(send(RELIABLE | 2) as i32, 35);
    assert_eq!(send(RELIABLE | AUTORESTART), MessageResult::Ok);
}
