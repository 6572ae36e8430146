//! Lobbies that outlive the directory they were made in: members bring their copies to the next one.
//!
//! What somebody brings is a claim. It counts only with the lobby's secret; who owns the lobby, who is in it and who is
//! banned follows from the newest signature of an earlier directory whose key is known, and else from what members agree on.
//! A lobby that is here already is what it is here: whoever brings a copy has its own data, and its place, but no say.

use std::collections::{BTreeMap, BTreeSet};

use samovar_id::SteamId;

use super::custody::{Origin, Worth};
use super::rates::Rates;
use super::readmission::{Own, banned_by_owner};
use super::{Directory, Presence, STATE_DISCONNECTED, STATE_LEFT, User};
use crate::limits::{MAX_INVITED, MAX_LOBBIES_PER_USER};
use crate::lobby::{LobbySnapshot, Version};
use crate::persona::{Persona, RichPresence};
use crate::proof::{LobbyProof, ProvedLobby, Verdict};
use crate::protocol::{Event, Millis};

/// A copy that a user has brought and that belongs to the lobby.
struct Brought {
    snapshot: LobbySnapshot,
    proof: LobbyProof,
    is_verified: bool,
}

impl Directory {
    /// Takes over the lobbies that a connecting user brings, where that is due, and tells the user how each of its lobbies
    /// stands. What the user brings is all that it is in: it has left the rest.
    pub(super) fn resume(&mut self, now: Millis, user: SteamId, resume: Vec<ProvedLobby>) {
        let Some(found) = self.users.get(&user) else {
            return;
        };
        if found.presence.is_asking {
            return;
        }
        let app_id = found.presence.app_id;
        let kept = found.lobbies.clone();
        let state = if found.presence.is_returning {
            // Left while there was no link to say so.
            STATE_LEFT
        } else {
            STATE_DISCONNECTED
        };
        let mut brought: BTreeMap<SteamId, Option<Own>> = BTreeMap::new();
        for lobby in resume.into_iter().take(MAX_LOBBIES_PER_USER) {
            let id = lobby.snapshot.id;
            let own = self.believe(now, user, app_id, lobby);
            // Where nothing is believed, it is told that it is out unless it is known to be in.
            if own.is_some() || !brought.contains_key(&id) {
                brought.insert(id, own);
            }
        }
        for id in kept.iter().filter(|id| !brought.contains_key(id)) {
            self.leave(user, *id, state);
        }
        for (id, own) in brought {
            self.readmit(user, app_id, id, own);
        }
        if let Some(found) = self.users.get_mut(&user) {
            // What it does not bring it has left before it could hear of this.
            found.kicked.clear();
        }
    }

    /// Lets a copy count as far as it may. `None` when nothing of it does.
    fn believe(
        &mut self,
        now: Millis,
        user: SteamId,
        app_id: u32,
        lobby: ProvedLobby,
    ) -> Option<Own> {
        let ProvedLobby { snapshot, proof } = lobby;
        let data = snapshot.member(user)?.data.clone();
        if !snapshot.is_sound() || snapshot.app_id != app_id || !proof.is_of(snapshot.id) {
            return None;
        }
        let is_verified = match self.known_keys.judge(&snapshot, &proof) {
            Verdict::Verified => true,
            Verdict::UnknownKey => false,
            Verdict::False => return None,
        };
        let is_foreign = proof.seal.directory != self.id;
        if is_foreign {
            self.await_longer(now, user, &snapshot);
        }
        if is_foreign && proof.seal.term < self.term {
            self.settling.takes_over();
        }
        let worth = self.consider(
            now,
            user,
            Brought {
                snapshot,
                proof: *proof,
                is_verified,
            },
        );
        Some(Own {
            data,
            is_foreign,
            in_doubt: worth == Worth::Undecided,
        })
    }

