//! Any sequence of calls, lost links, restarts and takeovers.
//!
//! [`World`] checks each directory after everything that happens to it: one owner, no more members than the limit, no
//! empty lobby, and no event for somebody whom it does not concern.

use proptest::prelude::*;
use samovar_id::SteamId;
use samovar_lobby::{Comparison, LobbyError, LobbyKind, PersonaState};

use crate::world::{Place, User, World};

const USERS: usize = 5;

#[derive(Clone, Copy, Debug)]
enum Act {
    Create(User, u8, u32),
    Join(User, usize),
    Leave(User, usize),
    Data(User, usize, u8, u8),
    MemberData(User, usize, u8, u8),
    Kind(User, usize, u8),
    Joinable(User, usize, bool),
    Limit(User, usize, u32),
    Owner(User, usize, User),
    Kick(User, usize, User, bool),
    Presence(User, u8),
    Chat(User, usize),
    Invite(User, usize, User),
    Search(User, u8),
    Describe(User, usize),
    Steps(u8),
    Pass(u64),
    Cut(User),
    Reconnect(User),
    Restart(User),
    Bye(User),
    TakeOver,
    Split(User),
}

fn act() -> impl Strategy<Value = Act> {
    let user = 0..USERS;
    let lobby = 0..6_usize;
    let byte = 0..3_u8;
    prop_oneof![
        2 => (user.clone(), 0..4_u8, 1..5_u32).prop_map(|(u, k, l)| Act::Create(u, k, l)),
        6 => (user.clone(), lobby.clone()).prop_map(|(u, l)| Act::Join(u, l)),
        2 => (user.clone(), lobby.clone()).prop_map(|(u, l)| Act::Leave(u, l)),
        3 => (user.clone(), lobby.clone(), byte.clone(), byte.clone()).prop_map(|(u, l, k, v)| Act::Data(u, l, k, v)),
        3 => (user.clone(), lobby.clone(), byte.clone(), byte.clone()).prop_map(|(u, l, k, v)| Act::MemberData(u, l, k, v)),
        1 => (user.clone(), lobby.clone(), 0..4_u8).prop_map(|(u, l, k)| Act::Kind(u, l, k)),
        1 => (user.clone(), lobby.clone(), any::<bool>()).prop_map(|(u, l, j)| Act::Joinable(u, l, j)),
        1 => (user.clone(), lobby.clone(), 0..6_u32).prop_map(|(u, l, m)| Act::Limit(u, l, m)),
        2 => (user.clone(), lobby.clone(), user.clone()).prop_map(|(u, l, o)| Act::Owner(u, l, o)),
        2 => (user.clone(), lobby.clone(), user.clone(), any::<bool>()).prop_map(|(u, l, o, b)| Act::Kick(u, l, o, b)),
        1 => (user.clone(), byte.clone()).prop_map(|(u, v)| Act::Presence(u, v)),
        2 => (user.clone(), lobby.clone()).prop_map(|(u, l)| Act::Chat(u, l)),
        1 => (user.clone(), lobby.clone(), user.clone()).prop_map(|(u, l, g)| Act::Invite(u, l, g)),
        1 => (user.clone(), byte.clone()).prop_map(|(u, v)| Act::Search(u, v)),
        1 => (user.clone(), lobby.clone()).prop_map(|(u, l)| Act::Describe(u, l)),
        6 => (1..20_u8).prop_map(Act::Steps),
        2 => prop_oneof![0..1_000_u64, 20_000..40_000_u64].prop_map(Act::Pass),
        2 => user.clone().prop_map(Act::Cut),
        3 => user.clone().prop_map(Act::Reconnect),
        1 => user.clone().prop_map(Act::Restart),
        1 => user.clone().prop_map(Act::Bye),
        1 => Just(Act::TakeOver),
        1 => user.prop_map(Act::Split),
    ]
}

/// A lobby that exists or has existed.
fn lobby(world: &World, index: usize) -> SteamId {
    let mut all: Vec<SteamId> = world
        .directories
        .iter()
        .flatten()
        .flat_map(|directory| directory.lobbies().map(|lobby| lobby.id))
        .collect();
    all.sort_unstable();
    all.dedup();
    all.get(index)
        .copied()
        .unwrap_or(SteamId::lobby(index as u64))
}

