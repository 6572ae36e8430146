//! The build stops where what is written by hand is not what the API file says, however it drifts.

use std::fs;
use std::path::{Path, PathBuf};

use samovar_api::{Error, Surface, Written, check};

fn repository_root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("a folder can be made");
    for entry in from.read_dir().expect("a folder can be read") {
        let entry = entry.expect("a folder can be read").path();
        let target = to.join(entry.file_name().expect("an entry has a name"));
        if entry.is_dir() {
            copy(&entry, &target);
        } else {
            fs::copy(&entry, &target).expect("a file can be copied");
        }
    }
}

/// What is wrong after a change of one file of the sources, or of the texts beside the API file.
fn wrong(file: &str, from: &str, to: &str) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder for a test");
    for part in ["src", "api"] {
        let original = repository_root().join("rust/godot").join(part);
        copy(&original, &folder.path().join(part));
    }
    let path = folder.path().join(file);
    let text = fs::read_to_string(&path).expect("the file is there");
    assert!(text.contains(from), "{file} has {from}");
    fs::write(&path, text.replacen(from, to, 1)).expect("the file can be written");
    let written = Written::read("Steam", &[folder.path().join("src/steam.rs")])
        .expect("the sources can be read");
    let surface = Surface::read(&folder.path().join("api"));
    match surface.and_then(|surface| check(&surface, &written)) {
        Ok(()) => Vec::new(),
        Err(Error::Drift(wrong)) => wrong,
        Err(error) => panic!("{error}"),
    }
}

#[test]
fn every_kind_of_drift_is_found() {
    const MATCHMAKING: &str = "src/steam/matchmaking.rs";
    const CREATE: &str =
        "fn createLobby(&self, lobby_type: i64, #[opt(default = 2)] max_members: i64)";
    const FUNC: &str = "#[func]\n    #[allow(non_snake_case)]\n    fn createLobby";
    let create = |to: &str| (MATCHMAKING, CREATE, to.to_owned());
    for ((file, from, to), about) in [
        // An argument's name, type, default, place; one too many.
        (
            create(&CREATE.replace("lobby_type", "kind")),
            "createLobby(",
        ),
        (
            create(&CREATE.replace("max_members: i64", "max_members: f64")),
            "createLobby(",
        ),
        (create(&CREATE.replace("= 2", "= 4")), "createLobby("),
        (
            create(&CREATE.replace("#[opt(default = 2)] ", "")),
            "createLobby(",
        ),
        (
            create(&CREATE.replace("&self, ", "&self, more: bool, ")),
            "createLobby(",
        ),
        // A name that is not GodotSteam's, and the one that is missing then.
        (
            create(&CREATE.replace("createLobby", "makeLobby")),
            "makeLobby",
        ),
        (
            create(&CREATE.replace("createLobby", "makeLobby")),
            "Matchmaking.createLobby",
        ),
        // A result, and the enum that one is of.
        (
            create(&format!("{CREATE} -> bool")),
            "createLobby returns bool",
        ),
        (
            (
                "src/steam/friends.rs",
                "fn getPersonaState(&self) -> PersonaState",
                "fn getPersonaState(&self) -> i64".to_owned(),
            ),
            "getPersonaState returns int",
        ),
        // Registered otherwise than it is written, under a condition, or not at all.
        (
            (
                MATCHMAKING,
                FUNC,
                FUNC.replace("#[func]", "#[func(rename = create)]"),
            ),
            "createLobby is registered",
        ),
        (
            (MATCHMAKING, FUNC, format!("#[cfg(windows)]\n    {FUNC}")),
            "createLobby is there",
        ),
        (
            ("src/steam.rs", "mod matchmaking;\n", String::new()),
            "Matchmaking.createLobby",
        ),
        // A signal's argument, and a signal of our own.
        (
            (
                "src/steam.rs",
                "fn lobby_created(connect: i64",
                "fn lobby_created(result: i64".to_owned(),
            ),
            "lobby_created(",
        ),
        (
            (
                "src/steam.rs",
                "fn lobby_created(",
                "fn lobby_made(".to_owned(),
            ),
            "lobby_made",
        ),
    ] {
        let wrong = wrong(file, from, &to);
        assert!(
            wrong.iter().any(|one| one.contains(about)),
            "{from} as {to}: {wrong:?}"
        );
    }
    assert_eq!(wrong("src/steam.rs", "", ""), [] as [&str; 0]);
}

#[test]
fn texts_that_fit_nothing_are_found() {
    const SCORES: &str = "api/surface/UserStats.toml";
    const OLDER: &str = "api/older.toml";
    for (file, from, to, about) in [
        // What an answer echoes, in a Dictionary too; the signal that it is.
        (SCORES, "score = \"$score\"", "score = \"$skore\"", "$skore"),
        (
            SCORES,
            "\"$this_leaderboard\"",
            "\"$leaderboard\"",
            "$leaderboard",
        ),
        (
            SCORES,
            "\"leaderboard_ugc_set\"",
            "\"leaderboard_set\"",
            "leaderboard_set",
        ),
        // A request without an answer, one that is none, and one that has both.
        (
            "api/surface/Matchmaking.toml",
            "joinLobby = { signal = \"lobby_joined\", arguments = [\"$steam_lobby_id\", 0, false, 2] }\n",
            "",
            "joinLobby is answered by {\"lobby_joined\"}",
        ),
        (
            "api/surface/Friends.toml",
            "[unanswered]\n",
            "[unanswered]\nhasFriend = \"\"\n",
            "hasFriend is unanswered",
        ),
        (
            "api/surface/Matchmaking.toml",
            "[unanswered]\n",
            "[unanswered]\njoinLobby = \"\"\n",
            "joinLobby is answered and is not",
        ),
        // Help, defaults and types of what there is not, and help that is missing.
        (SCORES, "\nstoreStats = ", "\nstoreStat = ", "storeStat "),
        (
            OLDER,
            "[defaults.addHeader]",
            "[defaults.addHeaders]",
            "addHeaders",
        ),
        (
            OLDER,
            "[types.getDownloadedItems]",
            "[types.getDownloaded]",
            "getDownloaded ",
        ),
        (
            OLDER,
            "[accepts.initFilterText]",
            "[accepts.initFilter]",
            "initFilter",
        ),
    ] {
        let wrong = wrong(file, from, to);
        assert!(
            wrong.iter().any(|one| one.contains(about)),
            "{from} as {to}: {wrong:?}"
        );
    }
}
