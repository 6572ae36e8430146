//! Users who are gone for a while, come back, or start again.

use samovar_id::SteamId;
use samovar_lobby::limits::MAX_MISSED_CHAT;
use samovar_lobby::{Notice, Refusal};

use crate::chat::lines;
use crate::world::{GRACE_MS, World};

const LEFT: u32 = 2;
const DISCONNECTED: u32 = 4;

fn update(lobby: SteamId, changed: SteamId, state: u32) -> Notice {
    Notice::LobbyChatUpdate {
        lobby,
        changed,
        making_change: changed,
        state,
    }
}

#[test]
fn whoever_comes_back_in_time_was_never_gone() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    world.cut(0);
    world.pass(GRACE_MS - 1);
    let now = world.now;
    world
        .mirror(1)
        .set_member_data(now, lobby, "k", "v")
        .expect("member");
    world.settle();
    world.connect(0, 0).expect("let in");
    world.pass(GRACE_MS);
    let other = world.id(1);
    assert_eq!(world.mirror(0).owner(lobby), Some(world.users[0].id));
    assert_eq!(world.mirror(0).member_data(lobby, other, "k"), Some("v"));
    let news = Notice::LobbyDataUpdate {
        success: true,
        lobby,
        member: other,
    };
    assert_eq!(
        world.notices(0),
        std::slice::from_ref(&news),
        "what it missed"
    );
    assert_eq!(world.notices(1), [news]);
}

#[test]
fn whoever_stays_away_is_disconnected() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let gone = world.id(0);
    world.cut(0);
    world.pass(GRACE_MS);
    assert_eq!(world.notices(1), [update(lobby, gone, DISCONNECTED)]);
    assert_eq!(world.mirror(1).owner(lobby), Some(world.users[1].id));
    world.connect(0, 0).expect("let in");
    world.settle();
    assert_eq!(
        world.members(1, lobby),
        [world.id(1), gone],
        "there is room: let in again"
    );
    assert_eq!(world.members(0, lobby), world.members(1, lobby));
}

#[test]
fn whoever_comes_back_too_late_to_a_full_lobby_is_out() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1]);
    let now = world.now;
    world
        .mirror(0)
        .set_member_limit(now, lobby, 2)
        .expect("owner");
    world.settle();
    world.cut(1);
    world.pass(GRACE_MS);
    assert_eq!(world.join(2, lobby), 1);
    world.forget_notices();
    world.connect(1, 0).expect("let in");
    world.settle();
    let kicked = Notice::LobbyKicked {
        lobby,
        admin: None,
        due_to_disconnect: true,
    };
    assert_eq!(world.notices(1), [kicked]);
    assert_eq!(world.mirror(1).member_count(lobby), 0);
}

#[test]
fn an_empty_lobby_waits_for_the_grace_time() {
    let mut world = World::with_users(1);
    let lobby = world.party(&[0]);
    world.cut(0);
    world.pass(GRACE_MS - 1);
    assert!(world.at(0).lobby(lobby).is_some());
    world.pass(1);
    assert!(world.at(0).lobby(lobby).is_none());
    world.connect(0, 0).expect("let in");
    world.settle();
    assert_eq!(world.mirror(0).member_count(lobby), 1, "it brings it again");
}

#[test]
fn a_polite_end_leaves_at_once() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let gone = world.id(0);
    world.bye(0);
    world.settle();
    assert_eq!(world.notices(1), [update(lobby, gone, LEFT)]);
}

#[test]
fn a_new_process_ends_the_earlier_ones_memberships_at_once() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let gone = world.id(0);
    // The directory has not noticed that the link is dead.
    let at = world.users[0].at.take();
    world.restart(0);
    assert_eq!(at, Some(0));
    world.connect(0, 0).expect("the newer one wins");
    world.settle();
    assert_eq!(world.notices(1), [update(lobby, gone, DISCONNECTED)]);
    assert_eq!(world.mirror(0).member_count(lobby), 0);
    assert_eq!(world.mirror(1).owner(lobby), Some(world.users[1].id));
    assert_eq!(world.join(0, lobby), 1);
}

