//! Who may hold a link to a host: a number for each address, and fewer for those who have not said who they are.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use super::links::LinkId;
use crate::identity::PublicKey;

/// The most links at once that others have opened; further ones are refused.
pub const MAX_LINKS: usize = 2048;
/// The most of them that are not admitted: their other side has not said who it is, or was refused. Of more, the oldest of
/// the address that has the most of them ends.
pub const MAX_STRANGERS: usize = 256;
/// The most links of one address at once: of an IPv4 address, or an IPv6 network of 64 bits. A local network behind one
/// address has so many players at most.
pub const MAX_LINKS_OF_ADDRESS: usize = 128;
/// The same of this machine itself, on which one developer may run many instances.
pub const MAX_LINKS_OF_LOOPBACK: usize = 512;
/// The most links of one key that are not admitted; of more, the oldest ends.
const MAX_STRANGERS_OF_KEY: usize = 4;
/// The most bytes of first frames that have come in part, of all links; beyond it the link with the most of them ends.
const MAX_STRANGERS_BYTES: usize = 32 * 1024 * 1024;
/// How long the handshake of a link may take.
const OPEN_WITHIN: Duration = Duration::from_secs(4);
/// How long after it the link has to be admitted.
const SPEAK_WITHIN: Duration = Duration::from_secs(2);
/// Who sends a long first frame gets so much more time, in bytes a second.
const SPEAK_RATE: usize = 16 * 1024;

/// There are as many links as there may be.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct NoRoom;

/// Who counts as one: a single machine of IPv6 has a whole network of 64 bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
enum Source {
    Loopback,
    V4([u8; 4]),
    V6([u8; 8]),
}

impl Source {
    fn of(addr: SocketAddr) -> Self {
        match addr.ip().to_canonical() {
            ip if ip.is_loopback() => Self::Loopback,
            IpAddr::V4(ip) => Self::V4(ip.octets()),
            IpAddr::V6(ip) => {
                let mut network = [0; 8];
                network.copy_from_slice(&ip.octets()[..8]);
                Self::V6(network)
            }
        }
    }

    fn most(self) -> usize {
        match self {
            Self::Loopback => MAX_LINKS_OF_LOOPBACK,
            Self::V4(_) | Self::V6(_) => MAX_LINKS_OF_ADDRESS,
        }
    }
}

#[derive(Default)]
struct Held {
    links: usize,
    /// Those that are not admitted, oldest first.
    strangers: BTreeSet<LinkId>,
}

struct Stranger {
    key: Option<PublicKey>,
    /// When its time began: at its first packet, then when it was open.
    since: Instant,
    due: Instant,
    bytes: usize,
}

/// The links that others have opened.
#[derive(Default)]
pub(super) struct Admission {
    links: HashMap<LinkId, Source>,
    sources: HashMap<Source, Held>,
    strangers: BTreeMap<LinkId, Stranger>,
    by_key: HashMap<PublicKey, BTreeSet<LinkId>>,
    due: BTreeSet<(Instant, LinkId)>,
    bytes: usize,
}

impl Admission {
    /// What has to end so that a link from this address may begin: nothing, or a link. `Err` when it may not.
    pub(super) fn room(&self, remote: SocketAddr) -> Result<Option<LinkId>, NoRoom> {
        let source = Source::of(remote);
        let held = self.sources.get(&source);
        if held.is_some_and(|held| held.links >= source.most()) {
            // Its own strangers make room for it, nobody else.
            let oldest = held.and_then(|held| held.strangers.first().copied());
            return oldest.map(Some).ok_or(NoRoom);
        }
        if self.strangers.len() >= MAX_STRANGERS {
            let most = self
                .sources
                .values()
                .max_by_key(|held| held.strangers.len());
            return Ok(most.and_then(|held| held.strangers.first().copied()));
        }
        if self.links.len() >= MAX_LINKS {
            return Err(NoRoom);
        }
        Ok(None)
    }

    /// How many links there are.
    pub(super) fn len(&self) -> usize {
        self.links.len()
    }

