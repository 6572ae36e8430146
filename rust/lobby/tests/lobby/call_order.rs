//! The calls of one game take effect in the order in which it made them, however far the earlier ones have come.

use samovar_id::SteamId;
use samovar_lobby::{LobbyKind, Notice, limits};

use crate::world::{User, World};

const ENTERED: u32 = 1;
const SUCCESS: u32 = 1;
const ERROR: u32 = 5;
const LIMIT_EXCEEDED: i32 = 25;

/// More steps than anything here needs.
const STEPS: usize = 9;

/// The responses of all joins that a user has been told of since the last time.
fn responses(world: &mut World, user: User) -> Vec<u32> {
    let told = world.notices(user).into_iter();
    let response = |notice| match notice {
        Notice::LobbyJoined { response, .. } => Some(response),
        _ => None,
    };
    told.filter_map(response).collect()
}

/// The same of creations.
fn results(world: &mut World, user: User) -> Vec<i32> {
    let told = world.notices(user).into_iter();
    let result = |notice| match notice {
        Notice::LobbyCreated { result, .. } => Some(result),
        _ => None,
    };
    told.filter_map(result).collect()
}

fn comings(notices: &[Notice], who: SteamId) -> Vec<u32> {
    let state = |notice: &Notice| match notice {
        Notice::LobbyChatUpdate { changed, state, .. } if *changed == who => Some(*state),
        _ => None,
    };
    notices.iter().filter_map(state).collect()
}

fn steps(world: &mut World, steps: usize) {
    for _ in 0..steps {
        world.step();
    }
}

#[test]
fn who_leaves_while_its_join_is_under_way_is_out_for_good_and_told_once() {
    for far in 0..STEPS {
        let mut world = World::with_users(2);
        let lobby = world.party(&[0]);
        let (now, guest) = (world.now, world.id(1));
        world.mirror(1).join(now, lobby).expect("a lobby's ID");
        steps(&mut world, far);
        assert_eq!(world.mirror(1).leave(now, lobby), Ok(()), "{far}");
        assert_eq!(world.mirror(1).lobbies().count(), 0, "{far}: at once");
        world.pass(limits::REQUEST_TIMEOUT_MS);
        // Also where the answer was there already, and the game had not heard of it.
        assert_eq!(responses(&mut world, 1), [ERROR], "{far}");
        assert_eq!(world.members(0, lobby), [world.id(0)], "{far}: no ghost");
        assert_eq!(world.mirror(1).lobbies().count(), 0, "{far}");
        let seen = world.notices(0);
        let seen = comings(&seen, guest);
        assert!(seen.is_empty() || seen == [ENTERED, 2], "{far}: {seen:?}");
        assert!(
            far > 0 || seen.is_empty(),
            "nobody hears of what was not sent"
        );
    }
}

#[test]
fn each_of_several_joins_of_one_lobby_is_answered() {
    for far in 0..STEPS {
        let mut world = World::with_users(2);
        let lobby = world.party(&[0]);
        let (now, guest) = (world.now, world.id(1));
        world.mirror(1).join(now, lobby).expect("a lobby's ID");
        steps(&mut world, far);
        world.mirror(1).join(now, lobby).expect("a lobby's ID");
        world.settle();
        assert_eq!(responses(&mut world, 1), [SUCCESS; 2], "{far}");
        let seen = world.notices(0);
        assert_eq!(comings(&seen, guest), [ENTERED], "{far}: once");
        // And the second while it is left again.
        world.mirror(1).join(now, lobby).expect("a lobby's ID");
        steps(&mut world, far);
        world.mirror(1).leave(now, lobby).expect("in it");
        world.settle();
        assert_eq!(responses(&mut world, 1).len(), 1, "{far}: answered");
        assert_eq!(world.members(0, lobby), [world.id(0)], "{far}");
    }
}

#[test]
fn the_last_of_leaving_and_joining_counts() {
    for far in 0..STEPS {
        for between in 0..STEPS {
            let mut world = World::with_users(2);
            let lobby = world.party(&[0]);
            let now = world.now;
            world.mirror(1).join(now, lobby).expect("a lobby's ID");
            steps(&mut world, far);
            world.mirror(1).leave(now, lobby).expect("joining or in");
            steps(&mut world, between);
            world.mirror(1).join(now, lobby).expect("a lobby's ID");
            world.settle();
            let told = responses(&mut world, 1);
            assert_eq!(told.len(), 2, "{far} {between}: each is answered");
            assert_eq!(told[1], SUCCESS, "{far} {between}");
            let both = [world.id(0), world.id(1)];
            assert_eq!(world.members(0, lobby), both, "{far} {between}");
            assert_eq!(world.members(1, lobby), both, "{far} {between}");
            let line = world.mirror(1).chat(now, lobby, "here");
            assert_eq!(line, Ok(()), "{far} {between}");
            world.settle();
            assert_eq!(crate::chat::lines(&mut world, 0).len(), 1);
        }
    }
}

