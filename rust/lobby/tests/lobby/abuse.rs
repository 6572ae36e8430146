//! Clients that do not keep to the rules: what they get, what it costs, and that nobody else is harmed.

use std::collections::BTreeMap;

use samovar_id::SteamId;
use samovar_lobby::limits::{
    DATA_RATE, MAX_AVATARS, MAX_DATA, MAX_MEMBER_DATA, MAX_MEMBERS_DATA, OWN_SETTINGS_RATE,
    SETTINGS_RATE, SPEECH_RATE,
};
use samovar_lobby::{
    Change, Command, Event, GameServer, LobbyError, LobbyKind, LobbySnapshot, Millis, Persona,
    Presence, ProvedLobby, Refusal, RichPresence, Tell,
};

use crate::chat::lines;
use crate::world::{APP, User, World};

const LIMIT_EXCEEDED: i32 = 25;
const INVALID_PARAM: i32 = 8;

/// What the directory says when a user sends this, without the acknowledgements.
pub(crate) fn outputs(
    world: &mut World,
    user: User,
    commands: impl IntoIterator<Item = Command>,
) -> Vec<(SteamId, Event)> {
    let (now, id) = (world.now, world.id(user));
    let directory = world.directories[0].as_mut().expect("lives");
    let mut outputs = Vec::new();
    for command in commands {
        directory.handle(now, id, command);
        while let Some(output) = directory.poll_output() {
            outputs.extend((output.1 != Event::Handled).then_some(output));
        }
    }
    outputs
}

/// How often of each result.
fn results(outputs: &[(SteamId, Event)]) -> BTreeMap<i32, usize> {
    let mut results = BTreeMap::new();
    for (_, event) in outputs {
        let Event::Created { result, .. } = event else {
            panic!("nobody hears of it: {event:?}");
        };
        *results.entry(*result).or_default() += 1;
    }
    results
}

pub(crate) fn create(request: u64, kind: LobbyKind, limit: u32) -> Command {
    Command::Create {
        request,
        kind,
        limit,
    }
}

pub(crate) fn presence(instance: u64, machine: u64) -> Presence {
    Presence {
        app_id: APP,
        persona: Persona::named("Eve"),
        rich_presence: RichPresence::new(),
        instance,
        machine,
        is_returning: false,
        is_asking: false,
    }
}

#[test]
fn of_10_000_lobbies_one_client_gets_three() {
    let mut world = World::with_users(2);
    let kinds = [LobbyKind::Public, LobbyKind::Invisible];
    let kinds = kinds.into_iter().cycle();
    let commands = (0..10_000)
        .zip(kinds)
        .map(|(request, kind)| create(request, kind, 4));
    let told = outputs(&mut world, 0, commands);
    assert_eq!(results(&told), [(1, 3), (LIMIT_EXCEEDED, 9_997)].into());
    assert_eq!(world.at(0).lobbies().count(), 3);
    let lobby = world.lobby(1, LobbyKind::Public, 4);
    assert_eq!(world.search(1).len(), 4, "others create and search as ever");
    assert_eq!(world.mirror(1).owner(lobby), Some(world.id(1)));
}

#[test]
fn lobbies_created_and_left_at_once_are_bounded_too() {
    let mut world = World::with_users(1);
    for request in 0..10_000 {
        let told = outputs(&mut world, 0, [create(request, LobbyKind::Public, 4)]);
        let leave = told.into_iter().filter_map(|(_, event)| match event {
            Event::Created { lobby, .. } => Some(Command::Change {
                lobby: lobby?.snapshot.id,
                change: Change::Leave,
            }),
            _ => None,
        });
        let leave: Vec<Command> = leave.collect();
        assert_eq!(leave.is_empty(), request >= 400, "{request}: 400 at once");
        outputs(&mut world, 0, leave);
    }
    assert_eq!(world.at(0).lobbies().count(), 0);
}

#[test]
fn a_limit_that_cannot_be_has_its_own_code() {
    let mut world = World::with_users(1);
    let wrong = [0, 251, u32::MAX].map(|limit| create(1, LobbyKind::Public, limit));
    let told = outputs(&mut world, 0, wrong);
    assert_eq!(results(&told), [(INVALID_PARAM, 3)].into());
    assert_eq!(world.at(0).lobbies().count(), 0);
}

