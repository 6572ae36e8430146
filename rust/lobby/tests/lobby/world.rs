//! Users, each with a mirror, and directories, joined by queues that can be cut.

mod checks;
mod play;

use std::collections::VecDeque;

use samovar_id::SteamId;
use samovar_lobby::{
    Command, Directory, DirectoryConfig, DirectoryId, Event, FromDirectory, Millis, Mirror,
    Persona, Presence, ProvedLobby, Refusal, SealKey, ToDirectory, Welcome, frame, limits,
};

pub(crate) use checks::members_only;
use checks::{check, memberships};

/// The app that users belong to unless said otherwise.
pub(crate) const APP: u32 = 480;
/// Grace time of the directories.
pub(crate) const GRACE_MS: u64 = 30_000;

/// One user: index into [`World::users`].
pub(crate) type User = usize;
/// One directory: index into [`World::directories`].
pub(crate) type Place = usize;

pub(crate) struct Person {
    pub(crate) id: SteamId,
    pub(crate) mirror: Mirror,
    pub(crate) app_id: u32,
    pub(crate) instance: u64,
    pub(crate) machine: u64,
    /// The directory that the user has a link to.
    pub(crate) at: Option<Place>,
    welcomed: bool,
    /// Whether it sends nothing of what its mirror wants.
    pub(crate) is_silent: bool,
    up: VecDeque<Vec<u8>>,
    down: VecDeque<Vec<u8>>,
}

pub(crate) struct World {
    pub(crate) now: Millis,
    pub(crate) users: Vec<Person>,
    pub(crate) directories: Vec<Option<Directory>>,
    /// Whether changes of data wait for more of their kind, as they do in a game.
    pub(crate) gathers: bool,
    /// Whether all users of new directories are friends.
    pub(crate) friends: bool,
    /// Whether a new directory knows the keys of those before it.
    pub(crate) keys_are_known: bool,
    pub(crate) ids: Vec<(DirectoryId, u64)>,
    next_number: u64,
}

impl World {
    /// A directory in term 1, and `users` connected users of [`APP`], none of whom are friends.
    pub(crate) fn with_users(users: usize) -> Self {
        Self::new(users, false)
    }

    /// The same, all of whom are friends; their notices of that are taken.
    pub(crate) fn with_friends(users: usize) -> Self {
        let mut world = Self::new(users, true);
        world.forget_notices();
        world
    }

    fn new(users: usize, friends: bool) -> Self {
        let mut world = Self {
            gathers: false,
            friends,
            now: Millis(1_000_000),
            users: Vec::new(),
            directories: Vec::new(),
            keys_are_known: true,
            ids: Vec::new(),
            next_number: 1,
        };
        world.directory(1);
        for _ in 0..users {
            let user = world.user(APP);
            world.connect(user, 0).expect("a fresh user is let in");
        }
        world.pass(limits::SETTLE_MS);
        world
    }

    /// A new, empty directory.
    pub(crate) fn directory(&mut self, term: u64) -> Place {
        let config = DirectoryConfig {
            grace_ms: GRACE_MS,
            everyone_is_a_friend: self.friends,
            ..DirectoryConfig::default()
        };
        let number = self.number();
        let (seed, key) = secrets(number);
        let mut directory = Directory::new(config, DirectoryId(number), term, seed, key);
        if self.keys_are_known {
            for (id, term) in &self.ids {
                let (_, key) = secrets(id.0);
                directory.learn_key(*id, Some(*term), key.public_key());
            }
        }
        self.ids.push((DirectoryId(number), term));
        self.directories.push(Some(directory));
        self.directories.len() - 1
    }

    /// A new user without a link.
    pub(crate) fn user(&mut self, app_id: u32) -> User {
        let number = self.number();
        let id = SteamId::individual((7 << 32) | number);
        self.users.push(Person {
            id,
            mirror: Mirror::new(id, app_id, Persona::named(name(id))),
            app_id,
            instance: number,
            machine: 1,
            at: None,
            welcomed: false,
            is_silent: false,
            up: VecDeque::new(),
            down: VecDeque::new(),
        });
        self.users.len() - 1
    }

    pub(crate) fn id(&self, user: User) -> SteamId {
        self.users[user].id
    }

    pub(crate) fn mirror(&mut self, user: User) -> &mut Mirror {
        &mut self.users[user].mirror
    }

    pub(crate) fn at(&self, place: Place) -> &Directory {
        self.directories[place]
            .as_ref()
            .expect("the directory lives")
    }

    /// Opens a link. The earlier one, if any, is cut.
    pub(crate) fn connect(&mut self, user: User, place: Place) -> Result<(), Refusal> {
        self.cut(user);
        let resume = self.users[user].mirror.resume(self.now);
        self.connect_with(user, place, resume)
    }