    /// Takes a copy over if it is worth more than what is here.
    fn consider(&mut self, now: Millis, user: SteamId, brought: Brought) -> Worth {
        let id = brought.snapshot.id;
        let kicked = self.users.get(&user);
        let is_kicked = kicked.is_some_and(|found| found.kicked.contains_key(&id));
        let Some(lobby) = self.lobbies.get(id) else {
            let is_room = !is_kicked && self.lobbies.len() < self.config.max_lobbies;
            let was_here = self.custodies.is_known(id) || brought.proof.seal.directory == self.id;
            if is_room && !was_here {
                self.adopt(now, user, brought);
            } else if is_room && brought.is_verified && self.custodies.may_return(id, user) {
                self.revive(now, user, brought);
            }
            return Worth::Less;
        };
        if lobby.app_id != brought.snapshot.app_id {
            return Worth::Less;
        }
        let Some(origin) = self.custodies.open_origin(id, now) else {
            return Worth::Less;
        };
        origin.backed(user, &brought.snapshot);
        let sealed = brought.proof.seal.version();
        let worth = origin.compare(user, brought.is_verified, sealed, &brought.snapshot);
        let out = match worth {
            Worth::Undecided => {
                origin.doubted(user);
                BTreeSet::new()
            }
            _ => origin.without_doubt(),
        };
        for other in out {
            self.leave(other, id, STATE_DISCONNECTED);
            self.custodies.is_out(id, other);
            self.drop_member(other, id);
        }
        match worth {
            Worth::More => self.supersede(now, user, brought),
            Worth::NewerData if !is_kicked => self.take_data(user, brought.snapshot),
            Worth::NewerData | Worth::Less | Worth::Undecided => {}
        }
        worth
    }

    /// Makes a copy the lobby, where there is none.
    fn adopt(&mut self, now: Millis, user: SteamId, brought: Brought) {
        let until = now.plus(self.config.grace_ms);
        let sealed = brought.proof.seal.version();
        let mut origin = Origin::new(
            self.term,
            until,
            brought.is_verified,
            sealed,
            &brought.snapshot,
        );
        origin.backed(user, &brought.snapshot);
        let Brought {
            mut snapshot,
            proof,
            ..
        } = brought;
        let id = snapshot.id;
        self.expect_members(now, user, &mut snapshot, &BTreeSet::new());
        // Here the count begins anew, in a later term: the number that was brought is a claim.
        self.put(snapshot, 1);
        self.custodies.take_over(id, proof, origin);
        self.finish(id);
    }

    /// Has a lobby of this directory live again that nobody was left in, with those who may return to it.
    fn revive(&mut self, now: Millis, user: SteamId, brought: Brought) {
        let mut snapshot = brought.snapshot;
        let id = snapshot.id;
        // All of them have been told gone: they are waited for anew.
        for member in &mut snapshot.members {
            member.away_ms = None;
        }
        let members = snapshot.members.iter().map(|member| member.user);
        let is_out = |other: &SteamId| !self.custodies.may_return(id, *other);
        for other in members.filter(is_out).collect::<Vec<_>>() {
            snapshot.remove(other);
        }
        self.expect_members(now, user, &mut snapshot, &BTreeSet::new());
        self.put(snapshot, self.custodies.revision(id) + 1);
        self.custodies.revived(id);
        self.finish(id);
    }

