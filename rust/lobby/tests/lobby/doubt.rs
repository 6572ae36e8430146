//! Nothing is lost and nothing comes twice, whatever ends at which moment: links, directories, and hosts that are stopped, wake
//! for a moment, and are stopped again.

use samovar_id::SteamId;
use samovar_lobby::{Command, Event, Notice, limits};

use crate::chat::lines;
use crate::world::{GRACE_MS, User, World};

/// More steps than anything here needs.
const STEPS: usize = 12;

fn texts(world: &mut World, user: User) -> Vec<String> {
    let all = lines(world, user).into_iter();
    all.map(|(_, text)| text).collect()
}

fn say(world: &mut World, user: User, lobby: SteamId, text: &str) {
    let now = world.now;
    world.mirror(user).chat(now, lobby, text).expect("member");
}

fn steps(world: &mut World, steps: usize) {
    for _ in 0..steps {
        world.step();
    }
}

/// The process of user 0, which keeps the directory, is stopped; the others go to the next directory.
fn stop(world: &mut World) -> usize {
    for user in 1..world.users.len() {
        world.cut(user);
    }
    world.pass(2_000);
    let next = world.directory(2);
    for user in 1..world.users.len() {
        world.connect(user, next).expect("let in");
    }
    world.pass(limits::SETTLE_MS);
    next
}

#[test]
fn what_a_host_says_while_it_wakes_for_a_moment_is_heard_however_long_it_is_stopped_again() {
    for stopped_again_ms in [100, 8_000, 20_000] {
        for said_in_between in [0, 200] {
            let mut world = World::with_users(3);
            let lobby = world.party(&[0, 1, 2]);
            say(&mut world, 0, lobby, "before");
            world.settle();
            world.forget_notices();
            let next = stop(&mut world);
            // It is its own client, and does not know yet that it is the directory no more.
            say(&mut world, 0, lobby, "awake");
            for line in 0..said_in_between {
                say(&mut world, 0, lobby, &line.to_string());
                world.settle();
                if line >= 190 {
                    world.pass(20);
                }
            }
            let now = world.now;
            let mirror = world.mirror(0);
            mirror.set_data(now, lobby, "map", "garden").expect("owner");
            mirror
                .set_member_data(now, lobby, "team", "red")
                .expect("member");
            world.settle();
            assert_eq!(texts(&mut world, 0).len(), said_in_between + 1, "by itself");
            say(&mut world, 1, lobby, "meanwhile");
            world.pass(stopped_again_ms);
            world.connect(0, next).expect("let in");
            world.pass(1_000);
            for user in [1, 2] {
                let heard = texts(&mut world, user);
                assert_eq!(heard.len(), said_in_between + 2, "{stopped_again_ms}");
                assert_eq!(heard[..2], ["meanwhile", "awake"], "{stopped_again_ms}");
                let mirror = world.mirror(user);
                assert_eq!(mirror.data(lobby, "map"), Some("garden"));
                let host = world.id(0);
                let team = world.mirror(user).member_data(lobby, host, "team");
                assert_eq!(team, Some("red"));
            }
            assert_eq!(texts(&mut world, 0), ["meanwhile"]);
        }
    }
}

#[test]
fn a_host_that_kicks_while_it_wakes_for_a_moment_kicks_once() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1, 2]);
    let next = stop(&mut world);
    let out = world.id(2);
    world.mirror(0).kick(lobby, out, false).expect("owner");
    world.pass(500);
    world.forget_notices();
    world.pass(20_000);
    world.connect(0, next).expect("let in");
    world.settle();
    assert_eq!(world.members(1, lobby).len(), 2);
    let kicked = |notice: &Notice| matches!(notice, Notice::LobbyKicked { .. });
    assert_eq!(world.notices(2).iter().filter(|n| kicked(n)).count(), 1);
    // Who is let in again afterwards is not kicked by yet another directory.
    assert_eq!(world.join(2, lobby), 1);
    world.kill(next);
    let third = world.directory(3);
    for user in [0, 1, 2] {
        world.connect(user, third).expect("let in");
    }
    world.settle();
    assert_eq!(world.members(1, lobby).len(), 3);
}

#[test]
fn only_the_outcome_of_what_was_set_lately_is_set_again() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    for round in 0..5 {
        let now = world.now;
        let mirror = world.mirror(0);
        let set = mirror.set_data(now, lobby, "round", &round.to_string());
        set.expect("owner");
        world.pass(10);
    }
    world.forget_notices();
    world.kill(0);
    let next = world.directory(2);
    for user in [1, 0] {
        world.connect(user, next).expect("let in");
    }
    world.settle();
    assert_eq!(world.notices(1), [], "nothing is different");
    assert_eq!(world.notices(0), []);
    assert_eq!(world.mirror(1).data(lobby, "round"), Some("4"));
}

