//! Connections of `ISteamNetworkingSockets` between users.

mod common;

use std::thread;
use std::time::{Duration, Instant};

use common::{Game, games};
use samovar_steam::networking_sockets::{
    ConfigInput, ConfigOwner, ConnectOptions, ConnectionHandle, ConnectionState, SocketError,
    StatusChange,
};
use samovar_steam::{Callback, SendFlags};

const RELIABLE: i64 = 8;
const PATIENCE: Duration = Duration::from_secs(15);

/// The next change of a connection to this state.
fn change(game: &Game, state: ConnectionState) -> StatusChange {
    game.wait(&format!("change to {state:?}"), |callback| match callback {
        Callback::ConnectionStatusChanged(change) if change.info.state == state => {
            Some((**change).clone())
        }
        _ => None,
    })
}

/// Dials, accepts, and waits for both ends.
fn connect(from: &Game, to: &Game, port: u32) -> (ConnectionHandle, ConnectionHandle) {
    let options = ConnectOptions::default();
    let one = from.steam.sockets_connect(to.id(), port, &options);
    let one = one.expect("a connection");
    let asked = change(to, ConnectionState::Connecting);
    let accepted = to.steam.sockets_accept(asked.handle);
    accepted.expect("somebody who asks");
    assert_eq!(change(from, ConnectionState::Connected).handle, one);
    assert_eq!(change(to, ConnectionState::Connected).handle, asked.handle);
    (one, asked.handle)
}

fn send(
    game: &Game,
    handle: ConnectionHandle,
    flags: i64,
    data: &[u8],
) -> Result<u64, SocketError> {
    let flags = SendFlags::from_number(flags);
    game.steam.sockets_send(handle, 0, flags, data)
}

/// The next message on a connection.
fn receive(game: &Game, handle: ConnectionHandle) -> Vec<u8> {
    let end = Instant::now() + PATIENCE;
    loop {
        let received = game.steam.sockets_receive(handle, 1);
        let received = received.expect("a connection");
        if let Some(first) = received.first() {
            assert_eq!(first.handle, handle);
            return first.message.data.to_vec();
        }
        assert!(Instant::now() < end, "no message");
        thread::sleep(Duration::from_millis(1));
    }
}

#[test]
fn a_connection_opens_carries_messages_and_ends() {
    let folder = tempfile::tempdir().unwrap();
    let [server, client] = games(folder.path());
    let listen = server
        .steam
        .sockets_listen(7, ConnectOptions::default())
        .unwrap();
    assert_eq!(
        server.steam.sockets_listen(7, ConnectOptions::default()),
        None
    );

    let options = ConnectOptions {
        user_data: 55,
        ..ConnectOptions::default()
    };
    let one = client
        .steam
        .sockets_connect(server.id(), 7, &options)
        .unwrap();
    let begun = change(&client, ConnectionState::Connecting);
    assert_eq!(
        (begun.handle, begun.old_state),
        (one, ConnectionState::None)
    );
    assert_eq!((begun.info.peer, begun.info.user_data), (server.id(), 55));
    assert_eq!(begun.info.listen_socket, 0);
    let asked = change(&server, ConnectionState::Connecting);
    assert_eq!(asked.old_state, ConnectionState::None);
    assert_eq!(
        (asked.info.peer, asked.info.listen_socket),
        (client.id(), listen)
    );
    assert_eq!(asked.info.user_data, -1);
    // What is sent before it is open goes then; who is asked cannot send before the answer.
    assert_eq!(send(&client, one, RELIABLE, b"early"), Ok(1));
    assert_eq!(
        send(&server, asked.handle, RELIABLE, b"x"),
        Err(SocketError::InvalidState)
    );
    server.steam.sockets_accept(asked.handle).unwrap();
    assert_eq!(
        server.steam.sockets_accept(asked.handle),
        Err(SocketError::InvalidState)
    );
    for (game, handle) in [(&client, one), (&server, asked.handle)] {
        let route = change(game, ConnectionState::FindingRoute);
        assert_eq!(route.old_state, ConnectionState::Connecting);
        let open = change(game, ConnectionState::Connected);
        assert_eq!(
            (open.handle, open.old_state),
            (handle, ConnectionState::FindingRoute)
        );
    }
    assert_eq!(receive(&server, asked.handle), b"early");
    assert_eq!(send(&server, asked.handle, 0, b"back"), Ok(1));
    assert_eq!(receive(&client, one), b"back");
    assert_eq!(
        send(&client, one, RELIABLE, &[1; 524_289]),
        Err(SocketError::InvalidParam)
    );
    assert_eq!(
        send(&client, 12345, RELIABLE, b"x"),
        Err(SocketError::InvalidParam)
    );
    let (status, lanes) = client.steam.sockets_status(one).unwrap();
    assert_eq!((status.state, lanes), (3, 1));
    assert!(client.steam.sockets_set_name(one, "the server"));
    let info = client.steam.sockets_info(one).unwrap();
    assert!(info.remote_address.is_some());
    assert!(
        info.description.contains("the server"),
        "{}",
        info.description
    );

    // The last word arrives ahead of the end.
    assert_eq!(send(&client, one, RELIABLE, b"bye"), Ok(2));
    assert!(client.steam.sockets_close(one, 1007, "done", true));
    assert_eq!(
        change(&client, ConnectionState::None).old_state,
        ConnectionState::Connected
    );
    assert_eq!(client.steam.sockets_info(one), None);
    assert!(!client.steam.sockets_close(one, 1007, "done", true));
    let ended = change(&server, ConnectionState::ClosedByPeer);
    assert_eq!(
        (ended.info.end_reason, ended.info.end_debug.as_str()),
        (1007, "done")
    );
    assert_eq!(receive(&server, asked.handle), b"bye");
    assert_eq!(
        send(&server, asked.handle, RELIABLE, b"x"),
        Err(SocketError::NoConnection)
    );
    assert!(server.steam.sockets_close(asked.handle, 0, "", false));
    assert!(server.steam.sockets_close_listen(listen));
    assert!(!server.steam.sockets_close_listen(listen));
}

