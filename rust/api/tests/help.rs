//! The editor's help is XML that Godot reads, has every name once, and refers to nothing that is not there.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use samovar_api::{PeerClass, Surface, Written, help, help_of, help_of_peer};

/// Godot's markup that stands alone or in pairs, and the types that the help names.
const TAGS: [&str; 3] = ["code", "b", "i"];
const TYPES: [&str; 12] = [
    "bool",
    "int",
    "float",
    "String",
    "Array",
    "Dictionary",
    "PackedByteArray",
    "PackedInt32Array",
    "MultiplayerSpawner",
    "MultiplayerSynchronizer",
    "ENetMultiplayerPeer",
    "SteamMultiplayerPeer",
];

fn source() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../godot")
}

fn surface() -> Surface {
    Surface::read(&source().join("api")).expect("the API can be read")
}

fn written(class: &str, files: &[&str]) -> Written {
    let files: Vec<PathBuf> = files
        .iter()
        .map(|file| source().join("src").join(file))
        .collect();
    Written::read(class, &files).expect("the sources can be read")
}

fn steam() -> (Surface, String) {
    let surface = surface();
    let document = help(&surface, &written("Steam", &["steam.rs"]));
    (surface, document)
}

/// What the help says of Godot's own methods begins so.
const GODOTS: [&str; 2] = ["PackedByteArray.decode_", "MultiplayerPeer."];

/// An entry of the help.
#[derive(Debug, PartialEq, Eq)]
struct Entry {
    /// "method", "signal", "constant", "member", or "class" for the class itself.
    kind: String,
    name: String,
    text: String,
}

/// Reads the help as strictly as Godot does, or more.
fn parse(document: &str) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut open: Vec<String> = Vec::new();
    let mut names: Vec<String> = Vec::new();
    let mut text = String::new();
    let mut rest = document
        .strip_prefix("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n")
        .expect("it begins as XML");
    while let Some(start) = rest.find('<') {
        text.push_str(&unescape(&rest[..start]));
        let end = rest.find('>').expect("a tag ends");
        let tag = &rest[start + 1..end];
        rest = &rest[end + 1..];
        if let Some(closed) = tag.strip_prefix('/') {
            assert_eq!(open.pop().as_deref(), Some(closed), "{names:?}");
            let name = names.pop().expect("each tag has a name or none");
            let is_entry = ["method", "signal"].contains(&closed);
            if ["constant", "member", "brief_description"].contains(&closed) {
                let kind = closed.replace("brief_description", "class");
                entries.push(Entry {
                    kind,
                    name,
                    text: text.clone(),
                });
            } else if is_entry {
                entries.push(Entry {
                    kind: closed.to_owned(),
                    name,
                    text: text.clone(),
                });
            }
            if closed != "description" || open.last().is_some_and(|last| last == "class") {
                text.clear();
            }
            continue;
        }
        assert!(!tag.ends_with('/'), "{tag}");
        let (kind, attributes) = tag.split_once(' ').unwrap_or((tag, ""));
        let name = attributes
            .strip_prefix("name=\"")
            .and_then(|rest| rest.split('"').next());
        open.push(kind.to_owned());
        names.push(name.unwrap_or_default().to_owned());
        text.clear();
    }
    assert!(open.is_empty() && rest.trim().is_empty(), "{open:?} {rest}");
    entries
}

fn unescape(text: &str) -> String {
    for (index, _) in text.match_indices('&') {
        let known = ["&amp;", "&lt;", "&gt;"];
        let rest = &text[index..];
        assert!(
            known.iter().any(|entity| rest.starts_with(entity)),
            "{rest:.20}"
        );
    }
    text.replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&amp;", "&")
}

/// The names of one kind; each is there once and has a text.
fn names<'a>(entries: &'a [Entry], kind: &str) -> BTreeSet<&'a str> {
    let mut names = BTreeSet::new();
    for entry in entries.iter().filter(|entry| entry.kind == kind) {
        assert!(!entry.text.trim().is_empty(), "{kind} {}", entry.name);
        assert!(
            names.insert(entry.name.as_str()),
            "{kind} {} twice",
            entry.name
        );
    }
    names
}