    pub(super) fn begun(&mut self, now: Instant, link: LinkId, remote: SocketAddr) {
        let source = Source::of(remote);
        self.links.insert(link, source);
        let held = self.sources.entry(source).or_default();
        held.links += 1;
        held.strangers.insert(link);
        let stranger = Stranger {
            key: None,
            since: now,
            due: now + OPEN_WITHIN,
            bytes: 0,
        };
        self.due.insert((stranger.due, link));
        self.strangers.insert(link, stranger);
    }

    /// The handshake is done. Another link of the same key that has to end for it.
    pub(super) fn opened(&mut self, now: Instant, link: LinkId, key: PublicKey) -> Option<LinkId> {
        let stranger = self.strangers.get_mut(&link)?;
        stranger.key = Some(key);
        stranger.since = now;
        self.delay(link, now + SPEAK_WITHIN);
        let same = self.by_key.entry(key).or_default();
        same.insert(link);
        same.first()
            .copied()
            .filter(|_| same.len() > MAX_STRANGERS_OF_KEY)
    }

    /// So much of its first frame has come. A link that has to end for it.
    pub(super) fn heard(&mut self, link: LinkId, bytes: usize) -> Option<LinkId> {
        let stranger = self.strangers.get_mut(&link)?;
        self.bytes = self.bytes - stranger.bytes + bytes;
        stranger.bytes = bytes;
        let millis = u64::try_from(bytes * 1000 / SPEAK_RATE).unwrap_or(u64::MAX);
        let due = stranger.since + SPEAK_WITHIN + Duration::from_millis(millis);
        self.delay(link, due);
        if self.bytes <= MAX_STRANGERS_BYTES {
            return None;
        }
        let largest = self.strangers.iter().max_by_key(|(_, other)| other.bytes);
        largest.map(|(other, _)| *other)
    }

    /// The other side is known from now on.
    pub(super) fn admit(&mut self, link: LinkId) {
        let Some(stranger) = self.strangers.remove(&link) else {
            return;
        };
        self.due.remove(&(stranger.due, link));
        self.bytes -= stranger.bytes;
        if let Some(key) = stranger.key
            && let Some(same) = self.by_key.get_mut(&key)
        {
            same.remove(&link);
            if same.is_empty() {
                self.by_key.remove(&key);
            }
        }
        let held = self.links.get(&link);
        if let Some(held) = held.and_then(|source| self.sources.get_mut(source)) {
            held.strangers.remove(&link);
        }
    }

    /// The link is gone.
    pub(super) fn ended(&mut self, link: LinkId) {
        self.admit(link);
        if let Some(source) = self.links.remove(&link)
            && let Some(held) = self.sources.get_mut(&source)
        {
            held.links -= 1;
            if held.links == 0 {
                self.sources.remove(&source);
            }
        }
    }

    /// When the next link's time is over.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// A link whose time is over; it stays until it has ended.
    pub(super) fn late(&self, now: Instant) -> Option<LinkId> {
        self.due
            .first()
            .filter(|(at, _)| *at <= now)
            .map(|(_, link)| *link)
    }