#[test]
fn a_flood_of_chat_reaches_each_member_so_often_and_drowns_nobody() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1, 2]);
    let flood = (1..=10_000).map(|seq| {
        let text = "x".repeat(4096);
        let change = Change::Chat { seq, text };
        Command::Change { lobby, change }
    });
    let told = outputs(&mut world, 0, flood);
    assert_eq!(told.len(), 3 * SPEECH_RATE.burst as usize);
    let now = world.now;
    world
        .mirror(1)
        .chat(now, lobby, "calm down")
        .expect("member");
    world.settle();
    // What is lost here of the flood, it is told when it sees that.
    let speaker = world.id(1);
    let heard = lines(&mut world, 2).into_iter();
    let of_others = heard.filter(|(who, _)| *who == speaker).count();
    assert_eq!(of_others, 1, "others are heard at once");
}

#[test]
fn lines_that_are_none_are_dropped() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let texts = [String::new(), "x".repeat(4097), "x".repeat(1_000_000)];
    let lines = texts.map(|text| Command::Change {
        lobby,
        change: Change::Chat { seq: 1, text },
    });
    assert!(outputs(&mut world, 0, lines).is_empty());
}

#[test]
fn what_is_kept_of_a_flood_for_somebody_who_is_away_is_a_mebibyte_of_the_lobby() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    world.cut(1);
    for seq in 1..=2_000 {
        let text = "x".repeat(4096);
        let change = Change::Chat { seq, text };
        world.force(0, Command::Change { lobby, change });
    }
    world.connect(1, 0).expect("let in");
    world.settle();
    let bytes: usize = lines(&mut world, 1).iter().map(|line| line.1.len()).sum();
    assert!((500_000..=1 << 20).contains(&bytes), "{bytes}");
}

#[test]
fn maximal_data_on_every_key_stays_within_its_bounds() {
    let mut world = World::with_users(4);
    let lobby = world.party(&[0, 1, 2]);
    let value = "v".repeat(8192);
    let pairs = |number: usize| {
        let key = format!("{number:0>255}");
        BTreeMap::from([(key, value.clone())])
    };
    for user in [0, 1, 2] {
        let data = (0..500).map(|number| Change::Data(pairs(number)));
        let member_data = (0..500).map(|number| Change::MemberData(pairs(number)));
        let all = data.chain(member_data);
        let all = all.map(|change| Command::Change { lobby, change });
        let told = outputs(&mut world, user, all);
        // Seven pairs of the lobby's fit, and one of each member's, and three members hear of each.
        let expected = if user == 0 { 3 * 8 } else { 3 };
        assert_eq!(told.len(), expected, "what does not fit is told to nobody");
    }
    let bytes = |data: &BTreeMap<String, String>| -> usize {
        data.iter()
            .map(|(key, value)| key.len() + value.len())
            .sum()
    };
    let found = world.at(0).lobby(lobby).expect("exists");
    let members: Vec<usize> = found
        .members
        .iter()
        .map(|member| bytes(&member.data))
        .collect();
    assert!(bytes(&found.data) <= MAX_DATA);
    assert!(members.iter().all(|bytes| *bytes <= MAX_MEMBER_DATA));
    assert!(members.iter().sum::<usize>() <= MAX_MEMBERS_DATA);
    assert_eq!(world.join(3, lobby), 1, "it can still be joined");
    assert_eq!(world.search(3), [lobby], "and found");
    let now = world.now;
    let mirror = world.mirror(3);
    mirror.set_member_data(now, lobby, "k", "v").expect("fits");
}