#[test]
fn the_end_of_the_earlier_processs_link_does_not_touch_the_new_one() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[1]);
    let old_instance = world.users[0].instance;
    world.users[0].at = None;
    world.restart(0);
    world.connect(0, 0).expect("the newer one wins");
    world.settle();
    assert_eq!(world.join(0, lobby), 1);
    let (now, id) = (world.now, world.id(0));
    let directory = world.directories[0].as_mut().expect("lives");
    directory.disconnect(now, id, old_instance);
    directory.bye(now, id, old_instance);
    world.distribute(0);
    world.pass(2 * GRACE_MS);
    assert_eq!(world.members(1, lobby).len(), 2);
}

#[test]
fn the_same_user_on_another_machine_waits_until_the_first_is_gone() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let double = world.user(world.users[0].app_id);
    world.users[double].id = world.users[0].id;
    world.users[double].machine = 2;
    assert_eq!(world.connect(double, 0), Err(Refusal::ElsewhereOnline));
    world.settle();
    assert!(world.notices(1).is_empty(), "nobody hears of it");
    world.cut(0);
    world.connect(double, 0).expect("the first is gone");
    world.settle();
    assert_eq!(
        world.notices(1),
        [update(lobby, world.users[0].id, DISCONNECTED)]
    );
}

#[test]
fn what_was_left_without_a_link_is_left_on_return() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let (now, gone) = (world.now, world.id(1));
    world.cut(1);
    world.mirror(1).leave(now, lobby).expect("in");
    world.connect(1, 0).expect("let in");
    world.settle();
    assert_eq!(world.notices(0), [update(lobby, gone, LEFT)]);
    assert!(world.notices(1).is_empty());
}

#[test]
fn whoever_comes_back_hears_what_was_said_meanwhile() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1, 2]);
    world.cut(1);
    for text in ["one", "two"] {
        let now = world.now;
        world.mirror(0).chat(now, lobby, text).expect("member");
        world.settle();
    }
    world.connect(1, 0).expect("let in");
    world.settle();
    let speaker = world.id(0);
    let said = ["one", "two"].map(|text| (speaker, text.to_owned()));
    for user in [1, 2] {
        assert_eq!(lines(&mut world, user), said);
    }
    // Only once.
    world.cut(1);
    world.connect(1, 0).expect("let in");
    world.settle();
    assert!(lines(&mut world, 1).is_empty());
}

#[test]
fn a_new_process_does_not_hear_what_was_said_to_the_one_before() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    world.cut(1);
    let now = world.now;
    world.mirror(0).chat(now, lobby, "psst").expect("member");
    world.settle();
    world.restart(1);
    world.connect(1, 0).expect("let in");
    assert_eq!(world.join(1, lobby), 1);
    world.settle();
    assert!(lines(&mut world, 1).is_empty());
}

#[test]
fn of_too_much_said_meanwhile_the_latest_lines_are_kept() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    world.cut(1);
    let count = MAX_MISSED_CHAT + 10;
    for number in 0..count {
        let now = world.now;
        let text = number.to_string();
        world.mirror(0).chat(now, lobby, &text).expect("member");
        // As fast as one may speak: far less than the grace time altogether.
        world.pass(13);
    }
    world.connect(1, 0).expect("let in");
    world.settle();
    let heard = lines(&mut world, 1);
    assert_eq!(heard.len(), MAX_MISSED_CHAT);
    assert_eq!(
        heard.last().map(|(_, text)| text.clone()),
        Some((count - 1).to_string())
    );
}

#[test]
fn the_last_words_of_who_has_left_are_heard() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1, 2]);
    world.cut(1);
    let (now, speaker) = (world.now, world.id(2));
    world.mirror(2).chat(now, lobby, "gg").expect("member");
    world.mirror(2).leave(now, lobby).expect("member");
    world.settle();
    world.forget_notices();
    world.connect(1, 0).expect("let in");
    world.settle();
    let notices = world.notices(1);
    assert!(
        matches!(
            &notices[..],
            [
                Notice::LobbyMessage { user, text, .. },
                Notice::LobbyChatUpdate { changed, .. }
            ] if *user == speaker && text == "gg" && *changed == speaker
        ),
        "{notices:?}"
    );
}
