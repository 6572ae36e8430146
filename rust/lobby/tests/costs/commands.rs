//! What clients send.

use std::collections::{BTreeMap, BTreeSet};

use samovar_id::SteamId;
use samovar_lobby::limits::{
    AVATAR_BYTES, MAX_CHAT, MAX_CONNECT, MAX_FILTERS, MAX_KEY, MAX_MEMBERS, MAX_SIGNAL, MAX_VALUE,
};
use samovar_lobby::{
    Change, Command, Comparison, Directory, DirectoryConfig, FromDirectory, GameServer, Hello,
    LobbyKind, Millis, PROTOCOL_VERSION, Presence, ProvedLobby, SearchFilters, Tell, ToDirectory,
    frame,
};

use crate::counted::{Allocated, counted};
use crate::samples::{
    APP, PAUSE_MS, Size, brought, crowd, directory, encoded, full_lobby, refused, user, warm_up,
};

/// What each recipient of an event counts, in bytes of work, as in whoever hosts the directory.
const RECIPIENT_WORK: usize = 32;

/// In which state the directory is, as whoever sends something finds it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// It is in no lobby.
    NoMember,
    /// It owns a lobby of 250 which has as much of everything as there may be.
    Member,
    /// The same lobby has just been brought to a directory that takes over, where as much waits as there may be.
    Settling,
}

struct Scene {
    directory: Directory,
    now: Millis,
    lobby: SteamId,
    brought: ProvedLobby,
}

impl Scene {
    fn new(state: State, brought: &ProvedLobby) -> Self {
        let mut now = Millis(2_000_000);
        let settle_ms = match state {
            State::Settling => 1 << 40,
            _ => 2_000,
        };
        let config = DirectoryConfig {
            settle_ms,
            grace_ms: 1 << 40,
            ..DirectoryConfig::default()
        };
        let mut directory = directory(2, config);
        crowd(&mut directory, now);
        now = now.plus(PAUSE_MS);
        let lobby = match state {
            State::NoMember => brought.snapshot.id,
            State::Member => full_lobby(&mut directory, &mut now),
            State::Settling => {
                for number in 0..u64::from(MAX_MEMBERS) {
                    let presence = crate::samples::presence();
                    let resume = vec![brought.clone()];
                    let connected = directory.connect(now, user(number), presence, resume);
                    connected.expect("there is room");
                    crate::samples::said(&mut directory);
                }
                for request in 0..600 {
                    let patient = true;
                    let filters = SearchFilters::default();
                    let search = Command::Search {
                        request,
                        filters,
                        patient,
                    };
                    directory.handle(now, user(request % 250), search);
                }
                brought.snapshot.id
            }
        };
        crate::samples::said(&mut directory);
        Self {
            directory,
            now: now.plus(PAUSE_MS),
            lobby,
            brought: brought.clone(),
        }
    }

    /// What a frame of the first user costs, and how much work it counts for: what is read and what is made.
    fn cost(&mut self, frame: &[u8]) -> (Allocated, usize) {
        self.now = self.now.plus(PAUSE_MS);
        let (work, allocated) = counted(|| {
            let most = frame::MAX_COMMAND.max(frame::MAX_HELLO);
            let plain = frame::open(frame, most).expect("can be opened");
            let mut work = plain.len();
            let message = frame::parse::<ToDirectory>(&plain);
            let who = user(0);
            match message.expect("can be read") {
                ToDirectory::Command(command) => self.directory.handle(self.now, who, command),
                ToDirectory::Bye => self.directory.bye(self.now, who, 1),
                ToDirectory::Hello(hello) => {
                    let presence = Presence {
                        app_id: hello.app_id,
                        persona: hello.persona,
                        rich_presence: hello.rich_presence,
                        instance: hello.instance,
                        machine: hello.machine,
                        is_returning: hello.is_returning,
                        is_asking: hello.is_asking,
                    };
                    let connected = self
                        .directory
                        .connect(self.now, who, presence, hello.resume);
                    connected.expect("there is room");
                }
            }
            while let Some((recipients, event)) = self.directory.poll_shared_output() {
                let (_, plain) = encoded(&FromDirectory::Event(event));
                work += plain + RECIPIENT_WORK * recipients.iter().count();
            }
            work
        });
        (allocated, work)
    }
}

