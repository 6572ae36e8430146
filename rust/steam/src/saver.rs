//! Files that are written in the background, so that neither the game's frame nor the network waits for a disk.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use tracing::warn;

use crate::files::{self, Access};

/// Writes files on a thread of its own, which lives only while something waits. Of several contents for one file only
/// the newest is written.
#[derive(Default)]
pub(crate) struct Saver {
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    done: Condvar,
}

/// What is done to a file, on the thread.
type Job = Box<dyn FnOnce(&Path) -> io::Result<()> + Send>;

#[derive(Default)]
struct Waiting {
    /// At most one for each file of a profile.
    files: BTreeMap<PathBuf, Job>,
    writing: bool,
    closed: bool,
}

impl Saver {
    /// Has `path` replaced by a file with `bytes`, soon. What goes wrong is logged. Nothing happens after
    /// [`Saver::finish`].
    pub(crate) fn save(&self, path: &Path, bytes: Vec<u8>) {
        self.run(path, move |path| {
            files::write_atomic(path, &bytes, Access::Shared)
        });
    }

    /// The same with something else to be done to the file than to write known bytes.
    pub(crate) fn run(
        &self,
        path: &Path,
        job: impl FnOnce(&Path) -> io::Result<()> + Send + 'static,
    ) {
        let mut waiting = self.shared.waiting.lock();
        if waiting.closed {
            return;
        }
        waiting.files.insert(path.to_owned(), Box::new(job));
        if waiting.writing {
            return;
        }
        waiting.writing = true;
        drop(waiting);
        let shared = Arc::clone(&self.shared);
        let started = thread::Builder::new()
            .name("samovar-files".to_owned())
            .spawn(move || shared.write_all());
        if started.is_err() {
            self.shared.write_all();
        }
    }

    /// Takes nothing more, and waits until everything is written, for as long as `patience`. Whether it is.
    pub(crate) fn finish(&self, patience: Duration) -> bool {
        self.shared.waiting.lock().closed = true;
        self.wait(patience)
    }

    fn wait(&self, patience: Duration) -> bool {
        let deadline = Instant::now() + patience;
        let mut waiting = self.shared.waiting.lock();
        while waiting.writing {
            if self
                .shared
                .done
                .wait_until(&mut waiting, deadline)
                .timed_out()
            {
                return !waiting.writing;
            }
        }
        true
    }
}

impl Shared {
    fn write_all(&self) {
        loop {
            let mut waiting = self.waiting.lock();
            let Some((path, job)) = waiting.files.pop_first() else {
                waiting.writing = false;
                self.done.notify_all();
                return;
            };
            drop(waiting);
            if let Err(error) = job(&path)
                && crate::seldom::may_say("written")
            {
                warn!(path = %path.display(), %error, "a file of the profile cannot be written");
            }
        }
    }
}

/// The content of a file of the profile; `None` when there is none. One that cannot be read is logged, and none.
pub(crate) fn load(path: &Path) -> Option<String> {
    match files::read_bounded(path) {
        Ok(text) => Some(text),
        Err(error) if error.kind() == io::ErrorKind::NotFound => None,
        Err(error) => {
            warn!(path = %path.display(), %error, "a file of the profile cannot be read");
            None
        }
    }
}

/// What a file of the profile says; the default when there is none, or, with a line in the log, when it is damaged.
pub(crate) fn load_toml<T: Default + serde::de::DeserializeOwned>(path: &Path) -> T {
    let Some(text) = load(path) else {
        return T::default();
    };
    // Zeros are what some file systems leave of a new file after a power cut.
    toml::from_str(text.trim_matches('\0')).unwrap_or_else(|error| {
        warn!(path = %path.display(), %error, "a file of the profile cannot be read");
        T::default()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const PATIENCE: Duration = Duration::from_secs(20);

    #[test]
    fn the_newest_content_of_each_file_is_written() {
        let dir = tempfile::tempdir().unwrap();
        let (one, two) = (dir.path().join("one"), dir.path().join("two"));
        let saver = Saver::default();
        assert!(saver.wait(Duration::ZERO));
        for number in 0..100_u8 {
            saver.save(&one, vec![number]);
        }
        saver.save(&two, vec![7]);
        assert!(saver.wait(PATIENCE));
        assert_eq!(std::fs::read(&one).unwrap(), [99]);
        assert_eq!(std::fs::read(&two).unwrap(), [7]);
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 2);
        assert!(saver.finish(PATIENCE));
        saver.save(&two, vec![8]);
        assert!(saver.finish(PATIENCE));
        assert_eq!(std::fs::read(&two).unwrap(), [7]);
    }

    #[test]
    fn a_folder_that_is_gone_does_no_harm() {
        let dir = tempfile::tempdir().unwrap();
        let saver = Saver::default();
        saver.save(&dir.path().join("gone/one"), vec![1]);
        assert!(saver.wait(PATIENCE));
        let two = dir.path().join("two");
        saver.save(&two, vec![2]);
        assert!(saver.wait(PATIENCE));
        assert_eq!(std::fs::read(&two).unwrap(), [2]);
    }

    #[test]
    fn what_cannot_be_read_is_the_default() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x.toml");
        type Content = std::collections::BTreeMap<String, u32>;
        assert!(load_toml::<Content>(&path).is_empty());
        for damage in [&b"\0\0\0"[..], b"a = ", b"a = \"x\"", &[0xff, 0xfe]] {
            std::fs::write(&path, damage).unwrap();
            assert!(load_toml::<Content>(&path).is_empty());
        }
        std::fs::write(&path, "a = 3\n").unwrap();
        assert_eq!(load_toml::<Content>(&path)["a"], 3);
    }
}