    fn delay(&mut self, link: LinkId, due: Instant) {
        if let Some(stranger) = self.strangers.get_mut(&link)
            && stranger.due != due
        {
            self.due.remove(&(stranger.due, link));
            stranger.due = due;
            self.due.insert((due, link));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Door {
        admission: Admission,
        now: Instant,
        next: u64,
    }

    impl Door {
        fn new() -> Self {
            let (admission, now) = (Admission::default(), Instant::now());
            Self {
                admission,
                now,
                next: 1,
            }
        }

        /// A link from an address, if it is let in.
        fn knock(&mut self, remote: &str) -> Option<LinkId> {
            let remote: SocketAddr = remote.parse().expect("an address");
            match self.admission.room(remote) {
                Err(NoRoom) => return None,
                Ok(Some(other)) => self.admission.ended(other),
                Ok(None) => {}
            }
            let link = LinkId(self.next);
            self.next += 1;
            self.admission.begun(self.now, link, remote);
            Some(link)
        }

        fn open(&mut self, link: LinkId, key: u8) {
            if let Some(other) = self.admission.opened(self.now, link, PublicKey([key; 32])) {
                self.admission.ended(other);
            }
        }

        fn late(&mut self) -> usize {
            let late = std::iter::from_fn(|| {
                let late = self.admission.late(self.now)?;
                self.admission.ended(late);
                Some(())
            });
            late.count()
        }

        fn is_here(&self, link: LinkId) -> bool {
            self.admission.links.contains_key(&link)
        }
    }

    #[test]
    fn strangers_from_wherever_lock_nobody_out() {
        for (what, remote) in [
            (
                "one address",
                (|_| "198.51.100.1:9".to_owned()) as fn(u32) -> String,
            ),
            ("many", |number| format!("198.51.100.{}:9", number % 250)),
            ("one network of IPv6", |number| {
                format!("[2001:db8::{number:x}]:9")
            }),
            ("this machine", |_| "127.0.0.1:9".to_owned()),
        ] {
            let mut door = Door::new();
            for number in 0..5_000 {
                if let Some(link) = door.knock(&remote(number)) {
                    door.open(link, 1);
                }
                assert!(door.admission.strangers.len() <= MAX_STRANGERS, "{what}");
            }
            // Who is late, or comes from the very same address, gets in as well.
            for from in ["203.0.113.5:9".to_owned(), remote(0)] {
                let honest = door.knock(&from).expect(what);
                door.open(honest, 2);
                for number in 0..100 {
                    if let Some(link) = door.knock(&remote(number)) {
                        door.open(link, 1);
                    }
                }
                assert!(door.is_here(honest), "{what}: still there to say hello");
                door.admission.admit(honest);
            }
        }
    }

    #[test]
    fn those_of_one_key_make_room_for_each_other() {
        let mut door = Door::new();
        let links: Vec<LinkId> = (0..10)
            .map(|number| {
                let link = door.knock(&format!("192.0.2.{number}:9")).expect("room");
                door.open(link, 1);
                link
            })
            .collect();
        let here: Vec<bool> = links.iter().map(|link| door.is_here(*link)).collect();
        assert_eq!(here, [[false; 6].as_slice(), &[true; 4]].concat());
    }

    #[test]
    fn those_who_are_admitted_stay_and_fill_one_address_and_no_other() {
        let mut door = Door::new();
        let admitted = (0..1_000).filter(|_| {
            let link = door.knock("192.0.2.1:9");
            link.inspect(|link| door.admission.admit(*link)).is_some()
        });
        assert_eq!(admitted.count(), MAX_LINKS_OF_ADDRESS);
        let other = door.knock("192.0.2.2:9").expect("room");
        door.now += Duration::from_secs(60);
        assert!(door.is_here(other));
        assert_eq!(door.late(), 1, "only who is not admitted has a time");
        let local = (0..1_000).filter(|_| {
            let link = door.knock("127.0.0.1:9");
            link.inspect(|link| door.admission.admit(*link)).is_some()
        });
        assert_eq!(local.count(), MAX_LINKS_OF_LOOPBACK);
    }

    #[test]
    fn a_first_frame_has_time_as_long_as_it_comes() {
        let mut door = Door::new();
        let (slow, stuck) = (door.knock("192.0.2.1:9"), door.knock("192.0.2.1:9"));
        let (slow, stuck) = (slow.expect("room"), stuck.expect("room"));
        door.open(slow, 1);
        door.open(stuck, 2);
        door.admission.heard(stuck, 100);
        for second in 1..30 {
            door.now += Duration::from_secs(1);
            door.admission.heard(slow, second * SPEAK_RATE);
            assert_eq!(door.late(), usize::from(second == 3), "{second}");
        }
        assert!(door.is_here(slow) && !door.is_here(stuck));
        door.now += Duration::from_secs(3);
        assert_eq!(door.late(), 1);
    }

    #[test]
    fn first_frames_together_have_a_bound_and_the_largest_goes() {
        let mut door = Door::new();
        let small = door.knock("192.0.2.1:9").expect("room");
        door.admission.heard(small, 1000);
        for number in 0..100 {
            let remote = format!("192.0.2.{}:9", number + 2);
            let large = door.knock(&remote).expect("room");
            if let Some(other) = door.admission.heard(large, 700_000) {
                door.admission.ended(other);
            }
            assert!(door.admission.bytes <= MAX_STRANGERS_BYTES);
        }
        assert!(door.is_here(small));
    }
}
