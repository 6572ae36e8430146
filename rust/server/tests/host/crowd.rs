//! A host, clients with links of a certain speed, and the clock.

use std::collections::{BTreeMap, HashMap};

use bytes::Bytes;
use samovar_lobby::{
    Command, DirectoryConfig, DirectoryId, Event, FromDirectory, Hello, Millis, PROTOCOL_VERSION,
    Persona, ProvedLobby, RichPresence, SealKey, ToDirectory, frame,
};
use samovar_net::{LinkId, PublicKey};
use samovar_server::{Client, Host, HostOutput};

/// For the key of 32 times the number from 1 on: the first 8 bytes of a modifier that makes a Steam ID of it.
const MODIFIERS: [u64; 12] = [
    811_710, 483_525, 702_954, 721_480, 606_699, 2_531_517, 3_613_333, 824_719, 1_350_931,
    1_184_241, 159_447, 265_575,
];
/// How many bytes a link carries in a millisecond.
const LINK_BYTES_PER_MS: usize = 10_000;

#[derive(Default)]
pub(crate) struct Link {
    waiting: usize,
    pub(crate) held: bool,
    pub(crate) closed: bool,
    pub(crate) admitted: bool,
    pub(crate) frames: Vec<Bytes>,
}

pub(crate) struct Crowd {
    pub(crate) host: Host,
    pub(crate) now: Millis,
    pub(crate) links: BTreeMap<u64, Link>,
    next: u64,
}

pub(crate) fn key(user: usize) -> PublicKey {
    PublicKey([u8::try_from(user + 1).expect("few users"); 32])
}

pub(crate) fn hello(user: usize, resume: Vec<ProvedLobby>) -> ToDirectory {
    let mut modifier = [0; 16];
    modifier[..8].copy_from_slice(&MODIFIERS[user].to_le_bytes());
    ToDirectory::Hello(Hello {
        protocol: PROTOCOL_VERSION,
        modifier,
        app_id: 480,
        persona: Persona::named("somebody"),
        rich_presence: RichPresence::new(),
        instance: 1,
        machine: 1,
        is_returning: false,
        is_asking: false,
        news: None,
        resume,
    })
}

impl Crowd {
    pub(crate) fn new() -> Self {
        Self {
            host: Host::new(
                DirectoryConfig::default(),
                DirectoryId(1),
                1,
                [1; 32],
                SealKey::from_seed(&[1; 32]).expect("any 32 bytes are a seed"),
            ),
            now: Millis(1_000_000),
            links: BTreeMap::new(),
            next: 1,
        }
    }

    /// A link of a user's.
    pub(crate) fn open(&mut self, user: usize) -> u64 {
        let link = self.next;
        self.next += 1;
        self.links.insert(link, Link::default());
        self.host.opened(client(link), key(user));
        link
    }

    /// A link, over which the user has been welcomed.
    pub(crate) fn enter(&mut self, user: usize) -> u64 {
        let link = self.open(user);
        self.say(link, &hello(user, Vec::new()));
        self.pass(1);
        assert!(self.links[&link].admitted, "welcomed");
        link
    }

    pub(crate) fn say(&mut self, link: u64, message: &ToDirectory) {
        let bytes = frame::encode(message).expect("fits");
        self.send(link, Bytes::from(bytes));
    }

    pub(crate) fn command(&mut self, link: u64, command: Command) {
        self.say(link, &ToDirectory::Command(command));
    }

    pub(crate) fn send(&mut self, link: u64, bytes: Bytes) {
        self.host.frame(self.now, client(link), bytes);
    }

    pub(crate) fn close(&mut self, link: u64) {
        self.links.remove(&link);
        self.host.closed(self.now, client(link));
    }

    /// One turn of the driver, without time.
    pub(crate) fn turn(&mut self) {
        self.host.begin_turn(self.now);
        if self.host.poll_timeout().is_some_and(|at| at <= self.now) {
            self.host.handle_timeout(self.now);
        }
        let links = &self.links;
        self.host.work(self.now, |client| match client {
            Client::Link(link) => links
                .iter()
                .find(|(number, _)| LinkId::numbered(**number) == link)
                .map_or(0, |(_, link)| link.waiting),
            Client::Local => 0,
        });
        let numbers: HashMap<LinkId, u64> = links
            .keys()
            .map(|number| (LinkId::numbered(*number), *number))
            .collect();
        while let Some(output) = self.host.poll_output() {
            let (HostOutput::Send { client, .. }
            | HostOutput::Admit { client }
            | HostOutput::Hold { client, .. }
            | HostOutput::Close { client, .. }) = &output;
            let Client::Link(id) = client else { continue };
            let Some(link) = numbers.get(id).and_then(|id| self.links.get_mut(id)) else {
                continue;
            };
            match output {
                HostOutput::Send { frame, .. } => {
                    link.waiting += frame.len();
                    link.frames.push(frame);
                }
                HostOutput::Admit { .. } => link.admitted = true,
                HostOutput::Hold { held, .. } => link.held = held,
                HostOutput::Close { .. } => link.closed = true,
            }
        }
    }

    /// Lets time pass, a turn each millisecond.
    pub(crate) fn pass(&mut self, ms: u64) {
        for _ in 0..ms {
            self.turn();
            self.now = self.now.plus(1);
            for link in self.links.values_mut() {
                link.waiting = link.waiting.saturating_sub(LINK_BYTES_PER_MS);
            }
        }
    }

    /// What has been said on a link since the last time.
    pub(crate) fn events(&mut self, link: u64) -> Vec<Event> {
        let frames = std::mem::take(&mut self.links.get_mut(&link).expect("there").frames);
        let read = |bytes: Bytes| match frame::decode(&bytes).expect("a frame") {
            FromDirectory::Event(event) => Some(event),
            _ => None,
        };
        frames.into_iter().filter_map(read).collect()
    }

    pub(crate) fn waiting(&self) -> usize {
        self.links.values().map(|link| link.waiting).sum()
    }
}

fn client(link: u64) -> Client {
    Client::Link(LinkId::numbered(link))
}
