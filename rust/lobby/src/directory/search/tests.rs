//! Whatever happens to lobbies, a search finds what looking at every one of them finds.

use std::collections::BTreeMap;

use proptest::prelude::*;
use samovar_id::SteamId;

use crate::directory::lobbies::Lobbies;
use crate::filters::{Comparison, SearchFilters};
use crate::limits::{MAX_RESULTS, MAX_VALUE};
use crate::lobby::{LobbyKind, LobbySnapshot, MemberSnapshot, Version};
use crate::protocol::Change;

const APP: u32 = 480;
const OTHER_APP: u32 = 7;
/// Keys that many have, but the last one.
const KEYS: [&str; 5] = ["mode", "level", "rank", "version", "rare"];
const UNUSUAL: [&str; 20] = [
    "",
    "0",
    "007",
    " 5 ",
    "5\u{a0}",
    "+4",
    "-0",
    "-1",
    "1e3",
    "0x10",
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "-9223372036854775807",
    "2147483647",
    "-2147483648",
    "duel",
    "Duel",
    "Чай",
    "\u{10ffff}",
];

/// What happens; the first number picks the lobby.
#[derive(Clone, Debug)]
enum Act {
    Put(usize, Vec<(usize, String)>, u8, u32),
    Remove(usize),
    Data(usize, usize, String),
    Kind(usize, u8),
    Joinable(usize, bool),
    Limit(usize, u32),
    Join(usize),
    Leave(usize),
    Search(SearchFilters),
}

fn value() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0..4_i32).prop_map(|number| number.to_string()),
        4 => (-200..400_i32).prop_map(|number| number.to_string()),
        2 => (0..5_u8).prop_map(|minor| format!("1.{minor}")),
        3 => prop::sample::select(&UNUSUAL[..]).prop_map(str::to_owned),
        1 => (0..3_usize, 0..4_usize).prop_map(|(tail, more)| "x".repeat(127 + tail) + &"y".repeat(more * 1000)),
        1 => (0..4_i32).prop_map(|number| " ".repeat(200) + &number.to_string()),
    ]
}

fn number() -> impl Strategy<Value = i32> {
    prop_oneof![
        4 => 0..4_i32,
        4 => -250..450_i32,
        1 => prop::sample::select(&[i32::MIN, i32::MAX, 1000, 16][..]),
    ]
}

fn comparison() -> impl Strategy<Value = Comparison> {
    (-2..=3_i64).prop_map(|number| Comparison::from_number(number).expect("a comparison"))
}

fn key() -> impl Strategy<Value = String> {
    prop_oneof![
        12 => (0..KEYS.len()).prop_map(|key| KEYS[key].to_owned()),
        1 => Just("nobody has it".to_owned()),
    ]
}

fn search() -> impl Strategy<Value = SearchFilters> {
    (
        prop::collection::vec((key(), value(), comparison()), 0..3),
        prop::collection::vec((key(), number(), comparison()), 0..3),
        prop::collection::vec((key(), number()), 0..4),
        prop_oneof![3 => Just(0), 1 => 1..6_u32, 1 => Just(u32::MAX)],
        prop_oneof![0..4_u32, 0..60_u32, Just(u32::MAX)],
    )
        .prop_map(|(text, number, near, slots, count)| SearchFilters {
            text,
            number,
            near,
            slots,
            count,
        })
}

fn put() -> impl Strategy<Value = Act> {
    (
        0..400_usize,
        prop::collection::vec((0..KEYS.len() - 1, value()), 0..6),
        0..8_u8,
        1..6_u32,
    )
        .prop_map(|(lobby, data, kind, limit)| Act::Put(lobby, data, kind, limit))
}

fn act() -> impl Strategy<Value = Act> {
    let lobby = 0..400_usize;
    prop_oneof![
        4 => put(),
        2 => lobby.clone().prop_map(Act::Remove),
        6 => (lobby.clone(), 0..KEYS.len(), value()).prop_map(|(l, k, v)| Act::Data(l, k, v)),
        2 => (lobby.clone(), 0..4_u8).prop_map(|(l, k)| Act::Kind(l, k)),
        2 => (lobby.clone(), any::<bool>()).prop_map(|(l, j)| Act::Joinable(l, j)),
        2 => (lobby.clone(), 1..6_u32).prop_map(|(l, m)| Act::Limit(l, m)),
        2 => lobby.clone().prop_map(Act::Join),
        2 => lobby.prop_map(Act::Leave),
        8 => search().prop_map(Act::Search),
    ]
}

fn member(number: u64) -> MemberSnapshot {
    MemberSnapshot {
        user: SteamId::individual(number),
        name: String::new(),
        data: BTreeMap::new(),
        away_ms: None,
    }
}

