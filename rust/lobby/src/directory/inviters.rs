//! Who has invited whom to a lobby: where there is no room for more invitations, those go whose members have the most.

use std::collections::{BTreeMap, VecDeque};

use samovar_id::SteamId;

use crate::limits::MAX_INVITED;

/// Of one lobby, by members who are in it.
#[derive(Default)]
pub(super) struct Inviters {
    /// Oldest first.
    by_member: BTreeMap<SteamId, VecDeque<SteamId>>,
    /// By how many each is invited.
    counts: BTreeMap<SteamId, usize>,
}

impl Inviters {
    /// A member invites somebody. `invited` is who was invited before; returns who of them is not any more.
    pub(super) fn invite(
        &mut self,
        member: SteamId,
        invitee: SteamId,
        invited: &[SteamId],
    ) -> Option<SteamId> {
        let own = self.by_member.entry(member).or_default();
        if !own.contains(&invitee) {
            own.push_back(invitee);
            *self.counts.entry(invitee).or_default() += 1;
        }
        if invited.contains(&invitee) || invited.len() < MAX_INVITED {
            return None;
        }
        // Whoever invited these has left, or did so in another directory.
        let mut of_nobody = invited
            .iter()
            .filter(|other| !self.counts.contains_key(other));
        let oldest = of_nobody.next().copied();
        let of_nobody = of_nobody.count() + usize::from(oldest.is_some());
        loop {
            let (heaviest, own) = self
                .by_member
                .iter()
                .max_by_key(|(who, own)| (own.len(), **who == member && own.len() > 1))?;
            if oldest.is_some() && of_nobody >= own.len() {
                return oldest;
            }
            let heaviest = *heaviest;
            let withdrawn = self.by_member.get_mut(&heaviest)?.pop_front()?;
            if self.withdraw(withdrawn) && invited.contains(&withdrawn) {
                return Some(withdrawn);
            }
        }
    }

    /// A member has left: it holds nothing any more, and what it said stays while there is room.
    pub(super) fn left(&mut self, member: SteamId) {
        for invitee in self.by_member.remove(&member).into_iter().flatten() {
            self.withdraw(invitee);
        }
    }

    /// Somebody is banned, and with that invited by nobody.
    pub(super) fn banned(&mut self, invitee: SteamId) {
        if self.counts.remove(&invitee).is_some() {
            for own in self.by_member.values_mut() {
                own.retain(|other| *other != invitee);
            }
        }
    }

    /// One fewer invites somebody. Whether nobody does any more.
    fn withdraw(&mut self, invitee: SteamId) -> bool {
        let Some(count) = self.counts.get_mut(&invitee) else {
            return false;
        };
        *count -= 1;
        let is_last = *count == 0;
        if is_last {
            self.counts.remove(&invitee);
        }
        is_last
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: usize) -> SteamId {
        SteamId::individual((8 << 32) | number as u64)
    }

    /// Has a member invite somebody, and keeps the list as the lobby does.
    fn invite(inviters: &mut Inviters, list: &mut Vec<SteamId>, member: usize, invitee: usize) {
        let forgotten = inviters.invite(user(member), user(invitee), list);
        list.retain(|other| Some(*other) != forgotten);
        if !list.contains(&user(invitee)) {
            list.push(user(invitee));
        }
        assert!(list.len() <= MAX_INVITED);
        let pairs: usize = inviters.by_member.values().map(VecDeque::len).sum();
        assert_eq!(pairs, inviters.counts.values().sum::<usize>());
    }

    #[test]
    fn a_member_who_invites_many_makes_only_its_own_invitations_forgotten() {
        let (mut inviters, mut list) = (Inviters::default(), Vec::new());
        for invitee in 0..100 {
            invite(&mut inviters, &mut list, 1, 1_000 + invitee);
        }
        for invitee in 0..10_000 {
            invite(&mut inviters, &mut list, 2, 10_000 + invitee);
        }
        assert!((0..100).all(|invitee| list.contains(&user(1_000 + invitee))));
        assert!(list.contains(&user(19_999)), "the newest is among them");
        // Nor does it help to have invited the same first.
        for invitee in 0..50 {
            invite(&mut inviters, &mut list, 3, 19_900 + invitee);
        }
        for invitee in 0..10_000 {
            invite(&mut inviters, &mut list, 2, 30_000 + invitee);
        }
        assert!((0..50).all(|invitee| list.contains(&user(19_900 + invitee))));
    }

    #[test]
    fn what_members_said_who_have_left_goes_first() {
        let (mut inviters, mut list) = (Inviters::default(), Vec::new());
        for invitee in 0..200 {
            invite(&mut inviters, &mut list, 1, 1_000 + invitee);
        }
        for invitee in 0..50 {
            invite(&mut inviters, &mut list, 2, 2_000 + invitee);
        }
        inviters.left(user(1));
        for invitee in 0..75 {
            invite(&mut inviters, &mut list, 3, 3_000 + invitee);
        }
        assert!(!list.contains(&user(1_074)) && list.contains(&user(1_075)));
        assert!((0..50).all(|invitee| list.contains(&user(2_000 + invitee))));
        inviters.banned(user(2_000));
        assert!(!inviters.counts.contains_key(&user(2_000)));
    }
}
