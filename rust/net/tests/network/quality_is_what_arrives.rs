//! What a session tells of the quality of its connection.

use std::time::Duration;

use samovar_net::{Conditions, Flow, LinkStats};

use super::harness::{Net, unreliable};

fn link(net: &Net, node: usize, peer: usize) -> LinkStats {
    let peer = net.nodes[peer].id;
    let info = net.nodes[node]
        .sessions
        .lock()
        .info(net.now, peer, Flow::P2p);
    info.and_then(|info| info.link).unwrap_or_default()
}

/// 60 packets a second each way, for some seconds.
fn play(net: &mut Net, seconds: u32) {
    for _ in 0..seconds * 60 {
        for (from, to) in [(0, 1), (1, 0)] {
            net.send(from, to, Flow::P2p, 1, unreliable(), &[7; 64]);
            net.receive_all(from, Flow::P2p, 1);
        }
        net.run(Duration::from_secs(1) / 60);
    }
}

fn lossy(loss_percent: f32) -> Conditions {
    Conditions {
        loss_percent,
        ..Conditions::default()
    }
}

#[test]
fn each_side_knows_how_much_of_each_direction_arrives() {
    for seed in 0..4 {
        let mut net = Net::pair(seed);
        net.latency = Duration::from_millis(20);
        net.meet(0, 1, Flow::P2p);
        play(&mut net, 12);
        let both = |net: &Net, node: usize| {
            let link = link(net, node, 1 - node);
            (link.local_quality, link.remote_quality)
        };
        assert_eq!(both(&net, 0), (Some(100), Some(100)));
        assert_eq!(both(&net, 1), (Some(100), Some(100)));

        // Only what the first sends is lost.
        let endpoint = &mut net.nodes[0].endpoint;
        endpoint.set_conditions(lossy(10.0), Conditions::default());
        play(&mut net, 15);
        // Of 600 packets or more in 10 s, the number lost has a standard deviation of 1.2 %: one of these 4 tries is off
        // by 5 % once in 8000 runs with other seeds; with these, never.
        for (node, quality) in [(0, both(&net, 0).1), (1, both(&net, 1).0)] {
            let quality = quality.unwrap();
            assert!(
                (85..=94).contains(&quality),
                "seed {seed}, node {node}: {quality}"
            );
        }
        let (theirs, mine) = (both(&net, 1).1, both(&net, 0).0);
        assert_eq!((theirs, mine), (Some(100), Some(100)), "seed {seed}");

        let endpoint = &mut net.nodes[0].endpoint;
        endpoint.set_conditions(Conditions::default(), Conditions::default());
        play(&mut net, 13);
        assert_eq!(both(&net, 0), (Some(100), Some(100)));
        assert_eq!(both(&net, 1), (Some(100), Some(100)));
    }
}

#[test]
fn a_session_that_has_just_begun_knows_nothing() {
    let mut net = Net::pair(5);
    net.meet(0, 1, Flow::P2p);
    assert_eq!(link(&net, 0, 1).local_quality, None);
    assert_eq!(link(&net, 1, 0).local_quality, None);
}