/// What a client can say, with a number for each kind.
fn number(message: &ToDirectory) -> usize {
    match message {
        ToDirectory::Hello(_) => 0,
        ToDirectory::Bye => 1,
        ToDirectory::Command(command) => match command {
            Command::Create { .. } => 2,
            Command::Join { .. } => 3,
            Command::Search { .. } => 4,
            Command::Resume { .. } => 5,
            Command::Describe { .. } => 6,
            Command::Persona { .. } => 7,
            Command::SetPersona(_) => 8,
            Command::SetRichPresence(_) => 9,
            Command::RichPresence { .. } => 10,
            Command::SetAvatar { .. } => 11,
            Command::Avatar { .. } => 12,
            Command::Tell { .. } => 13,
            Command::Signal { .. } => 14,
            Command::Change { change, .. } => match change {
                Change::Leave => 15,
                Change::Data(_) => 16,
                Change::MemberData(_) => 17,
                Change::Kind(_) => 18,
                Change::Joinable(_) => 19,
                Change::Limit(_) => 20,
                Change::Owner(_) => 21,
                Change::Kick { .. } => 22,
                Change::GameServer(_) => 23,
                Change::Chat { .. } => 24,
                Change::Invite(_) => 25,
            },
        },
    }
}
const KINDS: usize = 26;

/// One of each kind, and more of those that can be of several sorts; what ends the sender's membership comes last.
fn messages(size: Size, scene: &Scene) -> Vec<ToDirectory> {
    let lobby = scene.lobby;
    let other = user(1);
    let kind = LobbyKind::Public;
    let texts = size.count(MAX_FILTERS);
    let text = |_| {
        (
            size.text(MAX_KEY),
            size.text(MAX_VALUE),
            Comparison::NotEqual,
        )
    };
    let number = |_| (size.text(MAX_KEY), 1, Comparison::Less);
    let near = |_| (size.text(MAX_KEY), 1);
    let filters = SearchFilters {
        text: (0..texts).map(text).collect(),
        number: (0..texts).map(number).collect(),
        near: (0..texts).map(near).collect(),
        slots: 0,
        count: 250,
    };
    let search = |filters, patient| Command::Search {
        request: 9,
        filters,
        patient,
    };
    let change = |change| Command::Change { lobby, change };
    let invite = Tell::GameInvite {
        connect: size.text(MAX_CONNECT),
    };
    let pixels = size.bytes(AVATAR_BYTES);
    let server = GameServer {
        ip: GameServer::NO_IP,
        port: 1,
        id: 1,
    };
    let (seq, chat) = (1_000, size.text(MAX_CHAT));
    let gone = |number: u64| user(30_000 + number);
    let commands = [
        Command::Create {
            request: 9,
            kind,
            limit: 250,
        },
        Command::Join {
            request: 9,
            lobby,
            patient: true,
        },
        search(filters, true),
        search(SearchFilters::default(), false),
        Command::Resume { lobby, line: 0 },
        Command::Resume {
            lobby,
            line: u64::MAX,
        },
        Command::Describe { lobby },
        Command::Persona { user: other },
        Command::SetPersona(size.persona()),
        Command::SetRichPresence(size.rich_presence()),
        Command::RichPresence { user: other },
        Command::SetAvatar {
            avatar: u64::from(size != Size::Smallest),
            pixels,
        },
        Command::Avatar { user: user(0) },
        Command::Tell {
            to: other,
            tell: invite,
        },
        Command::Tell {
            to: other,
            tell: Tell::TicketUsed { ticket: 1 },
        },
        Command::Signal {
            to: other,
            payload: size.bytes(MAX_SIGNAL),
        },
        change(Change::Data(size.pairs(64_000, 128))),
        // All that was set goes, and is set anew.
        change(Change::Data(cleared(size, 128))),
        change(Change::Data(size.pairs(64_000, 8))),
        change(Change::MemberData(size.pairs(16_000, 128))),
        change(Change::MemberData(cleared(size, 128))),
        change(Change::Kind(LobbyKind::FriendsOnly)),
        change(Change::Kind(LobbyKind::Public)),
        change(Change::Joinable(false)),
        change(Change::Joinable(true)),
        change(Change::Limit(250)),
        change(Change::GameServer(server)),
        change(Change::Chat { seq, text: chat }),
        change(Change::Invite(gone(size as u64))),
        change(Change::Kick {
            user: user(240 + size as u64),
            ban: true,
        }),
        change(Change::Kick {
            user: user(230 + size as u64),
            ban: false,
        }),
    ];
    let resume = match size {
        Size::Smallest => Vec::new(),
        Size::Largest => vec![scene.brought.clone(); 3],
        Size::Compressible => vec![compressible(&scene.brought); 3],
        Size::TooLarge => vec![compressible(&scene.brought); 4],
    };
    let hello = Hello {
        protocol: PROTOCOL_VERSION,
        modifier: [0; 16],
        app_id: APP,
        persona: size.persona(),
        rich_presence: size.rich_presence(),
        instance: 1,
        machine: 1,
        is_returning: true,
        is_asking: false,
        news: None,
        resume,
    };
    let mut messages: Vec<ToDirectory> = commands.map(ToDirectory::Command).into();
    messages.push(ToDirectory::Hello(hello));
    if size == Size::Compressible {
        let last = [change(Change::Owner(other)), change(Change::Leave)];
        messages.extend(last.map(ToDirectory::Command));
        messages.push(ToDirectory::Bye);
    }
    messages
}

