//! What a directory sends, which may be anybody's.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;

use samovar_id::SteamId;
use samovar_lobby::limits::{
    AVATAR_BYTES, MAX_ADDRS, MAX_CHAT, MAX_CONNECT, MAX_FRIENDS, MAX_NAME, MAX_PENDING_COMMANDS,
    MAX_RESULT_BYTES, MAX_SIGNAL,
};
use samovar_lobby::{
    DirectoryId, Event, Friend, FromDirectory, GameServer, JoinResponse, KickReason, LobbyKind,
    LobbySummary, MemberSnapshot, Millis, Mirror, PROTOCOL_VERSION, Persona, ProvedLobby, Refusal,
    Signature, Tell, Version, Welcome, frame,
};

use crate::counted::{Allocated, counted};
use crate::samples::{APP, PAUSE_MS, Size, brought, encoded, refused, user, warm_up};

/// What the client is busy with when the directory says something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It is in no lobby, and has asked nothing.
    NoMember,
    /// It owns a lobby of 250, and has asked one of everything.
    Member,
    /// The same, and as many changes of its own as there may be are not handled.
    Waiting,
}

struct Scene {
    mirror: Mirror,
    now: Millis,
    version: Version,
    lobby: SteamId,
    brought: ProvedLobby,
    /// The numbers of its requests: a creation, a join, a search.
    requests: [u64; 3],
}

impl Scene {
    fn new(state: State, brought: &ProvedLobby) -> Self {
        let now = Millis(5_000_000);
        let mut mirror = Mirror::new(user(0), APP, Persona::named("Ada"));
        mirror.on_welcome(
            now,
            Welcome {
                directory: DirectoryId(1),
                term: 1,
                age_ms: 0,
                handled: 0,
            },
        );
        let mut scene = Self {
            mirror,
            now,
            version: brought.snapshot.version,
            lobby: brought.snapshot.id,
            brought: brought.clone(),
            requests: [1, 2, 3],
        };
        if state == State::NoMember {
            return scene;
        }
        scene.mirror.join(now, scene.lobby).expect("room");
        let joined = Event::Joined {
            request: 1,
            lobby: scene.lobby,
            response: JoinResponse::Success,
            snapshot: Some(brought.clone()),
        };
        scene.take_in(joined);
        scene
            .mirror
            .create(now, LobbyKind::Invisible, 4)
            .expect("room");
        scene.mirror.join(now, SteamId::lobby(7)).expect("room");
        scene.mirror.request_list(now).expect("room");
        scene
            .mirror
            .request_data(now, SteamId::lobby(8))
            .expect("room");
        scene.requests = [2, 3, 4];
        if state == State::Waiting {
            for number in 0..MAX_PENDING_COMMANDS {
                scene.now = scene.now.plus(10);
                let value = Size::Largest.text(400);
                let (now, lobby) = (scene.now, scene.lobby);
                let key = format!("{:03}", number % 100);
                let _ = scene.mirror.set_data(now, lobby, &key, &value);
                scene.mirror.hurry();
                while scene.mirror.poll_command(now).is_some() {}
            }
        }
        while scene.mirror.poll_command(now).is_some() {}
        scene
    }

    fn take_in(&mut self, event: Event) {
        self.mirror.handle_event(self.now, event);
        while self.mirror.poll_notice().is_some() {}
    }

    /// What a frame costs, with what the game is told of it.
    fn cost(&mut self, frame: &[u8]) -> (Allocated, usize) {
        self.now = self.now.plus(1);
        let (size, allocated) = counted(|| {
            let plain = frame::open(frame, frame::MAX_FRAME).expect("can be opened");
            let message = frame::parse::<FromDirectory>(&plain);
            if let FromDirectory::Event(event) = message.expect("can be read") {
                self.take_in(event);
            }
            plain.len()
        });
        (allocated, size)
    }

    fn next(&mut self) -> Version {
        self.version.revision += 1;
        self.version
    }
}

/// What a directory can say, with a number for each kind.
fn number(message: &FromDirectory) -> usize {
    match message {
        FromDirectory::Welcome { .. } => 0,
        FromDirectory::Refused(_) => 1,
        FromDirectory::Moved { .. } => 2,
        FromDirectory::Event(event) => match event {
            Event::Created { .. } => 3,
            Event::Joined { .. } => 4,
            Event::Entered { .. } => 5,
            Event::Left { .. } => 6,
            Event::Data { .. } => 7,
            Event::MemberData { .. } => 8,
            Event::Settings { .. } => 9,
            Event::GameServer { .. } => 10,
            Event::Chat { .. } => 11,
            Event::Resumed { .. } => 12,
            Event::Said { .. } => 13,
            Event::Away { .. } => 14,
            Event::Kicked { .. } => 15,
            Event::Found { .. } => 16,
            Event::Described { .. } => 17,
            Event::Handled => 18,
            Event::InvitedBy { .. } => 19,
            Event::Invited { .. } => 20,
            Event::Persona { .. } => 21,
            Event::Friends(_) => 22,
            Event::Friend { .. } => 23,
            Event::FriendGone { .. } => 24,
            Event::RichPresence { .. } => 25,
            Event::Avatar { .. } => 26,
            Event::Told { .. } => 27,
            Event::Signal { .. } => 28,
            Event::FriendsTold { .. } => 29,
        },
    }
}
const KINDS: usize = 30;

