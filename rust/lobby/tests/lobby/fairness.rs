//! What all users share: one who takes as much as can be had leaves the others what is theirs.

use samovar_id::SteamId;
use samovar_lobby::limits::{
    MAX_CHAT, MAX_DEFERRED, MAX_MISSED_BYTES, MEMBER_DATA_SHARE, REQUEST_RATE, SETTLE_MS,
    SIGNAL_RATE, SIGNAL_SHARE, SIGNALLED_RATE,
};
use samovar_lobby::{Change, Command, Directory, Event, Persona, Presence, Refusal, RichPresence};

use crate::chat::lines;
use crate::world::{APP, User, World};

fn directory(world: &mut World) -> &mut Directory {
    let latest = world.directories.last_mut().expect("there is one");
    latest.as_mut().expect("lives")
}

/// What the directory says by now, without the acknowledgements.
fn outputs(world: &mut World) -> Vec<(SteamId, Event)> {
    let outputs = std::iter::from_fn(|| directory(world).poll_output());
    outputs
        .filter(|(_, event)| *event != Event::Handled)
        .collect()
}

/// How many signals of a user's reach another.
fn signals(world: &mut World, from: User, to: User, count: usize) -> usize {
    let (now, from, to) = (world.now, world.id(from), world.id(to));
    for _ in 0..count {
        let payload = vec![0; 64];
        directory(world).handle(now, from, Command::Signal { to, payload });
    }
    outputs(world).len()
}

#[test]
fn a_users_signals_come_through_beside_any_number_of_flooders() {
    for flooders in [1, 5, 50] {
        let mut world = World::with_users(2 + flooders);
        let (honest, target) = (0, 1);
        let mut heard = 0;
        for second in 0..10 {
            for flooder in 2..2 + flooders {
                heard += signals(&mut world, flooder, target, 1_000);
            }
            let came = signals(&mut world, honest, target, 1);
            assert_eq!(came, 1, "{flooders} flooders, second {second}");
            world.now = world.now.plus(1_000);
        }
        let burst = flooders * SIGNAL_SHARE.burst as usize + SIGNALLED_RATE.burst as usize;
        let more = flooders * SIGNAL_SHARE.per_second as usize + SIGNALLED_RATE.per_second as usize;
        assert!(heard <= burst + 9 * more, "{heard} of {flooders} flooders");
    }
}

#[test]
fn one_who_greets_many_has_a_share_towards_each() {
    let mut world = World::with_users(250);
    for flooder in 1..5 {
        for target in 100..250 {
            signals(
                &mut world,
                flooder,
                target,
                SIGNAL_RATE.burst as usize / 100,
            );
        }
    }
    let came: usize = (1..250).map(|to| signals(&mut world, 0, to, 1)).sum();
    assert_eq!(came, 249);
}

/// How many of a user's questions about itself are answered at once.
fn answers(world: &mut World, user: User, count: usize) -> usize {
    let (now, id) = (world.now, world.id(user));
    for _ in 0..count {
        directory(world).handle(now, id, Command::Persona { user: id });
    }
    outputs(world).len()
}

/// A user who is in no lobby goes, and comes again as a new process.
fn come_again(world: &mut World, user: User) {
    world.cut(user);
    world.restart(user);
    world.connect(user, 0).expect("let in");
    outputs(world);
}

#[test]
fn who_goes_and_comes_again_has_no_more_of_any_rate() {
    let mut world = World::with_users(2);
    world.pass(SETTLE_MS);
    assert_eq!(answers(&mut world, 0, 1_000), REQUEST_RATE.burst as usize);
    for _ in 0..5 {
        come_again(&mut world, 0);
        assert_eq!(answers(&mut world, 0, 1_000), 0);
    }
    let most = SIGNAL_RATE.burst as usize;
    assert_eq!(signals(&mut world, 0, 1, 1_000), most);
    come_again(&mut world, 0);
    assert_eq!(signals(&mut world, 0, 1, 1_000), 0);
    world.pass(10_000);
    come_again(&mut world, 0);
    assert_eq!(answers(&mut world, 0, 1_000), REQUEST_RATE.burst as usize);
    assert_eq!(signals(&mut world, 0, 1, 1_000), most);
}

