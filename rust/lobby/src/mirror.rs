//! A client's side: what it knows of lobbies, what it asks of the directory, and what it tells the game.

mod calls;
mod copy;
mod events;
mod filters;
mod getters;
mod membership;
mod memory;
mod people;
mod questions;
mod recent;
mod reconnect;
mod sending;

use std::collections::{BTreeMap, HashMap, VecDeque};

use samovar_id::SteamId;

use crate::bucket::Bucket;
use crate::error::LobbyError;
use crate::filters::SearchFilters;
use crate::limits::{
    MAX_CACHED_LOBBIES, MAX_CACHED_LOBBY_BYTES, MAX_NOTICES, OWN_PERSONA_RATE, OWN_SETTINGS_RATE,
    OWN_SPEECH_RATE, OWN_TICKET_RATE,
};
use crate::lobby::LobbySnapshot;
use crate::persona::{Persona, Tell};
use crate::protocol::{Command, DirectoryId, JoinResponse, LobbySummary, Millis};
use copy::LobbyCopy;
use memory::Memory;
pub use people::Avatar;
use people::People;
use questions::Questions;
use recent::Recent;

/// `k_EResultTimeout`.
const RESULT_TIMEOUT: i32 = 16;

/// Something to tell the game, named after its callback.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Notice {
    /// The answer to a creation.
    LobbyCreated {
        /// An `EResult`.
        result: i32,
        /// The lobby.
        lobby: Option<SteamId>,
    },
    /// The answer to a join, and after a creation.
    LobbyJoined {
        /// The lobby.
        lobby: SteamId,
        /// Whether it takes no newcomers.
        locked: bool,
        /// An `EChatRoomEnterResponse`.
        response: u32,
    },
    /// The answer to a search.
    LobbyMatchList {
        /// The lobbies, best first.
        lobbies: Vec<SteamId>,
    },
    /// A member came or went.
    LobbyChatUpdate {
        /// The lobby.
        lobby: SteamId,
        /// Who.
        changed: SteamId,
        /// By whom.
        making_change: SteamId,
        /// An `EChatMemberStateChange`.
        state: u32,
    },
    /// A line of chat.
    LobbyMessage {
        /// The lobby.
        lobby: SteamId,
        /// Who.
        user: SteamId,
        /// What.
        text: String,
    },
    /// Data changed, or arrived.
    LobbyDataUpdate {
        /// False when there is no such lobby.
        success: bool,
        /// The lobby.
        lobby: SteamId,
        /// Whose data: a member's, or the lobby's own.
        member: SteamId,
    },
    /// An invitation.
    LobbyInvite {
        /// From whom.
        inviter: SteamId,
        /// Where to.
        lobby: SteamId,
        /// The lobby's app.
        app_id: u32,
    },
    /// The local user is not a member any more.
    LobbyKicked {
        /// The lobby.
        lobby: SteamId,
        /// By whom; `None` when it was the connection.
        admin: Option<SteamId>,
        /// Whether it was the connection.
        due_to_disconnect: bool,
    },
    /// The owner named a game server.
    LobbyGameCreated {
        /// The lobby.
        lobby: SteamId,
        /// Its Steam ID, or 0.
        server: u64,
        /// Its address, or 0.0.0.0.
        ip: String,
        /// Its port, or 0.
        port: u16,
    },
    /// Something about a user became known, or changed.
    PersonaStateChange {
        /// The user.
        user: SteamId,
        /// An `EPersonaChange`.
        flags: u32,
    },
    /// A user's rich presence changed, or was asked for.
    FriendRichPresenceUpdate {
        /// The user.
        user: SteamId,
        /// The app that it belongs to.
        app_id: u32,
    },
    /// A user says something by way of the directory.
    Told {
        /// Who.
        from: SteamId,
        /// What.
        tell: Tell,
    },
    /// A friend has gone offline. For what depends on users; no callback of its own.
    UserGone {
        /// Who.
        user: SteamId,
    },
}

