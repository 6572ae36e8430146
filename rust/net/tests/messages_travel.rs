//! Messages between users who accepted each other: reliable ones once and in order, large ones whole.

mod common;

use std::time::Duration;

use common::{Net, RELIABLE, UNRELIABLE, open};
use samovar_net::{Api, SessionEvent};

#[test]
fn a_session_opens_whoever_begins() {
    for (from, to) in [(0, 1), (1, 0)] {
        let mut net = Net::new(2, 1);
        net.send(from, to, Api::P2p, 7, RELIABLE, b"hello");
        assert_eq!(
            net.session_event(to),
            SessionEvent::Requested {
                peer: net.id(from),
                api: Api::P2p
            }
        );
        net.run(Duration::from_secs(1));
        assert_eq!(
            net.receive(to, Api::P2p, 7),
            None,
            "nothing arrives before acceptance"
        );
        assert!(net.accept(to, from, Api::P2p));
        let message = net.message(to, Api::P2p, 7);
        assert_eq!(
            (&message.data[..], message.peer, message.reliable),
            (&b"hello"[..], net.id(from), true)
        );
    }
}

#[test]
fn both_sides_that_begin_at_once_have_one_session() {
    let mut net = Net::new(2, 2);
    net.send(0, 1, Api::P2p, 0, RELIABLE, b"from 0");
    net.send(1, 0, Api::P2p, 0, RELIABLE, b"from 1");
    assert_eq!(&net.message(1, Api::P2p, 0).data[..], b"from 0");
    assert_eq!(&net.message(0, Api::P2p, 0).data[..], b"from 1");
    assert!(
        !net.has_session_event(0) && !net.has_session_event(1),
        "sending accepts"
    );
}

#[test]
fn reliable_messages_arrive_once_and_in_order_through_loss() {
    for loss_per_mille in [0, 50, 200] {
        let mut net = Net::new(2, 3);
        open(&mut net, Api::P2p);
        net.loss_per_mille = loss_per_mille;
        for number in 0..500_u32 {
            for channel in [0, 5] {
                net.send(0, 1, Api::P2p, channel, RELIABLE, &number.to_le_bytes());
            }
        }
        for channel in [5, 0] {
            for number in 0..500_u32 {
                assert_eq!(
                    net.message(1, Api::P2p, channel).data[..],
                    number.to_le_bytes()
                );
            }
        }
        net.run(Duration::from_secs(2));
        assert_eq!(net.receive(1, Api::P2p, 0), None);
    }
}

#[test]
fn messages_of_every_size_arrive_whole() {
    let mut net = Net::new(2, 4);
    open(&mut net, Api::Messages);
    for size in [0, 1, 1000, 1200, 1300, 5000, 15_000, 20_000, 512 * 1024] {
        let data: Vec<u8> = (0..size).map(|at: usize| at.to_le_bytes()[0]).collect();
        for delivery in [RELIABLE, UNRELIABLE] {
            net.send(0, 1, Api::Messages, 3, delivery, &data);
            assert!(
                net.message(1, Api::Messages, 3).data == data,
                "{size} bytes, {delivery:?}"
            );
        }
    }
}

#[test]
fn a_channel_that_nobody_reads_holds_up_no_other() {
    let mut net = Net::new(2, 5);
    open(&mut net, Api::P2p);
    let block = vec![1; 64 * 1024];
    let mut refused = false;
    for _ in 0..2000 {
        refused |= net.try_send(0, 1, Api::P2p, 1, RELIABLE, &block).is_err();
        net.run(Duration::from_millis(5));
        if refused {
            break;
        }
    }
    assert!(refused, "who is not read is held back in the end");
    net.close(0, 1, Api::Messages);
    net.send(0, 1, Api::Messages, 0, RELIABLE, b"other");
    net.session_event(1);
    net.accept(1, 0, Api::Messages);
    assert_eq!(&net.message(1, Api::Messages, 0).data[..], b"other");
}
