//! The API file, the sources of `Steam` and the texts agree, and the compatibility table says what they say.

use std::path::{Path, PathBuf};

use samovar_api::{Surface, Written, check, generate, help, table};

fn repository_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn surface() -> Surface {
    Surface::read(&repository_root().join("rust/godot/api")).expect("the API can be read")
}

fn written() -> Written {
    let source = repository_root().join("rust/godot/src");
    Written::read("Steam", &[source.join("steam.rs"), source.join("steam")])
        .expect("the sources can be read")
}

#[test]
fn what_is_written_by_hand_is_what_the_api_says() {
    check(&surface(), &written()).expect("no drift");
}