#[test]
fn a_refusal_and_the_end_of_a_listen_socket_are_told() {
    let folder = tempfile::tempdir().unwrap();
    let [server, client] = games(folder.path());
    let options = ConnectOptions::default();
    let listen = server.steam.sockets_listen(1, options).unwrap();
    let one = client
        .steam
        .sockets_connect(server.id(), 1, &options)
        .unwrap();
    let asked = change(&server, ConnectionState::Connecting);
    assert!(
        server
            .steam
            .sockets_close(asked.handle, 2001, "full", false)
    );
    let refused = change(&client, ConnectionState::ClosedByPeer);
    assert_eq!((refused.handle, refused.info.end_reason), (one, 2001));
    assert_eq!(refused.info.end_debug, "full");

    let (one, _) = connect(&client, &server, 1);
    assert!(server.steam.sockets_close_listen(listen));
    assert_eq!(change(&client, ConnectionState::ClosedByPeer).handle, one);
}

#[test]
fn both_may_ask_at_once_and_get_one_connection() {
    let folder = tempfile::tempdir().unwrap();
    let both: [Game; 2] = games(folder.path());
    let options = ConnectOptions {
        symmetric: true,
        ..ConnectOptions::default()
    };
    let handles = [(0, 1), (1, 0)].map(|(from, to)| {
        both[from].steam.sockets_listen(4, options).unwrap();
        both[from]
            .steam
            .sockets_connect(both[to].id(), 4, &options)
            .unwrap()
    });
    for (game, handle) in both.iter().zip(handles) {
        assert_eq!(change(game, ConnectionState::Connected).handle, handle);
        let other = SendFlags::from_number(RELIABLE);
        game.steam.sockets_send(handle, 0, other, b"hello").unwrap();
    }
    for (at, handle) in handles.into_iter().enumerate() {
        let (game, other) = (&both[at], &both[1 - at]);
        assert_eq!(receive(game, handle), b"hello");
        // And no other came.
        while let Some(callback) = game.steam.next_callback() {
            assert!(
                !matches!(callback, Callback::ConnectionStatusChanged(_)),
                "{callback:?}"
            );
        }
        let again = game.steam.sockets_connect(other.id(), 4, &options);
        assert_eq!(again, None, "there is one");
    }
}

#[test]
fn who_asks_for_what_the_other_has_asked_for_has_the_options_of_its_own() {
    const NAGLE_TIME: i64 = 12;
    let folder = tempfile::tempdir().unwrap();
    let [one, two] = games(folder.path());
    let mut options = ConnectOptions {
        symmetric: true,
        ..ConnectOptions::default()
    };
    two.steam.sockets_listen(4, options).unwrap();
    one.steam.sockets_connect(two.id(), 4, &options).unwrap();
    let asked = change(&two, ConnectionState::Connecting).handle;
    options.user_data = 5;
    options.set(NAGLE_TIME, ConfigInput::Whole(1)).unwrap();
    let same = two.steam.sockets_connect(one.id(), 4, &options);
    assert_eq!(same, Some(asked));
    assert_eq!(two.steam.sockets_user_data(asked), Some(5));
    let of = ConfigOwner::Connection(asked);
    let nagle = two.steam.sockets_config_value(of, NAGLE_TIME).unwrap();
    assert_eq!(
        (nagle.value, nagle.inherited),
        (ConfigInput::Fraction(1.0), false)
    );
}

