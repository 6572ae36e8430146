//! The directory's side of every link.

use std::collections::{HashMap, VecDeque};

use bytes::Bytes;
use samovar_id::SteamId;
use samovar_lobby::{
    Directory, DirectoryConfig, DirectoryId, FromDirectory, Hello, Millis, PROTOCOL_VERSION,
    Presence, Refusal, SealKey, ToDirectory, frame,
};
use samovar_net::{Credential, LinkId, PublicKey};
use tracing::debug;

/// The most clients that one host serves; a further one is refused with [`Refusal::Full`].
pub const MAX_CLIENTS: usize = 1024;
/// Reason code of a link closed because a newer process of the same profile took its place.
pub const HOST_REPLACED: u32 = 1;
/// Reason code of a link closed because its client broke the protocol or was refused.
pub const HOST_REFUSED: u32 = 2;

/// Reason code of a link closed because its client said goodbye.
pub const HOST_GOODBYE: u32 = 3;

/// Where a client's frames come from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
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
}

/// A directory and the clients connected to it.
pub struct Host {
    directory: Directory,
    id: DirectoryId,
    term: u64,
    clients: HashMap<Client, Connected>,
    users: HashMap<SteamId, Client>,
    /// What was encoded last: members of a lobby hear the same.
    last_event: Option<(FromDirectory, Bytes)>,
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
            last_event: None,
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

    /// A client connected and proved that it holds `key`.
    pub fn opened(&mut self, client: Client, key: PublicKey) {
        if self.clients.len() >= MAX_CLIENTS {
            self.refuse(client, Refusal::Full);
            return;
        }
        self.clients.insert(client, Connected { key, user: None });
    }

    /// A frame arrived from a client. One that breaks the protocol ends that client's link and nothing else.
    pub fn frame(&mut self, now: Millis, client: Client, bytes: &[u8]) {
        let Some(connected) = self.clients.get(&client) else {
            return;
        };
        let (key, user) = (connected.key, connected.user);
        match (frame::decode::<ToDirectory>(bytes), user) {
            (Ok(ToDirectory::Hello(hello)), None) => self.hello(now, client, key, hello),
            (Ok(ToDirectory::Command(command)), Some((user, _))) => {
                self.directory.handle(now, user, command);
            }
            (Ok(ToDirectory::Bye), Some((user, instance))) => {
                self.directory.bye(now, user, instance);
                self.forget_user(client);
                // A second hello would begin with fresh rates.
                self.clients.remove(&client);
                let reason = HOST_GOODBYE;
                self.outputs.push_back(HostOutput::Close { client, reason });
            }
            (Ok(_), _) => self.refuse(client, Refusal::Protocol),
            (Err(error), _) => {
                debug!(?client, %error, "a malformed frame");
                // Of another version only the number can be read, and who has it is told so.
                let other = frame::hello_protocol(bytes)
                    .filter(|protocol| user.is_none() && *protocol != PROTOCOL_VERSION);
                let refusal = other.map_or(Refusal::Protocol, |_| Refusal::ProtocolMismatch);
                self.refuse(client, refusal);
            }
        }
        self.drain();
    }

    /// A client's link is gone; its user keeps the memberships for the grace time.
    pub fn closed(&mut self, now: Millis, client: Client) {
        if let Some((user, instance)) = self.forget_user(client) {
            self.directory.disconnect(now, user, instance);
        }
        self.clients.remove(&client);
        self.drain();
    }

    /// Tells every client over a link where to go instead: this directory stands down.
    pub fn stand_down(&mut self, moved: &FromDirectory) {
        let Ok(bytes) = frame::encode(moved) else {
            return;
        };
        let frame = Bytes::from(bytes);
        for client in self
            .clients
            .keys()
            .filter(|client| **client != Client::Local)
        {
            self.outputs.push_back(HostOutput::Send {
                client: *client,
                frame: frame.clone(),
            });
        }
    }

    /// When [`Host::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<Millis> {
        self.directory.poll_timeout()
    }

    /// Ends what has run out by `now`, such as the grace time of a user who is gone.
    pub fn handle_timeout(&mut self, now: Millis) {
        self.directory.handle_timeout(now);
        self.drain();
    }

    /// The next thing to do, in order.
    pub fn poll_output(&mut self) -> Option<HostOutput> {
        self.outputs.pop_front()
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
        let presence = Presence {
            app_id: hello.app_id,
            persona: hello.persona,
            rich_presence: hello.rich_presence,
            instance: hello.instance,
            machine: hello.machine,
            is_returning: hello.is_returning,
        };
        if let Err(refusal) = self.directory.connect(now, user, presence, hello.resume) {
            self.refuse(client, refusal);
            return;
        }
        if let Some(earlier) = self.users.insert(user, client)
            && earlier != client
        {
            // Its link is closed without a word to the directory, which has just taken the newer process instead.
            self.clients.remove(&earlier);
            self.outputs.push_back(HostOutput::Close {
                client: earlier,
                reason: HOST_REPLACED,
            });
        }
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

    fn refuse(&mut self, client: Client, refusal: Refusal) {
        self.send(client, &FromDirectory::Refused(refusal));
        self.outputs.push_back(HostOutput::Close {
            client,
            reason: HOST_REFUSED,
        });
    }

    fn drain(&mut self) {
        while let Some((user, event)) = self.directory.poll_output() {
            if let Some(client) = self.users.get(&user).copied() {
                self.deliver(client, FromDirectory::Event(event));
            }
        }
        self.last_event = None;
    }

    fn deliver(&mut self, client: Client, message: FromDirectory) {
        let same = |(last, _): &&(FromDirectory, Bytes)| *last == message;
        let frame = match self.last_event.as_ref().filter(same) {
            Some((_, frame)) => frame.clone(),
            None => match frame::encode(&message) {
                Ok(bytes) => {
                    let frame = Bytes::from(bytes);
                    self.last_event = Some((message, frame.clone()));
                    frame
                }
                Err(error) => return debug!(?client, %error, "a frame that does not fit"),
            },
        };
        self.outputs.push_back(HostOutput::Send { client, frame });
    }

    fn send(&mut self, client: Client, message: &FromDirectory) {
        match frame::encode(message) {
            Ok(bytes) => self.outputs.push_back(HostOutput::Send {
                client,
                frame: Bytes::from(bytes),
            }),
            Err(error) => debug!(?client, %error, "a frame that does not fit"),
        }
    }
}

