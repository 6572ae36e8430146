//! Makes tables of GodotSteam's enums and constants from its API file.

use std::collections::BTreeSet;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use serde_json::Value;

const API: &str = "api/godotsteam-4.20-api.json";
/// The parts of the API whose names exist in this version.
const CLASSES: [&str; 9] = [
    "Main",
    "User",
    "Utils",
    "Networking",
    "NetworkingMessages",
    "NetworkingSockets",
    "NetworkingTypes",
    "Matchmaking",
    "Friends",
];

fn main() {
    println!("cargo:rerun-if-changed={API}");
    let text = fs::read_to_string(API).expect("the API file is in the crate");
    let api: Value = serde_json::from_str(&text).expect("the API file is JSON");
    // Godot keeps one set of constant names for a class, whatever enum they are in.
    let mut names = BTreeSet::new();
    let mut enums = String::from("pub(crate) static ENUMS: &[(&str, &[(&str, i64)])] = &[\n");
    let mut constants = String::from("pub(crate) static CONSTANTS: &[(&str, i64)] = &[\n");
    for class in CLASSES {
        for (name, values) in api["classes"][class]["enums"]
            .as_object()
            .into_iter()
            .flatten()
        {
            let mut entries = String::new();
            write_entries(&mut entries, values, &mut names);
            writeln!(enums, "    ({name:?}, &[{entries}]),").expect("a String takes everything");
        }
        let mut entries = String::new();
        write_entries(
            &mut entries,
            &api["classes"][class]["constants"],
            &mut names,
        );
        writeln!(constants, "    {entries}").expect("a String takes everything");
    }
    let path = Path::new(&env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join("enums.rs");
    fs::write(path, format!("{enums}];\n{constants}];\n")).expect("OUT_DIR can be written");
}

fn write_entries(out: &mut String, values: &Value, names: &mut BTreeSet<String>) {
    for (name, value) in values.as_object().into_iter().flatten() {
        if let Some(value) = value.as_i64()
            && names.insert(name.clone())
        {
            write!(out, "({name:?}, {value}), ").expect("a String takes everything");
        }
    }
}