fn lobby(number: usize, data: Vec<(usize, String)>, kind: u8, limit: u32) -> LobbySnapshot {
    let owner = member(1);
    LobbySnapshot {
        id: SteamId::lobby(number as u64),
        app_id: if number.is_multiple_of(8) {
            OTHER_APP
        } else {
            APP
        },
        version: Version::default(),
        // Mostly public.
        kind: LobbyKind::from_number(kind.into()).unwrap_or(LobbyKind::Public),
        joinable: true,
        limit,
        owner: owner.user,
        members: vec![owner],
        data: data
            .into_iter()
            .filter(|(_, value)| !value.is_empty())
            .map(|(key, value)| (KEYS[key].to_owned(), value))
            .collect(),
        invited: Vec::new(),
        banned: Vec::new(),
        game_server: None,
        line: 0,
    }
}

/// The lobbies, and what is known of them besides.
#[derive(Default)]
struct World {
    lobbies: Lobbies,
    model: BTreeMap<SteamId, LobbySnapshot>,
}

impl World {
    fn apply(&mut self, number: usize, change: &Change) {
        let id = SteamId::lobby(number as u64);
        let Some(lobby) = self.model.get_mut(&id) else {
            return;
        };
        let owner = lobby.owner;
        let expected = lobby.apply(owner, change);
        assert_eq!(self.lobbies.apply(id, owner, change), expected);
    }

    fn happen(&mut self, act: Act) {
        match act {
            Act::Put(number, data, kind, limit) => {
                let lobby = lobby(number, data, kind, limit);
                self.lobbies.put(lobby.clone());
                self.model.insert(lobby.id, lobby);
            }
            Act::Remove(number) => {
                let id = SteamId::lobby(number as u64);
                self.lobbies.remove(id);
                self.model.remove(&id);
            }
            Act::Data(number, key, value) => {
                let key = KEYS[key].to_owned();
                self.apply(number, &Change::Data([(key, value)].into()));
            }
            Act::Kind(number, kind) => {
                let kind = LobbyKind::from_number(kind.into()).expect("a kind");
                self.apply(number, &Change::Kind(kind));
            }
            Act::Joinable(number, joinable) => self.apply(number, &Change::Joinable(joinable)),
            Act::Limit(number, limit) => self.apply(number, &Change::Limit(limit)),
            Act::Join(number) => self.update(number, |lobby| {
                if lobby.open_slots() > 0 {
                    lobby.push_member(member(1 + lobby.members.len() as u64));
                }
            }),
            Act::Leave(number) => self.update(number, |lobby| {
                if lobby.members.len() > 1 {
                    lobby.members.pop();
                }
            }),
            Act::Search(filters) => {
                self.check(APP, &filters);
                self.check(OTHER_APP, &filters);
            }
        }
    }

    fn update(&mut self, number: usize, change: impl Fn(&mut LobbySnapshot)) {
        let id = SteamId::lobby(number as u64);
        let updated = self.lobbies.update(id, &change);
        let expected = self.model.get_mut(&id).map(&change);
        assert_eq!(updated, expected);
    }

    /// Compares a search with a look at every lobby.
    fn check(&self, app_id: u32, filters: &SearchFilters) {
        let mut passing: BTreeMap<SteamId, Vec<u64>> = BTreeMap::new();
        for lobby in self.model.values() {
            if lobby.app_id == app_id && passes(lobby, filters) {
                passing.insert(lobby.id, distances(lobby, filters));
            }
        }
        let found: Vec<SteamId> = self
            .lobbies
            .find(app_id, filters)
            .iter()
            .map(|lobby| lobby.id)
            .collect();
        let mut once = found.clone();
        once.sort_unstable();
        once.dedup();
        assert_eq!(once.len(), found.len(), "each once: {filters:?}");
        let far: Vec<Option<&Vec<u64>>> = found.iter().map(|id| passing.get(id)).collect();
        let mut best: Vec<Option<&Vec<u64>>> = passing.values().map(Some).collect();
        best.sort_unstable();
        best.truncate(filters.count.min(MAX_RESULTS) as usize);
        assert_eq!(far, best, "{filters:?}");
    }
}

fn passes(lobby: &LobbySnapshot, filters: &SearchFilters) -> bool {
    let text = |key: &str| lobby.data.get(key).map_or("", String::as_str);
    matches!(lobby.kind, LobbyKind::Public | LobbyKind::Invisible)
        && lobby.joinable
        && lobby.open_slots() >= filters.slots.max(1)
        && filters
            .text
            .iter()
            .all(|(key, wanted, how)| how.holds(text(key), wanted.as_str()))
        && filters.number.iter().all(|(key, wanted, how)| {
            let number: Option<i64> = text(key).trim().parse().ok();
            number.is_some_and(|number| how.holds(&number, &i64::from(*wanted)))
        })
}

