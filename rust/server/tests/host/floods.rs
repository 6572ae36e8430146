//! Who floods a host waits for it, and nobody else does.

use std::collections::BTreeMap;

use samovar_lobby::{Change, Command, Event, LobbyKind, SearchFilters, limits};
use samovar_server::{MAX_BACKLOG, WORK_BURST, WORK_PER_SECOND};

use crate::crowd::Crowd;

/// How many searches each of those who flood asks for.
const SEARCHES: u64 = 60;

fn search(request: u64) -> Command {
    Command::Search {
        request,
        filters: SearchFilters {
            count: 50,
            ..SearchFilters::default()
        },
        patient: false,
    }
}

fn answers(crowd: &mut Crowd, link: u64) -> usize {
    let events = crowd.events(link);
    let is_answer = |event: &&Event| matches!(event, Event::Found { .. });
    events.iter().filter(is_answer).count()
}

/// A lobby of each of these links, with as much data as there may be, none of it alike.
fn fill(crowd: &mut Crowd, links: &[u64]) {
    let mut seed = 1_u64;
    for link in links {
        let create = Command::Create {
            request: 1,
            kind: LobbyKind::Public,
            limit: 250,
        };
        crowd.command(*link, create);
        crowd.pass(5);
        let created = crowd
            .events(*link)
            .into_iter()
            .find_map(|event| match event {
                Event::Created { lobby, .. } => lobby,
                _ => None,
            });
        let lobby = created.expect("created").snapshot.id;
        let mut text = || -> String {
            let mut letter = || {
                seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
                char::from(33 + u8::try_from((seed >> 33) % 94).expect("small"))
            };
            (0..8000).map(|_| letter()).collect()
        };
        let pairs: BTreeMap<String, String> = (0..8).map(|key| (key.to_string(), text())).collect();
        let change = Change::Data(pairs);
        crowd.command(*link, Command::Change { lobby, change });
        crowd.pass(5);
    }
}

/// Ten users with a full lobby each; the first six of them flood.
fn flooded() -> (Crowd, Vec<u64>, u64) {
    let mut crowd = Crowd::new();
    let links: Vec<u64> = (0..10).map(|user| crowd.enter(user)).collect();
    fill(&mut crowd, &links);
    let honest = crowd.enter(11);
    crowd.pass(10_000);
    for link in &links {
        crowd.events(*link);
    }
    (crowd, links, honest)
}

#[test]
fn searches_of_six_users_leave_an_honest_ones_answer_at_most_a_few_turns_away() {
    let (mut crowd, links, honest) = flooded();
    for request in 0..SEARCHES {
        for link in &links[..6] {
            crowd.command(*link, search(1_000 + request));
        }
    }
    let mut most_waiting = 0;
    let mut answered = 0;
    for round in 0..50 {
        crowd.command(honest, search(round));
        crowd.pass(10);
        let own = answers(&mut crowd, honest);
        // Its own answers take a while over its link.
        answered += own;
        most_waiting = most_waiting.max(crowd.waiting());
    }
    assert!(answered >= 8, "{answered}");
    let bound = 7 * (MAX_BACKLOG + limits::MAX_RESULT_BYTES + 100_000);
    assert!(most_waiting < bound, "{most_waiting} of {bound}");
    // All are answered in the end: a request is never dropped.
    let answered: usize = links[..6]
        .iter()
        .map(|link| answers(&mut crowd, *link))
        .sum();
    let allowed = usize::try_from(WORK_BURST + WORK_PER_SECOND).expect("fits");
    assert!(answered <= 6 * (allowed / 400_000), "{answered}");
    let mut all = answered;
    for _ in 0..60 {
        crowd.pass(250);
        all += links[..6]
            .iter()
            .map(|link| answers(&mut crowd, *link))
            .sum::<usize>();
    }
    assert_eq!(all, 6 * usize::try_from(SEARCHES).expect("few"));
}

#[test]
fn a_small_request_beside_a_flood_is_answered_in_its_turn() {
    let (mut crowd, links, honest) = flooded();
    for request in 0..400 {
        for link in &links[..6] {
            crowd.command(*link, search(1_000 + request));
        }
    }
    let mut late = 0;
    for request in 0..500 {
        let create = Command::Create {
            request,
            kind: LobbyKind::Public,
            limit: 0,
        };
        crowd.command(honest, create);
        let mut turns = 0;
        while crowd.events(honest).is_empty() {
            crowd.pass(1);
            turns += 1;
        }
        late = late.max(turns);
        crowd.pass(10);
    }
    assert!(late <= 2, "{late} turns of a millisecond");
}

#[test]
fn who_comes_again_finds_what_it_owes() {
    let (mut crowd, links, _) = flooded();
    let mut link = links[0];
    let mut all = 0;
    // Ten times in a second, each time with as many searches as it likes.
    for _ in 0..10 {
        for request in 0..100 {
            crowd.command(link, search(request));
        }
        crowd.pass(100);
        all += answers(&mut crowd, link);
        crowd.close(link);
        link = crowd.open(0);
        crowd.say(link, &crate::crowd::hello(0, Vec::new()));
    }
    let allowed = usize::try_from(WORK_BURST + WORK_PER_SECOND).expect("fits");
    assert!(all <= allowed / 400_000, "{all}");
}

#[test]
fn who_sends_faster_than_it_is_served_is_not_read_from_until_it_is() {
    let (mut crowd, links, _) = flooded();
    for request in 0..60 {
        crowd.command(links[0], search(request));
    }
    let mut seed = 1_u64;
    let mut byte = || {
        seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        u8::try_from(seed >> 56).expect("a byte")
    };
    let filler = Command::Signal {
        to: samovar_id::SteamId::individual(1),
        payload: (0..4000).map(|_| byte()).collect(),
    };
    for _ in 0..40 {
        crowd.command(links[0], filler.clone());
    }
    crowd.turn();
    assert!(crowd.links[&links[0]].held && !crowd.links[&links[1]].held);
    for _ in 0..4_000 {
        crowd.pass(10);
        if !crowd.links[&links[0]].held {
            return;
        }
    }
    panic!("never read again");
}
