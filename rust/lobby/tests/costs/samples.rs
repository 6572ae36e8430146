//! Frames as small and as large as they may be.

use std::collections::BTreeMap;

use samovar_id::SteamId;
use samovar_lobby::limits::{
    MAX_BANNED, MAX_CHAT, MAX_INVITED, MAX_MEMBERS, MAX_NAME, MAX_PRESENCE_KEY, MAX_PRESENCE_KEYS,
    MAX_PRESENCE_VALUE, MAX_VALUE,
};
use samovar_lobby::{
    Change, Command, Directory, DirectoryConfig, DirectoryId, Event, LobbyKind, Millis, Persona,
    Presence, ProvedLobby, RichPresence, SealKey, frame,
};

use crate::counted::{Allocated, counted};

pub(crate) const APP: u32 = 480;
/// Long after whatever was done before it may be done again.
pub(crate) const PAUSE_MS: u64 = 60_000;

/// How large a frame is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Size {
    /// As small as it can be.
    Smallest,
    /// As large as it may be, and of nothing that could be deflated.
    Largest,
    /// As large as it may be, and of the same letter all over.
    Compressible,
    /// With every text, list and map one larger than it may be.
    TooLarge,
}

impl Size {
    pub(crate) const ALL: [Self; 3] = [Self::Smallest, Self::Largest, Self::Compressible];

    /// A text of at most so many bytes.
    pub(crate) fn text(self, most: usize) -> String {
        match self {
            Self::Smallest => String::new(),
            Self::Largest => noise(most),
            Self::Compressible => "a".repeat(most),
            Self::TooLarge => "a".repeat(most + 1),
        }
    }

    /// How many of what there may be so many of.
    pub(crate) fn count(self, most: usize) -> usize {
        match self {
            Self::Smallest => 0,
            Self::Largest | Self::Compressible => most,
            Self::TooLarge => most + 1,
        }
    }

    pub(crate) fn bytes(self, most: usize) -> Vec<u8> {
        self.text(most).into_bytes()
    }

    /// Pairs of so many bytes altogether at most, in as many values as there may be.
    pub(crate) fn pairs(self, total: usize, keys: usize) -> BTreeMap<String, String> {
        if self == Self::Smallest {
            return BTreeMap::new();
        }
        if self == Self::TooLarge {
            let value = |key| if key == 0 { MAX_VALUE } else { 0 };
            let pair = |key: usize| (format!("{key:03}"), self.text(value(key)));
            return (0..=keys).map(pair).collect();
        }
        let each = (total / keys).min(MAX_VALUE + 8);
        let pair = |key: usize| {
            let key = format!("{key:03}");
            let value = self.text(each - 8);
            (key, value)
        };
        (0..keys).map(pair).collect()
    }

    pub(crate) fn rich_presence(self) -> RichPresence {
        if self == Self::Smallest {
            return RichPresence::new();
        }
        let key = |number: usize| format!("{number:0>width$}", width = MAX_PRESENCE_KEY);
        let pair = |number| (key(number), self.text(MAX_PRESENCE_VALUE));
        (0..self.count(MAX_PRESENCE_KEYS)).map(pair).collect()
    }

    pub(crate) fn persona(self) -> Persona {
        Persona::named(self.text(MAX_NAME))
    }
}

/// Letters of which none follows from those before.
fn noise(len: usize) -> String {
    use std::cell::Cell;
    thread_local! {
        static SEED: Cell<u64> = const { Cell::new(1) };
    }
    let letter = |_| {
        let next = SEED.get().wrapping_mul(6_364_136_223_846_793_005);
        SEED.set(next.wrapping_add(1));
        char::from(33 + u8::try_from((next >> 33) % 94).expect("small"))
    };
    (0..len).map(letter).collect()
}

pub(crate) fn user(number: u64) -> SteamId {
    SteamId::individual((8 << 32) | number)
}

pub(crate) fn directory(number: u8, config: DirectoryConfig) -> Directory {
    let key = SealKey::from_seed(&[number; 32]).expect("any 32 bytes are a seed");
    let id = DirectoryId(number.into());
    Directory::new(config, id, number.into(), [number; 32], key)
}

pub(crate) fn presence() -> Presence {
    Presence {
        app_id: APP,
        persona: Persona::named("somebody"),
        rich_presence: Size::Largest.rich_presence(),
        instance: 1,
        machine: 1,
        is_returning: true,
        is_asking: false,
    }
}