#[test]
fn a_flood_of_changes_is_cut_short_and_the_lobby_stays_usable() {
    let server = GameServer {
        ip: GameServer::NO_IP,
        port: 1,
        id: 0,
    };
    let pairs = |turn: usize| BTreeMap::from([("k".to_owned(), turn.to_string())]);
    type Flood<'a> = (&'a str, u32, Box<dyn Fn(usize) -> Change + 'a>);
    let floods: [Flood<'_>; 4] = [
        (
            "opening and closing",
            u32::from(SETTINGS_RATE.burst),
            Box::new(|turn| Change::Joinable(turn % 2 == 1)),
        ),
        (
            "naming a server",
            u32::from(SETTINGS_RATE.burst),
            Box::new(|_| Change::GameServer(server)),
        ),
        (
            "lobby data",
            u32::from(DATA_RATE.burst),
            Box::new(|turn| Change::Data(pairs(turn))),
        ),
        (
            "member data",
            u32::from(DATA_RATE.burst),
            Box::new(|turn| Change::MemberData(pairs(turn))),
        ),
    ];
    for (what, most, flood) in floods {
        let mut world = World::with_users(3);
        let lobby = world.party(&[0, 1]);
        let flood = (0..10_000).map(|turn| Command::Change {
            lobby,
            change: flood(turn),
        });
        let told = outputs(&mut world, 0, flood);
        assert_eq!(told.len(), 2 * most as usize, "{what}");
        let now = world.now;
        let mirror = world.mirror(1);
        mirror.set_member_data(now, lobby, "k", "v").expect("fits");
        world.settle();
        let user = world.id(1);
        let seen = world.mirror(0).member_data(lobby, user, "k");
        assert_eq!(seen, Some("v"), "{what}");
    }
}

#[test]
fn a_game_that_changes_settings_too_often_is_told_so_and_nothing_is_lost() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let mut joinable = true;
    let refused = (0..1_000).find_map(|_| {
        let now = world.now;
        let result = world.mirror(0).set_joinable(now, lobby, !joinable);
        joinable ^= result.is_ok();
        world.settle();
        result.err()
    });
    assert_eq!(refused, Some(LobbyError::TooOften));
    let told = world.notices(1);
    assert_eq!(told.len(), OWN_SETTINGS_RATE.burst as usize);
    for user in [0, 1] {
        let seen = world.mirror(user).lobby(lobby).map(|lobby| lobby.joinable);
        assert_eq!(seen, Some(joinable), "{user}");
    }
}

#[test]
fn owner_commands_of_others_change_nothing_and_reach_nobody() {
    let mut world = World::with_users(4);
    let lobby = world.party(&[0, 1, 2]);
    let banned = world.id(2);
    world.mirror(0).kick(lobby, banned, true).expect("owner");
    world.settle();
    let before = world.at(0).lobby(lobby).cloned();
    let (owner, member) = (world.id(0), world.id(1));
    let pairs = || BTreeMap::from([("k".to_owned(), "v".to_owned())]);
    let owners = || {
        [
            Change::Data(pairs()),
            Change::Kind(LobbyKind::Private),
            Change::Joinable(false),
            Change::Limit(2),
            Change::Owner(member),
            Change::Kick {
                user: owner,
                ban: true,
            },
            Change::Kick {
                user: member,
                ban: false,
            },
            Change::GameServer(GameServer {
                ip: GameServer::NO_IP,
                port: 1,
                id: 0,
            }),
        ]
    };
    let members = [
        Change::MemberData(pairs()),
        Change::Invite(banned),
        Change::Leave,
        Change::Chat {
            seq: 1,
            text: "hello".to_owned(),
        },
    ];
    let command = |change| Command::Change { lobby, change };
    for (who, user) in [("a member", 1), ("a banned one", 2), ("a stranger", 3)] {
        let told = outputs(&mut world, user, owners().map(command));
        assert_eq!(told, [], "{who}");
        if user != 1 {
            let told = outputs(&mut world, user, members.clone().map(command));
            assert_eq!(told, [], "{who}");
        }
    }
    assert_eq!(world.at(0).lobby(lobby).cloned(), before);
}

#[test]
fn an_owner_who_has_handed_over_has_nothing_to_say_any_more() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let (now, old, new) = (world.now, world.id(0), world.id(1));
    world.mirror(0).set_owner(now, lobby, new).expect("owner");
    world.settle();
    let change = Change::Owner(old);
    let told = outputs(&mut world, 0, [Command::Change { lobby, change }]);
    assert!(told.is_empty());
    assert_eq!(world.mirror(1).owner(lobby), Some(new));
}