#[cfg(test)]
mod tests {
    use samovar_lobby::{Persona, RichPresence};
    use samovar_net::Identity;

    use super::*;

    fn key() -> SealKey {
        SealKey::from_seed(&[1; 32]).expect("any 32 bytes are a seed")
    }

    fn host() -> Host {
        let mut host = Host::new(
            DirectoryConfig::default(),
            DirectoryId(1),
            1,
            [1; 32],
            key(),
        );
        host.opened(Client::Local, PublicKey([7; 32]));
        host
    }

    fn hello_of(identity: &Identity, app_id: u32) -> Hello {
        Hello {
            protocol: PROTOCOL_VERSION,
            modifier: identity.modifier(),
            app_id,
            persona: Persona::named("Ada"),
            rich_presence: RichPresence::new(),
            instance: 1,
            machine: 1,
            is_returning: false,
            resume: Vec::new(),
        }
    }

    fn refusal(host: &mut Host) -> Option<Refusal> {
        match host.poll_output()? {
            HostOutput::Send { frame, .. } => match frame::decode(&frame) {
                Ok(FromDirectory::Refused(refusal)) => Some(refusal),
                other => panic!("the answer is {other:?}"),
            },
            HostOutput::Close { .. } => panic!("closed without a word"),
        }
    }

    #[test]
    fn a_hello_of_another_version_is_refused_as_such_whatever_follows_the_number() {
        let plain = 0;
        let hello = 0;
        for (rest, wanted) in [
            (&[1][..], Refusal::ProtocolMismatch),
            (&[1, 9, 9, 9], Refusal::ProtocolMismatch),
            (&[0xff, 0x7f, 1, 2, 3], Refusal::ProtocolMismatch),
            (&[], Refusal::Protocol),
            (&[0xff, 0xff, 0xff], Refusal::Protocol),
        ] {
            let mut host = host();
            host.frame(Millis(1), Client::Local, &[&[plain, hello], rest].concat());
            assert_eq!(refusal(&mut host), Some(wanted), "{rest:?}");
        }
        let mut host = host();
        let own = u8::try_from(PROTOCOL_VERSION).expect("small");
        host.frame(Millis(1), Client::Local, &[plain, hello, own, 9]);
        assert_eq!(refusal(&mut host), Some(Refusal::Protocol));
    }

    #[test]
    fn a_directory_of_one_app_refuses_users_of_others_and_takes_its_own() {
        let identity = Identity::generate();
        let config = DirectoryConfig {
            app_id: Some(480),
            ..DirectoryConfig::default()
        };
        let mut host = Host::new(config, DirectoryId(1), 1, [1; 32], key());
        for (app_id, wanted) in [(481, Some(Refusal::OtherApp)), (480, None)] {
            host.opened(Client::Local, identity.public_key());
            let hello = ToDirectory::Hello(hello_of(&identity, app_id));
            let hello = frame::encode(&hello).expect("it fits");
            host.frame(Millis(1), Client::Local, &hello);
            let mut said = Vec::new();
            while let Some(output) = host.poll_output() {
                if let HostOutput::Send { frame, .. } = output {
                    said.push(frame::decode(&frame).expect("a frame"));
                }
            }
            let refused = said.iter().find_map(|said| match said {
                FromDirectory::Refused(refusal) => Some(*refusal),
                _ => None,
            });
            assert_eq!(refused, wanted, "{app_id}: {said:?}");
        }
        assert_eq!(host.user_count(), 1);
    }

    #[test]
    fn a_link_ends_with_its_goodbye() {
        let identity = Identity::generate();
        let mut host = Host::new(
            DirectoryConfig::default(),
            DirectoryId(1),
            1,
            [1; 32],
            key(),
        );
        host.opened(Client::Local, identity.public_key());
        let hello = hello_of(&identity, 480);
        let mut say = |message: &ToDirectory| {
            let bytes = frame::encode(message).expect("fits");
            host.frame(Millis(1), Client::Local, &bytes);
            std::iter::from_fn(|| host.poll_output()).collect::<Vec<_>>()
        };
        let hello = ToDirectory::Hello(hello);
        assert!(!say(&hello).is_empty(), "welcomed");
        let last = say(&ToDirectory::Bye).pop();
        assert!(
            matches!(last, Some(HostOutput::Close { reason, .. }) if reason == HOST_GOODBYE),
            "{last:?}"
        );
        // Anew it would have all its rates anew.
        assert!(say(&hello).is_empty());
        assert_eq!(host.user_count(), 0);
    }
}