#[test]
fn whoevers_link_ends_at_whatever_moment_each_line_is_heard_once_in_order() {
    for cut in 0..3 {
        for far in 0..STEPS {
            for away_ms in [0, 3_000] {
                let mut world = World::with_users(3);
                let lobby = world.party(&[0, 1, 2]);
                for (user, text) in [(0, "a1"), (1, "b1"), (0, "a2"), (1, "b2")] {
                    say(&mut world, user, lobby, text);
                }
                steps(&mut world, far);
                world.cut(cut);
                say(&mut world, 1, lobby, "b3");
                world.pass(away_ms);
                world.connect(cut, 0).expect("let in");
                world.settle();
                say(&mut world, 0, lobby, "a3");
                world.settle();
                for user in 0..3 {
                    let heard = texts(&mut world, user);
                    let of = |who: &str| -> Vec<String> {
                        let of = heard.iter().filter(|text| text.starts_with(who));
                        of.cloned().collect()
                    };
                    assert_eq!(of("a"), ["a1", "a2", "a3"], "{cut} {far} {user}");
                    assert_eq!(of("b"), ["b1", "b2", "b3"], "{cut} {far} {user}");
                }
            }
        }
    }
}

#[test]
fn who_comes_later_hears_nothing_of_what_was_said_before() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1]);
    for text in ["old", "older"] {
        say(&mut world, 0, lobby, text);
    }
    world.settle();
    assert_eq!(world.join(2, lobby), 1);
    world.forget_notices();
    world.cut(2);
    world.connect(2, 0).expect("let in");
    world.settle();
    say(&mut world, 0, lobby, "new");
    world.settle();
    assert_eq!(texts(&mut world, 2), ["new"]);
    world.forget_notices();
    // Nor does one that says it has heard less than it could.
    let line = 0;
    world.force(2, Command::Resume { lobby, line });
    world.settle();
    assert_eq!(texts(&mut world, 2), [""; 0]);
    assert!(
        !world
            .notices(1)
            .iter()
            .any(|n| matches!(n, Notice::LobbyMessage { .. }))
    );
}

#[test]
fn who_is_kicked_as_its_link_ends_is_out() {
    for far in 0..STEPS {
        let mut world = World::with_users(3);
        let lobby = world.party(&[0, 1, 2]);
        let out = world.id(1);
        world.mirror(0).kick(lobby, out, false).expect("owner");
        steps(&mut world, far);
        world.cut(1);
        world.settle();
        world.connect(1, 0).expect("let in");
        world.settle();
        assert_eq!(world.members(2, lobby).len(), 2, "{far}");
        assert_eq!(world.mirror(1).lobbies().count(), 0, "{far}");
        let kicked = |notice: &&Notice| matches!(notice, Notice::LobbyKicked { .. });
        assert_eq!(world.notices(1).iter().filter(kicked).count(), 1, "{far}");
        assert_eq!(world.join(1, lobby), 1, "{far}: it may come again");
        world.cut(1);
        world.connect(1, 0).expect("let in");
        world.settle();
        assert_eq!(world.members(2, lobby).len(), 3, "{far}: and stays");
    }
}

#[test]
fn what_an_owner_does_as_its_link_ends_is_done_once() {
    for far in 0..STEPS {
        let mut world = World::with_users(4);
        let lobby = world.party(&[0, 1, 2]);
        let (now, out, guest) = (world.now, world.id(2), world.id(3));
        let mirror = world.mirror(0);
        mirror.set_data(now, lobby, "map", "garden").expect("owner");
        mirror.kick(lobby, out, false).expect("owner");
        mirror.invite(now, lobby, guest).expect("member");
        mirror.chat(now, lobby, "go").expect("member");
        steps(&mut world, far);
        world.cut(0);
        world.settle();
        // Who was kicked comes back before the owner does.
        let now = world.now;
        let was_out = world.mirror(2).lobbies().count() == 0;
        if was_out {
            world.mirror(2).join(now, lobby).expect("a lobby's ID");
            world.settle();
        }
        world.connect(0, 0).expect("let in");
        world.settle();
        let members = world.members(1, lobby).len();
        assert_eq!(members, if was_out { 3 } else { 2 }, "{far}: kicked once");
        let told = world.notices(3);
        let invited = |n: &&Notice| matches!(n, Notice::LobbyInvite { .. });
        assert_eq!(
            told.iter().filter(invited).count(),
            1,
            "{far}: invited once"
        );
        let told = world.notices(1);
        let data = |n: &&Notice| matches!(n, Notice::LobbyDataUpdate { .. });
        let line = |n: &&Notice| matches!(n, Notice::LobbyMessage { .. });
        assert_eq!(told.iter().filter(data).count(), 1, "{far}: told once");
        assert_eq!(told.iter().filter(line).count(), 1, "{far}: heard once");
    }
}

