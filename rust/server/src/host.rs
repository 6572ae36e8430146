//! The directory's side of every link.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use samovar_id::SteamId;
use samovar_lobby::{
    Directory, DirectoryConfig, DirectoryId, FromDirectory, Hello, Millis, PROTOCOL_VERSION,
    Presence, Recipients, Refusal, SealKey, ToDirectory, frame, limits,
};
use samovar_net::{Credential, LinkId, PublicKey};
use tracing::debug;

use crate::accounts::Accounts;
use crate::turns::{MAX_BACKLOG, TURN_WORK, Turns};

/// The most users that one host serves; a further one is refused with [`Refusal::Full`].
pub const MAX_CLIENTS: usize = limits::MAX_USERS;
/// What each frame counts at least, in bytes of work.
const FRAME_WORK: u64 = 256;
/// The same of each recipient of one.
const RECIPIENT_WORK: u64 = 32;
/// Reason code of a link closed because a newer process of the same profile took its place.
pub const HOST_REPLACED: u32 = 1;
/// Reason code of a link closed because its client broke the protocol or was refused.
pub const HOST_REFUSED: u32 = 2;

/// Reason code of a link closed because its client said goodbye.
pub const HOST_GOODBYE: u32 = 3;

/// Where a client's frames come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Client {
    /// The user of the process that hosts.
    Local,
    /// Another process, over a link.
    Link(LinkId),
}

/// What the host wants done.
#[derive(Debug)]
pub enum HostOutput {
    /// Send this frame to the client.
    Send {
        /// The recipient.
        client: Client,
        /// An encoded [`FromDirectory`].
        frame: Bytes,
    },
    /// The client has said who it is: its link may be read on, and stays.
    Admit {
        /// Whose link.
        client: Client,
    },
    /// Read nothing from the client's link, or go on.
    Hold {
        /// Whose link.
        client: Client,
        /// Whether nothing is read.
        held: bool,
    },
    /// Close the client's link, after what was sent before.
    Close {
        /// Whose link.
        client: Client,
        /// [`HOST_REPLACED`], [`HOST_REFUSED`] or [`HOST_GOODBYE`].
        reason: u32,
    },
}

struct Connected {
    key: PublicKey,
    user: Option<(SteamId, u64)>,
    /// How much of what is for it has not been taken from the host, in bytes.
    unsent: usize,
    /// Its link is gone; what it said before still counts.
    gone: bool,
}

/// A directory and the clients connected to it.
pub struct Host {
    directory: Directory,
    id: DirectoryId,
    term: u64,
    clients: HashMap<Client, Connected>,
    users: HashMap<SteamId, Client>,
    accounts: Accounts,
    turns: Turns,
    /// The time of the last call that knew it.
    now: Millis,
    /// What may still be carried out in this turn.
    left: u64,
    /// What has been made since a frame was begun, in bytes of work.
    made: u64,
    outputs: VecDeque<HostOutput>,
}

impl Host {
    /// An empty directory with its random ID, in its term. `seed` is random and known to nobody; `key` is that of the links to
    /// it.
    pub fn new(
        config: DirectoryConfig,
        id: DirectoryId,
        term: u64,
        seed: [u8; 32],
        key: SealKey,
    ) -> Self {
        Self {
            directory: Directory::new(config, id, term, seed, key),
            id,
            term,
            clients: HashMap::new(),
            users: HashMap::new(),
            accounts: Accounts::default(),
            turns: Turns::default(),
            now: Millis(0),
            left: TURN_WORK,
            made: 0,
            outputs: VecDeque::new(),
        }
    }

    /// Remembers the key of an earlier directory: see [`Directory::learn_key`].
    pub fn learn_key(&mut self, directory: DirectoryId, term: Option<u64>, key: PublicKey) {
        self.directory.learn_key(directory, term, key.0);
    }

    /// The directory's random ID.
    pub fn id(&self) -> DirectoryId {
        self.id
    }

    /// The directory's term.
    pub fn term(&self) -> u64 {
        self.term
    }

    /// A client connected and proved that it holds `key`. How many may be here that have not said who they are is for
    /// the driver to bound.
    pub fn opened(&mut self, client: Client, key: PublicKey) {
        let connected = Connected {
            key,
            user: None,
            unsent: 0,
            gone: false,
        };
        self.clients.insert(client, connected);
    }

    /// A frame arrived from a client; [`Host::work`] carries it out when it has its turn.
    pub fn frame(&mut self, now: Millis, client: Client, bytes: Bytes) {
        self.now = now;
        if self.clients.get(&client).is_none_or(|found| found.gone) {
            return;
        }
        if self.turns.push(client, bytes) {
            let held = true;
            self.outputs.push_back(HostOutput::Hold { client, held });
        }
        self.queue(client);
    }

    /// A new turn begins: as much may be done as in every one.
    pub fn begin_turn(&mut self, now: Millis) {
        self.now = now;
        self.left = TURN_WORK;
    }