/// A request that has no answer yet.
struct Asked {
    command: Command,
    gives_up_at: Millis,
    /// When the directory said that it has handled it, so that nothing but the answer is missing.
    handled_at: Option<Millis>,
}

/// What a directory says when it lets a client in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Welcome {
    /// The directory.
    pub directory: DirectoryId,
    /// Its term.
    pub term: u64,
    /// How long ago its first user came, in milliseconds.
    pub age_ms: u64,
    /// How many commands of this process it has handled.
    pub handled: u64,
}

/// What one client knows and wants.
///
/// Calls answer at once, from what is known; what they want done waits in a queue for the directory, also while there
/// is none, and is sent to the next one when a directory ends before it has handled it. Whoever drives it drains
/// [`Mirror::poll_command`] while a directory has welcomed it, and [`Mirror::poll_notice`] always.
pub struct Mirror {
    me: SteamId,
    app_id: u32,
    lobbies: BTreeMap<SteamId, LobbyCopy>,
    others: Memory<SteamId, LobbySummary>,
    people: People,
    filters: SearchFilters,
    waiting: VecDeque<Command>,
    /// While nothing but changes that are gathered waits: when they are sent.
    gathered_until: Option<Millis>,
    /// Changes of the local user's persona that came too fast, at most one of a kind, and until when they wait.
    paced: Vec<Command>,
    paced_until: Option<Millis>,
    pace: Bucket,
    sent: VecDeque<Command>,
    /// Since when the directory has handled nothing of that.
    unhandled_since: Option<Millis>,
    /// How many commands the directory has handled.
    handled: u64,
    asked: BTreeMap<u64, Asked>,
    newest_search: Option<u64>,
    questions: Questions,
    next_number: u64,
    speech: Bucket,
    settings: Bucket,
    tickets: Bucket,
    recent: Recent,
    /// Per lobby and speaker, the process and the newest line of it.
    heard: HashMap<(SteamId, SteamId), (u64, u64)>,
    /// Until when members without a link are waited for.
    away: BTreeMap<SteamId, Millis>,
    /// Of which lobbies something has not come, and when that was asked for.
    resuming: BTreeMap<SteamId, Millis>,
    /// The directory and its term.
    directory: Option<(DirectoryId, u64)>,
    /// Until when the directory, which has taken over from another, may not know every lobby.
    patient_until: Option<Millis>,
    notices: VecDeque<Notice>,
    /// The number of each creation that is answered among the notices, and of the one that was polled last.
    creations: VecDeque<u64>,
    polled_creation: u64,
}

impl Mirror {
    /// A client that knows nothing yet.
    pub fn new(me: SteamId, app_id: u32, persona: Persona) -> Self {
        Self {
            me,
            app_id,
            lobbies: BTreeMap::new(),
            others: Memory::weighed(MAX_CACHED_LOBBIES, MAX_CACHED_LOBBY_BYTES, |lobby| {
                size_of::<LobbySummary>() + memory::cost(&lobby.data)
            }),
            people: People::new(persona),
            filters: SearchFilters::default(),
            waiting: VecDeque::new(),
            gathered_until: None,
            paced: Vec::new(),
            paced_until: None,
            pace: Bucket::new(OWN_PERSONA_RATE, Millis::default()),
            sent: VecDeque::new(),
            unhandled_since: None,
            handled: 0,
            asked: BTreeMap::new(),
            newest_search: None,
            questions: Questions::default(),
            next_number: 1,
            speech: Bucket::new(OWN_SPEECH_RATE, Millis::default()),
            settings: Bucket::new(OWN_SETTINGS_RATE, Millis::default()),
            tickets: Bucket::new(OWN_TICKET_RATE, Millis::default()),
            recent: Recent::default(),
            heard: HashMap::new(),
            away: BTreeMap::new(),
            resuming: BTreeMap::new(),
            directory: None,
            patient_until: None,
            notices: VecDeque::new(),
            creations: VecDeque::new(),
            polled_creation: 0,
        }
    }

