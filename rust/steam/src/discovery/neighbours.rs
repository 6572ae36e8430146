//! Who is known on the LAN, from the daemon's events.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::{IpAddr, SocketAddr};

use mdns_sd::ServiceEvent;

use super::announcement::{Label, Neighbour};

/// Most announcers kept. Of more, one of the source that has most of them goes, the one that was heard of first.
pub const MAX_NEIGHBOURS: usize = 256;
/// Most announcers kept that say they are at one address; a further one takes the place of the first.
pub const MAX_NEIGHBOURS_AT_ONE_ADDRESS: usize = 8;

/// What happened on the LAN.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Discovered {
    /// A directory is announced: for the first time, with changes, or still.
    Found(Neighbour),
    /// A directory is announced no longer.
    Lost(Neighbour),
}

#[derive(Debug)]
struct Known {
    version: u64,
    neighbour: Neighbour,
    /// Grows with each announcer.
    since: u64,
}

impl Known {
    /// Where it says it is: loopback comes first, and says little.
    fn source(&self) -> Option<IpAddr> {
        self.neighbour.addrs.last().map(SocketAddr::ip)
    }
}

#[derive(Debug)]
pub(super) struct Neighbours {
    own_tag: u64,
    app_id: u32,
    /// By the tags of their announcers.
    known: BTreeMap<u64, Known>,
    /// How many announcers there were.
    count: u64,
    /// What was not yielded yet; each event adds two at most, and is taken up only when this is empty.
    queue: VecDeque<Discovered>,
}

impl Neighbours {
    pub(super) fn new(own_tag: u64, app_id: u32) -> Self {
        Self {
            own_tag,
            app_id,
            known: BTreeMap::new(),
            count: 0,
            queue: VecDeque::new(),
        }
    }

