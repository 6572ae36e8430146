//! A client's side: what it knows of lobbies, what it asks of the directory, and what it tells the game.

mod calls;
mod events;
mod getters;
mod memory;
mod reconnect;

use std::collections::{BTreeMap, HashMap, VecDeque};

use samovar_id::SteamId;

use crate::error::LobbyError;
use crate::limits::{
    MAX_CACHED_LOBBIES, MAX_CACHED_NAMES, MAX_NOTICES, MAX_PENDING_COMMANDS, REQUEST_TIMEOUT_MS,
};
use crate::lobby::LobbySnapshot;
use crate::protocol::{Change, Command, LobbySummary, Millis, SearchFilters};
use memory::Memory;

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
    /// A user became known.
    PersonaStateChange {
        /// The user.
        user: SteamId,
        /// An `EPersonaChange`.
        flags: u32,
    },
}

#[derive(Clone, Copy, Debug)]
enum Asked {
    Create,
    Join(SteamId),
    Search,
}

/// What one client knows and wants.
///
/// Calls answer at once, from what is known; what they want done waits in a queue for the directory, also while there
/// is none, and is sent to the next one when a directory ends before it has handled it.
pub struct Mirror {
    me: SteamId,
    app_id: u32,
    name: String,
    lobbies: BTreeMap<SteamId, LobbySnapshot>,
    others: Memory<SteamId, LobbySummary>,
    names: Memory<SteamId, String>,
    names_asked: Memory<SteamId, Millis>,
    filters: SearchFilters,
    waiting: VecDeque<Command>,
    sent: VecDeque<Command>,
    asked: HashMap<u64, (Asked, Millis)>,
    newest_search: Option<u64>,
    next_number: u64,
    heard: HashMap<(SteamId, SteamId), (u64, u64)>,
    notices: VecDeque<Notice>,
}

impl Mirror {
    /// A client that knows nothing yet.
    pub fn new(me: SteamId, app_id: u32, name: String) -> Self {
        Self {
            me,
            app_id,
            name,
            lobbies: BTreeMap::new(),
            others: Memory::new(MAX_CACHED_LOBBIES),
            names: Memory::new(MAX_CACHED_NAMES),
            names_asked: Memory::new(MAX_CACHED_NAMES),
            filters: SearchFilters::default(),
            waiting: VecDeque::new(),
            sent: VecDeque::new(),
            asked: HashMap::new(),
            newest_search: None,
            next_number: 1,
            heard: HashMap::new(),
            notices: VecDeque::new(),
        }
    }

    /// The next command for the directory that has welcomed this client.
    pub fn poll_command(&mut self) -> Option<Command> {
        let command = self.waiting.pop_front()?;
        self.sent.push_back(command.clone());
        Some(command)
    }

    /// The next thing to tell the game.
    pub fn poll_notice(&mut self) -> Option<Notice> {
        self.notices.pop_front()
    }

    /// When the next request runs out.
    pub fn poll_timeout(&self) -> Option<Millis> {
        self.asked.values().map(|(_, at)| *at).min()
    }

    /// Answers requests that the directory has not answered in time, with Steam's codes for it.
    pub fn handle_timeout(&mut self, now: Millis) {
        let mut over: Vec<u64> = self
            .asked
            .iter()
            .filter(|(_, (_, at))| *at <= now)
            .map(|(request, _)| *request)
            .collect();
        over.sort_unstable();
        for request in over {
            let Some((asked, _)) = self.asked.remove(&request) else {
                continue;
            };
            let is_it = |command: &Command| match command {
                Command::Create { request: other, .. }
                | Command::Join { request: other, .. }
                | Command::Search { request: other, .. } => *other == request,
                _ => false,
            };
            self.waiting.retain(|command| !is_it(command));
            match asked {
                Asked::Create => self.notice(Notice::LobbyCreated {
                    result: RESULT_TIMEOUT,
                    lobby: None,
                }),
                Asked::Join(lobby) => {
                    let response = crate::protocol::JoinResponse::Error as u32;
                    self.notice(Notice::LobbyJoined {
                        lobby,
                        locked: false,
                        response,
                    });
                }
                Asked::Search => {
                    if self.newest_search == Some(request) {
                        self.newest_search = None;
                        self.notice(Notice::LobbyMatchList {
                            lobbies: Vec::new(),
                        });
                    }
                }
            }
        }
    }

    fn notice(&mut self, notice: Notice) {
        if self.notices.len() < MAX_NOTICES {
            self.notices.push_back(notice);
        }
    }

    fn number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        number
    }

    fn queue(&mut self, command: Command) -> Result<(), LobbyError> {
        if self.waiting.len() + self.sent.len() >= MAX_PENDING_COMMANDS {
            return Err(LobbyError::TooManyPending);
        }
        self.waiting.push_back(command);
        Ok(())
    }

    fn queue_change(&mut self, lobby: SteamId, change: Change) -> Result<(), LobbyError> {
        self.queue(Command::Change { lobby, change })
    }

    fn ask(
        &mut self,
        now: Millis,
        asked: Asked,
        command: impl FnOnce(u64) -> Command,
    ) -> Result<u64, LobbyError> {
        let request = self.number();
        self.queue(command(request))?;
        self.asked
            .insert(request, (asked, now.plus(REQUEST_TIMEOUT_MS)));
        Ok(request)
    }

    fn mine(&self, lobby: SteamId) -> Result<&LobbySnapshot, LobbyError> {
        self.lobbies.get(&lobby).ok_or(LobbyError::NotInLobby)
    }

    fn owned(&mut self, lobby: SteamId) -> Result<&mut LobbySnapshot, LobbyError> {
        let me = self.me;
        let found = self.lobbies.get_mut(&lobby).ok_or(LobbyError::NotInLobby)?;
        if found.owner == me {
            Ok(found)
        } else {
            Err(LobbyError::NotOwner)
        }
    }
}