    /// Makes a copy the lobby that is worth more than the one which it was taken over from. What the owner did here since
    /// stays, if it is the owner in both; and so does who joined here meanwhile and could have joined the other as well.
    fn supersede(&mut self, now: Millis, user: SteamId, brought: Brought) {
        let id = brought.snapshot.id;
        let Some(here) = self.lobbies.get(id).cloned() else {
            return;
        };
        let Some(earlier) = self
            .custodies
            .get_mut(id)
            .and_then(|custody| custody.origin.take())
        else {
            return;
        };
        let sealed = brought.proof.seal.version();
        let copy = &brought.snapshot;
        let mut origin = Origin::new(self.term, earlier.until, brought.is_verified, sealed, copy);
        let same_owner = copy.owner == earlier.owner && copy.member(earlier.owner).is_some();
        let Brought {
            mut snapshot,
            proof,
            ..
        } = brought;
        let is_in: BTreeSet<SteamId> = here.members.iter().map(|member| member.user).collect();
        if same_owner {
            // Who has left or was kicked here meanwhile stays out.
            let is_out =
                |other: SteamId| earlier.members.contains(&other) && !is_in.contains(&other);
            let out: Vec<SteamId> = origin
                .members
                .iter()
                .copied()
                .filter(|m| is_out(*m))
                .collect();
            for other in out {
                snapshot.remove(other);
            }
            for other in &here.banned {
                snapshot.ban(*other);
            }
            if earlier.is_changed {
                snapshot.data.clone_from(&here.data);
                snapshot.invited.clone_from(&here.invited);
                snapshot.game_server = here.game_server;
                snapshot.kind = here.kind;
                snapshot.joinable = here.joinable;
                snapshot.limit = here.limit.max(crate::lobby::count(snapshot.members.len()));
                if snapshot.member(here.owner).is_some() {
                    snapshot.owner = here.owner;
                }
                origin.is_changed = true;
            }
        } else {
            // What another did here as the owner is undone.
            for found in self.users.values_mut() {
                found.kicked.remove(&id);
            }
        }
        self.expect_members(now, user, &mut snapshot, &is_in);
        for member in here.members {
            let other = member.user;
            if let Some(copy) = snapshot.member_mut(other) {
                // It has brought its data itself.
                if self.users.get(&other).is_some_and(|found| found.is_here()) {
                    copy.name = member.name;
                    copy.data = member.data;
                }
                continue;
            }
            let joined_here = !earlier.members.contains(&other) && !earlier.has_brought(other);
            let is_banned = snapshot.banned.contains(&other);
            let may_stay = joined_here && snapshot.joinable && snapshot.kind.is_listed();
            if may_stay && !is_banned && snapshot.open_slots() > 0 {
                snapshot.push_member(member);
                continue;
            }
            self.forget_membership(other, id);
            if is_banned {
                let reason = banned_by_owner(&snapshot);
                self.tell(other, Event::Kicked { lobby: id, reason });
            } else {
                self.drop_member(other, id);
            }
        }
        let is_here = |other| self.users.get(&other).is_some_and(|found| found.is_here());
        snapshot.fit_data(user, is_here);
        snapshot.line = snapshot.line.max(here.line);
        origin.succeed(*earlier);
        self.put(snapshot, here.version.revision + 1);
        self.custodies.take_over(id, proof, origin);
        self.finish(id);
        self.tell_others_how_it_stands(user, id);
    }

    /// Takes the newer data of a copy that says the same as the lobby of all that a signature covers.
    fn take_data(&mut self, user: SteamId, copy: LobbySnapshot) {
        let id = copy.id;
        let Some(mut lobby) = self.lobbies.get(id).cloned() else {
            return;
        };
        if let Some(custody) = self.custodies.get_mut(id)
            && let Some(origin) = &mut custody.origin
        {
            origin.version = copy.version;
        }
        lobby.version.revision += 1;
        lobby.line = lobby.line.max(copy.line);
        lobby.data = copy.data;
        for user in copy.invited {
            // One member's word makes nobody's invitation forgotten.
            if lobby.invited.len() < MAX_INVITED {
                lobby.invite(user, None);
            }
        }
        lobby.game_server = copy.game_server;
        for member in copy.members {
            let found = self.users.get(&member.user);
            let knows_better = member.user != user && found.is_some_and(|found| found.is_here());
            if !knows_better && let Some(known) = lobby.member_mut(member.user) {
                known.data = member.data;
            }
        }
        let is_here = |other| self.users.get(&other).is_some_and(|found| found.is_here());
        lobby.fit_data(user, is_here);
        self.lobbies.put(lobby);
        let _ = self.sign(id);
        self.tell_others_how_it_stands(user, id);
    }