#[test]
fn a_poll_group_gives_the_messages_of_its_connections() {
    let folder = tempfile::tempdir().unwrap();
    let [server, one, two] = games(folder.path());
    let options = ConnectOptions::default();
    server.steam.sockets_listen(0, options).unwrap();
    let group = server.steam.sockets_create_group().unwrap();
    let (from_one, at_one) = connect(&one, &server, 0);
    let (from_two, at_two) = connect(&two, &server, 0);
    let (inside, other_end) = server.steam.sockets_pair(one.id(), two.id()).unwrap();
    send(&one, from_one, RELIABLE, b"before").unwrap();
    thread::sleep(Duration::from_millis(50));
    for handle in [at_one, at_two, inside] {
        assert!(server.steam.sockets_set_group(handle, group));
    }
    assert!(server.steam.sockets_set_user_data(at_two, 22));
    send(&two, from_two, RELIABLE, b"two").unwrap();
    send(&server, other_end, 0, b"pair").unwrap();
    let mut received = Vec::new();
    let end = Instant::now() + PATIENCE;
    while received.len() < 3 {
        received.extend(server.steam.sockets_receive_group(group, 10).unwrap());
        assert!(Instant::now() < end, "{received:?}");
    }
    let mut received: Vec<_> = received
        .iter()
        .map(|one| (one.handle, one.user_data, one.message.data.to_vec()))
        .collect();
    received.sort();
    let mut wanted = vec![
        (at_one, -1, b"before".to_vec()),
        (at_two, 22, b"two".to_vec()),
        (inside, -1, b"pair".to_vec()),
    ];
    wanted.sort();
    assert_eq!(received, wanted);
    assert!(server.steam.sockets_set_group(at_two, 0));
    send(&two, from_two, RELIABLE, b"alone").unwrap();
    assert_eq!(receive(&server, at_two), b"alone");
    assert!(server.steam.sockets_destroy_group(group));
    assert!(server.steam.sockets_receive_group(group, 1).is_none());
    assert!(!server.steam.sockets_set_group(at_one, group));
    send(&one, from_one, RELIABLE, b"still").unwrap();
    assert_eq!(receive(&server, at_one), b"still");
}

#[test]
fn a_pair_and_a_connection_to_oneself_need_no_network() {
    let folder = tempfile::tempdir().unwrap();
    let [game] = games(folder.path());
    let options = ConnectOptions::default();
    let (one, other) = game.steam.sockets_pair(game.id(), game.id()).unwrap();
    for (from, to) in [(one, other), (other, one)] {
        assert_eq!(send(&game, from, 0, b"hello"), Ok(1));
        assert_eq!(receive(&game, to), b"hello");
    }
    // What waits is bounded.
    let mut sent = 0;
    while send(&game, one, RELIABLE, &[7; 65_536]).is_ok() {
        sent += 1;
        assert!(sent < 100);
    }
    assert_eq!(
        send(&game, one, RELIABLE, &[7; 65_536]),
        Err(SocketError::LimitExceeded)
    );
    assert!(game.steam.sockets_close(one, 1000, "enough", false));
    let ended = game.steam.sockets_info(other).unwrap();
    assert_eq!(
        (ended.state, ended.end_reason),
        (ConnectionState::ClosedByPeer, 1000)
    );
    assert_eq!(receive(&game, other).len(), 65_536);

    assert_eq!(game.steam.sockets_connect(game.id(), 3, &options), None);
    game.steam.sockets_listen(3, options).unwrap();
    let one = game.steam.sockets_connect(game.id(), 3, &options).unwrap();
    let asked = game.wait("the question", |callback| match callback {
        Callback::ConnectionStatusChanged(change)
            if change.info.listen_socket != 0
                && change.info.state == ConnectionState::Connecting =>
        {
            Some(change.handle)
        }
        _ => None,
    });
    game.steam.sockets_accept(asked).unwrap();
    send(&game, one, RELIABLE, b"me").unwrap();
    assert_eq!(receive(&game, asked), b"me");
}

#[test]
fn a_connection_has_a_send_buffer_of_its_own_or_that_of_its_listen_socket() {
    const SEND_BUFFER_SIZE: i64 = 9;
    let folder = tempfile::tempdir().unwrap();
    let [server, client] = games(folder.path());
    let mut options = ConnectOptions::default();
    let size = ConfigInput::Whole(20_000);
    options.set(SEND_BUFFER_SIZE, size).unwrap();
    server.steam.sockets_listen(0, options).unwrap();
    let one = client.steam.sockets_connect(server.id(), 0, &options);
    let one = one.unwrap();
    // Until it is accepted everything waits.
    let large = [0; 15_000];
    assert_eq!(send(&client, one, RELIABLE, &large), Ok(1));
    let full = Err(SocketError::LimitExceeded);
    assert_eq!(send(&client, one, RELIABLE, &large), full);
    let more = ConfigInput::Whole(40_000);
    let set = client
        .steam
        .sockets_set_config_value(one, SEND_BUFFER_SIZE, more);
    assert_eq!(set, Ok(()));
    assert_eq!(send(&client, one, RELIABLE, &large), Ok(2));

    let asked = change(&server, ConnectionState::Connecting).handle;
    server.steam.sockets_accept(asked).unwrap();
    let read = |game: &Game, handle| {
        let of = ConfigOwner::Connection(handle);
        let read = game.steam.sockets_config_value(of, SEND_BUFFER_SIZE);
        let read = read.unwrap();
        (read.value, read.inherited)
    };
    assert_eq!(
        read(&server, asked),
        (ConfigInput::Fraction(20_000.0), true)
    );
    assert_eq!(read(&client, one), (ConfigInput::Fraction(40_000.0), false));
    let lanes = client.steam.sockets_lanes(one).unwrap();
    assert_eq!(lanes.len(), 1);
}
