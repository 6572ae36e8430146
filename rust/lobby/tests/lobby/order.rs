//! The order in which a game hears of what happens, and what it can read at each moment: docs/lobbies.md.

use samovar_id::SteamId;
use samovar_lobby::{Comparison, LobbyKind, Mirror, Notice};

use crate::world::{GRACE_MS, User, World};

const ENTERED: u32 = 1;
const LEFT: u32 = 2;
const DISCONNECTED: u32 = 4;
const KICKED: u32 = 8;
const BANNED: u32 = 16;

/// The signals of lobbies that a user has got since the last time.
fn signals(world: &mut World, user: User) -> Vec<Notice> {
    let notices = world.notices(user).into_iter();
    notices
        .filter(|notice| {
            !matches!(
                notice,
                Notice::PersonaStateChange { .. } | Notice::UserGone { .. }
            )
        })
        .collect()
}

fn joined(lobby: SteamId, response: u32) -> Notice {
    Notice::LobbyJoined {
        lobby,
        locked: false,
        response,
    }
}

fn chat_update(lobby: SteamId, changed: SteamId, by: SteamId, state: u32) -> Notice {
    Notice::LobbyChatUpdate {
        lobby,
        changed,
        making_change: by,
        state,
    }
}

fn data(lobby: SteamId, member: SteamId) -> Notice {
    Notice::LobbyDataUpdate {
        success: true,
        lobby,
        member,
    }
}

/// Steps until a user has been told something, and says whether this holds at that very moment.
fn when_told(world: &mut World, user: User, holds: impl Fn(&Mirror) -> bool) -> bool {
    while world.step() {
        if world.mirror(user).poll_notice().is_some() {
            return holds(world.mirror(user));
        }
    }
    panic!("nothing was told");
}

#[test]
fn creation_then_entering() {
    for friends in [false, true] {
        let mut world = if friends {
            World::with_friends(2)
        } else {
            World::with_users(2)
        };
        let now = world.now;
        let mirror = world.mirror(0);
        mirror.create(now, LobbyKind::Public, 4).expect("room");
        world.settle();
        let lobby = world.mirror(0).lobbies().next().expect("created").id;
        let created = Notice::LobbyCreated {
            result: 1,
            lobby: Some(lobby),
        };
        assert_eq!(signals(&mut world, 0), [created, joined(lobby, 1)]);
        assert!(signals(&mut world, 1).is_empty());
        // A second one is refused, and nothing is entered.
        let mirror = world.mirror(0);
        mirror.create(now, LobbyKind::Public, 4).expect("room");
        world.settle();
        let (result, lobby) = (25, None);
        let refused = Notice::LobbyCreated { result, lobby };
        assert_eq!(signals(&mut world, 0), [refused]);
    }
}

#[test]
fn what_is_set_before_somebody_joins_is_there_when_it_hears_that_it_is_in() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0]);
    let now = world.now;
    let mirror = world.mirror(0);
    mirror.set_data(now, lobby, "map", "garden").expect("owner");
    world.settle();
    world.forget_notices();
    world.mirror(1).join(now, lobby).expect("a lobby's ID");
    assert!(when_told(&mut world, 1, |mirror| {
        mirror.data(lobby, "map") == Some("garden") && mirror.member_count(lobby) == 2
    }));
    assert!(signals(&mut world, 1).is_empty(), "and not told once more");
}

#[test]
fn who_is_told_of_a_newcomer_can_read_it() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0]);
    let (now, newcomer) = (world.now, world.id(1));
    world.mirror(1).join(now, lobby).expect("a lobby's ID");
    assert!(when_told(&mut world, 0, |mirror| {
        mirror.is_member(lobby, newcomer) && mirror.known_name(newcomer).is_some()
    }));
}

#[test]
fn joining_then_data_in_the_order_in_which_it_happened() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1]);
    let (now, newcomer) = (world.now, world.id(2));
    world.mirror(2).join(now, lobby).expect("a lobby's ID");
    world.settle();
    let mirror = world.mirror(2);
    mirror
        .set_member_data(now, lobby, "team", "red")
        .expect("member");
    mirror.chat(now, lobby, "hello").expect("member");
    mirror.leave(now, lobby).expect("in");
    world.settle();
    let line = Notice::LobbyMessage {
        lobby,
        user: newcomer,
        text: "hello".to_owned(),
    };
    let expected = [
        chat_update(lobby, newcomer, newcomer, ENTERED),
        data(lobby, newcomer),
        line,
        chat_update(lobby, newcomer, newcomer, LEFT),
    ];
    for user in [0, 1] {
        assert_eq!(signals(&mut world, user), expected, "{user}");
    }
}