    /// Carries out what clients want, a frame of each at a time and those first who have caused little, until there is
    /// nothing more or the turn is over. `backlog` is how many bytes wait on a client's link.
    pub fn work(&mut self, now: Millis, backlog: impl Fn(Client) -> usize) {
        self.now = now;
        let clients = &self.clients;
        let has_room = |client: Client| {
            let unsent = clients.get(&client).map_or(0, |found| found.unsent);
            backlog(client) + unsent <= MAX_BACKLOG
        };
        for client in self.turns.released(now, has_room) {
            self.queue(client);
        }
        while self.left > 0 {
            let Some(client) = self.turns.next() else {
                break;
            };
            let Some(connected) = self.clients.get(&client) else {
                self.turns.forget(client);
                continue;
            };
            let (key, gone) = (connected.key, connected.gone);
            if !gone && backlog(client) + connected.unsent > MAX_BACKLOG {
                self.turns.congest(client);
                continue;
            }
            if let Some((bytes, goes_on)) = self.turns.pop(client) {
                if goes_on && !gone {
                    let held = false;
                    self.outputs.push_back(HostOutput::Hold { client, held });
                }
                self.made = FRAME_WORK;
                self.carry_out(now, client, &bytes);
                self.left = self.left.saturating_sub(self.made);
                if client != Client::Local {
                    self.accounts.charge(now, key, self.made);
                }
            }
            self.queue(client);
        }
    }

    /// Has a client wait for its turn, if it has sent something.
    fn queue(&mut self, client: Client) {
        let Some(connected) = self.clients.get(&client) else {
            return self.turns.forget(client);
        };
        let (key, is_local) = (connected.key, client == Client::Local);
        let owes = self.accounts.owes_until(self.now, key);
        let owes = owes.filter(|_| !is_local);
        if connected.gone && (owes.is_some() || self.turns.is_empty(client)) {
            return self.end(client);
        }
        if self.turns.is_idle(client) {
            let is_light = is_local || self.accounts.is_light(self.now, key);
            self.turns.queue(client, is_light, owes);
        }
    }

    /// Carries out a frame. One that breaks the protocol ends that client's link and nothing else.
    fn carry_out(&mut self, now: Millis, client: Client, bytes: &[u8]) {
        let Some(connected) = self.clients.get(&client) else {
            return;
        };
        let (key, user) = (connected.key, connected.user);
        // Before anybody is known, no more is inflated than a hello may be.
        let most = user.map_or(frame::MAX_HELLO, |_| frame::MAX_COMMAND);
        let message = frame::open(bytes, most).and_then(|plain| {
            self.made += work_of(plain.len());
            frame::parse::<ToDirectory>(&plain)
        });
        match (message, user) {
            (Ok(ToDirectory::Hello(hello)), None) => self.hello(now, client, key, hello),
            (Ok(ToDirectory::Command(command)), Some((user, _))) => {
                self.directory.handle(now, user, command);
            }
            (Ok(ToDirectory::Bye), Some((user, instance))) => {
                self.directory.bye(now, user, instance);
                self.forget_user(client);
                // A second hello on the same link is none.
                self.forget(client);
                let reason = HOST_GOODBYE;
                self.outputs.push_back(HostOutput::Close { client, reason });
            }
            (Ok(_), _) => self.refuse(client, Refusal::Protocol),
            (Err(error), _) => {
                debug!(?client, %error, "a malformed frame");
                // Of another version only the number can be read, and who has it is told so.
                let is_stranger = user.is_none();
                let other = is_stranger.then(|| frame::hello_protocol(bytes)).flatten();
                let other = other.filter(|protocol| *protocol != PROTOCOL_VERSION);
                let refusal = other.map_or(Refusal::Protocol, |_| Refusal::ProtocolMismatch);
                self.refuse(client, refusal);
            }
        }
        self.drain();
    }

    /// A client's link is gone; its user keeps the memberships for the grace time. What it has said before still counts.
    pub fn closed(&mut self, now: Millis, client: Client) {
        self.now = now;
        if let Some(connected) = self.clients.get_mut(&client) {
            connected.gone = true;
            self.queue(client);
        }
    }

    fn end(&mut self, client: Client) {
        if let Some((user, instance)) = self.forget_user(client) {
            self.directory.disconnect(self.now, user, instance);
        }
        self.forget(client);
        self.drain();
    }

    fn forget(&mut self, client: Client) {
        self.clients.remove(&client);
        self.turns.forget(client);
    }

    /// Tells every client over a link where to go instead: this directory stands down.
    pub fn stand_down(&mut self, moved: &FromDirectory) {
        let Ok(bytes) = frame::encode(moved) else {
            return;
        };
        let frame = Bytes::from(bytes);
        let clients: Vec<Client> = self.clients.keys().copied().collect();
        for client in clients
            .into_iter()
            .filter(|client| *client != Client::Local)
        {
            self.push(client, frame.clone());
        }
    }

