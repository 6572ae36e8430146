//! Loss, delay and reordering.

use std::time::Duration;

use samovar_net::Api;

use super::harness::{Net, reliable, unreliable};

#[test]
fn twenty_percent_loss_and_reordering() {
    for seed in 0..4 {
        let mut net = Net::pair(100 + seed);
        net.loss = 200;
        net.latency = Duration::from_millis(20);
        net.jitter = Duration::from_millis(15);
        net.send(0, 1, Api::P2p, 0, reliable(), b"may I?");
        assert!(
            net.run_until(Duration::from_secs(5), |net| net.requested(1, 0, Api::P2p)
                > 0)
        );
        assert!(net.accept(1, 0, Api::P2p));
        for number in 1..300_u32 {
            net.send(
                0,
                1,
                Api::P2p,
                number % 3,
                reliable(),
                &number.to_be_bytes(),
            );
            net.send(1, 0, Api::P2p, 0, unreliable(), &number.to_be_bytes());
            net.run(Duration::from_millis(16));
        }
        let mut got = [Vec::new(), Vec::new(), Vec::new()];
        let all = net.run_until(Duration::from_secs(40), |net| {
            for (channel, got) in (0..).zip(&mut got) {
                got.extend(net.receive_all(1, Api::P2p, channel));
            }
            got.iter().map(Vec::len).sum::<usize>() == 300
        });
        assert!(all, "seed {seed}: {:?}", got.map(|got| got.len()));
        for (channel, got) in (0_u32..).zip(got) {
            let skip = usize::from(channel == 0);
            let numbers: Vec<u32> = got[skip..]
                .iter()
                .map(|data| u32::from_be_bytes(data[..].try_into().unwrap()))
                .collect();
            let expected: Vec<u32> = (1..300).filter(|number| number % 3 == channel).collect();
            assert_eq!(numbers, expected, "seed {seed}, channel {channel}");
        }
        let arrived = net.receive_all(0, Api::P2p, 0).len();
        assert!(
            arrived > 100,
            "seed {seed}: {arrived} of 299 unreliable ones"
        );
    }
}