/// Calls a mirror. Whether the call is allowed depends on what happened before.
fn call(world: &mut World, act: Act) -> Result<(), LobbyError> {
    let now = world.now;
    let kind = |number: u8| LobbyKind::from_number(number.into()).expect("a kind");
    let text = |length: u8| "v".repeat(length.into());
    match act {
        Act::Create(user, number, limit) => world.mirror(user).create(now, kind(number), limit),
        Act::Join(user, index) => {
            let lobby = lobby(world, index);
            world.mirror(user).join(now, lobby)
        }
        Act::Leave(user, index) => {
            let lobby = lobby(world, index);
            world.mirror(user).leave(now, lobby)
        }
        Act::Data(user, index, key, value) => {
            let (lobby, key) = (lobby(world, index), key.to_string());
            world.mirror(user).set_data(now, lobby, &key, &text(value))
        }
        Act::MemberData(user, index, key, value) => {
            let (lobby, key) = (lobby(world, index), key.to_string());
            let mirror = world.mirror(user);
            mirror.set_member_data(now, lobby, &key, &text(value))
        }
        Act::Kind(user, index, number) => {
            let lobby = lobby(world, index);
            world.mirror(user).set_kind(now, lobby, kind(number))
        }
        Act::Joinable(user, index, joinable) => {
            let lobby = lobby(world, index);
            world.mirror(user).set_joinable(now, lobby, joinable)
        }
        Act::Limit(user, index, limit) => {
            let lobby = lobby(world, index);
            world.mirror(user).set_member_limit(now, lobby, limit)
        }
        Act::Owner(user, index, owner) => {
            let (lobby, owner) = (lobby(world, index), world.id(owner));
            world.mirror(user).set_owner(now, lobby, owner)
        }
        Act::Kick(user, index, other, ban) => {
            let (lobby, other) = (lobby(world, index), world.id(other));
            world.mirror(user).kick(lobby, other, ban)
        }
        Act::Presence(user, value) => {
            let mirror = world.mirror(user);
            let set = mirror.set_rich_presence(now, "status", &text(value));
            set.expect("it fits");
            Ok(())
        }
        Act::Chat(user, index) => {
            let lobby = lobby(world, index);
            world.mirror(user).chat(now, lobby, "tea?")
        }
        Act::Invite(user, index, guest) => {
            let (lobby, guest) = (lobby(world, index), world.id(guest));
            world.mirror(user).invite(now, lobby, guest)
        }
        Act::Search(user, value) => {
            let mirror = world.mirror(user);
            mirror.add_string_filter("0", &text(value), Comparison::EqualOrGreater)?;
            mirror.request_list(now)
        }
        Act::Describe(user, index) => {
            let lobby = lobby(world, index);
            world.mirror(user).request_data(now, lobby)
        }
        _ => Ok(()),
    }
}

/// What happens to everybody; `home` is where reconnecting users go.
fn happen(world: &mut World, home: &mut Place, act: Act) {
    match act {
        Act::Steps(steps) => {
            for _ in 0..steps {
                world.step();
            }
        }
        Act::Pass(ms) => world.pass(ms),
        Act::Cut(user) => world.cut(user),
        Act::Reconnect(user) => world.connect(user, *home).expect("one machine"),
        Act::Restart(user) => world.restart(user),
        Act::Bye(user) => world.bye(user),
        Act::TakeOver => {
            world.kill(*home);
            *home = world.directory(world.directories.len() as u64 + 1);
        }
        // A second directory, on the other side of a cut, which everybody moves to sooner or later.
        Act::Split(user) => {
            *home = world.directory(world.directories.len() as u64 + 1);
            world.connect(user, *home).expect("one machine");
        }
        _ => {}
    }
}

/// Everybody sees of everybody else what that one shows.
fn friends_see_each_other(world: &World) -> Result<(), TestCaseError> {
    for seer in &world.users {
        for seen in world.users.iter().filter(|seen| seen.id != seer.id) {
            let (mirror, id) = (&seer.mirror, seen.id);
            prop_assert_eq!(mirror.persona_state(id), Some(PersonaState::Online));
            let presence = mirror.rich_presence(id).cloned().unwrap_or_default();
            prop_assert_eq!(&presence, seen.mirror.my_rich_presence());
            let mut lobbies = seen.mirror.lobbies();
            let shown = lobbies.find(|lobby| {
                let kind = lobby.kind;
                lobby.joinable && matches!(kind, LobbyKind::Public | LobbyKind::FriendsOnly)
            });
            prop_assert_eq!(mirror.friend_lobby(id), shown.map(|lobby| lobby.id));
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        // What goes wrong here goes wrong rarely; PROPTEST_CASES still scales it.
        cases: ProptestConfig::default().cases * 4,
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn rules_hold_and_mirrors_converge(friends in any::<bool>(), acts in prop::collection::vec(act(), 1..120)) {
        let mut world = if friends {
            World::with_friends(USERS)
        } else {
            World::with_users(USERS)
        };
        let mut home = 0;
        for act in acts {
            let _ = call(&mut world, act);
            happen(&mut world, &mut home, act);
        }
        for user in 0..USERS {
            if world.users[user].at != Some(home) {
                world.connect(user, home).expect("one machine");
            }
        }
        for place in 0..home {
            world.directories[place] = None;
        }
        world.pass(100_000);
        for user in 0..USERS {
            let id = world.id(user);
            let mirror = &world.users[user].mirror;
            prop_assert_eq!(mirror.pending(), 0);
            prop_assert_eq!(mirror.poll_timeout(), None, "every request is answered");
            let mut theirs: Vec<_> = world
                .at(home)
                .lobbies()
                .filter(|lobby| lobby.member(id).is_some())
                .cloned()
                .collect();
            theirs.sort_by_key(|lobby| lobby.id);
            let own: Vec<_> = mirror.lobbies().cloned().collect();
            prop_assert_eq!(own, theirs, "user {}", user);
        }
        if friends {
            friends_see_each_other(&world)?;
        }
        let mut members = 0;
        for lobby in world.at(home).lobbies() {
            members += lobby.members.len();
            for member in &lobby.members {
                prop_assert!(world.users.iter().any(|user| user.id == member.user));
            }
        }
        for user in 0..USERS {
            let now = world.now;
            let lobbies: Vec<SteamId> = world.mirror(user).lobbies().map(|lobby| lobby.id).collect();
            for lobby in lobbies {
                prop_assert!(world.mirror(user).leave(now, lobby).is_ok());
                members -= 1;
            }
        }
        world.settle();
        prop_assert_eq!(members, 0);
        prop_assert_eq!(world.at(home).lobbies().count(), 0, "nobody is in them");
    }
}