fn cleared(size: Size, keys: usize) -> BTreeMap<String, String> {
    let pairs = size.pairs(16_000, keys).into_keys();
    pairs.map(|key| (key, String::new())).collect()
}

/// The lobby with all its texts of one letter.
fn compressible(lobby: &ProvedLobby) -> ProvedLobby {
    let mut lobby = lobby.clone();
    let flat = |pairs: &mut BTreeMap<String, String>| {
        for value in pairs.values_mut() {
            *value = "a".repeat(value.len());
        }
    };
    flat(&mut lobby.snapshot.data);
    for member in &mut lobby.snapshot.members {
        flat(&mut member.data);
    }
    lobby
}

/// What is allocated for each byte of what is read and made, and beside that: to take 128 keys out of an index.
const BYTES_FOR_EACH: usize = 8;
const BYTES_BESIDE: usize = 128 * 1024;
/// The same of how often.
const WORK_FOR_EACH_TIME: usize = 12;
const TIMES_BESIDE: usize = 512;

#[test]
fn what_a_client_says_costs_the_directory_what_it_counts_for() {
    let brought = brought();
    let mut out_of_bounds = Vec::new();
    let mut seen = [false; KINDS];
    warm_up();
    for state in [State::NoMember, State::Member, State::Settling] {
        for size in Size::ALL {
            let mut scene = Scene::new(state, &brought);
            for message in messages(size, &scene) {
                let kind = number(&message);
                seen[kind] = true;
                let name = format!("{message:?}");
                let name: String = name.chars().take(60).collect();
                let (frame, _) = encoded(&message);
                let start = std::time::Instant::now();
                let (allocated, work) = scene.cost(&frame);
                let us = start.elapsed().as_micros();
                let is_within = allocated.bytes <= BYTES_BESIDE + BYTES_FOR_EACH * work
                    && allocated.times <= TIMES_BESIDE + work / WORK_FOR_EACH_TIME;
                let row = format!(
                    "{state:?} {size:?} {kind}: {} on the wire, work {work}: {} bytes, {} times, {us} us: {name}",
                    frame.len(),
                    allocated.bytes,
                    allocated.times,
                );
                println!("{row}");
                if !is_within {
                    out_of_bounds.push(row);
                }
            }
        }
    }
    assert!(seen.iter().all(|seen| *seen), "{seen:?}");
    assert!(out_of_bounds.is_empty(), "{out_of_bounds:#?}");
}

/// What is cut short costs no more than what is whole.
#[test]
fn what_cannot_be_read_of_a_client_costs_less_than_what_can() {
    let brought = brought();
    warm_up();
    let scene = Scene::new(State::NoMember, &brought);
    for message in messages(Size::Largest, &scene) {
        let (_, plain) = encoded(&message);
        let cost = refused(&message, 1).expect("it is cut short");
        assert!(cost.bytes <= 8_192 + BYTES_FOR_EACH * plain, "{cost:?}");
        assert!(cost.times <= 128 + plain / WORK_FOR_EACH_TIME, "{cost:?}");
    }
    let mut kinds = BTreeSet::new();
    for message in messages(Size::TooLarge, &scene) {
        if let Some(cost) = refused(&message, 0) {
            kinds.insert(number(&message));
            assert!(cost.bytes <= 4_096 && cost.times <= 8, "{cost:?}");
        }
    }
    // Hello, search, persona, rich presence, picture, invitation, signal, data twice, chat.
    assert_eq!(kinds, BTreeSet::from([0, 4, 8, 9, 11, 13, 14, 16, 17, 24]));
}
