//! A link, a session, many messages, and a thread that is woken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;
use std::time::{Duration, Instant};

use samovar_net::{Delivery, Flow, SendError, Wake};

use super::users::{PATIENCE, RELIABLE, User, relay, run_until, runtime, user};

#[test]
fn links_sessions_and_many_messages() {
    runtime().block_on(async {
        let mut users = [user(), user()];
        let now = Instant::now();
        users[1].driver.endpoint().set_hosting(true);
        let addr = users[1].driver.local_addr().unwrap();
        let key = users[1].driver.endpoint().identity().public_key();
        let link = users[0].driver.endpoint().dial(now, addr, key).unwrap();
        run_until(&mut users, "no link", |users| {
            users[0].opened == 1 && users[1].opened == 1
        })
        .await;
        let frame = vec![7; 700_000];
        users[0].driver.endpoint().send_frame(link, &frame).unwrap();
        run_until(&mut users, "no frame", |users| users[1].frames.len() == 1).await;
        assert_eq!(users[1].frames[0], frame);

        // The game's thread sends and wakes the network's, which may sleep.
        const MESSAGES: u32 = 20_000;
        let (sessions, wake, peer) = (
            Arc::clone(&users[0].sessions),
            Arc::clone(&users[0].wake),
            users[1].id,
        );
        let stop = Arc::new(AtomicBool::new(false));
        let stopped = Arc::clone(&stop);
        let game = thread::spawn(move || {
            let mut number = 0;
            while number < MESSAGES && !stopped.load(Ordering::Relaxed) {
                let data = [number.to_be_bytes(); 16].concat();
                let now = Instant::now();
                let sent = sessions
                    .lock()
                    .send(now, peer, Flow::P2p, number % 3, RELIABLE, &data);
                match sent {
                    Ok(_) => number += 1,
                    Err(SendError::LimitExceeded) => thread::sleep(Duration::from_millis(1)),
                    Err(error) => panic!("{error}"),
                }
                wake.notify();
            }
        });
        let mut next = [0, 1, 2];
        run_until(&mut users, "not all messages", |users| {
            for channel in 0..3 {
                while let Some(message) = users[1].sessions.lock().receive(Flow::P2p, channel) {
                    let number = u32::from_be_bytes(message.data[..4].try_into().unwrap());
                    assert_eq!(number, next[channel as usize], "in order");
                    next[channel as usize] += 3;
                }
            }
            next.iter().all(|next| *next >= MESSAGES)
        })
        .await;
        stop.store(true, Ordering::Relaxed);
        game.join().unwrap();
    });
}

/// A thread that sleeps without a timer wakes when it is told to, and what it was told while busy is not lost.
#[test]
fn a_wake_is_never_lost() {
    runtime().block_on(async {
        let mut user = user();
        user.driver.turn(&Wake::default()).await;
        for _ in 0..20 {
            user.wake.notify();
            let before = Instant::now();
            user.driver.turn(&user.wake).await;
            assert!(before.elapsed() < Duration::from_millis(900));
            let wake = Arc::clone(&user.wake);
            let other = thread::spawn(move || {
                thread::sleep(Duration::from_millis(5));
                wake.notify();
            });
            let before = Instant::now();
            user.driver.turn(&user.wake).await;
            assert!(before.elapsed() < Duration::from_millis(900));
            other.join().unwrap();
        }
    });
}

/// A game that sends without a pause wakes the thread without a pause, which has to read nevertheless.
#[test]
fn a_thread_that_is_always_woken_reads() {
    runtime().block_on(async {
        let mut users = [user(), user()];
        users[1].driver.endpoint().set_hosting(true);
        let addr = users[1].driver.local_addr().unwrap();
        let key = users[1].driver.endpoint().identity().public_key();
        users[0]
            .driver
            .endpoint()
            .dial(Instant::now(), addr, key)
            .unwrap();
        let until = Instant::now() + PATIENCE;
        while users.iter().any(|user| user.opened == 0) {
            assert!(Instant::now() < until, "no link");
            for user in &mut users {
                user.wake.notify();
                user.driver.turn(&user.wake).await;
            }
            relay(&mut users);
        }
    });
}

/// The system takes 64 KiB at once, and nothing of more.
#[test]
fn more_than_the_system_takes_at_once_arrives() {
    const MESSAGES: usize = 60;
    let unreliable = Delivery {
        reliable: false,
        ..RELIABLE
    };
    runtime().block_on(async {
        let mut users = [user(), user()];
        let peer = users[1].id;
        for user in &mut users {
            // Fast enough for all of it to go in one burst.
            user.driver
                .endpoint()
                .set_send_rates(20_000_000, 20_000_000);
        }
        let send = |users: &mut [User; 2], delivery, size| {
            let mut sessions = users[0].sessions.lock();
            sessions
                .send(Instant::now(), peer, Flow::P2p, 0, delivery, &vec![1; size])
                .unwrap();
        };
        let receive =
            |users: &mut [User; 2]| users[1].sessions.lock().receive(Flow::P2p, 0).is_some();
        send(&mut users, RELIABLE, 1);
        relay(&mut users);
        run_until(&mut users, "no session", receive).await;
        // On a busy machine a socket's buffer may overflow once, but not each time.
        let mut all_came = false;
        for _ in 0..10 {
            for _ in 0..MESSAGES {
                send(&mut users, unreliable, 1100);
            }
            relay(&mut users);
            let (mut came, start) = (0, Instant::now());
            run_until(&mut users, "no end", |users| {
                while receive(users) {
                    came += 1;
                }
                came == MESSAGES || start.elapsed() > Duration::from_millis(300)
            })
            .await;
            all_came |= came == MESSAGES;
        }
        assert!(all_came);
    });
}
