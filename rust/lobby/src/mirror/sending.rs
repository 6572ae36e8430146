//! What waits for the directory.

use samovar_id::SteamId;

use super::{Asked, Mirror};
use crate::error::LobbyError;
use crate::limits::{GATHER_MS, MAX_PENDING_COMMANDS, OWN_PERSONA_RATE, REQUEST_TIMEOUT_MS};
use crate::protocol::{Change, Command, Millis};

impl Mirror {
    /// The next command for the directory that has welcomed this client. Changes of data and of persona wait up to
    /// [`GATHER_MS`] for more of their kind, unless something else waits behind them.
    pub fn poll_command(&mut self, now: Millis) -> Option<Command> {
        if self.gathered_until.is_some_and(|until| now < until)
            && self.waiting.iter().all(Command::is_gathered)
        {
            return None;
        }
        let command = self.waiting.pop_front();
        if self.waiting.is_empty() {
            self.gathered_until = None;
        }
        let command = command?;
        self.sent.push_back(command.clone());
        self.unhandled_since.get_or_insert(now);
        Some(command)
    }

    /// Since when the directory owes something: it has handled no command, or has not answered a request that it has handled.
    /// Any directory does both within some seconds.
    pub fn unanswered_since(&self) -> Option<Millis> {
        let handled = self.asked.values().filter_map(|asked| asked.handled_at);
        handled.chain(self.unhandled_since).min()
    }

    /// Asks the directory something only to see whether it answers, unless something is unanswered anyway.
    pub fn ask_whether_it_answers(&mut self) {
        if self.sent.is_empty() && self.waiting.is_empty() {
            self.waiting.push_back(Command::Persona { user: self.me });
        }
    }

    /// A command has been handled: only its answer may still come.
    pub(super) fn is_handled(&mut self, now: Millis, command: &Command) {
        self.unhandled_since = (!self.sent.is_empty()).then_some(now);
        let asked = match command.request() {
            Some(request) => self.asked.get_mut(&request),
            None => self
                .asked
                .values_mut()
                .find(|asked| asked.command == *command),
        };
        if let Some(asked) = asked {
            asked.handled_at = Some(now);
        }
    }

    /// Nobody owes anything: there is no directory, or it has just come.
    pub(super) fn nothing_is_due(&mut self) {
        self.unhandled_since = None;
        for asked in self.asked.values_mut() {
            asked.handled_at = None;
        }
    }

    /// Lets nothing wait for more of its kind.
    pub fn hurry(&mut self) {
        self.gathered_until = None;
    }

    /// Has a command wait for more of its kind.
    pub(super) fn gather(&mut self, now: Millis, command: Command) {
        self.gathered_until.get_or_insert(now.plus(GATHER_MS));
        self.waiting.push_back(command);
    }

    /// The same of the local user's persona or rich presence: it replaces an earlier one, and waits longer when there
    /// are many.
    pub(super) fn gather_persona(&mut self, now: Millis, command: Command) {
        let kind = std::mem::discriminant(&command);
        let same = |other: &&mut Command| std::mem::discriminant(&**other) == kind;
        let mut unsent = self.waiting.iter_mut().chain(&mut self.paced);
        if let Some(earlier) = unsent.find(same) {
            *earlier = command;
        } else if self.pace.take(now) {
            self.gather(now, command);
        } else {
            self.paced.push(command);
            let pause = 1000 / u64::from(OWN_PERSONA_RATE.per_second);
            self.paced_until.get_or_insert(now.plus(pause));
        }
    }

    pub(super) fn pace_timeout(&mut self, now: Millis) {
        if self.paced_until.is_some_and(|until| until <= now) {
            self.paced_until = None;
            for command in std::mem::take(&mut self.paced) {
                self.gather_persona(now, command);
            }
        }
    }

    pub(super) fn number(&mut self) -> u64 {
        let number = self.next_number;
        self.next_number += 1;
        number
    }

    pub(super) fn has_room(&self) -> Result<(), LobbyError> {
        if self.waiting.len() + self.sent.len() >= MAX_PENDING_COMMANDS {
            return Err(LobbyError::TooManyPending);
        }
        Ok(())
    }

    pub(super) fn queue(&mut self, command: Command) -> Result<(), LobbyError> {
        self.has_room()?;
        self.waiting.push_back(command);
        Ok(())
    }

    /// Queues a question, unless it waits already.
    pub(super) fn queue_once(&mut self, question: Command) -> Result<(), LobbyError> {
        if self.waiting.contains(&question) {
            return Ok(());
        }
        self.queue(question)
    }

    /// Whether an answer is due that may make the user a member.
    pub(super) fn is_joining(&self, lobby: SteamId) -> bool {
        self.asked.values().any(|asked| asked.command.joins(lobby))
    }

    /// Leaves a lobby that is none of the user's here any more. Waits beyond the bound if it must: a lobby left must be
    /// left. What is to leave it already, after every join of it, keeps its turn: calls behind it count on that.
    pub(super) fn queue_leave(&mut self, lobby: SteamId) {
        let leave = Command::Change {
            lobby,
            change: Change::Leave,
        };
        let under_way = self.sent.iter().chain(&self.waiting).rev();
        let mut of_lobby = under_way.filter(|command| **command == leave || command.joins(lobby));
        if of_lobby.next() != Some(&leave) {
            self.waiting.push_back(leave);
        }
    }

    pub(super) fn ask(
        &mut self,
        now: Millis,
        command: impl FnOnce(u64, bool) -> Command,
    ) -> Result<u64, LobbyError> {
        if self.asked.len() >= MAX_PENDING_COMMANDS {
            return Err(LobbyError::TooManyPending);
        }
        self.has_room()?;
        let request = self.number();
        let patient = self.patient_until.is_some_and(|until| now < until);
        let command = command(request, patient);
        self.waiting.push_back(command.clone());
        let gives_up_at = now.plus(REQUEST_TIMEOUT_MS);
        self.asked.insert(
            request,
            Asked {
                command,
                gives_up_at,
                handled_at: None,
            },
        );
        Ok(request)
    }
}