#[test]
fn what_one_says_is_said_in_ones_own_name() {
    // No command names its sender: the directory takes it from the link, whose key is proved.
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1, 2]);
    let (liar, victim) = (world.id(0), world.id(1));
    let tell = Tell::TicketUsed { ticket: 1 };
    let change = |change| Command::Change { lobby, change };
    let commands = [
        change(Change::Chat {
            seq: u64::MAX,
            text: "I am the other".to_owned(),
        }),
        change(Change::MemberData(
            [("k".to_owned(), "v".to_owned())].into(),
        )),
        change(Change::Invite(victim)),
        Command::Tell { to: victim, tell },
        Command::Signal {
            to: victim,
            payload: vec![1],
        },
    ];
    let told = outputs(&mut world, 0, commands);
    for (_, event) in &told {
        let from = match event {
            Event::Chat { from, .. }
            | Event::Invited { from, .. }
            | Event::Told { from, .. }
            | Event::Signal { from, .. } => *from,
            Event::MemberData { user, .. } => *user,
            Event::InvitedBy { .. } => continue,
            other => panic!("{other:?}"),
        };
        assert_eq!(from, liar);
    }
    assert_eq!(told.len(), 3 + 3 + 4 + 1 + 1);
    // And a line with a huge number does not silence the one whose name it does not carry.
    let now = world.now;
    world
        .mirror(1)
        .chat(now, lobby, "no, I am")
        .expect("member");
    world.settle();
    // The line that was lost here it is told when it sees that.
    let heard = lines(&mut world, 2);
    let expected = [
        (victim, "no, I am".to_owned()),
        (liar, "I am the other".to_owned()),
    ];
    assert_eq!(heard, expected);
}

#[test]
fn a_second_machine_with_the_same_id_is_kept_out_and_the_first_is_unharmed() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let (now, victim) = (world.now, world.id(0));
    let directory = world.directories[0].as_mut().expect("lives");
    for instance in 0..1_000 {
        let refused = directory.connect(now, victim, presence(instance, 2), Vec::new());
        assert_eq!(refused, Err(Refusal::ElsewhereOnline));
        directory.disconnect(now, victim, instance + 1_000_000);
        directory.bye(now, victim, instance + 1_000_000);
    }
    assert!(directory.poll_output().is_none(), "nobody hears of it");
    assert_eq!(world.mirror(0).owner(lobby), Some(victim));
    world
        .mirror(0)
        .chat(now, lobby, "still here")
        .expect("member");
    world.settle();
    assert_eq!(lines(&mut world, 1).len(), 1);
}

#[test]
fn a_lobby_that_is_brought_makes_nobody_a_member_who_is_here_and_takes_nothing_over() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let liar = world.user(APP);
    let before = world.at(0).lobby(lobby).cloned().expect("exists");
    let id = world.id(liar);
    // A copy of the real lobby, newer than it, that the liar owns and in which only it speaks.
    let mut copy: LobbySnapshot = before.clone();
    copy.owner = id;
    copy.members[0].user = id;
    copy.version.revision += 1_000;
    copy.kind = LobbyKind::Private;
    copy.banned = vec![before.owner];
    copy.data.insert("map".to_owned(), "mine".to_owned());
    // Even with the members' secret.
    let proof = world.mirror(1).resume(Millis::default())[0].proof.clone();
    let copy = ProvedLobby {
        snapshot: copy,
        proof,
    };
    let (now, own) = (world.now, presence(9, 9));
    let directory = world.directories[0].as_mut().expect("lives");
    directory.connect(now, id, own, vec![copy]).expect("let in");
    world.distribute(0);
    let after = world.at(0).lobby(lobby).expect("exists");
    assert_eq!((after.owner, after.kind), (before.owner, before.kind));
    assert_eq!((&after.data, &after.banned), (&before.data, &before.banned));
    assert_eq!(after.members, before.members);
}

#[test]
fn pictures_have_a_bound_for_all_users_together() {
    let mut world = World::with_users(0);
    let now = world.now;
    let directory = world.directories[0].as_mut().expect("lives");
    let id = |number| SteamId::individual((8 << 32) | number);
    let users = MAX_AVATARS as u64 + 10;
    for number in 0..users {
        let connected = directory.connect(now, id(number), presence(number, 1), Vec::new());
        connected.expect("let in");
        let pixels = vec![1; samovar_lobby::limits::AVATAR_BYTES];
        let avatar = 7;
        directory.handle(now, id(number), Command::SetAvatar { avatar, pixels });
    }
    while directory.poll_output().is_some() {}
    for number in 0..users {
        let user = id(number);
        directory.handle(now, id(0), Command::Avatar { user });
    }
    let answers = std::iter::from_fn(|| directory.poll_output());
    let answers = answers.filter(|(_, event)| matches!(event, Event::Avatar { .. }));
    assert_eq!(answers.count(), MAX_AVATARS);
}