    /// When [`Host::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<Millis> {
        let turns = self.turns.poll_timeout(self.now);
        self.directory.poll_timeout().into_iter().chain(turns).min()
    }

    /// Ends what has run out by `now`, such as the grace time of a user who is gone.
    pub fn handle_timeout(&mut self, now: Millis) {
        self.now = now;
        self.directory.handle_timeout(now);
        self.drain();
    }

    /// The next thing to do, in order.
    pub fn poll_output(&mut self) -> Option<HostOutput> {
        let output = self.outputs.pop_front()?;
        if let HostOutput::Send { client, frame } = &output
            && let Some(connected) = self.clients.get_mut(client)
        {
            connected.unsent -= frame.len();
        }
        Some(output)
    }

    /// How many users are connected.
    pub fn user_count(&self) -> usize {
        self.users.len()
    }

    fn hello(&mut self, now: Millis, client: Client, key: PublicKey, hello: Hello) {
        if hello.protocol != PROTOCOL_VERSION {
            self.refuse(client, Refusal::ProtocolMismatch);
            return;
        }
        let Some(user) = (Credential {
            key,
            modifier: hello.modifier,
        })
        .steam_id() else {
            self.refuse(client, Refusal::BadIdentity);
            return;
        };
        if self.users.len() >= MAX_CLIENTS && !self.users.contains_key(&user) {
            self.refuse(client, Refusal::Full);
            return;
        }
        let presence = Presence {
            app_id: hello.app_id,
            persona: hello.persona,
            rich_presence: hello.rich_presence,
            instance: hello.instance,
            machine: hello.machine,
            is_returning: hello.is_returning,
            is_asking: hello.is_asking,
        };
        if let Err(refusal) =
            self.directory
                .connect_again(now, user, presence, hello.resume, hello.news)
        {
            self.refuse(client, refusal);
            return;
        }
        if let Some(earlier) = self.users.insert(user, client)
            && earlier != client
        {
            // Its link is closed without a word to the directory, which has just taken the newer process instead.
            self.forget(earlier);
            self.outputs.push_back(HostOutput::Close {
                client: earlier,
                reason: HOST_REPLACED,
            });
        }
        self.outputs.push_back(HostOutput::Admit { client });
        if let Some(connected) = self.clients.get_mut(&client) {
            connected.user = Some((user, hello.instance));
        }
        let welcome = self.directory.welcome(now, user);
        self.send(client, &welcome);
    }

    fn forget_user(&mut self, client: Client) -> Option<(SteamId, u64)> {
        let (user, instance) = self.clients.get_mut(&client)?.user.take()?;
        if self.users.get(&user) == Some(&client) {
            self.users.remove(&user);
        }
        Some((user, instance))
    }

    /// Refuses what a client wants, and everything after it.
    fn refuse(&mut self, client: Client, refusal: Refusal) {
        self.send(client, &FromDirectory::Refused(refusal));
        self.end(client);
        self.outputs.push_back(HostOutput::Close {
            client,
            reason: HOST_REFUSED,
        });
    }

    fn drain(&mut self) {
        while let Some((recipients, event)) = self.directory.poll_shared_output() {
            self.deliver(&recipients, &FromDirectory::Event(event));
        }
    }

    /// Sends something to all whom it concerns; it is made once.
    fn deliver(&mut self, recipients: &Recipients, message: &FromDirectory) {
        let mut made: Option<Bytes> = None;
        for user in recipients.iter() {
            let Some(client) = self.users.get(&user).copied() else {
                continue;
            };
            let frame = match &made {
                Some(frame) => frame.clone(),
                None => match self.encode(message) {
                    Some(frame) => made.insert(frame).clone(),
                    None => return,
                },
            };
            // What goes to many costs the network of the host more than its processor.
            self.made += RECIPIENT_WORK + work_of(frame.len()) / 16;
            self.push(client, frame);
        }
    }

    fn send(&mut self, client: Client, message: &FromDirectory) {
        if let Some(frame) = self.encode(message) {
            self.push(client, frame);
        }
    }

    fn push(&mut self, client: Client, frame: Bytes) {
        if let Some(connected) = self.clients.get_mut(&client).filter(|found| !found.gone) {
            connected.unsent += frame.len();
            self.outputs.push_back(HostOutput::Send { client, frame });
        }
    }

    fn encode(&mut self, message: &FromDirectory) -> Option<Bytes> {
        match frame::encode_counted(message) {
            Ok((bytes, plain)) => {
                self.made += work_of(plain);
                Some(Bytes::from(bytes))
            }
            Err(error) => {
                debug!(%error, "a frame that does not fit");
                None
            }
        }
    }
}

fn work_of(bytes: usize) -> u64 {
    u64::try_from(bytes).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
