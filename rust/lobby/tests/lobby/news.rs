//! Who loses the link for a moment is told what happened to friends meanwhile, and not all of them again.

use samovar_id::SteamId;
use samovar_lobby::limits::MAX_FRIENDS;
use samovar_lobby::{
    Directory, DirectoryConfig, DirectoryId, Event, FromDirectory, Millis, News, Persona,
    PersonaState, Presence, RichPresence, frame,
};

use crate::world::{APP, User, World, secrets};

/// What a user knows of its friends who are here: who, in which state, of which name, doing what.
fn known(world: &mut World, user: User) -> Vec<(SteamId, PersonaState, String, String)> {
    let mirror = world.mirror(user);
    let mut all: Vec<_> = mirror
        .friends()
        .iter()
        .filter_map(|friend| {
            let state = mirror.persona_state(*friend)?;
            let name = mirror.known_name(*friend).unwrap_or_default().to_owned();
            let presence = mirror.rich_presence(*friend);
            let doing = presence.and_then(|presence| presence.get("status").cloned());
            Some((*friend, state, name, doing.unwrap_or_default()))
        })
        .collect();
    all.sort_unstable_by_key(|known| known.0);
    all
}

fn does(world: &mut World, user: User, what: &str) {
    let now = world.now;
    let mirror = world.mirror(user);
    mirror
        .set_rich_presence(now, "status", what)
        .expect("a short one");
}

#[test]
fn who_is_back_hears_what_it_has_missed_and_of_nobody_else() {
    let mut world = World::with_friends(5);
    does(&mut world, 3, "at tea");
    world.settle();
    world.cut(0);
    let now = world.now;
    world.mirror(1).set_persona(now, "Ada", PersonaState::Busy);
    does(&mut world, 2, "in bed");
    world.settle();
    world.bye(4);
    let late = world.user(APP);
    world.connect(late, 0).expect("let in");
    world.settle();
    world.connect(0, 0).expect("let in");
    // Of two who changed, and one who came: who it is, and what it does; one who went; and that it is all, and a welcome.
    assert_eq!(world.under_way(0), 3 * 2 + 1 + 1 + 1);
    world.settle();
    let (back, stayed) = (known(&mut world, 0), known(&mut world, 3));
    let others = |all: Vec<(SteamId, PersonaState, String, String)>, world: &World| {
        let both = [world.id(0), world.id(3)];
        let other = |known: &(SteamId, _, _, _)| !both.contains(&known.0);
        all.into_iter().filter(other).collect::<Vec<_>>()
    };
    assert_eq!(back.len(), 4);
    assert_eq!(others(back, &world), others(stayed, &world));
}

/// Whatever is lost on the way, and whenever.
#[test]
fn links_that_come_and_go_leave_no_gap_in_what_is_known() {
    for seed in 0..60_u64 {
        let mut random = seed;
        let mut below = |most: usize| {
            random = random
                .wrapping_mul(6_364_136_223_846_793_005)
                .wrapping_add(1_442_695_040_888_963_407);
            usize::try_from(random >> 33).expect("fits") % most
        };
        let mut world = World::with_friends(5);
        for round in 0..60 {
            let user = below(5);
            match below(7) {
                0 => world.cut(user),
                1 | 2 => drop(world.connect(user, 0)),
                3 => does(&mut world, user, &format!("round {round}")),
                4 => {
                    let now = world.now;
                    let state = [PersonaState::Online, PersonaState::Away][below(2)];
                    let name = format!("name {round}");
                    world.mirror(user).set_persona(now, &name, state);
                }
                5 => world.bye(user),
                _ => world.pass(below(2_500) as u64),
            }
            for _ in 0..below(6) {
                world.step();
            }
        }
        for user in 0..5 {
            world.connect(user, 0).expect("let in");
        }
        world.pass(10_000);
        for user in 0..5 {
            let mut wanted = Vec::new();
            for other in (0..5).filter(|other| *other != user) {
                let id = world.id(other);
                let mirror = world.mirror(other);
                let persona = mirror.persona().clone();
                let presence = mirror.my_rich_presence();
                let doing = presence.get("status").cloned().unwrap_or_default();
                wanted.push((id, persona.state, persona.name, doing));
            }
            wanted.sort_unstable_by_key(|known| known.0);
            assert_eq!(known(&mut world, user), wanted, "seed {seed}, user {user}");
        }
    }
}