fn distances(lobby: &LobbySnapshot, filters: &SearchFilters) -> Vec<u64> {
    let distance = |(key, wanted): &(String, i32)| {
        let number: Option<i64> = lobby
            .data
            .get(key)
            .and_then(|text| text.trim().parse().ok());
        number.map_or(u64::MAX, |number| number.abs_diff(i64::from(*wanted)))
    };
    filters.near.iter().map(distance).collect()
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::default()
    })]

    #[test]
    fn searches_find_what_a_look_at_every_lobby_finds(
        first in prop::collection::vec(put(), 0..400),
        acts in prop::collection::vec(act(), 1..400),
        last in prop::collection::vec(search(), 1..40),
    ) {
        let mut world = World::default();
        for act in first.into_iter().chain(acts).chain(last.into_iter().map(Act::Search)) {
            world.happen(act);
        }
        prop_assert_eq!(world.lobbies.len(), world.model.len());
        prop_assert!(world.lobbies.iter().all(|lobby| world.model.get(&lobby.id) == Some(lobby)));
        for id in world.model.keys() {
            world.lobbies.remove(*id);
        }
        prop_assert!(world.lobbies.index().app(APP).is_none(), "nothing is left in the index");
    }
}

/// Thousands of lobbies with numbers of their own: the sets are as large as they get, and walks long.
#[test]
fn large_directories_are_searched_right() {
    let mut world = World::default();
    let mut bits = 1_u64;
    let mut random = |below: u64| {
        // Knuth's MMIX generator.
        bits = bits
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (bits >> 33) % below
    };
    for number in 0..6000 {
        let mode = random(2).to_string();
        let mut data = vec![
            (0, mode),
            (1, random(20).to_string()),
            (3, format!("1.{}", random(9))),
        ];
        if random(10) > 0 {
            // Those with the mode 0 are far from those with the mode 1.
            let mode = if data[0].1 == "0" { 0 } else { 1_000_000 };
            data.push((2, (mode + random(5000)).to_string()));
        }
        world.happen(Act::Put(number, data, 2, 4));
    }
    let comparison = |number| Comparison::from_number(number).expect("a comparison");
    for _ in 0..400 {
        let mut filters = SearchFilters {
            count: u32::try_from(random(60)).expect("small"),
            ..SearchFilters::default()
        };
        let how = |random: &mut dyn FnMut(u64) -> u64| comparison(random(6).cast_signed() - 2);
        let mut small = |below| i32::try_from(random(below)).expect("small");
        if small(2) == 0 {
            filters
                .text
                .push(("mode".into(), small(2).to_string(), Comparison::Equal));
        }
        if small(2) == 0 {
            let level = small(20);
            filters
                .number
                .push(("level".into(), level, Comparison::EqualOrGreater));
        }
        if small(3) == 0 {
            let rank = small(5000);
            filters
                .number
                .push(("rank".into(), rank, Comparison::Greater));
            filters
                .number
                .push(("rank".into(), rank + small(400), Comparison::Less));
        }
        for (key, below) in [("rank", 1_500_000), ("level", 25), ("rank", 6000)] {
            if small(2) == 0 {
                filters.near.push((key.into(), small(below)));
            }
        }
        if random(3) == 0 {
            let version = format!("1.{}", random(9));
            filters
                .text
                .push(("version".into(), version, how(&mut random)));
        }
        world.check(APP, &filters);
    }
}

/// A search that nothing is fit for is over at once, or finds nothing; it never panics.
#[test]
fn hostile_filters_are_harmless() {
    let mut world = World::default();
    for number in 1..300 {
        let data = (0..4).map(|key| (key, number.to_string())).collect();
        world.happen(Act::Put(number, data, 2, 4));
    }
    let huge = "k".repeat(100 * MAX_VALUE);
    for how in (-2..=3).filter_map(Comparison::from_number) {
        for key in ["mode", huge.as_str(), ""] {
            let mut filters = SearchFilters::default();
            for number in [i32::MIN, i32::MAX, 0] {
                filters.number.push((key.to_owned(), number, how));
                filters.near.push((key.to_owned(), number));
            }
            for text in [huge.as_str(), "", "\0"] {
                filters.text.push((key.to_owned(), text.to_owned(), how));
            }
            world.check(APP, &filters);
            let by_one = |len: usize| SearchFilters {
                text: filters.text[len..len + 1].to_vec(),
                number: filters.number[..len].to_vec(),
                ..filters.clone()
            };
            (0..3).for_each(|len| world.check(APP, &by_one(len)));
        }
    }
    let most = SearchFilters {
        near: vec![("mode".to_owned(), 7); 32],
        ..SearchFilters::default()
    };
    world.check(APP, &most);
    let more = SearchFilters {
        near: vec![("mode".to_owned(), 7); 33],
        ..SearchFilters::default()
    };
    assert!(world.lobbies.search(APP, &more).is_empty());
}