#[test]
fn who_is_brought_as_a_member_by_somebody_else_has_no_more_either() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    world.kill(0);
    let place = world.directory(2);
    // The user is here without the lobby, goes, is brought by a fellow member, and comes again.
    let (now, id) = (world.now, world.id(1));
    let presence = || Presence {
        app_id: APP,
        persona: Persona::named("again"),
        rich_presence: RichPresence::new(),
        instance: 77,
        machine: 1,
        is_returning: false,
        is_asking: false,
    };
    let connect = |world: &mut World| -> Result<(), Refusal> {
        let now = world.now;
        directory(world).connect(now, id, presence(), Vec::new())
    };
    connect(&mut world).expect("let in");
    world.now = now.plus(SETTLE_MS);
    let now = world.now;
    directory(&mut world).handle_timeout(now);
    assert!(answers(&mut world, 1, 1_000) > 0);
    directory(&mut world).disconnect(now, id, 77);
    // Long enough that it is gone for good.
    let rest_s: u32 = 3;
    world.now = now.plus(u64::from(rest_s) * 1_000);
    let now = world.now;
    directory(&mut world).handle_timeout(now);
    world.connect(0, place).expect("let in");
    let brought = world.at(place).lobby(lobby).expect("it is brought");
    assert_eq!(brought.members.len(), 2);
    connect(&mut world).expect("let in");
    outputs(&mut world);
    let earned = rest_s as usize * usize::from(REQUEST_RATE.per_second);
    assert_eq!(answers(&mut world, 1, 1_000), earned);
}

#[test]
fn while_a_directory_settles_nobodys_questions_are_answered_early_because_of_others() {
    let mut world = World::with_users(0);
    let (flooders, honest) = (0..5, 5);
    for _ in 0..6 {
        world.user(APP);
        let user = world.users.len() - 1;
        world.connect(user, 0).expect("let in");
    }
    outputs(&mut world);
    let (now, lobby) = (world.now, SteamId::lobby(9));
    let describe = Command::Describe { lobby };
    for _ in 0..MAX_DEFERRED {
        for flooder in flooders.clone() {
            let id = world.id(flooder);
            directory(&mut world).handle(now, id, describe.clone());
        }
    }
    let honest = world.id(honest);
    let early = |world: &mut World, user: SteamId| {
        let told = outputs(world).into_iter();
        told.filter(|(to, event)| *to == user && matches!(event, Event::Described { .. }))
            .count()
    };
    let ids: Vec<SteamId> = flooders.clone().map(|flooder| world.id(flooder)).collect();
    for _ in 0..MAX_DEFERRED / 6 {
        directory(&mut world).handle(now, honest, describe.clone());
        for id in &ids {
            directory(&mut world).handle(now, *id, describe.clone());
        }
    }
    assert_eq!(early(&mut world, honest), 0);
    let later = now.plus(SETTLE_MS);
    directory(&mut world).handle_timeout(later);
    assert_eq!(
        early(&mut world, honest),
        MAX_DEFERRED / 6,
        "each is answered"
    );
}

#[test]
fn who_talks_all_the_time_drowns_nobodys_line_for_somebody_who_is_away() {
    for len in [1, MAX_CHAT] {
        let mut world = World::with_users(3);
        let lobby = world.party(&[0, 1, 2]);
        let (honest, flooder, away) = (0, 1, 2);
        world.cut(away);
        let mut seq = 0;
        for second in 0..20 {
            for _ in 0..100 {
                seq += 1;
                let text = "x".repeat(len);
                let change = Change::Chat { seq, text };
                world.force(flooder, Command::Change { lobby, change });
            }
            let now = world.now;
            let line = format!("line {second}");
            let said = world.mirror(honest).chat(now, lobby, &line);
            said.expect("member");
            world.pass(1_000);
        }
        world.connect(away, 0).expect("let in");
        world.settle();
        let speaker = world.id(honest);
        let heard = lines(&mut world, away).into_iter();
        let heard: Vec<String> = heard
            .filter_map(|(who, line)| (who == speaker).then_some(line))
            .collect();
        let wanted: Vec<String> = (0..20).map(|second| format!("line {second}")).collect();
        assert_eq!(heard, wanted, "beside lines of {len} bytes");
    }
}