#[test]
fn all_members_hear_the_same_in_the_same_order() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1, 2]);
    let now = world.now;
    for turn in 0..10 {
        let text = turn.to_string();
        for user in 0..3 {
            let mirror = world.mirror(user);
            mirror.chat(now, lobby, &text).expect("member");
            let set = mirror.set_member_data(now, lobby, "turn", &text);
            set.expect("member");
        }
    }
    world.settle();
    let told: Vec<Vec<Notice>> = (0..3).map(|user| signals(&mut world, user)).collect();
    assert!(told[0].len() >= 33, "{}", told[0].len());
    assert_eq!(told[0], told[1]);
    assert_eq!(told[1], told[2]);
}

#[test]
fn with_the_news_that_the_owner_is_gone_there_is_the_next() {
    type Departure = fn(&mut World, SteamId);
    let rows: [(&str, Departure); 2] = [
        ("leaves", |world, lobby| {
            let now = world.now;
            world.mirror(0).leave(now, lobby).expect("in");
        }),
        ("ends", |world, _| world.bye(0)),
    ];
    for (what, departure) in rows {
        let mut world = World::with_users(3);
        let lobby = world.party(&[0, 1, 2]);
        let heir = world.id(1);
        departure(&mut world, lobby);
        let holds = when_told(&mut world, 2, |mirror| {
            mirror.owner(lobby) == Some(heir) && mirror.member_count(lobby) == 2
        });
        assert!(holds, "{what}");
        assert!(signals(&mut world, 2).is_empty(), "{what}: one signal");
    }
}

#[test]
fn a_crash_is_heard_of_once_after_the_grace_time() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let (gone, heir) = (world.id(0), world.id(1));
    world.cut(0);
    world.pass(GRACE_MS - 1);
    assert!(signals(&mut world, 1).is_empty());
    world.pass(1);
    let expected = [chat_update(lobby, gone, gone, DISCONNECTED)];
    assert_eq!(signals(&mut world, 1), expected);
    assert_eq!(world.mirror(1).owner(lobby), Some(heir));
    world.pass(2 * GRACE_MS);
    assert!(signals(&mut world, 1).is_empty());
}

#[test]
fn who_is_taken_out_hears_of_it_twice_and_is_out_by_then() {
    for (ban, state) in [(false, KICKED), (true, BANNED)] {
        let mut world = World::with_users(2);
        let lobby = world.party(&[0, 1]);
        let (owner, out) = (world.id(0), world.id(1));
        world.mirror(0).kick(lobby, out, ban).expect("owner");
        assert_eq!(world.members(0, lobby).len(), 2, "not before it is done");
        let holds = when_told(&mut world, 1, |mirror| mirror.lobby(lobby).is_none());
        assert!(holds, "out before the first of the two");
        let kicked = Notice::LobbyKicked {
            lobby,
            admin: Some(owner),
            due_to_disconnect: false,
        };
        assert_eq!(signals(&mut world, 1), [kicked]);
        world.settle();
        let expected = [chat_update(lobby, out, owner, state)];
        assert_eq!(signals(&mut world, 0), expected);
    }
}

#[test]
fn who_comes_back_hears_what_is_different_and_not_how_it_came_about() {
    let mut world = World::with_users(4);
    let lobby = world.party(&[0, 1, 2]);
    world.cut(2);
    let now = world.now;
    let mirror = world.mirror(0);
    for value in ["1", "2", "3"] {
        mirror.set_data(now, lobby, "turn", value).expect("owner");
    }
    mirror.chat(now, lobby, "wait").expect("member");
    mirror.leave(now, lobby).expect("in");
    world.settle();
    assert_eq!(world.join(3, lobby), 1);
    let (gone, newcomer, still) = (world.id(0), world.id(3), world.id(1));
    let mirror = world.mirror(1);
    mirror.chat(now, lobby, "where are you").expect("member");
    world.settle();
    world.forget_notices();
    world.connect(2, 0).expect("let in");
    world.settle();
    let line = |user, text: &str| Notice::LobbyMessage {
        lobby,
        user,
        text: text.to_owned(),
    };
    let expected = [
        line(gone, "wait"),
        chat_update(lobby, gone, gone, DISCONNECTED),
        chat_update(lobby, newcomer, newcomer, ENTERED),
        data(lobby, lobby),
        line(still, "where are you"),
    ];
    assert_eq!(signals(&mut world, 2), expected);
    assert_eq!(world.mirror(2).data(lobby, "turn"), Some("3"));
    for user in [1, 3] {
        assert!(signals(&mut world, user).is_empty(), "nobody else hears");
    }
}

#[test]
fn a_takeover_is_not_heard_of_and_calls_made_meanwhile_are_carried_out_in_their_order() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let (now, speaker) = (world.now, world.id(0));
    world.kill(0);
    let mirror = world.mirror(0);
    mirror.set_data(now, lobby, "map", "garden").expect("owner");
    mirror.chat(now, lobby, "go").expect("member");
    let next = world.directory(2);
    for user in [0, 1] {
        world.connect(user, next).expect("let in");
    }
    world.pass(2 * GRACE_MS);
    let line = Notice::LobbyMessage {
        lobby,
        user: speaker,
        text: "go".to_owned(),
    };
    assert_eq!(signals(&mut world, 1), [data(lobby, lobby), line]);
}