fn friend(number: usize, size: Size) -> Friend {
    Friend {
        user: user(number as u64),
        persona: size.persona(),
        lobby: Some(SteamId::lobby(9)),
    }
}

fn summaries(size: Size) -> Vec<LobbySummary> {
    let (lobbies, each) = match size {
        Size::Smallest => (0, 0),
        // As few bytes of data as there can be, which is as many lobbies; and as many.
        Size::Compressible => (250, 2_000),
        Size::Largest => (8, 64_000),
        Size::TooLarge => (251, 0),
    };
    assert!(lobbies * each <= MAX_RESULT_BYTES);
    let summary = |number| LobbySummary {
        id: SteamId::lobby(100 + number),
        members: 1,
        limit: 250,
        data: if size == Size::TooLarge && number > 0 {
            BTreeMap::new()
        } else {
            size.pairs(each, 100)
        },
        game_server: None,
    };
    (0..lobbies as u64).map(summary).collect()
}

/// One of each kind, and more of those that can be of several sorts.
fn messages(size: Size, scene: &mut Scene) -> Vec<FromDirectory> {
    let lobby = scene.lobby;
    let seal = Signature::from([7; 64]);
    let full = scene.brought.clone();
    let proved = (size != Size::Smallest).then(|| full.clone());
    let [created, joined, search] = scene.requests;
    let addrs = size.count(MAX_ADDRS);
    let addr = SocketAddr::from(([10, 0, 0, 1], 9));
    let friends = size.count(MAX_FRIENDS);
    let pairs = |total, keys| size.pairs(total, keys);
    let gone: BTreeMap<String, String> = pairs(64_000, 128)
        .into_keys()
        .map(|key| (key, String::new()))
        .collect();
    let server = GameServer {
        ip: GameServer::NO_IP,
        port: 1,
        id: 1,
    };
    let chat = |seq, line| Event::Chat {
        lobby,
        from: user(1),
        instance: 1,
        seq,
        line,
        text: size.text(MAX_CHAT),
    };
    let member = MemberSnapshot {
        user: user(70_000),
        name: size.text(MAX_NAME),
        data: pairs(16_000, 128),
        away_ms: None,
    };
    let invite = Tell::GameInvite {
        connect: size.text(MAX_CONNECT),
    };
    let mut version = || scene.next();
    let events = vec![
        Event::Created {
            request: created,
            result: 1,
            lobby: proved.clone(),
        },
        Event::Joined {
            request: joined,
            lobby: SteamId::lobby(7),
            response: JoinResponse::Success,
            snapshot: proved,
        },
        Event::Left {
            lobby,
            version: version(),
            user: user(200),
            by: user(200),
            state: 2,
            owner: user(0),
            seal,
        },
        Event::Entered {
            lobby,
            version: version(),
            member,
            seal,
        },
        Event::Data {
            lobby,
            version: version(),
            pairs: pairs(64_000, 128),
        },
        Event::Data {
            lobby,
            version: version(),
            pairs: gone,
        },
        Event::MemberData {
            lobby,
            version: version(),
            user: user(1),
            pairs: pairs(16_000, 128),
        },
        Event::Settings {
            lobby,
            version: version(),
            kind: LobbyKind::Private,
            joinable: false,
            limit: 250,
            owner: user(0),
            seal,
        },
        Event::GameServer {
            lobby,
            version: version(),
            server,
        },
        chat(10_000 + size as u64, 1 << 40),
        chat(20_000 + size as u64, 0),
        Event::Resumed { lobby: full },
        Event::Said {
            lobby,
            line: 1 << 40,
        },
        Event::Away {
            user: user(1),
            left_ms: Some(1),
        },
        Event::Kicked {
            lobby: SteamId::lobby(9),
            reason: KickReason::Disconnected,
        },
        Event::Found {
            request: search,
            lobbies: summaries(size),
        },
        Event::Described {
            lobby: SteamId::lobby(8),
            summary: summaries(size).into_iter().next(),
        },
        Event::InvitedBy {
            lobby,
            version: version(),
            user: user(60_000),
            instead_of: Some(user(10_000)),
        },
        Event::Invited {
            from: user(1),
            name: size.text(MAX_NAME),
            lobby,
            app_id: APP,
        },
        Event::Persona {
            user: user(1),
            persona: size.persona(),
        },
        Event::Friends((1..=friends).map(|number| friend(number, size)).collect()),
        Event::Friends(
            (300..300 + friends)
                .map(|number| friend(number, size))
                .collect(),
        ),
        Event::FriendsTold { news: 1 },
        Event::Friend {
            friend: friend(1, size),
            news: 2,
        },
        Event::RichPresence {
            user: user(1),
            rich_presence: size.rich_presence(),
            news: 3,
        },
        Event::FriendGone {
            user: user(1),
            news: 4,
        },
        Event::Avatar {
            user: user(1),
            avatar: 1,
            pixels: size.bytes(AVATAR_BYTES),
        },
        Event::Told {
            from: user(1),
            name: size.text(MAX_NAME),
            tell: invite,
        },
        Event::Signal {
            from: user(1),
            payload: size.bytes(MAX_SIGNAL),
        },
        Event::Handled,
        Event::Kicked {
            lobby,
            reason: KickReason::Disconnected,
        },
    ];
    let mut messages = vec![
        FromDirectory::Welcome {
            directory: DirectoryId(1),
            term: 1,
            time_ms: 1,
            protocol: PROTOCOL_VERSION,
            age_ms: 1,
            handled: 1,
        },
        FromDirectory::Refused(Refusal::Full),
        FromDirectory::Moved {
            addrs: vec![addr; addrs],
            key: [1; 32],
            directory: DirectoryId(1),
            term: 1,
        },
    ];
    messages.extend(events.into_iter().map(FromDirectory::Event));
    messages
}

