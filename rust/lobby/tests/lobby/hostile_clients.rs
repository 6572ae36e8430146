//! Everything that a client which keeps to no rule can bring of a lobby, whoever it is to the lobby, whenever it comes.

use samovar_id::SteamId;
use samovar_lobby::{
    DirectoryId, LobbyKind, LobbySnapshot, MemberSnapshot, Notice, ProvedLobby, SealKey, limits,
};

use crate::world::{APP, User, World, name};

const HOUR_MS: u64 = 3_600_000;

/// What the liar is to the lobby.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Who {
    /// Never a member; knows the ID.
    Stranger,
    /// Never a member; may join.
    Invited,
    /// A member until it left.
    Left,
    Kicked,
    Banned,
    /// The owner until it gave the lobby away and was banned.
    FormerOwner,
    /// Never a member; plays another game.
    OtherApp,
}

/// When it comes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum When {
    /// While the directory that made the lobby is there.
    BeforeTheEnd,
    /// First of all, to a directory that takes over.
    First,
    /// First, and the others come when the directory has settled.
    LongBefore,
    /// When one member has come.
    Between,
    /// When all members have come.
    Last,
    HourLater,
}

/// What it brings.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// What it knew as a member, or what it makes up.
    AsItWas,
    /// The same, with the data of a later revision.
    NewerData,
    /// The lobby as it is now, and the liar in it.
    AsItIs,
    /// The lobby as its own, with all others banned, and the last signature that it knows.
    Stolen,
    /// The same, of the latest revision and term that there can be.
    StolenFromTheFuture,
    /// The same, signed with a key of its own in the name of a directory that nobody knows.
    StolenAndSigned,
    /// The same, in the name of the last directory.
    StolenInTheNameOfTheLast,
    /// The same, in the name of the very directory that it comes to.
    StolenInTheNameOfThis,
    /// The lobby with a thousand users in it and nobody else.
    Crowded,
}

const EVERYBODY: [Who; 7] = [
    Who::Stranger,
    Who::Invited,
    Who::Left,
    Who::Kicked,
    Who::Banned,
    Who::FormerOwner,
    Who::OtherApp,
];
const ALWAYS: [When; 6] = [
    When::BeforeTheEnd,
    When::First,
    When::LongBefore,
    When::Between,
    When::Last,
    When::HourLater,
];
const EVERYTHING: [What; 9] = [
    What::AsItWas,
    What::NewerData,
    What::AsItIs,
    What::Stolen,
    What::StolenFromTheFuture,
    What::StolenAndSigned,
    What::StolenInTheNameOfTheLast,
    What::StolenInTheNameOfThis,
    What::Crowded,
];

/// A lobby of three members whom nobody may harm, and a liar.
struct Scene {
    world: World,
    lobby: SteamId,
    honest: [User; 3],
    liar: User,
    /// What the liar knew as a member.
    known: Option<ProvedLobby>,
    place: usize,
    before: LobbySnapshot,
}

impl Scene {
    /// `generations`: how often the lobby has been taken over before.
    fn new(who: Who, generations: u64, keys_are_known: bool) -> Self {
        let mut world = World::with_users(3);
        world.keys_are_known = keys_are_known;
        let liar = match who {
            Who::OtherApp => world.user(APP + 1),
            _ => world.user(APP),
        };
        world.connect(liar, 0).expect("let in");
        world.settle();
        let honest = [0, 1, 2];
        let lobby = if who == Who::FormerOwner {
            world.party(&[liar, 0, 1, 2])
        } else {
            world.party(&honest)
        };
        let now = world.now;
        let was_member = matches!(who, Who::Left | Who::Kicked | Who::Banned);
        if was_member {
            assert_eq!(world.join(liar, lobby), 1);
        }
        let known = world.mirror(liar).resume(now).pop();
        let (owner, out) = (world.id(0), world.id(liar));
        match who {
            Who::Left => world.mirror(liar).leave(now, lobby).expect("member"),
            Who::Kicked => world.mirror(0).kick(lobby, out, false).expect("owner"),
            Who::Banned => world.mirror(0).kick(lobby, out, true).expect("owner"),
            Who::FormerOwner => {
                let given = world.mirror(liar).set_owner(now, lobby, owner);
                given.expect("owner");
                world.settle();
                world.mirror(0).kick(lobby, out, true).expect("owner");
            }
            Who::Stranger | Who::Invited | Who::OtherApp => {}
        }
        world.settle();
        world
            .mirror(0)
            .set_kind(now, lobby, LobbyKind::Private)
            .expect("owner");
        world
            .mirror(0)
            .set_data(now, lobby, "map", "tea house")
            .expect("owner");
        if who == Who::Invited {
            world.mirror(0).invite(now, lobby, out).expect("member");
        }
        world.settle();
        let mut place = 0;
        for generation in 0..generations {
            world.kill(place);
            place = world.directory(generation + 2);
            for user in honest {
                world.connect(user, place).expect("let in");
                world.settle();
            }
            world.pass(limits::SETTLE_MS);
        }
        world.forget_notices();
        let before = world.at(place).lobby(lobby).cloned().expect("exists");
        Self {
            world,
            lobby,
            honest,
            liar,
            known,
            place,
            before,
        }
    }

