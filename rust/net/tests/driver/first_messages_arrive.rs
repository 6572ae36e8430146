//! The first unreliable messages of a session arrive, whoever sends them and whenever, where the network loses nothing.

use std::sync::Arc;
use std::time::Instant;

use samovar_net::{Delivery, Flow, Identity, Nagle, SessionState};

use super::users::{RELIABLE, User, process, relay, run_until, runtime};

/// As a game sends what has no flags.
fn plain(flow: Flow) -> Delivery {
    Delivery {
        reliable: false,
        nagle: match flow {
            Flow::P2p => Nagle::None,
            Flow::Messages | Flow::Connection(_) => Nagle::Messages,
        },
        no_delay: false,
        autorestart: false,
    }
}

fn send(users: &[User; 2], from: usize, flow: Flow, text: &str) {
    let (to, now) = (users[1 - from].id, Instant::now());
    let mut sessions = users[from].sessions.lock();
    let sent = sessions.send(now, to, flow, 0, plain(flow), text.as_bytes());
    assert!(sent.unwrap() > 0);
}

fn texts(user: &User, flow: Flow) -> Vec<String> {
    let mut sessions = user.sessions.lock();
    let messages = std::iter::from_fn(|| sessions.receive(flow, 0));
    messages
        .map(|message| String::from_utf8_lossy(&message.data).into_owned())
        .collect()
}

fn is_open(users: &[User; 2], at: usize, flow: Flow) -> bool {
    let (peer, now) = (users[1 - at].id, Instant::now());
    let info = users[at].sessions.lock().info(now, peer, flow);
    info.is_some_and(|info| info.state == SessionState::Connected)
}

/// One meeting of two new processes. The bits of the run's number say through which interface, who asks, how it is
/// accepted, and whether they are connected before, through the other interface.
async fn meet(identities: &[Arc<Identity>; 2], run: usize) {
    let bit = |bit: usize| run >> bit & 1;
    let flow = Flow::BY_USER[bit(0)];
    let asks = bit(1);
    let mut users = identities
        .each_ref()
        .map(|identity| process(Arc::clone(identity)));
    if bit(2) == 1 {
        users[1 - asks].answer = Some(plain(flow));
    }
    if bit(3) == 1 {
        let (other, peer) = (Flow::BY_USER[1 - bit(0)], users[1].id);
        let (sessions, now) = (Arc::clone(&users[0].sessions), Instant::now());
        let sent = sessions
            .lock()
            .send(now, peer, other, 0, RELIABLE, b"before");
        sent.unwrap();
        relay(&mut users);
        run_until(&mut users, "no session of the other interface", |users| {
            !texts(&users[1], other).is_empty()
        })
        .await;
    }
    send(&users, asks, flow, "first");
    relay(&mut users);
    let mut wanted = [vec!["on opening"], vec!["on opening"]];
    wanted[1 - asks].insert(0, "first");
    if users[1 - asks].answer.is_some() {
        wanted[asks].insert(0, "yes");
    }
    let (mut greeted, mut got) = ([false; 2], [vec![], vec![]]);
    let what = format!("run {run}");
    run_until(&mut users, &what, |users| {
        for at in [0, 1] {
            // Whichever side is open first says so at once.
            if is_open(users, at, flow) && !greeted[at] {
                greeted[at] = true;
                send(users, at, flow, "on opening");
                users[at].wake.notify();
            }
            got[at].extend(texts(&users[at], flow));
        }
        let mut sorted = got.clone();
        sorted.iter_mut().for_each(|texts| texts.sort());
        let mut wanted = wanted.clone();
        wanted.iter_mut().for_each(|texts| texts.sort_unstable());
        sorted
            .iter()
            .zip(&wanted)
            .all(|(got, wanted)| got == wanted)
    })
    .await;
}

#[test]
fn on_loopback() {
    let runtime = runtime();
    let mut identities = [Identity::generate(), Identity::generate()].map(Arc::new);
    identities.sort_by_key(|identity| identity.steam_id());
    for run in 0..208 {
        runtime.block_on(meet(&identities, run));
    }
}