#[test]
fn of_news_that_a_client_cannot_have_heard_it_is_told_all() {
    let mut world = World::with_friends(3);
    let presence = |instance| Presence {
        app_id: APP,
        persona: Persona::named("Eve"),
        rich_presence: RichPresence::new(),
        instance,
        machine: 1,
        is_returning: true,
        is_asking: false,
    };
    let (now, own, other) = (world.now, DirectoryId(1), DirectoryId(99));
    let eve = SteamId::individual((8 << 32) | 77);
    let directory = world.directories[0].as_mut().expect("lives");
    assert_eq!(directory.id(), own);
    for (directory_id, number) in [(own, u64::MAX), (own, 1 << 40), (other, 1), (other, 0)] {
        let news = Some(News {
            directory: directory_id,
            number,
        });
        let connected = directory.connect_again(now, eve, presence(number), Vec::new(), news);
        connected.expect("let in");
        let mut told = std::iter::from_fn(|| directory.poll_output());
        let list = told.find_map(|(to, event)| match event {
            Event::Friends(list) if to == eve => Some(list.len()),
            _ => None,
        });
        assert_eq!(list, Some(3));
        while directory.poll_output().is_some() {}
    }
}

/// All of a directory's friends lose their links and are back within the grace time, as on a bad radio.
#[test]
fn as_many_friends_as_there_may_be_who_all_reconnect_cost_what_has_changed() {
    let (seed, key) = secrets(1);
    let mut directory = Directory::new(DirectoryConfig::default(), DirectoryId(1), 1, seed, key);
    let user = |number: usize| SteamId::individual((8 << 32) | number as u64);
    let mut now = Millis(1_000_000);
    let pair = |number: usize| (format!("{number:0>60}"), "x".repeat(250));
    let presence = || Presence {
        app_id: APP,
        persona: Persona::named("somebody"),
        rich_presence: (0..30).map(pair).collect(),
        instance: 1,
        machine: 1,
        is_returning: true,
        is_asking: false,
    };
    let told = |directory: &mut Directory, back: bool| {
        let (mut events, mut bytes, mut heard) = (0, 0, None);
        while let Some((to, event)) = directory.poll_shared_output() {
            if let Event::FriendsTold { news } = event {
                heard = Some(news);
            }
            let (_, plain) = frame::encode_counted(&FromDirectory::Event(event)).expect("fits");
            if back {
                let to = to.iter().count();
                (events, bytes) = (events + to, bytes + to * plain);
            }
        }
        (events, bytes, heard)
    };
    let mut heard = None;
    for number in 0..MAX_FRIENDS {
        let connected = directory.connect(now, user(number), presence(), Vec::new());
        connected.expect("there is room");
        heard = told(&mut directory, false).2.or(heard);
    }
    let number = heard.expect("told") + 2;
    let news = Some(News {
        directory: DirectoryId(1),
        number,
    });
    for known in [None, news] {
        let start = std::time::Instant::now();
        let (mut events, mut bytes) = (0, 0);
        for number in 0..MAX_FRIENDS {
            directory.disconnect(now, user(number), 1);
        }
        now = now.plus(1_500);
        for number in 0..MAX_FRIENDS {
            let connected =
                directory.connect_again(now, user(number), presence(), Vec::new(), known);
            connected.expect("there is room");
            let (more, of, _) = told(&mut directory, true);
            (events, bytes) = (events + more, bytes + of);
        }
        println!(
            "{known:?}: {events} events, {bytes} bytes, {:?}",
            start.elapsed()
        );
        if known.is_some() {
            assert_eq!(events, MAX_FRIENDS, "that nothing has changed");
            assert!(bytes < 16 * MAX_FRIENDS, "{bytes}");
        }
    }
}