    /// Puts a lobby that was taken over in its place, in this directory's term.
    fn put(&mut self, mut snapshot: LobbySnapshot, revision: u64) {
        snapshot.version = Version {
            term: self.term,
            revision,
        };
        self.lobbies.put(snapshot);
    }

    /// Signs a lobby that was put in its place, unless nobody is in it.
    fn finish(&mut self, id: SteamId) {
        if self
            .lobbies
            .get(id)
            .is_some_and(|lobby| lobby.members.is_empty())
        {
            return self.remove_lobby(id);
        }
        let _ = self.sign(id);
        // Kind and joinability may be others than those of the copy that was here.
        self.show_lobby_of_members(id);
    }

    pub(super) fn tell_others_how_it_stands(&mut self, user: SteamId, id: SteamId) {
        let Some(lobby) = self.proved(id) else { return };
        let members = lobby.snapshot.members.iter().map(|member| member.user);
        let is_here = |other: &SteamId| self.users.get(other).is_some_and(|found| found.is_here());
        let others: Vec<SteamId> = members
            .filter(|other| *other != user && is_here(other))
            .collect();
        for other in others {
            let (line, lobby) = (lobby.snapshot.line, lobby.clone());
            self.tell(other, Event::Resumed { lobby });
            self.tell(other, Event::Said { lobby: id, line });
            self.tell_who_is_away(other, id);
        }
    }

    /// Waits for the members of a copy who have not come over yet; takes out who cannot be one, and who is here and has not
    /// brought the lobby: whoever is here has said which lobbies it is in. `is_in`: who is in the lobby here.
    fn expect_members(
        &mut self,
        now: Millis,
        user: SteamId,
        snapshot: &mut LobbySnapshot,
        is_in: &BTreeSet<SteamId>,
    ) {
        let mut claimed: Vec<(SteamId, String, Millis)> = Vec::new();
        for member in &mut snapshot.members {
            let until = self.awaited_until(now, member.away_ms.take());
            claimed.push((member.user, member.name.clone(), until));
        }
        for (other, name, until) in claimed {
            // Who only asks to be taken has said nothing of its lobbies yet.
            let has_told = self
                .users
                .get(&other)
                .is_some_and(|user| user.is_here() && !user.presence.is_asking);
            let has_left = has_told && other != user && !is_in.contains(&other);
            if has_left || !self.expect(now, other, snapshot.app_id, (name, until), snapshot.id) {
                snapshot.remove(other);
            }
        }
    }

    /// Counts a user who has not come over yet as a member who is gone for a while. False when it cannot be one.
    fn expect(
        &mut self,
        now: Millis,
        user: SteamId,
        app_id: u32,
        (name, leaves_at): (String, Millis),
        lobby: SteamId,
    ) -> bool {
        if !self.users.contains_key(&user) && self.users.len() >= self.config.max_users {
            return false;
        }
        let is_new = !self.users.contains_key(&user);
        let found = self.users.entry(user).or_insert_with(|| {
            let presence = Presence {
                app_id,
                persona: Persona::named(name),
                rich_presence: RichPresence::new(),
                instance: 0,
                machine: 0,
                is_returning: false,
                is_asking: false,
            };
            Box::new(User {
                expected: true,
                leaves_at: Some(leaves_at),
                ..User::new(presence, Rates::new(now))
            })
        });
        let earlier = found.leaves_at;
        if is_new {
            self.leaving.insert((leaves_at, user));
        } else if let Some(earlier) = earlier.filter(|earlier| *earlier < leaves_at) {
            // It is away, and was in no lobby that is known here: a member is waited for longer.
            found.leaves_at = Some(leaves_at);
            self.leaving.remove(&(earlier, user));
            self.leaving.insert((leaves_at, user));
        }
        if found.presence.app_id != app_id
            || (found.lobbies.len() >= MAX_LOBBIES_PER_USER && !found.lobbies.contains(&lobby))
        {
            return false;
        }
        found.is_in(lobby);
        found.kicked.remove(&lobby);
        true
    }
}
