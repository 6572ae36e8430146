//! Losing the directory and coming back to it.

use samovar_id::SteamId;
use samovar_lobby::Notice;

use super::super::{GRACE_MS, User};
use super::telling::{data_update, server_notice};
use super::{DISCONNECTED, ENTERED, LEFT, Lobby, Person, Reference, Seat, alike};

impl Reference {
    pub(super) fn cut(&mut self, user: User) {
        if !self.people[user].online {
            return;
        }
        self.people[user].online = false;
        let ids = self.lobbies_of(user);
        let copies = ids.iter().filter_map(|id| self.lobby(*id).cloned());
        self.people[user].frozen = copies.collect();
        let leaves_at = self.now + GRACE_MS;
        match &mut self.people[user].seat {
            Some(seat) if !ids.is_empty() => seat.leaves_at = Some(leaves_at),
            seat => *seat = None,
        }
    }

    pub(super) fn start_again(&mut self, user: User) {
        self.people[user].instance += 1;
        self.people[user].returning = false;
        self.people[user].frozen.clear();
    }

    pub(super) fn connect(&mut self, user: User) {
        let person = &mut self.people[user];
        if person.online {
            return;
        }
        let (instance, brought) = (person.instance, std::mem::take(&mut person.frozen));
        let seat = person.seat.as_ref();
        if seat.is_some_and(|seat| seat.instance != instance && !seat.expected) {
            self.end(user, DISCONNECTED);
        }
        let seat = self.people[user].seat.take();
        let (kicked, missed) =
            seat.map_or_else(Default::default, |seat| (seat.kicked, seat.missed));
        self.people[user].online = true;
        let is_returning = std::mem::replace(&mut self.people[user].returning, true);
        self.people[user].seat = Some(Seat {
            instance,
            leaves_at: None,
            expected: false,
            kicked: Vec::new(),
            missed: Vec::new(),
        });
        // Last words of who has left since come before the news that it has.
        let is_of_the_gone = |(id, from, _): &(SteamId, User, String)| {
            let lobby = self.lobby(*id);
            lobby.is_some_and(|lobby| lobby.has(user) && !lobby.has(*from))
        };
        let (gone, rest): (Vec<_>, Vec<_>) = missed.into_iter().partition(is_of_the_gone);
        for (id, from, text) in gone {
            let mut copies = brought.iter();
            if copies.any(|copy| copy.id == id && copy.has(from)) {
                self.tell_line(user, id, from, &text);
            }
        }
        let kept = self.lobbies_of(user);
        for copy in &brought {
            if !kicked.iter().any(|(id, ..)| *id == copy.id) {
                self.bring_back(user, copy);
            }
        }
        for id in kept {
            if !brought.iter().any(|copy| copy.id == id) {
                self.leave(user, id, if is_returning { LEFT } else { DISCONNECTED });
            }
        }
        for copy in brought {
            let kick = kicked.iter().find(|(id, ..)| *id == copy.id);
            match kick {
                Some((id, by, ban)) => self.tell_kicked(user, *id, *by, *ban),
                None => self.readmit(user, &copy),
            }
        }
        for (id, from, text) in rest {
            if self.is_in(user, id) {
                self.tell_line(user, id, from, &text);
            }
        }
    }

    /// A lobby that is gone since nobody was left in it lives again, with who brings it and who may still come.
    pub(super) fn bring_back(&mut self, user: User, copy: &Lobby) {
        let may_return = |user: User| self.may_return.contains(&(copy.id, user));
        let may_return: Vec<User> = (0..self.people.len()).filter(|u| may_return(*u)).collect();
        if self.lobby(copy.id).is_some() || !may_return.contains(&user) {
            return;
        }
        let mut lobby = copy.clone();
        for (other, _) in copy.members.clone() {
            let leaves_at = Some(self.now + GRACE_MS);
            let lobbies = self.lobbies_of(other).len();
            let person = &mut self.people[other];
            if other == user {
                continue;
            }
            if person.online || lobbies >= 3 || !may_return.contains(&other) {
                lobby.take_out(other);
                continue;
            }
            let seat = person.seat.get_or_insert_with(|| Seat {
                instance: 0,
                leaves_at,
                expected: true,
                kicked: Vec::new(),
                missed: Vec::new(),
            });
            seat.kicked.retain(|(id, ..)| *id != copy.id);
        }
        self.lobbies.push(lobby);
    }

    /// Who was in and comes back is in again if there is a place; then it hears what is different.
    pub(super) fn readmit(&mut self, user: User, copy: &Lobby) {
        let id = copy.id;
        if let Some(lobby) = self.lobby(id).filter(|lobby| !lobby.has(user)) {
            if lobby.banned.contains(&user) {
                return self.tell_kicked(user, id, lobby.owner, true);
            }
            let may_return = self.may_return.contains(&(id, user));
            if may_return && !lobby.is_full() && self.has_room(user, lobby.kind) {
                let mut members = copy.members.iter();
                let own = members.find(|(member, _)| *member == user);
                let data = own.expect("it was in").1.clone();
                self.enter(user, id, data);
            }
        }
        let Some(lobby) = self.lobby(id).filter(|lobby| lobby.has(user)).cloned() else {
            let (lobby, admin, due_to_disconnect) = (id, None, true);
            return self.tell(
                user,
                Notice::LobbyKicked {
                    lobby,
                    admin,
                    due_to_disconnect,
                },
            );
        };
        for (member, _) in &copy.members {
            if !lobby.has(*member) {
                self.tell(user, self.chat_update(id, *member, *member, DISCONNECTED));
            }
        }
        for (member, data) in &lobby.members {
            let mut before = copy.members.iter();
            match before.find(|(other, _)| other == member) {
                None => self.tell(user, self.chat_update(id, *member, *member, ENTERED)),
                Some((_, before)) if !alike(before, data) => {
                    let notice = data_update(id, self.id(*member));
                    self.tell(user, notice);
                }
                Some(_) => {}
            }
        }
        if !alike(&copy.data, &lobby.data) || copy.settings() != lobby.settings() {
            self.tell(user, data_update(id, id));
        }
        if let Some(port) = lobby.server.filter(|_| lobby.server != copy.server) {
            self.tell(user, server_notice(id, port));
        }
    }

    pub(super) fn pass(&mut self, ms: u64) {
        self.now += ms;
        loop {
            let due = |(user, person): (User, &Person)| {
                let at = person.seat.as_ref()?.leaves_at?;
                (at <= self.now).then_some((at, person.id, user))
            };
            let Some((_, _, user)) = self.people.iter().enumerate().filter_map(due).min() else {
                return;
            };
            self.end(user, DISCONNECTED);
        }
    }

    pub(super) fn end(&mut self, user: User, state: u32) {
        for id in self.lobbies_of(user) {
            self.leave(user, id, state);
        }
        self.people[user].seat = None;
    }
}