    /// The next thing to tell the game.
    pub fn poll_notice(&mut self) -> Option<Notice> {
        let notice = self.notices.pop_front()?;
        if matches!(notice, Notice::LobbyCreated { .. }) {
            self.polled_creation = self.creations.pop_front().unwrap_or(0);
        }
        Some(notice)
    }

    /// Which creation the [`Notice::LobbyCreated`] that was polled last answers: what [`Mirror::newest_request`] was after it.
    pub fn polled_creation(&self) -> u64 {
        self.polled_creation
    }

    /// The number of the request that was made last.
    pub fn newest_request(&self) -> u64 {
        self.next_number.saturating_sub(1)
    }

    /// When the next request runs out, or something that is gathered is to be sent.
    pub fn poll_timeout(&self) -> Option<Millis> {
        let requests = self.asked.values().map(|asked| asked.gives_up_at);
        let people = self.people.poll_timeout();
        let questions = self.questions.poll_timeout();
        let waiting = self.gathered_until.into_iter().chain(self.paced_until);
        requests.chain(people).chain(questions).chain(waiting).min()
    }

    /// Answers requests that the directory has not answered in time, with Steam's codes for it.
    pub fn handle_timeout(&mut self, now: Millis) {
        self.people_timeout(now);
        self.questions_timeout(now);
        if self.gathered_until.is_some_and(|until| until <= now) {
            self.gathered_until = None;
        }
        self.pace_timeout(now);
        let over = |asked: &Asked| asked.gives_up_at <= now;
        let numbers: Vec<u64> = self
            .asked
            .iter()
            .filter(|(_, asked)| over(asked))
            .map(|(number, _)| *number)
            .collect();
        for number in numbers {
            let Some(asked) = self.asked.remove(&number) else {
                continue;
            };
            self.waiting
                .retain(|command| command.request() != Some(number));
            match asked.command {
                Command::Join { lobby, .. } => self.notice(Notice::LobbyJoined {
                    lobby,
                    locked: false,
                    response: JoinResponse::Error as u32,
                }),
                Command::Search { .. } if self.newest_search == Some(number) => {
                    self.newest_search = None;
                    self.notice(Notice::LobbyMatchList {
                        lobbies: Vec::new(),
                    });
                }
                Command::Create { .. } => self.notice_created(number, RESULT_TIMEOUT, None),
                Command::Describe { lobby } => {
                    let describe = Command::Describe { lobby };
                    self.waiting.retain(|command| *command != describe);
                    self.notice(Notice::LobbyDataUpdate {
                        success: false,
                        lobby,
                        member: lobby,
                    });
                }
                _ => {}
            }
        }
    }

    fn notice_created(&mut self, request: u64, result: i32, lobby: Option<SteamId>) {
        if self.notices.len() < MAX_NOTICES {
            self.creations.push_back(request);
            self.notice(Notice::LobbyCreated { result, lobby });
        }
    }

    fn notice(&mut self, notice: Notice) {
        if self.notices.len() < MAX_NOTICES {
            self.notices.push_back(notice);
        }
    }

    /// What it remembers of lobbies that the user is not in, and of others' rich presence, in bytes: at most
    /// [`crate::limits::MAX_CACHED_LOBBY_BYTES`] and [`crate::limits::MAX_CACHED_PRESENCE_BYTES`].
    pub fn cached_bytes(&self) -> usize {
        self.others.bytes() + self.people.cached_bytes()
    }

    fn mine(&self, lobby: SteamId) -> Result<&LobbySnapshot, LobbyError> {
        self.lobby(lobby).ok_or(LobbyError::NotInLobby)
    }

    /// The user's own changes that the directory has not handled, as far as they show.
    fn unhandled(&self) -> copy::Pending<'_> {
        [&self.sent, &self.waiting]
    }
}
