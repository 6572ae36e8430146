//! A game that uses one channel after the other, and closes each, is never out of channels.

use std::time::Duration;

use samovar_net::Flow;

use super::harness::{Net, reliable, unreliable};

/// More than a peer has streams.
const CHANNELS: u32 = 400;

#[test]
fn channels_can_be_used_and_closed_without_end() {
    let mut net = Net::pair(31);
    net.meet(0, 1, Flow::P2p);
    for channel in 1..CHANNELS {
        net.send(0, 1, Flow::P2p, channel, reliable(), &channel.to_be_bytes());
        let word = channel.to_be_bytes().to_vec();
        let came = net.run_until(Duration::from_secs(2), |net| {
            net.receive(1, Flow::P2p, channel)
                .is_some_and(|message| message.data == word)
        });
        assert!(came, "channel {channel}");
        for (node, peer) in [(0, 1), (1, 0)] {
            let peer = net.nodes[peer].id;
            let now = net.now;
            let mut sessions = net.nodes[node].sessions.lock();
            assert!(sessions.close_channel(now, peer, Flow::P2p, channel));
        }
    }
    // The channel that both have kept, and unreliable messages, which need no stream.
    net.send(0, 1, Flow::P2p, 0, reliable(), b"kept");
    net.send(0, 1, Flow::P2p, 0, unreliable(), b"none");
    net.run(Duration::from_millis(200));
    let mut all = net.receive_all(1, Flow::P2p, 0);
    all.sort();
    assert_eq!(all, ["kept", "none"]);
}