#[test]
fn what_comes_after_leaving_finds_the_place_free() {
    for far in 0..STEPS {
        for between in 0..STEPS {
            let mut world = World::with_users(3);
            let lobby = world.party(&[0]);
            let other = world.party(&[2]);
            let now = world.now;
            world.mirror(1).join(now, lobby).expect("a lobby's ID");
            steps(&mut world, far);
            world.mirror(1).leave(now, lobby).expect("joining or in");
            steps(&mut world, between);
            let mirror = world.mirror(1);
            if between % 2 == 0 {
                mirror.create(now, LobbyKind::Public, 4).expect("room");
                world.settle();
                assert_eq!(results(&mut world, 1), [1], "{far} {between}");
            } else {
                mirror.join(now, other).expect("a lobby's ID");
                world.settle();
                let told = responses(&mut world, 1);
                assert_eq!(told.last(), Some(&SUCCESS), "{far} {between}: {told:?}");
            }
            assert_eq!(world.mirror(1).lobbies().count(), 1, "{far} {between}");
            assert_eq!(world.members(0, lobby).len(), 1, "{far} {between}");
        }
    }
}

#[test]
fn what_comes_after_creating_finds_the_place_taken() {
    for far in 0..STEPS {
        let mut world = World::with_users(2);
        let other = world.party(&[0]);
        let now = world.now;
        let mirror = world.mirror(1);
        mirror.create(now, LobbyKind::Public, 4).expect("room");
        steps(&mut world, far);
        let mirror = world.mirror(1);
        mirror.create(now, LobbyKind::Public, 4).expect("room");
        mirror.join(now, other).expect("a lobby's ID");
        world.settle();
        let told = world.notices(1);
        let result = |notice: &Notice| match notice {
            Notice::LobbyCreated { result, .. } => Some(*result),
            _ => None,
        };
        let results: Vec<i32> = told.iter().filter_map(result).collect();
        assert_eq!(results, [1, LIMIT_EXCEEDED], "{far}");
        assert_eq!(world.mirror(1).lobbies().count(), 1, "{far}");
        assert_eq!(world.members(0, other).len(), 1, "{far}");
    }
}

#[test]
fn before_it_is_told_that_it_is_in_a_game_can_change_nothing() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0]);
    let now = world.now;
    let mirror = world.mirror(1);
    mirror.join(now, lobby).expect("a lobby's ID");
    let outside = samovar_lobby::LobbyError::NotInLobby;
    assert_eq!(mirror.set_data(now, lobby, "k", "v"), Err(outside));
    let set = mirror.set_member_data(now, lobby, "k", "v");
    assert_eq!(set, Err(samovar_lobby::LobbyError::NotInLobby));
    world.settle();
    assert_eq!(responses(&mut world, 1), [SUCCESS]);
    assert_eq!(world.mirror(0).data(lobby, "k"), None);
}

/// Joins that wait, since the lobby's members have not come over yet, keep the calls behind them in order.
#[test]
fn while_a_directory_takes_over_the_order_is_the_same() {
    for far in 0..STEPS {
        // Leaving what one waits to join.
        let mut world = World::with_users(2);
        let lobby = world.party(&[0]);
        world.kill(0);
        let next = world.directory(2);
        world.connect(1, next).expect("let in");
        let (now, guest) = (world.now, world.id(1));
        world.mirror(1).join(now, lobby).expect("a lobby's ID");
        steps(&mut world, far);
        world.mirror(1).leave(now, lobby).expect("joining");
        world.settle();
        world.connect(0, next).expect("let in");
        world.pass(limits::SETTLE_MS);
        assert_eq!(responses(&mut world, 1), [ERROR], "{far}");
        assert_eq!(world.members(0, lobby), [world.id(0)], "{far}: no ghost");
        let seen = world.notices(0);
        assert!(!comings(&seen, guest).contains(&ENTERED), "{far}: {seen:?}");

        // A creation behind it finds the place taken, and so does a second join.
        let mut world = World::with_users(3);
        let lobby = world.party(&[0]);
        let other = world.party(&[2]);
        world.kill(0);
        let next = world.directory(2);
        for user in [1, 2] {
            world.connect(user, next).expect("let in");
        }
        world.settle();
        world.mirror(1).join(now, lobby).expect("a lobby's ID");
        steps(&mut world, far);
        let mirror = world.mirror(1);
        mirror.create(now, LobbyKind::Public, 4).expect("room");
        mirror.join(now, other).expect("a lobby's ID");
        world.settle();
        world.connect(0, next).expect("let in");
        world.pass(limits::SETTLE_MS);
        let mine: Vec<SteamId> = world.mirror(1).lobbies().map(|lobby| lobby.id).collect();
        assert_eq!(mine, [lobby], "{far}");
        assert_eq!(results(&mut world, 1), [LIMIT_EXCEEDED], "{far}");
    }
}

#[test]
fn a_directory_that_ends_meanwhile_changes_nothing_about_the_order() {
    for far in 0..STEPS {
        for between in 0..STEPS {
            let mut world = World::with_users(2);
            let lobby = world.party(&[0]);
            let now = world.now;
            world.mirror(1).join(now, lobby).expect("a lobby's ID");
            steps(&mut world, far);
            world.mirror(1).leave(now, lobby).expect("joining or in");
            steps(&mut world, between);
            world.kill(0);
            let next = world.directory(2);
            for user in [(far + between) % 2, (far + between + 1) % 2] {
                world.connect(user, next).expect("let in");
                world.settle();
            }
            world.pass(limits::REQUEST_TIMEOUT_MS);
            assert_eq!(responses(&mut world, 1).len(), 1, "{far} {between}");
            assert_eq!(world.mirror(1).lobbies().count(), 0, "{far} {between}");
            assert_eq!(world.members(0, lobby), [world.id(0)], "{far} {between}");
        }
    }
}
