//! The machine's record cannot be written, as on a full disk, and the game that hosts the directory ends: the one that
//! is left goes on all the same, and does not fill the log.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod common;

use std::collections::HashMap;
use std::fmt::Debug;
use std::sync::Arc;
use std::time::{Duration, Instant};

use common::games;
use parking_lot::Mutex;
use samovar_steam::{Callback, LobbyKind};
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// How long the log is watched.
const WATCHED: Duration = Duration::from_secs(5);

/// Counts each warning by its text.
#[derive(Clone, Default)]
struct Warnings(Arc<Mutex<HashMap<String, u32>>>);

struct Text(String);

impl Visit for Text {
    fn record_debug(&mut self, field: &Field, value: &dyn Debug) {
        self.0 += &format!(" {field}={value:?}");
    }
}

impl Subscriber for Warnings {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        metadata.target().starts_with("samovar") && *metadata.level() <= Level::WARN
    }

    fn new_span(&self, _: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _: &Id, _: &Record<'_>) {}

    fn record_follows_from(&self, _: &Id, _: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut text = Text(String::new());
        event.record(&mut text);
        *self.0.lock().entry(text.0).or_default() += 1;
    }

    fn enter(&self, _: &Id) {}

    fn exit(&self, _: &Id) {}
}

#[test]
fn who_is_left_on_a_full_disk_takes_over_and_warns_once() {
    let warnings = Warnings::default();
    tracing::subscriber::set_global_default(warnings.clone()).unwrap();
    let dir = tempfile::tempdir().unwrap();
    let [host, guest] = games(dir.path());
    for game in [&host, &guest] {
        game.steam.request_lobby_list().unwrap();
        game.wait("lobby_match_list", |callback| {
            matches!(callback, Callback::LobbyMatchList { .. }).then_some(())
        });
    }
    // The records of all terms that come cannot be written.
    for term in 2..100 {
        let record = dir.path().join(format!("directory/480/term-{term}.toml"));
        std::fs::create_dir(&record).unwrap();
        std::fs::write(record.join("full"), "").unwrap();
    }
    host.steam.shutdown();
    guest.steam.create_lobby(LobbyKind::Public, 4).unwrap();
    guest.wait("lobby_created", |callback| {
        matches!(callback, Callback::LobbyCreated { result: 1, .. }).then_some(())
    });
    let start = Instant::now();
    while start.elapsed() < WATCHED {
        std::thread::sleep(Duration::from_millis(50));
    }
    let before = Instant::now();
    guest.steam.shutdown();
    println!("shutdown alone took {:?}", before.elapsed());
    let said = warnings.0.lock();
    assert!(!said.is_empty(), "nobody is told");
    assert!(said.values().all(|times| *times == 1), "{said:?}");
    assert!(said.len() <= 3, "{said:?}");
}