/// What a text may refer to.
struct Known<'a> {
    /// By their kind: methods, signals, constants, enums.
    names: BTreeMap<&'a str, BTreeSet<&'a str>>,
    /// By kind and name: the arguments.
    arguments: BTreeMap<(&'a str, &'a str), Vec<String>>,
}

impl Known<'_> {
    /// What is wrong with the markup of an entry.
    fn wrong(&self, entry: &Entry) -> Vec<String> {
        let mut wrong = Vec::new();
        let mut open: Vec<&str> = Vec::new();
        let mut rest = entry.text.as_str();
        if rest.contains('`') {
            wrong.push("` is no markup of Godot's".to_owned());
        }
        while let Some(start) = rest.find('[') {
            let end = start + rest[start..].find(']').unwrap_or(rest.len() - start - 1);
            let tag = &rest[start + 1..end];
            rest = &rest[end + 1..];
            let is_fine = match (tag.split_once(' '), tag.strip_prefix('/')) {
                (_, Some(closed)) => open.pop() == Some(closed),
                // Between these there is none.
                _ if open.last() == Some(&"code") => true,
                (Some(("param", name)), _) => self
                    .arguments
                    .get(&(entry.kind.as_str(), entry.name.as_str()))
                    .is_some_and(|arguments| arguments.iter().any(|argument| argument == name)),
                (Some((kind, name)), _) => self.names.get(kind).is_some_and(|names| {
                    names.contains(name) || GODOTS.iter().any(|start| name.starts_with(start))
                }),
                (None, None) if TAGS.contains(&tag) => {
                    open.push(tag);
                    true
                }
                (None, None) => tag == "br" || TYPES.contains(&tag),
            };
            if !is_fine {
                wrong.push(format!("[{tag}]"));
            }
        }
        wrong.extend(open.iter().map(|tag| format!("[{tag}] is not closed")));
        wrong
    }

    fn check(&self, entries: &[Entry]) {
        let wrong: Vec<String> = entries
            .iter()
            .flat_map(|entry| {
                let of = format!("{} {}", entry.kind, entry.name);
                let wrong = self.wrong(entry).into_iter();
                wrong.map(move |wrong| format!("{of}: {wrong}"))
            })
            .collect();
        assert!(wrong.is_empty(), "{wrong:#?}");
    }
}

#[test]
fn the_help_of_steam_has_every_name_once_and_refers_to_nothing_else() {
    let (surface, document) = steam();
    let entries = parse(&document);
    let classes = || surface.all_classes();
    let methods = names(&entries, "method");
    let signals = names(&entries, "signal");
    let constants = names(&entries, "constant");
    let values = classes().flat_map(|class| class.enums.iter().flat_map(|one| &one.values));
    let plain = classes().flat_map(|class| &class.constants);
    assert_eq!(
        methods,
        classes()
            .flat_map(|class| &class.methods)
            .map(|one| one.name.as_str())
            .collect()
    );
    assert_eq!(
        signals,
        classes()
            .flat_map(|class| &class.signals)
            .map(|one| one.name.as_str())
            .collect()
    );
    assert_eq!(
        constants,
        values.chain(plain).map(|one| one.name.as_str()).collect()
    );
    assert_eq!(
        names(&entries, "member"),
        surface
            .properties
            .iter()
            .map(|one| one.name.as_str())
            .collect()
    );
    assert_eq!(names(&entries, "class").len(), 1);

    let mut arguments = BTreeMap::new();
    let named = |list: &[samovar_api::Argument]| -> Vec<String> {
        list.iter().map(|argument| argument.name.clone()).collect()
    };
    for method in classes().flat_map(|class| &class.methods) {
        arguments.insert(("method", method.name.as_str()), named(&method.arguments));
    }
    for signal in classes().flat_map(|class| &class.signals) {
        arguments.insert(("signal", signal.name.as_str()), named(&signal.arguments));
    }
    let enums = classes()
        .flat_map(|class| &class.enums)
        .map(|one| one.name.as_str());
    let known = Known {
        names: BTreeMap::from([
            ("method", methods),
            ("signal", signals),
            ("constant", constants),
            ("enum", enums.collect()),
        ]),
        arguments,
    };
    known.check(&entries);
}