    /// The copy that the liar brings.
    fn copy(&self, what: What) -> ProvedLobby {
        let liar = self.world.id(self.liar);
        let member = |user: SteamId| MemberSnapshot {
            user,
            name: name(user),
            data: Default::default(),
            away_ms: None,
        };
        let key = SealKey::from_seed(&[66; 32]).expect("any 32 bytes are a seed");
        let seal = |directory: DirectoryId, term: u64, lobby: &LobbySnapshot| {
            key.seal(directory, term, lobby)
        };
        let mut copy = self.known.clone().unwrap_or_else(|| {
            // Made up, as somebody can who knows the ID and how the lobby looks.
            let mut made_up = self.world.users[0].mirror.resume(self.world.now).remove(0);
            made_up.proof.secret = [7; 32];
            made_up.snapshot.members.push(member(liar));
            made_up
        });
        if self.world.users[self.liar].app_id != APP {
            copy.snapshot.app_id = APP + 1;
        }
        let (last, last_term) = *self.world.ids.last().expect("one at least");
        let steal = |lobby: &mut LobbySnapshot| {
            lobby.owner = liar;
            lobby.members = vec![member(liar)];
            lobby.banned = self.honest.map(|user| self.world.id(user)).to_vec();
            lobby.version.revision = limits::MAX_REVISION;
            lobby.data.insert("map".to_owned(), "mine".to_owned());
        };
        match what {
            What::AsItWas => {}
            What::NewerData => {
                copy.snapshot.version.revision = limits::MAX_REVISION;
                copy.snapshot
                    .data
                    .insert("map".to_owned(), "mine".to_owned());
            }
            What::AsItIs => {
                copy.snapshot = self.before.clone();
                copy.snapshot.members.push(member(liar));
            }
            What::Stolen => steal(&mut copy.snapshot),
            What::StolenFromTheFuture => {
                steal(&mut copy.snapshot);
                copy.snapshot.version.term = u64::MAX;
                copy.proof.seal = seal(DirectoryId(666), u64::MAX, &copy.snapshot);
            }
            What::StolenAndSigned => {
                steal(&mut copy.snapshot);
                copy.snapshot.version.term = last_term;
                copy.proof.seal = seal(DirectoryId(666), last_term, &copy.snapshot);
            }
            What::StolenInTheNameOfTheLast => {
                steal(&mut copy.snapshot);
                copy.snapshot.version.term = last_term;
                copy.proof.seal = seal(last, last_term, &copy.snapshot);
            }
            What::StolenInTheNameOfThis => {
                steal(&mut copy.snapshot);
                // Directories of these tests are numbered one after the other, with the users.
                let this = DirectoryId(last.0 + 1);
                copy.snapshot.version.term = last_term + 1;
                copy.proof.seal = seal(this, last_term + 1, &copy.snapshot);
            }
            What::Crowded => {
                steal(&mut copy.snapshot);
                copy.snapshot.limit = limits::MAX_MEMBERS;
                let crowd = (0..249).map(|n| member(SteamId::individual((66 << 32) | n)));
                copy.snapshot.members.extend(crowd);
                copy.snapshot.version.term = last_term;
                copy.proof.seal = seal(DirectoryId(666), last_term, &copy.snapshot);
            }
        }
        copy
    }

    fn lie(&mut self, copy: &ProvedLobby) {
        // Its own side would leave a lobby that it knows nothing of.
        self.world.users[self.liar].is_silent = true;
        let _ = self
            .world
            .connect_with(self.liar, self.place, vec![copy.clone()]);
        self.world.settle();
    }

