//! Users on real sockets, and a directory between them that hands offers on.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use parking_lot::Mutex;
use samovar_id::SteamId;
use samovar_net::{
    Delivery, Driver, Endpoint, EndpointConfig, EndpointEvent, Identity, Nagle, SessionConfig,
    SessionEvent, Sessions, Wake,
};
use tokio::runtime::Runtime;

pub(crate) const RELIABLE: Delivery = Delivery {
    reliable: true,
    nagle: Nagle::None,
    no_delay: false,
    autorestart: true,
};
/// The longest that anything here may take.
pub(crate) const PATIENCE: Duration = Duration::from_secs(20);

/// A thread of the network, as a game has one.
pub(crate) fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().build().expect("a runtime")
}

pub(crate) struct User {
    pub(crate) driver: Driver,
    pub(crate) id: SteamId,
    pub(crate) sessions: Arc<Mutex<Sessions>>,
    pub(crate) wake: Arc<Wake>,
    pub(crate) frames: Vec<Bytes>,
    pub(crate) opened: usize,
    /// Requests are accepted by sending so; else by accepting them.
    pub(crate) answer: Option<Delivery>,
}

pub(crate) fn user() -> User {
    process(Arc::new(Identity::generate()))
}

/// A process of a user.
pub(crate) fn process(identity: Arc<Identity>) -> User {
    let id = identity.steam_id();
    let sessions = Arc::new(Mutex::new(Sessions::new(SessionConfig::default(), id, 1)));
    let endpoint = Endpoint::new(
        EndpointConfig::default(),
        identity,
        Arc::clone(&sessions),
        [id.raw().to_le_bytes()[0]; 32],
    );
    let mut driver = Driver::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), endpoint).unwrap();
    let addr = driver.local_addr().unwrap();
    driver.endpoint().set_candidates(vec![addr]);
    driver
        .endpoint()
        .set_directory(Instant::now(), 1, 1, 1_700_000_000_000);
    User {
        driver,
        id,
        sessions,
        wake: Arc::new(Wake::default()),
        frames: Vec::new(),
        opened: 0,
        answer: None,
    }
}

/// Has both do what they can, hands offers on, as a directory does, and answers every request.
pub(crate) fn relay(users: &mut [User; 2]) {
    let now = Instant::now();
    let mut quiet = 0;
    for at in [0, 1].into_iter().cycle() {
        users[at].driver.endpoint().pump(now);
        quiet += 1;
        while let Some(event) = users[at].driver.endpoint().poll_event() {
            quiet = 0;
            handle(users, now, at, event);
        }
        users[at].driver.flush();
        if quiet == users.len() {
            return;
        }
    }
}

fn handle(users: &mut [User; 2], now: Instant, at: usize, event: EndpointEvent) {
    match event {
        EndpointEvent::Signal { to, payload } => {
            assert_eq!(to, users[1 - at].id);
            let (from, recipient) = (users[at].id, &mut users[1 - at].driver);
            recipient.endpoint().handle_signal(now, from, &payload);
        }
        EndpointEvent::Session(SessionEvent::Requested { peer, flow }) => {
            let mut sessions = users[at].sessions.lock();
            match users[at].answer {
                None => assert!(sessions.accept(now, peer, flow)),
                Some(delivery) => {
                    sessions.send(now, peer, flow, 0, delivery, b"yes").unwrap();
                }
            }
        }
        EndpointEvent::LinkOpened { .. } => users[at].opened += 1,
        EndpointEvent::LinkFrame { frame, .. } => users[at].frames.push(frame),
        other => panic!("{other:?}"),
    }
}

pub(crate) async fn run_until(
    users: &mut [User; 2],
    what: &str,
    mut done: impl FnMut(&mut [User; 2]) -> bool,
) {
    let until = Instant::now() + PATIENCE;
    while !done(users) {
        assert!(Instant::now() < until, "{what}");
        let [one, other] = users;
        tokio::select! {
            () = one.driver.turn(&one.wake) => {}
            () = other.driver.turn(&other.wake) => {}
        }
        relay(users);
    }
}