    pub(super) fn known(&self) -> impl Iterator<Item = &Neighbour> {
        self.known.values().map(|known| &known.neighbour)
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
                let neighbour =
                    label.and_then(|label| Neighbour::from_service(label.tag, &service));
                if let (Some(label), Some(neighbour)) = (label, neighbour) {
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
        // What is of other apps takes no place either.
        if label.tag == self.own_tag || neighbour.announcement.app_id != self.app_id {
            return;
        }
        match self.known.get_mut(&label.tag) {
            Some(known) if known.version > label.version => return,
            Some(known) => {
                known.version = label.version;
                let earlier = std::mem::replace(&mut known.neighbour, neighbour.clone());
                if earlier == neighbour {
                    return;
                }
                if earlier.announcement.directory != neighbour.announcement.directory {
                    self.queue.push_back(Discovered::Lost(earlier));
                }
            }
            None => {
                self.count += 1;
                let known = Known {
                    version: label.version,
                    neighbour: neighbour.clone(),
                    since: self.count,
                };
                self.make_room(known.source());
                self.known.insert(label.tag, known);
            }
        }
        self.queue.push_back(Discovered::Found(neighbour));
    }

    /// Whoever announces much pushes itself out, and nobody else.
    fn make_room(&mut self, source: Option<IpAddr>) {
        let mut sources: HashMap<Option<IpAddr>, usize> = HashMap::new();
        for known in self.known.values() {
            *sources.entry(known.source()).or_default() += 1;
        }
        let own = sources.get(&source).copied().unwrap_or_default();
        let crowded = if own >= MAX_NEIGHBOURS_AT_ONE_ADDRESS {
            source
        } else if self.known.len() >= MAX_NEIGHBOURS {
            let most = sources.values().copied().max().unwrap_or_default();
            // Of sources with the same number, that of the first announcer.
            let first = self
                .known
                .values()
                .filter(|known| sources.get(&known.source()) == Some(&most))
                .min_by_key(|known| known.since);
            first.and_then(Known::source)
        } else {
            return;
        };
        let first = self
            .known
            .iter()
            .filter(|(_, known)| known.source() == crowded)
            .min_by_key(|(_, known)| known.since);
        if let Some(tag) = first.map(|(tag, _)| *tag)
            && let Some(gone) = self.known.remove(&tag)
        {
            self.queue.push_back(Discovered::Lost(gone.neighbour));
        }
    }

    fn removed(&mut self, label: Label) {
        let known = self.known.get(&label.tag);
        if known.is_some_and(|known| known.version == label.version)
            && let Some(gone) = self.known.remove(&label.tag)
        {
            self.queue.push_back(Discovered::Lost(gone.neighbour));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::announcement::Announcement;
    use super::*;

    fn neighbour(directory: u64, term: u64) -> Neighbour {
        Neighbour {
            announcer: 2,
            announcement: Announcement {
                app_id: 480,
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
        let mut all = Neighbours::new(1, 480);
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
        let mut all = Neighbours::new(1, 480);
        all.found(Label { tag: 1, version: 1 }, neighbour(5, 1));
        assert_eq!(drain(&mut all), []);
        for tag in 2..1000 {
            all.found(Label { tag, version: 1 }, neighbour(tag, 1));
            drain(&mut all);
        }
        let at_one_address = MAX_NEIGHBOURS_AT_ONE_ADDRESS;
        assert_eq!(all.known().count(), at_one_address);
        all.remind();
        all.remind();
        assert_eq!(drain(&mut all).len(), at_one_address);
    }

    fn at(number: u64, address: u32) -> Neighbour {
        let address = std::net::Ipv4Addr::from(0x0a00_0000 + address);
        Neighbour {
            addrs: vec![SocketAddr::from((address, 9))],
            ..neighbour(number, 1)
        }
    }

    #[test]
    fn who_announces_much_pushes_out_nobody_else() {
        let mut all = Neighbours::new(1, 480);
        let label = |tag| Label { tag, version: 1 };
        let honest = at(2, 2);
        all.found(label(2), honest.clone());
        // From one address, then from 40, each with as much as it may.
        for tag in 100..1000 {
            all.found(label(tag), at(tag, 100));
        }
        let from_40 = |tag: u64| at(tag, 200 + u32::try_from(tag % 40).unwrap());
        for tag in 1000..5000 {
            all.found(label(tag), from_40(tag));
        }
        assert_eq!(all.known().count(), MAX_NEIGHBOURS);
        assert!(all.known().any(|known| *known == honest));
        // Another honest one, that comes late, has its place too.
        let late = at(3, 3);
        all.found(label(3), late.clone());
        for tag in 5000..6000 {
            all.found(label(tag), from_40(tag));
        }
        assert!(all.known().any(|known| *known == late));
        assert!(all.known().any(|known| *known == honest));
    }

    #[test]
    fn other_apps_announcements_are_as_if_they_were_not_there() {
        let mut all = Neighbours::new(1, 480);
        let mine = at(2, 2);
        let label = |tag| Label { tag, version: 1 };
        all.found(label(2), mine.clone());
        for tag in 3..1000 {
            // From the same machine as well.
            let mut other = at(tag, 2 + u32::try_from(tag % 40).unwrap());
            other.announcement.app_id = 481;
            all.found(label(tag), other);
            all.removed(label(tag));
        }
        assert_eq!(drain(&mut all), [Discovered::Found(mine.clone())]);
        assert_eq!(all.known().collect::<Vec<_>>(), [&mine]);
    }

    #[test]
    fn who_is_pushed_out_is_told_lost() {
        let mut all = Neighbours::new(1, 480);
        for tag in 2..20 {
            all.found(Label { tag, version: 1 }, neighbour(tag, 1));
        }
        let told = drain(&mut all);
        let lost = told
            .iter()
            .filter(|told| matches!(told, Discovered::Lost(_)));
        assert_eq!(lost.count(), 18 - MAX_NEIGHBOURS_AT_ONE_ADDRESS);
    }
}