    /// A hello that says nothing of the user's lobbies, over a link of its own; the user goes on as before.
    pub(crate) fn ask(&mut self, user: User, place: Place) -> Result<(), Refusal> {
        let person = &self.users[user];
        let presence = Presence {
            app_id: person.app_id,
            persona: person.mirror.persona().clone(),
            rich_presence: person.mirror.my_rich_presence().clone(),
            instance: person.instance,
            machine: person.machine,
            is_returning: true,
            is_asking: true,
        };
        let id = person.id;
        let directory = self.directories[place]
            .as_mut()
            .expect("the directory lives");
        directory.connect(self.now, id, presence, Vec::new())
    }

    /// The same, but the user says that all others in its lobbies have been away for long.
    pub(crate) fn lie_about_who_is_away(&mut self, user: User, place: Place) {
        let mut resume = self.users[user].mirror.resume(self.now);
        for member in resume
            .iter_mut()
            .flat_map(|lobby| &mut lobby.snapshot.members)
        {
            member.away_ms = Some(0);
        }
        self.connect_with(user, place, resume).expect("let in");
    }

    /// The same of a client that says what it likes of its lobbies.
    pub(crate) fn connect_with(
        &mut self,
        user: User,
        place: Place,
        resume: Vec<ProvedLobby>,
    ) -> Result<(), Refusal> {
        self.cut(user);
        let person = &self.users[user];
        let presence = Presence {
            app_id: person.app_id,
            persona: person.mirror.persona().clone(),
            rich_presence: person.mirror.my_rich_presence().clone(),
            instance: person.instance,
            machine: person.machine,
            is_returning: person.mirror.was_welcomed(),
            is_asking: false,
        };
        let (id, news) = (person.id, person.mirror.news());
        let directory = self.directories[place]
            .as_mut()
            .expect("the directory lives");
        directory.connect_again(self.now, id, presence, resume, news)?;
        let welcome = directory.welcome(self.now, id);
        self.users[user].at = Some(place);
        self.users[user].down.push_back(encode(&welcome));
        self.distribute(place);
        Ok(())
    }

    /// The link is gone, with all that was under way; the directory notices.
    pub(crate) fn cut(&mut self, user: User) {
        let person = &mut self.users[user];
        person.up.clear();
        person.down.clear();
        person.welcomed = false;
        person.mirror.on_disconnected(self.now);
        let (id, instance) = (person.id, person.instance);
        if let Some(place) = person.at.take()
            && let Some(directory) = &mut self.directories[place]
        {
            directory.disconnect(self.now, id, instance);
            self.distribute(place);
        }
    }

    /// The user's process dies and a new one of the same profile starts, without a link.
    pub(crate) fn restart(&mut self, user: User) {
        self.cut(user);
        let number = self.number();
        let person = &mut self.users[user];
        person.mirror = Mirror::new(person.id, person.app_id, Persona::named(name(person.id)));
        person.instance = number;
    }

    /// The user's process ends politely.
    pub(crate) fn bye(&mut self, user: User) {
        let person = &mut self.users[user];
        let (id, instance) = (person.id, person.instance);
        if let Some(place) = person.at
            && let Some(directory) = &mut self.directories[place]
        {
            directory.bye(self.now, id, instance);
            self.distribute(place);
        }
        self.restart(user);
    }

    /// The process that hosts the directory is killed.
    pub(crate) fn kill(&mut self, place: Place) {
        self.directories[place] = None;
        for user in 0..self.users.len() {
            if self.users[user].at == Some(place) {
                self.cut(user);
            }
        }
    }

    /// Carries one step of everything under way. False when nothing was.
    pub(crate) fn step(&mut self) -> bool {
        let mut any = false;
        for user in 0..self.users.len() {
            // In this order, so that nothing takes two steps in one.
            any |= self.hear_one(user);
            any |= self.arrive_one(user);
            any |= self.send_one(user);
        }
        any
    }

    /// Carries on until nothing is under way.
    pub(crate) fn settle(&mut self) {
        while self.step() {}
    }

    /// Lets time pass, and everything happen that is due in it.
    pub(crate) fn pass(&mut self, ms: u64) {
        let end = self.now.plus(ms);
        self.settle();
        while let Some(due) = self.next_due().filter(|due| *due <= end) {
            self.now = self.now.max(due);
            self.run_timeouts();
            self.settle();
        }
        self.now = end;
        self.run_timeouts();
        self.settle();
    }

    /// Hands a command straight to the directory, as a client that does not keep to the rules would.
    pub(crate) fn force(&mut self, user: User, command: Command) {
        let person = &self.users[user];
        let place = person.at.expect("the user is connected");
        self.carry_out(user, place, command);
    }

    /// How many frames are under way to a user.
    pub(crate) fn under_way(&self, user: User) -> usize {
        self.users[user].down.len()
    }

