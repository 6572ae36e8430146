//! Makes tables and the editor's help of GodotSteam's API file, and stops the build where what is written by hand drifts
//! from it.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::{env, fs};

use flate2::Compression;
use flate2::write::DeflateEncoder;
use samovar_api::{
    Error, PeerClass, Surface, Written, check, enum_types, generate, generate_peer, help, help_of,
    help_of_peer,
};

fn main() {
    if let Err(error) = build() {
        panic!("{error}");
    }
}

fn build() -> Result<(), Error> {
    for watched in [
        "api",
        "src/steam.rs",
        "src/steam",
        "src/samovar.rs",
        "src/samovar_avatar.rs",
        "src/multiplayer",
    ] {
        println!("cargo:rerun-if-changed={watched}");
    }
    let surface = Surface::read(Path::new("api"))?;
    let steam = Written::read("Steam", &paths(&["src/steam.rs"]))?;
    let samovar = Written::read(
        "Samovar",
        &paths(&["src/samovar.rs", "src/samovar_avatar.rs"]),
    )?;
    check(&surface, &steam)?;
    let mut tables = generate(&surface, &steam, &samovar);
    for class in PeerClass::read(Path::new("api"), &surface)? {
        let source = format!("src/multiplayer/{}.rs", file_name(class.name));
        let written = Written::read(class.name, &paths(&[&source]))?;
        class.check(&written)?;
        tables.push_str(&generate_peer(&class, &written));
        let help = help_of_peer(&class, &written);
        write_deflated(&format!("{}.xml.deflate", class.name), &help);
    }
    write("surface.rs", &tables);
    write("enum_types.rs", &enum_types(&surface, &steam));
    write_deflated("Steam.xml.deflate", &help(&surface, &steam));
    write_deflated("Samovar.xml.deflate", &help_of("Samovar", &samovar));
    Ok(())
}

fn paths(names: &[&str]) -> Vec<PathBuf> {
    names.iter().map(PathBuf::from).collect()
}

/// "SteamPacketPeer" as the name of a file.
fn file_name(class: &str) -> String {
    let mut name = String::new();
    for letter in class.chars() {
        if letter.is_uppercase() && !name.is_empty() {
            name.push('_');
        }
        name.push(letter.to_ascii_lowercase());
    }
    name
}

fn write(name: &str, text: &str) {
    fs::write(out(name), text).expect("OUT_DIR can be written");
}

fn write_deflated(name: &str, text: &str) {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::best());
    let deflated = encoder
        .write_all(text.as_bytes())
        .and_then(|()| encoder.finish());
    fs::write(out(name), deflated.expect("memory takes everything"))
        .expect("OUT_DIR can be written");
}

fn out(name: &str) -> PathBuf {
    Path::new(&env::var("OUT_DIR").expect("cargo sets OUT_DIR")).join(name)
}
