//! Who cannot prove the key that was expected gets no connection.

use std::time::Duration;

use samovar_net::{Flow, LinkClosed, SessionState};

use super::harness::{LinkEvent, Net, identities, reliable};

#[test]
fn at_a_link() {
    let mut net = Net::pair(1);
    net.nodes[1].endpoint.set_hosting(true);
    let (now, addr, wrong) = (net.now, net.nodes[1].addr, identities()[2].public_key());
    let link = net.nodes[0].endpoint.dial(now, addr, wrong).unwrap();
    net.run(Duration::from_secs(1));
    assert_eq!(
        net.nodes[0].links,
        [LinkEvent::Closed {
            link,
            inbound: false,
            reason: LinkClosed::Failed
        }]
    );
    assert!(
        !net.nodes[1]
            .links
            .iter()
            .any(|event| matches!(event, LinkEvent::Opened { .. }))
    );
}

/// Somebody else answers at every address that the peer has offered.
#[test]
fn at_a_peer() {
    for impostor_of in [0, 1] {
        let mut net = Net::pair(2);
        net.add(2);
        let (impostor, victim) = (2, impostor_of);
        net.send(0, 1, Flow::P2p, 0, reliable(), b"secret");
        net.run(Duration::from_millis(100));
        net.accept(1, 0, Flow::P2p);
        // The impostor takes over the victim's address before anything went there.
        net.crash(victim);
        net.nodes[impostor].addr = net.nodes[victim].addr;
        net.run(Duration::from_secs(15));
        assert!(net.nodes[impostor].events.is_empty());
        assert_eq!(net.nodes[impostor].packets_sent, 0);
        assert_ne!(
            net.state(1 - victim, victim, Flow::P2p),
            Some(SessionState::Connected)
        );
    }
}