    fn come(&mut self, user: User) {
        self.world.connect(user, self.place).expect("let in");
        self.world.settle();
    }

    fn all_come(&mut self) {
        for user in self.honest {
            self.come(user);
        }
    }

    fn play(&mut self, when: When, what: What) {
        let copy = self.copy(what);
        if when != When::BeforeTheEnd {
            self.world.kill(self.place);
            let (_, term) = *self.world.ids.last().expect("one at least");
            self.place = self.world.directory(term + 1);
        }
        match when {
            When::BeforeTheEnd => self.lie(&copy),
            When::First => {
                self.lie(&copy);
                self.all_come();
            }
            When::LongBefore => {
                self.lie(&copy);
                self.world.pass(2 * limits::SETTLE_MS);
                self.all_come();
            }
            When::Between => {
                let [first, others @ ..] = self.honest;
                self.come(first);
                self.lie(&copy);
                others.into_iter().for_each(|user| self.come(user));
            }
            When::Last => {
                self.all_come();
                self.lie(&copy);
            }
            When::HourLater => {
                self.all_come();
                self.world.pass(HOUR_MS);
                self.lie(&copy);
            }
        }
        // And once more, for good measure.
        self.lie(&copy);
        self.world.pass(2 * crate::world::GRACE_MS);
    }

    /// What honest users see, and the liar does not.
    fn check(&mut self, row: &str) {
        let (lobby, before) = (self.lobby, self.before.clone());
        let members: Vec<SteamId> = self.honest.map(|user| self.world.id(user)).to_vec();
        let after = self.world.at(self.place).lobby(lobby).cloned();
        let after = after.unwrap_or_else(|| panic!("{row}: the lobby is gone"));
        assert_eq!(after.owner, before.owner, "{row}");
        assert_eq!(after.data, before.data, "{row}");
        assert_eq!(after.banned, before.banned, "{row}");
        assert_eq!(
            (after.kind, after.joinable, after.limit),
            (before.kind, before.joinable, before.limit),
            "{row}"
        );
        for user in self.honest {
            let mut seen = self.world.members(user, lobby);
            seen.sort_unstable();
            assert_eq!(seen, members, "{row}: as user {user} sees it");
            assert_eq!(
                self.world.mirror(user).owner(lobby),
                Some(before.owner),
                "{row}"
            );
            let notices = self.world.notices(user);
            let is_out = |notice: &Notice| matches!(notice, Notice::LobbyKicked { .. });
            assert!(
                !notices.iter().any(is_out),
                "{row}: user {user} has heard {notices:?}"
            );
        }
        let liar = self.world.id(self.liar);
        assert!(after.member(liar).is_none(), "{row}: the liar is in");
    }
}

fn run(who: Who, when: When, what: What, generations: u64, keys_are_known: bool) {
    let row = format!("{who:?} {when:?} {what:?}, {generations} {keys_are_known}");
    let mut scene = Scene::new(who, generations, keys_are_known);
    scene.play(when, what);
    scene.check(&row);
}

#[test]
fn nobody_takes_or_enters_a_lobby_by_bringing_it() {
    for generations in [0, 1] {
        for who in EVERYBODY {
            for when in ALWAYS {
                for what in EVERYTHING {
                    run(who, when, what, generations, true);
                }
            }
        }
    }
}

/// A directory that has just started, and has heard of none before it.
#[test]
fn nor_where_nobody_knows_the_keys_of_earlier_directories() {
    for generations in [0, 1, 2] {
        for who in EVERYBODY {
            for when in ALWAYS {
                for what in EVERYTHING {
                    run(who, when, what, generations, false);
                }
            }
        }
    }
}

/// What the liar is let do while it is alone counts for nothing when the members come.
#[test]
fn what_a_former_owner_did_while_it_was_alone_is_undone() {
    let mut scene = Scene::new(Who::FormerOwner, 0, true);
    let copy = scene.copy(What::AsItWas);
    scene.world.kill(0);
    scene.place = scene.world.directory(2);
    let (liar, lobby) = (scene.liar, scene.lobby);
    scene.lie(&copy);
    for honest in scene.honest {
        let user = scene.world.id(honest);
        let change = samovar_lobby::Change::Kick { user, ban: true };
        scene
            .world
            .force(liar, samovar_lobby::Command::Change { lobby, change });
    }
    scene.all_come();
    scene.world.pass(2 * crate::world::GRACE_MS);
    scene.check("kicked while alone");
}
