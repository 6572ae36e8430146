//! Questions about lobbies and users: each is answered, by somebody or by time.

use samovar_id::SteamId;
use samovar_lobby::limits::{MAX_PENDING_COMMANDS, REQUEST_TIMEOUT_MS};
use samovar_lobby::{LobbyError, LobbyKind, Millis, Mirror, Notice};

use crate::world::{APP, World};

/// `k_EPersonaChangeName`.
const NAME: u32 = 1;

fn nobody() -> SteamId {
    SteamId::individual(99 << 32)
}

/// Asks about a lobby and a user that nobody knows.
fn ask(mirror: &mut Mirror, now: Millis, lobby: SteamId, user: SteamId) {
    mirror.request_data(now, lobby).expect("room");
    mirror.request_rich_presence(now, user).expect("room");
    assert_eq!(mirror.request_persona(now, user), Ok(true));
}

fn nothing_known(lobby: SteamId, user: SteamId) -> [Notice; 3] {
    [
        Notice::FriendRichPresenceUpdate { user, app_id: APP },
        Notice::PersonaStateChange { user, flags: NAME },
        Notice::LobbyDataUpdate {
            success: false,
            lobby,
            member: lobby,
        },
    ]
}

#[test]
fn without_a_directory_they_run_out() {
    let mut world = World::with_users(0);
    world.user(APP);
    let (now, lobby) = (world.now, SteamId::lobby(5));
    ask(world.mirror(0), now, lobby, nobody());
    world.pass(REQUEST_TIMEOUT_MS - 1);
    assert!(world.notices(0).is_empty());
    world.pass(1);
    assert_eq!(world.notices(0), nothing_known(lobby, nobody()));
    assert_eq!(world.mirror(0).poll_timeout(), None);
    // And are not asked twice at once, but again afterwards.
    let now = world.now;
    for _ in 0..3 {
        let mirror = world.mirror(0);
        mirror.request_rich_presence(now, nobody()).expect("room");
        assert_eq!(mirror.request_persona(now, nobody()), Ok(true));
    }
    world.pass(REQUEST_TIMEOUT_MS);
    assert_eq!(world.notices(0), nothing_known(lobby, nobody())[..2]);
}

#[test]
fn what_the_directory_does_not_know_runs_out_too() {
    let mut world = World::with_users(1);
    let (now, lobby) = (world.now, SteamId::lobby(5));
    ask(world.mirror(0), now, lobby, nobody());
    world.settle();
    let [about_presence, about_name, about_lobby] = nothing_known(lobby, nobody());
    assert_eq!(world.notices(0), [about_lobby], "known at once");
    world.pass(REQUEST_TIMEOUT_MS);
    assert_eq!(world.notices(0), [about_presence, about_name]);
}

#[test]
fn what_is_answered_does_not_run_out() {
    let mut world = World::with_users(2);
    let lobby = world.lobby(1, LobbyKind::Public, 4);
    let (now, user) = (world.now, world.id(1));
    ask(world.mirror(0), now, lobby, user);
    world.settle();
    let notices = world.notices(0);
    let is_answer = |notice: &Notice| match notice {
        Notice::LobbyDataUpdate { success, .. } => *success,
        Notice::FriendRichPresenceUpdate { user: other, .. } => *other == user,
        Notice::PersonaStateChange { user: other, flags } => *other == user && flags & NAME != 0,
        _ => false,
    };
    assert!(
        notices.len() == 3 && notices.iter().all(is_answer),
        "{notices:?}"
    );
    world.pass(2 * REQUEST_TIMEOUT_MS);
    assert!(world.notices(0).is_empty());
    let now = world.now;
    assert_eq!(
        world.mirror(0).request_persona(now, user),
        Ok(false),
        "known"
    );
}

#[test]
fn ones_own_rich_presence_is_an_answer() {
    let mut world = World::with_users(1);
    let (now, user) = (world.now, world.id(0));
    let mirror = world.mirror(0);
    mirror.request_rich_presence(now, user).expect("room");
    assert_eq!(mirror.request_persona(now, user), Ok(false));
    let answer = Notice::FriendRichPresenceUpdate { user, app_id: APP };
    assert_eq!(world.notices(0), [answer]);
}

#[test]
fn a_link_that_is_lost_at_any_step_loses_no_answer() {
    for steps in 0..12 {
        let mut world = World::with_users(2);
        let lobby = world.lobby(1, LobbyKind::Public, 4);
        let (now, user) = (world.now, world.id(1));
        world.forget_notices();
        ask(world.mirror(0), now, lobby, user);
        for _ in 0..steps {
            world.step();
        }
        world.cut(0);
        world.pass(1000);
        world.connect(0, 0).expect("let in");
        world.settle();
        world.pass(REQUEST_TIMEOUT_MS);
        let notices = world.notices(0);
        let count = |is_one: fn(&Notice) -> bool| notices.iter().filter(|one| is_one(one)).count();
        let of_lobby = count(|notice| matches!(notice, Notice::LobbyDataUpdate { .. }));
        let of_user = count(|notice| matches!(notice, Notice::FriendRichPresenceUpdate { .. }));
        let of_name = count(|notice| matches!(notice, Notice::PersonaStateChange { .. }));
        let counts = [of_lobby, of_user, of_name];
        assert!(
            counts.iter().all(|count| *count >= 1),
            "{steps}: {notices:?}"
        );
    }
}

#[test]
fn they_are_bounded() {
    let mut world = World::with_users(0);
    world.user(APP);
    let now = world.now;
    let mirror = world.mirror(0);
    let user = |number: u64| SteamId::individual((8 << 32) | number);
    for number in 0..MAX_PENDING_COMMANDS as u64 {
        assert_eq!(mirror.request_persona(now, user(number)), Ok(true));
    }
    let more = mirror.request_persona(now, user(1_000_000));
    assert_eq!(more, Err(LobbyError::TooManyPending));
    assert_eq!(
        mirror.request_persona(now, SteamId::lobby(1)),
        Err(LobbyError::NotAUser)
    );
    world.pass(REQUEST_TIMEOUT_MS);
    assert_eq!(world.notices(0).len(), MAX_PENDING_COMMANDS);
}
