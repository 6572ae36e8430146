//! Where Godot, the addon and its freshly built library are.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

/// The Godot that all scenarios of this run use, and the library under test.
#[derive(Debug)]
pub struct Engine {
    /// The editor binary (it runs projects as well).
    pub godot: PathBuf,
    /// The built library of the addon.
    pub library: PathBuf,
}

impl Engine {
    /// The one engine of this test run: Godot from `GODOT` or `scripts/godot --path-only`; the
    /// library from `SAMOVAR_LIBRARY`, else `cargo build -p samovar-godot` makes it (so that a
    /// stale one is never tested).
    ///
    /// # Panics
    /// If there is no Godot or no library: no scenario can run then.
    #[must_use]
    pub fn get() -> &'static Engine {
        static ENGINE: OnceLock<Engine> = OnceLock::new();
        ENGINE.get_or_init(|| Engine {
            godot: find_godot(),
            library: find_library(),
        })
    }
}

/// The repository's root folder.
#[must_use]
pub fn repository_root() -> &'static Path {
    static ROOT: OnceLock<PathBuf> = OnceLock::new();
    ROOT.get_or_init(|| {
        let mut root = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        root.pop();
        root.pop();
        root
    })
}

fn find_godot() -> PathBuf {
    if let Some(godot) = std::env::var_os("GODOT").filter(|godot| !godot.is_empty()) {
        return PathBuf::from(godot);
    }
    let script = repository_root().join("scripts/godot");
    let output = Command::new(&script)
        .arg("--path-only")
        .output()
        .unwrap_or_else(|error| panic!("cannot run {}: {error}", script.display()));
    let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(
        output.status.success() && !path.is_empty(),
        "{} --path-only found no Godot:\n{path}\n{}",
        script.display(),
        String::from_utf8_lossy(&output.stderr)
    );
    PathBuf::from(path)
}

/// The release export template: `GODOT_TEMPLATE`, else what `scripts/godot --template-path` finds;
/// `None` where there is none for this Godot.
#[must_use]
pub fn export_template() -> Option<PathBuf> {
    if let Some(template) = std::env::var_os("GODOT_TEMPLATE").filter(|path| !path.is_empty()) {
        return Some(PathBuf::from(template));
    }
    let output = Command::new(repository_root().join("scripts/godot"))
        .arg("--template-path")
        .output()
        .ok()?;
    let path = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    (output.status.success() && !path.is_empty()).then(|| PathBuf::from(path))
}

fn find_library() -> PathBuf {
    if let Some(library) = std::env::var_os("SAMOVAR_LIBRARY").filter(|path| !path.is_empty()) {
        let library = PathBuf::from(library);
        assert!(
            library.is_file(),
            "SAMOVAR_LIBRARY: no {}",
            library.display()
        );
        return library;
    }
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let built = Command::new(cargo)
        .args(["build", "--quiet", "-p", "samovar-godot"])
        .current_dir(repository_root())
        .status();
    assert!(
        built.as_ref().is_ok_and(std::process::ExitStatus::success),
        "cargo build -p samovar-godot failed: {built:?}"
    );
    // The test binary is target/<profile>/deps/e2e-<hash>; the library always is of profile dev.
    let mut target = std::env::current_exe().expect("the running test has a path");
    for _ in 0..3 {
        target.pop();
    }
    let library = target.join("debug").join(library_name());
    assert!(library.is_file(), "cargo built no {}", library.display());
    library
}

/// What cargo calls the library on this system.
fn library_name() -> &'static str {
    if cfg!(windows) {
        "samovar_godot.dll"
    } else if cfg!(target_os = "macos") {
        "libsamovar_godot.dylib"
    } else {
        "libsamovar_godot.so"
    }
}
