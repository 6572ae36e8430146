//! Who is known on the LAN, from the daemon's events.

use std::collections::{BTreeMap, VecDeque};

use mdns_sd::ServiceEvent;

use super::announcement::{Label, Neighbour};

/// Most announcers kept; further ones are ignored until one of these is gone.
pub const MAX_NEIGHBOURS: usize = 64;

/// What happened on the LAN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discovered {
    /// A directory is announced: for the first time, with changes, or still.
    Found(Neighbour),
    /// A directory is announced no longer.
    Lost(Neighbour),
}

#[derive(Debug)]
pub(super) struct Neighbours {
    own_tag: u64,
    /// By the tags of their announcers, with the versions.
    known: BTreeMap<u64, (u64, Neighbour)>,
    /// What was not yielded yet; each event adds two at most, and is taken up only when this is empty.
    queue: VecDeque<Discovered>,
}

impl Neighbours {
    pub(super) fn new(own_tag: u64) -> Self {
        Self {
            own_tag,
            known: BTreeMap::new(),
            queue: VecDeque::new(),
        }
    }

    pub(super) fn known(&self) -> impl Iterator<Item = &Neighbour> {
        self.known.values().map(|(_, neighbour)| neighbour)
    }

    pub(super) fn poll(&mut self) -> Option<Discovered> {
        self.queue.pop_front()
    }

    /// Yields all known ones again.
    pub(super) fn remind(&mut self) {
        self.queue = self.known().cloned().map(Discovered::Found).collect();
    }

    pub(super) fn handle(&mut self, event: ServiceEvent) {
        match event {
            ServiceEvent::ServiceResolved(service) => {
                let label = Label::from_full_name(service.get_fullname());
                if let (Some(label), Some(neighbour)) = (label, Neighbour::from_service(&service)) {
                    self.found(label, neighbour);
                }
            }
            ServiceEvent::ServiceRemoved(_, name) => {
                if let Some(label) = Label::from_full_name(&name) {
                    self.removed(label);
                }
            }
            _ => {}
        }
    }

    fn found(&mut self, label: Label, neighbour: Neighbour) {
        let earlier = self.known.get(&label.tag);
        let outdated = earlier.is_some_and(|(version, _)| *version > label.version);
        let full = earlier.is_none() && self.known.len() >= MAX_NEIGHBOURS;
        if label.tag == self.own_tag || outdated || full {
            return;
        }
        match self
            .known
            .insert(label.tag, (label.version, neighbour.clone()))
        {
            Some((_, earlier)) if earlier == neighbour => return,
            Some((_, earlier))
                if earlier.announcement.directory != neighbour.announcement.directory =>
            {
                self.queue.push_back(Discovered::Lost(earlier));
            }
            _ => {}
        }
        self.queue.push_back(Discovered::Found(neighbour));
    }

    fn removed(&mut self, label: Label) {
        if self
            .known
            .get(&label.tag)
            .is_some_and(|(version, _)| *version == label.version)
            && let Some((_, neighbour)) = self.known.remove(&label.tag)
        {
            self.queue.push_back(Discovered::Lost(neighbour));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::announcement::Announcement;
    use super::*;

    fn neighbour(directory: u64, term: u64) -> Neighbour {
        Neighbour {
            announcement: Announcement {
                directory,
                term,
                key: [1; 32],
                protocol: 1,
                port: 9,
            },
            addrs: vec!["10.0.0.1:9".parse().unwrap()],
        }
    }

    fn drain(neighbours: &mut Neighbours) -> Vec<Discovered> {
        std::iter::from_fn(|| neighbours.poll()).collect()
    }

    #[test]
    fn changes_are_told_once_and_outdated_announcements_not_at_all() {
        let mut all = Neighbours::new(1);
        let label = |version| Label { tag: 2, version };
        all.found(label(1), neighbour(5, 1));
        all.found(label(1), neighbour(5, 1));
        all.found(label(3), neighbour(5, 2));
        all.found(label(2), neighbour(5, 1));
        all.removed(label(1));
        assert_eq!(
            drain(&mut all),
            [
                Discovered::Found(neighbour(5, 1)),
                Discovered::Found(neighbour(5, 2))
            ]
        );
        all.found(label(4), neighbour(6, 1));
        all.removed(label(4));
        assert_eq!(
            drain(&mut all),
            [
                Discovered::Lost(neighbour(5, 2)),
                Discovered::Found(neighbour(6, 1)),
                Discovered::Lost(neighbour(6, 1))
            ]
        );
        assert_eq!(all.known().count(), 0);
    }

    #[test]
    fn own_announcements_are_skipped_and_a_flood_is_bounded() {
        let mut all = Neighbours::new(1);
        all.found(Label { tag: 1, version: 1 }, neighbour(5, 1));
        assert_eq!(drain(&mut all), []);
        for tag in 2..1000 {
            all.found(Label { tag, version: 1 }, neighbour(tag, 1));
        }
        assert_eq!(drain(&mut all).len(), MAX_NEIGHBOURS);
        all.remind();
        all.remind();
        assert_eq!(drain(&mut all).len(), MAX_NEIGHBOURS);
    }
}