#[test]
fn lobbies_full_of_talk_drown_no_line_of_another() {
    let lobbies = MAX_MISSED_BYTES / (1024 * 1024) + 4;
    let mut world = World::with_users(2 + 2 * lobbies);
    let quiet = world.party(&[0, 1]);
    world.cut(1);
    let say = |world: &mut World, line: &str| {
        let now = world.now;
        let said = world.mirror(0).chat(now, quiet, line);
        said.expect("member");
        world.settle();
    };
    say(&mut world, "before");
    for number in 1..=lobbies {
        let (speaker, away) = (2 * number, 2 * number + 1);
        let lobby = world.party(&[speaker, away]);
        world.cut(away);
        for seq in 1..=380 {
            let text = "x".repeat(if seq < 280 { MAX_CHAT } else { 1 });
            let change = Change::Chat { seq, text };
            world.force(speaker, Command::Change { lobby, change });
        }
        world.settle();
    }
    say(&mut world, "after");
    world.connect(1, 0).expect("let in");
    world.settle();
    let heard: Vec<String> = lines(&mut world, 1)
        .into_iter()
        .map(|(_, line)| line)
        .collect();
    assert_eq!(heard, ["before", "after"]);
}

#[test]
fn members_who_set_all_that_fits_leave_each_other_member_its_share() {
    let users: Vec<User> = (0..12).collect();
    let mut world = World::with_users(users.len());
    let lobby = world.party(&users);
    for flooder in 0..10 {
        for number in 0..40 {
            let (now, key) = (world.now, format!("key {number}"));
            let value = "x".repeat(500);
            // What does not fit is refused here.
            let _ = world
                .mirror(flooder)
                .set_member_data(now, lobby, &key, &value);
        }
        world.pass(1_000);
    }
    for honest in [10, 11] {
        let (now, value) = (world.now, "x".repeat(MEMBER_DATA_SHARE - 5));
        let set = world
            .mirror(honest)
            .set_member_data(now, lobby, "ready", &value);
        set.expect("fits");
        world.settle();
        let id = world.id(honest);
        let seen = world.mirror(0).member_data(lobby, id, "ready");
        assert_eq!(seen, Some(value.as_str()));
    }
}

#[test]
fn what_a_member_says_of_others_data_takes_no_room_from_theirs_and_keeps_nobody_out() {
    for (fakes, liar_is_first) in [(7, true), (7, false), (3, true), (3, false)] {
        let about = format!("{fakes} fakes, first {liar_is_first}");
        let users: Vec<User> = (0..10).collect();
        let mut world = World::with_users(users.len());
        let lobby = world.party(&users);
        let (liar, honest, now) = (1, 2, world.now);
        let value = "v".repeat(8_000);
        for key in ["a", "b"] {
            let set = world
                .mirror(honest)
                .set_member_data(now, lobby, key, &value);
            set.expect("fits");
        }
        world.settle();
        let mut copy = world.mirror(liar).resume(now).remove(0);
        copy.snapshot.version.revision += 1;
        let claimed = [liar].into_iter().chain(3..3 + fakes);
        let claimed: Vec<SteamId> = claimed.map(|user| world.id(user)).collect();
        for member in &mut copy.snapshot.members {
            if claimed.contains(&member.user) {
                let pairs = ["x", "y"].map(|key| (key.to_owned(), "f".repeat(8_100)));
                member.data = pairs.into();
            } else {
                member.data.clear();
            }
        }
        world.kill(0);
        let next = world.directory(2);
        if !liar_is_first {
            world.connect(honest, next).expect("let in");
            world.settle();
        }
        world.connect_with(liar, next, vec![copy]).expect("let in");
        world.settle();
        for user in [0, 2, 3, 4, 5, 6, 7, 8, 9] {
            if liar_is_first || user != honest {
                world.connect(user, next).expect("let in");
                world.settle();
            }
        }
        world.pass(SETTLE_MS);
        let id = world.id(honest);
        // Who says more than there is room for is not believed at all: it has brought no lobby.
        let is_out = |user: User| fakes == 7 && liar_is_first && user == liar;
        for user in users.into_iter().filter(|user| !is_out(*user)) {
            let count = world.members(user, lobby).len();
            assert_eq!(count, 10 - usize::from(is_out(liar)), "{about}, {user}");
            for key in ["a", "b"] {
                let seen = world.mirror(user).member_data(lobby, id, key);
                assert_eq!(seen, Some(value.as_str()), "{about}, {user}");
            }
        }
    }
}
