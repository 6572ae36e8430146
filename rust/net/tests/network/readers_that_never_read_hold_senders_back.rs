//! Who never reads costs the sender what it may still send, and no more memory than is written down; other channels, and
//! unreliable messages, go on.

use std::time::Duration;

use samovar_net::{Flow, SendError, SessionState};

use super::harness::{Net, reliable, unreliable};

const MS: Duration = Duration::from_millis(1);
const CHANNELS: std::ops::Range<u32> = 10..22;
const MIB: usize = 1024 * 1024;

#[test]
fn on_many_channels_at_once() {
    let mut net = Net::pair(1);
    net.latency = 5 * MS;
    net.meet(0, 1, Flow::P2p);
    let chunk = vec![1; 64 * 1024];
    let mut taken = 0;
    let mut last_taken_at = net.now;
    // Until nothing has been taken for a second.
    while net.now < last_taken_at + Duration::from_secs(1) {
        for channel in CHANNELS {
            match net.try_send(0, 1, Flow::P2p, channel, reliable(), &chunk) {
                Ok(()) => {
                    taken += chunk.len();
                    last_taken_at = net.now;
                }
                Err(error) => assert_eq!(error, SendError::LimitExceeded),
            }
            // The oldest of these are dropped, one by one.
            net.send(0, 1, Flow::P2p, channel + 100, unreliable(), &[7; 1000]);
        }
        net.run(10 * MS);
    }
    // For each channel what a game may leave unread and what QUIC keeps behind that, and what waits at the sender.
    let most = CHANNELS.len() * 4 * MIB + 2 * MIB + MIB;
    println!("{taken} of at most {most} bytes were taken");
    assert!(taken > 2 * MIB && taken <= most, "{taken} of {most}");
    for number in 0..50_u8 {
        net.send(0, 1, Flow::P2p, 1, reliable(), &[number; 100]);
        net.send(0, 1, Flow::P2p, 2, unreliable(), &[number; 100]);
        net.run(10 * MS);
    }
    net.run(100 * MS);
    let all: Vec<_> = (0..50).map(|number| vec![number; 100]).collect();
    assert_eq!(net.receive_all(1, Flow::P2p, 1), all);
    assert_eq!(net.receive_all(1, Flow::P2p, 2), all);
    assert_eq!(net.state(0, 1, Flow::P2p), Some(SessionState::Connected));
    // When it is read at last, it is all there.
    let mut got = 0;
    assert!(
        net.run_until(Duration::from_secs(20), |net| {
            for channel in CHANNELS {
                let data = net.receive_all(1, Flow::P2p, channel);
                got += data.iter().map(bytes::Bytes::len).sum::<usize>();
            }
            got == taken
        }),
        "{got} of {taken}"
    );
}
