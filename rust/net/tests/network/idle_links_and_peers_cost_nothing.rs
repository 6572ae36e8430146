//! What a turn costs depends on what happens in it, and not on how many links and peers there are.

use std::sync::{Arc, OnceLock};
use std::time::Duration;

use samovar_id::SteamId;
use samovar_net::{Flow, Identity, LinkId};

use super::harness::{LinkEvent, Net, reliable};

const FEW: usize = 2;
const MANY: usize = 10 * FEW;

/// A user, and as many others as there are at most.
fn users() -> &'static [Arc<Identity>] {
    static USERS: OnceLock<Vec<Arc<Identity>>> = OnceLock::new();
    USERS.get_or_init(|| {
        let generate = || (0..=MANY / 2).map(|_| Arc::new(Identity::generate()));
        std::thread::scope(|scope| {
            let half = scope.spawn(|| generate().collect::<Vec<_>>());
            let mut users: Vec<_> = generate().collect();
            users.extend(half.join().unwrap());
            users
        })
    })
}

/// Node 0, and others.
fn star(others: usize) -> Net {
    let mut net = Net::empty(1);
    for user in &users()[..=others] {
        net.add_user(Arc::clone(user));
    }
    net
}

/// How often node 0 looks at anything in a turn.
fn turn(net: &mut Net) -> u64 {
    let now = net.now;
    let before = net.nodes[0].endpoint.visits();
    net.nodes[0].endpoint.poll_timeout();
    net.nodes[0].endpoint.handle_timeout(now);
    net.work(0);
    net.nodes[0].endpoint.poll_timeout();
    net.nodes[0].endpoint.visits() - before
}

/// How often node 0 looks at something in a second in which nothing but time passes, and the work of a turn in which
/// nothing happens at all: which must be none.
fn idle(net: &mut Net) -> u64 {
    net.run(Duration::from_secs(3));
    assert_eq!((turn(net), turn(net)), (0, 0));
    let before = net.nodes[0].endpoint.visits();
    net.run(Duration::from_secs(10));
    (net.nodes[0].endpoint.visits() - before) / 10
}

fn with_links(links: usize) -> (Net, Vec<LinkId>) {
    let mut net = star(MANY);
    net.nodes[0].endpoint.set_hosting(true);
    let (now, addr, key) = (
        net.now,
        net.nodes[0].addr,
        net.nodes[0].identity.public_key(),
    );
    for link in 0..links {
        let dialler = &mut net.nodes[1 + link % MANY].endpoint;
        dialler.dial(now, addr, key).unwrap();
    }
    net.run(Duration::from_secs(1));
    let opened = net.nodes[0].links.iter().filter_map(|event| match event {
        LinkEvent::Opened { link, .. } => Some(*link),
        _ => None,
    });
    let opened: Vec<_> = opened.collect();
    assert_eq!(opened.len(), links);
    (net, opened)
}

#[test]
fn links() {
    let costs = [MANY, 10 * MANY].map(|links| {
        let (mut net, opened) = with_links(links);
        let a_second = idle(&mut net);
        // A frame on one of them.
        net.nodes[0]
            .endpoint
            .send_frame(opened[links / 2], b"x")
            .unwrap();
        let busy = turn(&mut net);
        // Keep-alive and acknowledgements, each of which costs a few looks.
        let of_links = u64::try_from(links).unwrap();
        assert!(a_second <= 40 * of_links, "{a_second} for {links} links");
        busy
    });
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0] <= 4, "{costs:?}");
}

fn with_peers(peers: usize) -> Net {
    let mut net = star(peers);
    for peer in 1..=peers {
        net.meet(0, peer, Flow::P2p);
    }
    net
}

#[test]
fn peers() {
    let costs = [FEW, MANY].map(|peers| {
        let mut net = with_peers(peers);
        let a_second = idle(&mut net);
        let of_peers = u64::try_from(peers).unwrap();
        assert!(a_second <= 40 * of_peers, "{a_second} for {peers} peers");
        // A message to one of them.
        let (now, peer) = (net.now, net.nodes[peers / 2].id);
        let sent = net.nodes[0]
            .sessions
            .lock()
            .send(now, peer, Flow::P2p, 0, reliable(), b"x");
        sent.unwrap();
        turn(&mut net)
    });
    assert_eq!(costs[0], costs[1]);
    assert!(costs[0] <= 6, "{costs:?}");
}

/// Users who asked, and to whom nobody has answered, cost nothing either.
#[test]
fn peers_who_only_ask() {
    for peers in [FEW, MANY] {
        let mut net = star(peers);
        for peer in 1..=peers {
            net.send(peer, 0, Flow::P2p, 0, reliable(), b"hello");
        }
        net.run(Duration::from_millis(1500));
        assert_eq!((turn(&mut net), turn(&mut net)), (0, 0));
    }
}

/// A message that nobody can be sent yet is not looked for in every turn.
#[test]
fn sessions_that_are_not_open() {
    for peers in [FEW, MANY] {
        let mut net = star(0);
        for peer in 1..=peers {
            let (now, peer) = (net.now, SteamId::individual(u64::try_from(peer).unwrap()));
            let sent = net.nodes[0]
                .sessions
                .lock()
                .send(now, peer, Flow::P2p, 0, reliable(), b"x");
            sent.unwrap();
        }
        net.run(Duration::from_millis(100));
        assert_eq!((turn(&mut net), turn(&mut net)), (0, 0));
    }
}