/// What is allocated for each byte that is read, and beside that.
const BYTES_FOR_EACH: usize = 12;
const BYTES_BESIDE: usize = 32 * 1024;
/// The same of how often: a pair of a few bytes is two texts.
const READ_FOR_EACH_TIME: usize = 6;
const TIMES_BESIDE: usize = 64;

#[test]
fn what_a_directory_says_costs_a_client_what_its_size_says() {
    let brought = brought();
    let mut out_of_bounds = Vec::new();
    let mut seen = [false; KINDS];
    warm_up();
    for state in [State::NoMember, State::Member, State::Waiting] {
        for size in Size::ALL {
            let mut scene = Scene::new(state, &brought);
            for message in messages(size, &mut scene) {
                let kind = number(&message);
                seen[kind] = true;
                let (frame, _) = encoded(&message);
                let start = std::time::Instant::now();
                let (allocated, read) = scene.cost(&frame);
                let us = start.elapsed().as_micros();
                let name: String = format!("{message:?}").chars().take(50).collect();
                let row = format!(
                    "{state:?} {size:?} {kind}: {} on the wire, {read} read: {} bytes, {} times, {us} us: {name}",
                    frame.len(),
                    allocated.bytes,
                    allocated.times,
                );
                println!("{row}");
                let is_within = allocated.bytes <= BYTES_BESIDE + BYTES_FOR_EACH * read
                    && allocated.times <= TIMES_BESIDE + read / READ_FOR_EACH_TIME;
                if !is_within {
                    out_of_bounds.push(row);
                }
            }
            scene.now = scene.now.plus(PAUSE_MS);
            scene.mirror.handle_timeout(scene.now);
        }
    }
    assert!(seen.iter().all(|seen| *seen), "{seen:?}");
    assert!(out_of_bounds.is_empty(), "{out_of_bounds:#?}");
}

/// What is cut short costs no more than what is whole.
#[test]
fn what_cannot_be_read_of_a_directory_costs_less_than_what_can() {
    let brought = brought();
    warm_up();
    let mut scene = Scene::new(State::NoMember, &brought);
    for message in messages(Size::Largest, &mut scene) {
        let (_, plain) = encoded(&message);
        let cost = refused(&message, 1).expect("it is cut short");
        assert!(cost.bytes <= 8_192 + BYTES_FOR_EACH * plain, "{cost:?}");
        assert!(cost.times <= 128 + plain / READ_FOR_EACH_TIME, "{cost:?}");
    }
    let mut kinds = BTreeSet::new();
    for message in messages(Size::TooLarge, &mut scene) {
        if let Some(cost) = refused(&message, 0) {
            kinds.insert(number(&message));
            assert!(cost.bytes <= 4_096 && cost.times <= 8, "{cost:?}");
        }
    }
    // Moved, entered, data twice, chat, found, described, invited, persona, friends, friend, presence, picture, told, signal.
    let wanted = [2, 5, 7, 8, 11, 16, 17, 20, 21, 22, 23, 25, 26, 27, 28];
    assert_eq!(kinds, BTreeSet::from(wanted));
}
