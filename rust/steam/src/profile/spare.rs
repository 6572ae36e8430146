//! Keys that are found ahead of time: a new profile takes one of them and need not wait.
//!
//! A spare key is a file of its own in the data folder, as private as a profile's. Whoever moves it has it.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};

use parking_lot::Mutex;
use samovar_net::Identity;

use super::store;
use crate::files::{self, Access};

const PREFIX: &str = "spare-";
const SUFFIX: &str = ".toml";

/// The search for a key in this process.
static SEARCH: Mutex<Option<Search>> = Mutex::new(None);

struct Search {
    data_dir: PathBuf,
    stop: Arc<AtomicBool>,
    thread: JoinHandle<()>,
}

/// Has a key found for the next new profile of `data_dir`, on a thread of its own, unless there is one to spare. To be
/// called early, and before the end [`stop_preparing`]. What goes wrong is no harm: the profile finds its key itself then.
pub fn prepare(data_dir: &Path) {
    let mut search = SEARCH.lock();
    if search
        .as_ref()
        .is_some_and(|search| !search.thread.is_finished())
        || first(data_dir).is_some()
    {
        return;
    }
    let stop = Arc::new(AtomicBool::new(false));
    let (dir, stopped) = (data_dir.to_owned(), Arc::clone(&stop));
    let thread = thread::Builder::new()
        .name("samovar-key".to_owned())
        .spawn(move || {
            if let Some(identity) = Identity::generate_unless(&stopped)
                && let Err(error) = keep(&dir, &identity)
            {
                tracing::debug!(%error, "a spare key cannot be kept");
            }
        });
    *search = thread.ok().map(|thread| Search {
        data_dir: data_dir.to_owned(),
        stop,
        thread,
    });
}

/// Ends the search of [`prepare`], and waits for its thread to end: some microseconds.
pub fn stop_preparing() {
    if let Some(search) = SEARCH.lock().take() {
        search.stop.store(true, Ordering::Relaxed);
        let _ = search.thread.join();
    }
}

/// Moves a spare key to `path`, for which a search that goes on is waited for. Whether there was one.
pub(super) fn take(data_dir: &Path, path: &Path) -> bool {
    if take_first(data_dir, path) {
        return true;
    }
    let search = SEARCH.lock().take_if(|search| search.data_dir == data_dir);
    search.is_some_and(|search| search.thread.join().is_ok()) && take_first(data_dir, path)
}

fn take_first(data_dir: &Path, path: &Path) -> bool {
    // Others may take the first one at the same time.
    while let Some(spare) = first(data_dir) {
        match fs::rename(spare, path) {
            Ok(()) => return true,
            Err(error) if error.kind() == io::ErrorKind::NotFound => {}
            Err(_) => return false,
        }
    }
    false
}

fn first(data_dir: &Path) -> Option<PathBuf> {
    fs::read_dir(data_dir)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .find(|path| {
            let name = path.file_name().and_then(|name| name.to_str());
            name.is_some_and(|name| name.starts_with(PREFIX) && name.ends_with(SUFFIX))
        })
}

fn keep(data_dir: &Path, identity: &Identity) -> io::Result<()> {
    files::create_private_dir(data_dir)?;
    let name = format!("{PREFIX}{:016x}{SUFFIX}", files::random_u64()?);
    let text = store::to_text(identity)?;
    files::write_atomic(&data_dir.join(name), text.as_bytes(), Access::Private)
}

#[cfg(test)]
mod tests {
    use super::super::claim;
    use super::*;

    fn spares(dir: &Path) -> usize {
        let entries = fs::read_dir(dir).unwrap().flatten();
        entries
            .filter(|entry| entry.file_name().to_str().unwrap().starts_with(PREFIX))
            .count()
    }

    #[test]
    fn a_new_profile_takes_a_key_that_was_found_ahead_of_time() {
        let dir = tempfile::tempdir().unwrap();
        let found = Identity::generate();
        keep(dir.path(), &found).unwrap();
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            let mode = fs::metadata(first(dir.path()).unwrap())
                .unwrap()
                .permissions()
                .mode();
            assert_eq!(mode & 0o777, 0o600);
        }
        let one = claim(dir.path(), 480, None).unwrap();
        assert_eq!(one.steam_id(), found.steam_id());
        assert_eq!(spares(dir.path()), 0, "nobody else gets it");
        let two = claim(dir.path(), 480, None).unwrap();
        assert_ne!(two.steam_id(), found.steam_id());
        drop(one);
        assert_eq!(
            claim(dir.path(), 480, None).unwrap().steam_id(),
            found.steam_id()
        );
    }

    #[test]
    fn one_spare_key_makes_one_profile() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path();
        keep(path, &Identity::generate()).unwrap();
        let taken: usize = thread::scope(|scope| {
            let all: Vec<_> = (0..8)
                .map(|number| {
                    scope.spawn(move || {
                        usize::from(take_first(path, &path.join(number.to_string())))
                    })
                })
                .collect();
            all.into_iter().map(|one| one.join().unwrap()).sum()
        });
        assert_eq!(taken, 1);
    }

    #[test]
    fn a_damaged_spare_key_is_not_used() {
        let dir = tempfile::tempdir().unwrap();
        fs::write(dir.path().join("spare-1.toml"), "key = ").unwrap();
        assert!(claim(dir.path(), 480, None).is_ok());
        assert_eq!(spares(dir.path()), 0);
    }

    #[test]
    fn a_search_is_waited_for_or_stopped() {
        let dir = tempfile::tempdir().unwrap();
        prepare(dir.path());
        let one = claim(dir.path(), 480, None).unwrap();
        assert_eq!(spares(dir.path()), 0);
        drop(one);
        prepare(dir.path());
        stop_preparing();
        prepare(dir.path());
        stop_preparing();
    }
}