#[test]
fn the_help_of_samovar_refers_to_nothing_that_is_not_there() {
    let samovar = written("Samovar", &["samovar.rs", "samovar_avatar.rs"]);
    let entries = parse(&help_of("Samovar", &samovar));
    let (_, document) = steam();
    let steam = parse(&document);
    assert_eq!(
        names(&entries, "method"),
        samovar.methods.keys().map(String::as_str).collect()
    );
    assert_eq!(
        names(&entries, "signal"),
        samovar.signals.keys().map(String::as_str).collect()
    );
    let of_steam = of_steam(&steam);
    let known = known_beside(&entries, &of_steam);
    let arguments = arguments(&samovar);
    let known = Known {
        names: known,
        arguments,
    };
    known.check(&entries);
}

#[test]
fn the_help_of_the_peers_has_every_name_once_and_refers_to_nothing_else() {
    let (surface, document) = steam();
    let steam = parse(&document);
    let classes = PeerClass::read(&source().join("api"), &surface).expect("the API can be read");
    for class in &classes {
        let file = match class.name {
            "SteamPacketPeer" => "multiplayer/steam_packet_peer.rs",
            _ => "multiplayer/steam_multiplayer_peer.rs",
        };
        let written = written(class.name, &[file]);
        let entries = parse(&help_of_peer(class, &written));
        let forms = class.forms.iter().map(|form| form.name.as_str());
        assert_eq!(names(&entries, "method"), forms.collect());
        let signals = class.signals.iter().map(|(signal, _)| signal.name.as_str());
        assert_eq!(names(&entries, "signal"), signals.collect());
        let values = class.enums.iter().flat_map(|one| &one.values);
        let values = values.map(|one| one.name.as_str());
        assert_eq!(names(&entries, "constant"), values.collect());
        let properties = class.properties.iter().map(|one| one.name.as_str());
        assert_eq!(names(&entries, "member"), properties.collect());
        assert_eq!(names(&entries, "class").len(), 1);
        let mut beside = of_steam(&steam);
        for other in &classes {
            for form in &other.forms {
                let name = format!("{}.{}", other.name, form.name);
                beside.push(("method", vec![name]));
            }
        }
        let own = class.enums.iter().map(|one| one.name.clone()).collect();
        beside.push(("enum", own));
        let known = Known {
            names: known_beside(&entries, &beside),
            arguments: arguments(&written),
        };
        known.check(&entries);
    }
}

/// What of Steam a text of another class may refer to, with that name before it.
fn of_steam(steam: &[Entry]) -> Vec<(&'static str, Vec<String>)> {
    let surface = surface();
    let enums = surface.all_classes().flat_map(|class| &class.enums);
    let enums = enums.map(|one| format!("Steam.{}", one.name)).collect();
    let named = |kind| {
        let names = names(steam, kind).into_iter();
        (kind, names.map(|name| format!("Steam.{name}")).collect())
    };
    let named = ["method", "signal", "constant"].map(named);
    named.into_iter().chain([("enum", enums)]).collect()
}

/// By their kind: what is there, and what of other classes is known.
fn known_beside<'a>(
    entries: &'a [Entry],
    beside: &'a [(&'static str, Vec<String>)],
) -> BTreeMap<&'a str, BTreeSet<&'a str>> {
    let mut known: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for (kind, others) in beside {
        let own = names(entries, kind).into_iter();
        let all = known.entry(kind).or_default();
        all.extend(own.chain(others.iter().map(String::as_str)));
    }
    known
}

/// The arguments of a hand-written class, by kind and name.
fn arguments(written: &Written) -> BTreeMap<(&str, &str), Vec<String>> {
    let mut arguments = BTreeMap::new();
    for (kind, items) in [("method", &written.methods), ("signal", &written.signals)] {
        for (name, item) in items {
            let named = item.arguments.iter().map(|(name, ..)| name.clone());
            arguments.insert((kind, name.as_str()), named.collect());
        }
    }
    arguments
}
