//! The API file, the sources of `Steam` and the texts agree, and the compatibility table says what they say.

use std::path::{Path, PathBuf};

use samovar_api::{PeerClass, Surface, Written, check, table};

fn repository_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn surface() -> Surface {
    Surface::read(&repository_root().join("rust/godot/api")).expect("the API can be read")
}

fn written() -> Written {
    let source = repository_root().join("rust/godot/src");
    Written::read("Steam", &[source.join("steam.rs")]).expect("the sources can be read")
}

fn peers() -> Vec<PeerClass> {
    let folder = repository_root().join("rust/godot/api");
    PeerClass::read(&folder, &surface()).expect("the API can be read")
}

#[test]
fn what_is_written_by_hand_is_what_the_api_says() {
    check(&surface(), &written()).expect("no drift");
}

#[test]
fn the_compatibility_table_says_what_the_sources_say() {
    let path = repository_root().join("docs/compatibility.md");
    let wanted = table(&surface(), &written(), &peers());
    if std::env::var_os("SAMOVAR_UPDATE").is_some() {
        std::fs::write(&path, &wanted).expect("the table can be written");
    }
    let found = std::fs::read_to_string(&path).expect("the table is there");
    let differs = found
        .lines()
        .zip(wanted.lines())
        .position(|(found, wanted)| found != wanted);
    assert!(
        found == wanted,
        "docs/compatibility.md is out of date from line {:?} on: SAMOVAR_UPDATE=1 cargo test -p samovar-api writes it",
        differs.map(|line| line + 1)
    );
}
