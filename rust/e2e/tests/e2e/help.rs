//! The editor's help, as the editor shows it.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use samovar_api::Surface;
use samovar_e2e::{ProjectOptions, Scenario};

use crate::api;

/// What the editor shows where there is nothing.
const NOTHING: &str = "There is currently no";
const BULLET: &str = "● ";

/// The headings, in their order.
const SIGNALS: &str = "Signals";
const ENUMERATIONS: &str = "Enumerations";
const CONSTANTS: &str = "Constants";
const PROPERTIES: &str = "Property Descriptions";
const METHODS: &str = "Method Descriptions";

/// By its heading: the line that introduces each entry, and how much text follows it.
fn entries(text: &str) -> BTreeMap<&str, Vec<(&str, usize)>> {
    let headings = [SIGNALS, ENUMERATIONS, CONSTANTS, PROPERTIES, METHODS];
    let mut all: BTreeMap<&str, Vec<(&str, usize)>> = BTreeMap::new();
    let mut heading = "";
    for line in text.lines() {
        if headings.contains(&line) {
            heading = line;
        } else if let Some(entry) = line.trim_start().strip_prefix(BULLET) {
            all.entry(heading).or_default().push((entry, 0));
        } else if !line.starts_with("enum ")
            && let Some((_, length)) = all.get_mut(heading).and_then(|list| list.last_mut())
        {
            *length += line.trim().len();
        }
    }
    all
}

/// The names that these entries are of, each with how much is said of it.
fn names<'a>(
    entries: &'a BTreeMap<&str, Vec<(&'a str, usize)>>,
    headings: &[&str],
    name: impl Fn(&'a str) -> &'a str,
) -> BTreeMap<&'a str, usize> {
    let of = headings.iter().filter_map(|heading| entries.get(heading));
    of.flatten()
        .map(|(entry, length)| (name(entry), *length))
        .collect()
}

/// Everything that has to be described is, in a few words at least.
fn described<'a>(
    what: &str,
    found: &BTreeMap<&str, usize>,
    wanted: impl Iterator<Item = &'a str>,
) -> usize {
    let mut count = 0;
    let missing: Vec<&str> = wanted
        .inspect(|_| count += 1)
        .filter(|name| found.get(name).is_none_or(|length| *length < 8))
        .collect();
    assert!(
        missing.is_empty(),
        "{what} without a description: {missing:?}"
    );
    count
}

fn check(surface: &Surface, text: &str) {
    let entries = entries(text);
    let before_bracket = |entry: &'_ str| entry.split('(').next().unwrap_or(entry).len();
    let methods = names(&entries, &[METHODS], |entry| {
        let entry = &entry[..before_bracket(entry)];
        entry.rsplit(' ').next().unwrap_or(entry)
    });
    let signals = names(&entries, &[SIGNALS], |entry| {
        &entry[..before_bracket(entry)]
    });
    let constants = names(&entries, &[ENUMERATIONS, CONSTANTS], |entry| {
        entry.split(" = ").next().unwrap_or(entry)
    });
    // "intcurrent_app_idset_current_app_id(value) setter...": the editor puts them into cells.
    let properties = names(&entries, &[PROPERTIES], |entry| entry);
    let all = || surface.all_classes();
    // What reads and writes a property is shown with it.
    let is_accessor = |name: &str| {
        let mut properties = surface.properties.iter();
        properties.any(|one| one.getter == name || one.setter == name)
    };
    let wanted = all()
        .flat_map(|class| &class.methods)
        .map(|one| one.name.as_str());
    let count = described(
        "methods",
        &methods,
        wanted.filter(|name| !is_accessor(name)),
    );
    assert!(count > 700, "{count}");
    let wanted = all()
        .flat_map(|class| &class.signals)
        .map(|one| one.name.as_str());
    let count = described("signals", &signals, wanted);
    assert!(count >= 183, "{count}");
    let values = all()
        .flat_map(|class| &class.enums)
        .flat_map(|one| &one.values);
    let plain = all().flat_map(|class| &class.constants);
    let wanted = values.chain(plain).map(|one| one.name.as_str());
    let count = described("constants", &constants, wanted);
    assert!(count >= 1787, "{count}");
    for one in &surface.properties {
        let start = format!("{}{}{}(", one.kind.name(), one.name, one.setter);
        let length = properties
            .iter()
            .find(|(entry, _)| entry.starts_with(&start))
            .map(|(_, length)| *length);
        assert!(length > Some(8), "{start}: {length:?}");
    }
}

#[test]
fn the_editors_help_describes_every_name() {
    let surface = api::surface();
    let options = ProjectOptions::default().setting(
        "editor_plugins/enabled",
        "PackedStringArray(\"res://tests/help/plugin.cfg\")",
    );
    let scenario = Scenario::with("help", &options);
    let folder = scenario.folder().join("help");
    fs::create_dir_all(&folder).expect("the scenario's folder takes folders");
    for target in ["".into(), folder.clone()] {
        let editor = scenario
            .launch("editor")
            .arg("--editor")
            .env("SAMOVAR_TEST_HELP", target)
            .start();
        let status = editor.wait_exit(Duration::from_secs(120));
        assert!(status.success(), "--editor ended with {status}");
        editor.wait_finished();
    }
    for class in [
        "Steam",
        "Samovar",
        "SteamMultiplayerPeer",
        "SteamPacketPeer",
    ] {
        let path = folder.join(format!("{class}.txt"));
        let text = fs::read_to_string(&path)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display()))
            .replace('\u{a0}', " ");
        let title = text.lines().next().unwrap_or_default();
        assert!(title.ends_with(class), "{title}");
        let nothing: Vec<&str> = text.lines().filter(|line| line.contains(NOTHING)).collect();
        assert!(nothing.is_empty(), "{class}: {nothing:?}");
        if class == "Steam" {
            check(&surface, &text);
        }
    }
}
