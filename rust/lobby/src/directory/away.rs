//! How long members without a link are waited for: their fellow members know it, and carry it on to the next directory.

use std::collections::BTreeSet;

use samovar_id::SteamId;

use super::Directory;
use crate::limits::MIN_AWAITED_MS;
use crate::lobby::LobbySnapshot;
use crate::protocol::{Event, Millis};

impl Directory {
    /// Tells those who are in a lobby with a user that it is away, or is back.
    pub(super) fn tell_whether_away(&mut self, now: Millis, user: SteamId) {
        let Some(found) = self.users.get(&user) else {
            return;
        };
        let lobbies = found.lobbies.iter().filter_map(|id| self.lobbies.get(*id));
        let members = lobbies.flat_map(|lobby| lobby.members.iter().map(|member| member.user));
        let others: BTreeSet<SteamId> = members.filter(|other| *other != user).collect();
        let left_ms = left_ms(now, found.leaves_at);
        for other in others {
            self.tell(other, Event::Away { user, left_ms });
        }
    }

    /// Tells a member which of the others are away.
    pub(super) fn tell_who_is_away(&mut self, to: SteamId, id: SteamId) {
        let Some(lobby) = self.lobbies.get(id) else {
            return;
        };
        let now = self.now;
        let away = lobby.members.iter().filter_map(|member| {
            let leaves_at = self.users.get(&member.user)?.leaves_at;
            let left_ms = left_ms(now, leaves_at).filter(|_| member.user != to)?;
            let (user, left_ms) = (member.user, Some(left_ms));
            Some(Event::Away { user, left_ms })
        });
        let away: Vec<Event> = away.collect();
        for event in away {
            self.tell(to, event);
        }
    }

    /// Until when a member that a user brings is waited for: as the user says, within the grace time.
    pub(super) fn awaited_until(&self, now: Millis, away_ms: Option<u32>) -> Millis {
        let grace_ms = self.config.grace_ms;
        let left_ms = away_ms.map_or(grace_ms, u64::from);
        now.plus(left_ms.max(MIN_AWAITED_MS).min(grace_ms))
    }

    /// Of what members say, the longest counts: nobody has another one taken out early.
    pub(super) fn await_longer(&mut self, now: Millis, user: SteamId, snapshot: &LobbySnapshot) {
        let Some(lobby) = self.lobbies.get(snapshot.id) else {
            return;
        };
        if lobby.member(user).is_none() {
            return;
        }
        let is_member = |other: SteamId| other != user && lobby.member(other).is_some();
        let claims = snapshot.members.iter();
        let claims = claims.filter(|member| is_member(member.user));
        let claims = claims.map(|member| (member.user, self.awaited_until(now, member.away_ms)));
        let claims: Vec<(SteamId, Millis)> = claims.collect();
        for (other, until) in claims {
            let found = self.users.get_mut(&other).filter(|found| found.expected);
            let Some(leaves_at) = found.and_then(|found| found.leaves_at.as_mut()) else {
                continue;
            };
            if *leaves_at < until {
                self.leaving.remove(&(*leaves_at, other));
                *leaves_at = until;
                self.leaving.insert((until, other));
                self.tell_whether_away(now, other);
            }
        }
    }
}

/// How long a user is still waited for; `None` when it is here.
fn left_ms(now: Millis, leaves_at: Option<Millis>) -> Option<u32> {
    let left = leaves_at?.0.saturating_sub(now.0);
    Some(u32::try_from(left).unwrap_or(u32::MAX))
}
