//! Packets of a handshake go again for their own connection only: QUIC gives a handle to another when it is free.

use super::*;

/// Connections that begin and end quickly, so that the next has the handle of one whose packets would still go again.
#[test]
fn none_go_again_for_a_connection_that_is_gone() {
    let mut pair = Pair::unconnected();
    let (me, peer) = (pair.nodes[0].id, pair.nodes[1].id);
    let mut repeated = 0;
    for _ in 0..20 {
        pair.open();
        for (at, other) in [(0, peer), (1, me)] {
            let now = pair.now;
            let node = &mut pair.nodes[at].endpoint;
            node.peers.forget(&mut node.shared, now, other);
            node.sessions.lock().on_disconnected(
                now,
                other,
                crate::sessions::DisconnectReason::Error,
            );
            for flow in Flow::BY_USER {
                node.sessions.lock().close(now, other, flow);
            }
        }
        for _ in 0..40 {
            pair.run(Duration::from_millis(5));
            for at in [0, 1] {
                let (repeating, gone) = pair.nodes[at].endpoint.peers.quic.repeating();
                repeated += repeating;
                assert_eq!(gone, 0);
            }
            // The next one begins as soon as it can.
            for at in [0, 1] {
                let other = pair.nodes[1 - at].id;
                let sent = pair.nodes[at].sessions.lock().send(
                    pair.now,
                    other,
                    Flow::P2p,
                    0,
                    RELIABLE,
                    b"x",
                );
                sent.unwrap();
            }
        }
    }
    assert!(repeated > 0, "there is something to go again");
}
