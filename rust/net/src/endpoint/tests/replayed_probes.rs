//! Recorded probes bind no address, and make no path.

use super::*;
use crate::wire::{PROBE_LEN, Probe};

#[test]
fn a_recorded_question_binds_nothing() {
    let mut pair = Pair::unconnected();
    pair.sent = Some(Vec::new());
    pair.open();
    let probes = pair.sent.take().unwrap();
    let me = pair.nodes[1].addr;
    let questions: Vec<Vec<u8>> = probes
        .into_iter()
        .filter(|(to, bytes)| *to == me && bytes.len() == PROBE_LEN)
        .map(|(_, bytes)| bytes)
        .collect();
    assert!(
        questions
            .iter()
            .any(|bytes| { Probe::parse(bytes).is_some_and(|probe| probe.asks.is_some()) })
    );
    let (now, peer) = (pair.now, pair.nodes[0].id);
    let endpoint = &mut pair.nodes[1].endpoint;
    let path = |endpoint: &Endpoint| endpoint.peers.peers.get(&peer).unwrap().paths.current();
    let before = path(endpoint);
    let mut answers = Vec::new();
    for port in 1..200 {
        let from = SocketAddr::from(([198, 51, 100, 9], port));
        for question in &questions {
            endpoint.handle_datagram(now, from, None, BytesMut::from(&question[..]));
            assert_eq!(endpoint.peers.bindings.peer_at(from), None);
        }
        let mut buf = Vec::new();
        while let Some(transmit) = endpoint.poll_transmit(now, 1, &mut buf) {
            if transmit.destination == from {
                answers.push((from, buf.clone()));
            }
            buf.clear();
        }
        // Nor do the answers, sent back.
        for (from, answer) in answers.drain(..) {
            endpoint.handle_datagram(now, from, None, BytesMut::from(&answer[..]));
            assert_eq!(endpoint.peers.bindings.peer_at(from), None);
        }
    }
    assert_eq!(path(endpoint), before);
    let addr = pair.nodes[0].addr;
    let bindings = &pair.nodes[1].endpoint.peers.bindings;
    assert_eq!(bindings.peer_at(addr), Some(peer));
}