/// What is said, each once.
pub(crate) fn said(directory: &mut Directory) -> Vec<Event> {
    std::iter::from_fn(|| directory.poll_shared_output())
        .map(|(_, event)| event)
        .collect()
}

/// Has 250 users come, and 2 more who are nobody's friends.
pub(crate) fn crowd(directory: &mut Directory, now: Millis) {
    for number in 0..u64::from(MAX_MEMBERS) + 2 {
        let connected = directory.connect(now, user(number), presence(), Vec::new());
        connected.expect("there is room");
        said(directory);
    }
}

/// A lobby of the first 250 users, owned by the first, with as much of everything as there may be.
pub(crate) fn full_lobby(directory: &mut Directory, now: &mut Millis) -> SteamId {
    let mut handle = |by: u64, command: Command| {
        directory.handle(*now, user(by), command);
        now.0 += 20;
        said(directory)
    };
    let created = handle(
        0,
        Command::Create {
            request: 1,
            kind: LobbyKind::Public,
            limit: MAX_MEMBERS,
        },
    );
    let lobby = created.into_iter().find_map(|event| match event {
        Event::Created { lobby, .. } => Some(lobby?.snapshot.id),
        _ => None,
    });
    let lobby = lobby.expect("created");
    for number in 1..u64::from(MAX_MEMBERS) {
        handle(
            number,
            Command::Join {
                request: 1,
                lobby,
                patient: false,
            },
        );
    }
    let change = |change| Command::Change { lobby, change };
    let pairs = Size::Largest.pairs(64_000, 128);
    handle(0, change(Change::Data(pairs)));
    for number in 0..8 {
        let pairs = Size::Largest.pairs(16_000, 128);
        handle(number, change(Change::MemberData(pairs)));
    }
    for number in 0..MAX_INVITED as u64 {
        handle(0, change(Change::Invite(user(10_000 + number))));
    }
    for seq in 0..256 {
        let text = Size::Largest.text(MAX_CHAT);
        handle(1, change(Change::Chat { seq, text }));
    }
    lobby
}

/// The lobby as its members have it.
pub(crate) fn proved(directory: &mut Directory, now: Millis, lobby: SteamId) -> ProvedLobby {
    directory.handle(now, user(0), Command::Resume { lobby, line: 0 });
    let proved = said(directory).into_iter().find_map(|event| match event {
        Event::Resumed { lobby } => Some(lobby),
        _ => None,
    });
    proved.expect("a member is told")
}

/// The lobby of another directory, which has all that a lobby can have.
pub(crate) fn brought() -> ProvedLobby {
    let mut now = Millis(1_000_000);
    let mut earlier = directory(1, DirectoryConfig::default());
    crowd(&mut earlier, now);
    let lobby = full_lobby(&mut earlier, &mut now);
    let mut proved = proved(&mut earlier, now, lobby);
    let banned = (0..MAX_BANNED as u64).map(|number| user(20_000 + number));
    proved.snapshot.banned = banned.collect();
    let key = SealKey::from_seed(&[1; 32]).expect("any 32 bytes are a seed");
    proved.proof.seal = key.seal(DirectoryId(1), 1, &proved.snapshot);
    proved
}

/// A frame, as it travels, and how many bytes there are of it after inflating.
pub(crate) fn encoded<T: serde::Serialize>(message: &T) -> (Vec<u8>, usize) {
    frame::encode_counted(message).expect("fits")
}

/// Has what is made once for all frames be there.
pub(crate) fn warm_up() {
    let (frame, _) = encoded(&Size::Largest.text(4_000));
    let plain = frame::open(&frame, frame::MAX_FRAME).expect("a frame");
    assert!(plain.len() > 4_000);
}

/// What reading a frame costs that cannot be read, after it is inflated; `None` where it can be.
pub(crate) fn refused<T: serde::Serialize + serde::de::DeserializeOwned>(
    message: &T,
    cut: usize,
) -> Option<Allocated> {
    let (frame, _) = encoded(message);
    let plain = frame::open(&frame, frame::MAX_FRAME).expect("a frame");
    let plain = &plain[..plain.len() - cut];
    let (result, allocated) = counted(|| frame::parse::<T>(plain).is_err());
    result.then_some(allocated)
}