#[test]
fn every_question_is_answered_whenever_links_and_directories_end() {
    for far in 0..STEPS {
        for takes_over in [false, true] {
            let mut world = World::with_users(2);
            let lobby = world.party(&[0]);
            if takes_over {
                // A question of a lobby that may still come waits, and is handled while it does.
                world.kill(0);
                let next = world.directory(2);
                world.connect(1, next).expect("let in");
            }
            let now = world.now;
            let mirror = world.mirror(1);
            for _ in 0..2 {
                mirror.request_data(now, lobby).expect("room");
            }
            mirror.request_list(now).expect("room");
            steps(&mut world, far);
            world.cut(1);
            world.pass(100);
            let home = world.directories.len() - 1;
            for user in [1, 0] {
                world.connect(user, home).expect("let in");
            }
            world.pass(limits::SETTLE_MS);
            let told = world.notices(1);
            let data = |n: &&Notice| matches!(n, Notice::LobbyDataUpdate { success: true, .. });
            let list = |n: &&Notice| matches!(n, Notice::LobbyMatchList { .. });
            assert_eq!(told.iter().filter(data).count(), 2, "{far} {takes_over}");
            assert_eq!(told.iter().filter(list).count(), 1, "{far} {takes_over}");
        }
    }
    let mut world = World::with_users(1);
    world.kill(0);
    let now = world.now;
    let mirror = world.mirror(0);
    mirror.request_data(now, SteamId::lobby(1)).expect("room");
    world.pass(limits::REQUEST_TIMEOUT_MS);
    let told = world.notices(0);
    let failed = |n: &&Notice| matches!(n, Notice::LobbyDataUpdate { success: false, .. });
    assert_eq!(told.iter().filter(failed).count(), 1, "without a directory");
}

#[test]
fn a_mirror_that_sees_a_gap_asks_and_is_told() {
    // What a directory says is left out here and there.
    for (left_out, many) in (0..6).flat_map(|at| [(at, 1), (at, 3)]) {
        let mut world = World::with_users(2);
        let lobby = world.party(&[0, 1]);
        let now = world.now;
        for round in 0..6 {
            let text = round.to_string();
            let mirror = world.mirror(0);
            mirror.set_data(now, lobby, &text, "1").expect("owner");
            mirror.chat(now, lobby, &text).expect("member");
        }
        let mut seen = 0;
        while world.step() {
            world.leave_out(1, |event| {
                let is_news = matches!(event, Event::Chat { .. } | Event::Data { .. });
                seen += usize::from(is_news);
                is_news && (left_out + 1..=left_out + many).contains(&seen)
            });
        }
        world.settle();
        assert_eq!(texts(&mut world, 1).len(), 6, "{left_out} {many}");
        assert_eq!(world.members(1, lobby), world.members(0, lobby));
        let all = world.mirror(1).all_data(lobby).len();
        assert_eq!(all, 6, "{left_out} {many}");
    }
}

#[test]
fn only_members_are_told_again_and_not_without_end() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1]);
    say(&mut world, 0, lobby, "secret");
    world.settle();
    world.forget_notices();
    let line = 0;
    world.force(2, Command::Resume { lobby, line });
    world.settle();
    assert_eq!(world.notices(2), []);
    assert_eq!(world.mirror(2).lobbies().count(), 0);
    let mut answers = 0;
    for _ in 0..1_000 {
        world.force(1, Command::Resume { lobby, line });
        world.leave_out(1, |event| {
            answers += usize::from(matches!(event, Event::Resumed { .. }));
            false
        });
        world.settle();
    }
    assert!(answers <= limits::REQUEST_RATE.burst as usize, "{answers}");
    assert_eq!(world.notices(1), [], "and nothing twice");
}

#[test]
fn a_line_is_kept_for_who_is_gone_as_long_as_it_is_waited_for() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1, 2]);
    world.cut(2);
    say(&mut world, 0, lobby, "first");
    world.pass(limits::RECENT_MS * 2);
    say(&mut world, 0, lobby, "second");
    world.pass(GRACE_MS - limits::RECENT_MS * 2 - 1);
    world.connect(2, 0).expect("let in");
    world.settle();
    assert_eq!(texts(&mut world, 2), ["first", "second"]);
}