    /// Loses some of what is under way to a user.
    pub(crate) fn leave_out(&mut self, user: User, mut is_lost: impl FnMut(&Event) -> bool) {
        self.users[user].down.retain(|bytes| {
            let message = frame::decode(bytes).expect("a directory's frame can be decoded");
            !matches!(&message, FromDirectory::Event(event) if is_lost(event))
        });
    }

    /// Hands out what a directory says, checking that each event goes to whom it concerns.
    pub(crate) fn distribute(&mut self, place: Place) {
        let Some(directory) = &mut self.directories[place] else {
            return;
        };
        let mut outputs = Vec::new();
        while let Some(output) = directory.poll_output() {
            outputs.push(output);
        }
        for (to, event) in outputs {
            let receiver = self
                .users
                .iter_mut()
                .find(|person| person.id == to && person.at == Some(place));
            if let Some(receiver) = receiver {
                receiver
                    .down
                    .push_back(encode(&FromDirectory::Event(event)));
            }
        }
        check(self.at(place));
    }

    fn serve(&mut self, user: User, place: Place, bytes: &[u8]) {
        let Ok(ToDirectory::Command(command)) = frame::decode(bytes) else {
            panic!("a mirror's command can be decoded");
        };
        self.carry_out(user, place, command);
    }

    fn carry_out(&mut self, user: User, place: Place, command: Command) {
        let (now, id) = (self.now, self.users[user].id);
        let Some(directory) = &mut self.directories[place] else {
            return;
        };
        let before: Vec<(SteamId, Vec<SteamId>)> = memberships(directory);
        directory.handle(now, id, command);
        let after = memberships(directory);
        let mut outputs = Vec::new();
        while let Some(output) = directory.poll_output() {
            outputs.push(output);
        }
        for (to, event) in outputs {
            if let Some(lobby) = members_only(&event) {
                let is_in = |all: &[(SteamId, Vec<SteamId>)]| {
                    all.iter()
                        .any(|(id, members)| *id == lobby && members.contains(&to))
                };
                assert!(is_in(&before) || is_in(&after), "{event:?} for {to:?}");
            }
            let receiver = self
                .users
                .iter_mut()
                .find(|person| person.id == to && person.at == Some(place));
            if let Some(receiver) = receiver {
                receiver
                    .down
                    .push_back(encode(&FromDirectory::Event(event)));
            }
        }
        check(self.at(place));
    }

    fn send_one(&mut self, user: User) -> bool {
        let (now, gathers) = (self.now, self.gathers);
        let person = &mut self.users[user];
        if !person.welcomed || person.is_silent {
            return false;
        }
        if !gathers {
            person.mirror.hurry();
        }
        let Some(command) = person.mirror.poll_command(now) else {
            return false;
        };
        person.up.push_back(encode(&ToDirectory::Command(command)));
        true
    }

    fn arrive_one(&mut self, user: User) -> bool {
        let person = &mut self.users[user];
        let (Some(place), Some(bytes)) = (person.at, person.up.pop_front()) else {
            return false;
        };
        self.serve(user, place, &bytes);
        true
    }

    fn hear_one(&mut self, user: User) -> bool {
        let now = self.now;
        let person = &mut self.users[user];
        let Some(bytes) = person.down.pop_front() else {
            return false;
        };
        match frame::decode(&bytes).expect("a directory's frame can be decoded") {
            FromDirectory::Welcome {
                directory,
                term,
                age_ms,
                handled,
                ..
            } => {
                person.welcomed = true;
                let welcome = Welcome {
                    directory,
                    term,
                    age_ms,
                    handled,
                };
                person.mirror.on_welcome(now, welcome);
            }
            FromDirectory::Event(event) => person.mirror.handle_event(now, event),
            other => panic!("the directory does not say {other:?}"),
        }
        true
    }

    fn next_due(&self) -> Option<Millis> {
        let mirrors = self
            .users
            .iter()
            .filter_map(|user| user.mirror.poll_timeout());
        let directories = self.directories.iter().flatten();
        mirrors
            .chain(directories.filter_map(Directory::poll_timeout))
            .min()
    }

    fn run_timeouts(&mut self) {
        for user in &mut self.users {
            user.mirror.handle_timeout(self.now);
        }
        for place in 0..self.directories.len() {
            if let Some(directory) = &mut self.directories[place] {
                directory.handle_timeout(self.now);
                self.distribute(place);
            }
        }
    }

    fn number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        number
    }
}

/// The seed and the key of a directory with this number.
pub(crate) fn secrets(number: u64) -> ([u8; 32], SealKey) {
    let mut seed = [0; 32];
    seed[..8].copy_from_slice(&number.to_le_bytes());
    let key = SealKey::from_seed(&seed).expect("any 32 bytes are a seed");
    seed[31] = 1;
    (seed, key)
}

/// The persona name that every test user has.
pub(crate) fn name(id: SteamId) -> String {
    format!("user {}", id.account())
}

fn encode<T: serde::Serialize>(message: &T) -> Vec<u8> {
    frame::encode(message).expect("every message fits into a frame")
}