#[test]
fn a_search_is_answered_once_and_its_lobbies_can_be_read_then() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0]);
    let now = world.now;
    let mirror = world.mirror(0);
    mirror.set_data(now, lobby, "map", "garden").expect("owner");
    world.settle();
    let mirror = world.mirror(1);
    let added = mirror.add_string_filter("map", "nowhere", Comparison::Equal);
    added.expect("a filter");
    mirror.request_list(now).expect("room");
    mirror.request_list(now).expect("room");
    assert!(when_told(&mut world, 1, |mirror| {
        mirror.data(lobby, "map") == Some("garden") && mirror.member_count(lobby) == 1
    }));
    world.settle();
    assert!(
        signals(&mut world, 1).is_empty(),
        "the first is not answered"
    );
}

/// Lobby signals and names, without what friends are told of each other beside lobbies. Whether a picture came with the name
/// does not count.
fn with_names(world: &mut World, user: User) -> Vec<Notice> {
    let mut notices = world.notices(user);
    notices.retain_mut(|notice| match notice {
        Notice::PersonaStateChange { flags, .. } => {
            *flags &= 1;
            *flags != 0
        }
        _ => true,
    });
    notices
}

#[test]
fn whoever_meets_in_a_lobby_hears_of_the_names_then_also_of_those_it_knows() {
    use LobbyKind::{FriendsOnly, Invisible, Private, Public};
    for friends in [false, true] {
        for kind in [Public, Private, FriendsOnly, Invisible] {
            let mut world = if friends {
                World::with_friends(3)
            } else {
                World::with_users(3)
            };
            let lobby = world.lobby(0, kind, 4);
            let [owner, first, second] = [0, 1, 2].map(|user| world.id(user));
            // Twice, since after the first time nobody is new to anybody.
            for _ in 0..2 {
                for user in [1, 2] {
                    let (now, guest) = (world.now, world.id(user));
                    world.mirror(0).invite(now, lobby, guest).expect("member");
                }
                world.settle();
                world.forget_notices();
                let name = |user| Notice::PersonaStateChange { user, flags: 1 };
                let now = world.now;
                world.mirror(1).join(now, lobby).expect("a lobby's ID");
                world.settle();
                assert_eq!(with_names(&mut world, 1), [joined(lobby, 1), name(owner)]);
                let entered = chat_update(lobby, first, first, ENTERED);
                assert_eq!(with_names(&mut world, 0), [entered, name(first)]);
                world.mirror(2).join(now, lobby).expect("a lobby's ID");
                world.settle();
                let expected = [joined(lobby, 1), name(owner), name(first)];
                assert_eq!(with_names(&mut world, 2), expected, "{kind:?}");
                let entered = chat_update(lobby, second, second, ENTERED);
                for user in [0, 1] {
                    let expected = [entered.clone(), name(second)];
                    assert_eq!(with_names(&mut world, user), expected, "{kind:?}");
                }
                for user in [1, 2] {
                    world.mirror(user).leave(now, lobby).expect("in");
                }
                world.settle();
            }
        }
    }
}

#[test]
fn what_a_search_has_found_of_a_lobby_is_known_after_leaving_it() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0]);
    let now = world.now;
    let mirror = world.mirror(0);
    mirror.set_data(now, lobby, "map", "garden").expect("owner");
    world.settle();
    assert_eq!(world.search(1), [lobby]);
    assert_eq!(world.join(1, lobby), 1);
    let mirror = world.mirror(0);
    mirror.set_data(now, lobby, "map", "attic").expect("owner");
    world.settle();
    world.mirror(1).leave(now, lobby).expect("in");
    assert_eq!(world.mirror(1).data(lobby, "map"), Some("attic"));
    assert_eq!(world.mirror(1).member_count(lobby), 1);
    assert_eq!(
        world.mirror(1).owner(lobby),
        None,
        "as for who is not in it"
    );
}

#[test]
fn an_owners_calls_are_heard_in_their_order() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1, 2]);
    let (now, owner, out) = (world.now, world.id(0), world.id(2));
    let mirror = world.mirror(0);
    mirror.set_data(now, lobby, "map", "garden").expect("owner");
    mirror.set_joinable(now, lobby, false).expect("owner");
    mirror.kick(lobby, out, true).expect("owner");
    mirror.set_data(now, lobby, "go", "1").expect("owner");
    world.settle();
    let expected = [
        data(lobby, lobby),
        data(lobby, lobby),
        chat_update(lobby, out, owner, BANNED),
        data(lobby, lobby),
    ];
    assert_eq!(signals(&mut world, 1), expected);
    assert_eq!(signals(&mut world, 0), expected, "the owner too");
}
