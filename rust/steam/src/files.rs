//! Small files that several processes share: written whole or not at all.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Read, Write};
use std::path::Path;
use std::time::{Duration, Instant};

use ring::rand::{SecureRandom, SystemRandom};

/// Ending of the temporary files of [`write_atomic`]; a crash may leave one behind.
pub(crate) const TEMP_SUFFIX: &str = ".tmp";
/// Largest file [`read_bounded`] reads, in bytes. The files here hold a few hundred.
const MAX_FILE: u64 = 64 * 1024;
/// Nobody writes one of the small files for as long as this.
const WRITTEN_WITHIN: Duration = Duration::from_secs(60);
const RENAME_ATTEMPTS: u32 = 20;
const LOCK_PAUSE: Duration = Duration::from_micros(500);
const RENAME_PAUSE: Duration = Duration::from_millis(5);

/// Who may read a file.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Access {
    /// The user alone (mode 0600 on Unix; elsewhere the folder's rights hold).
    Private,
    /// As the system's defaults have it.
    Shared,
}

/// A random number from the system's generator.
pub(crate) fn random_u64() -> io::Result<u64> {
    let mut bytes = [0; 8];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| io::Error::other("the system's random generator failed"))?;
    Ok(u64::from_ne_bytes(bytes))
}

/// 32 random bytes from the system's generator.
pub(crate) fn random_seed() -> io::Result<[u8; 32]> {
    let mut bytes = [0; 32];
    SystemRandom::new()
        .fill(&mut bytes)
        .map_err(|_| io::Error::other("the system's random generator failed"))?;
    Ok(bytes)
}

/// Creates `dir` and its parents, readable by the user alone on Unix. That it exists already is no error.
pub(crate) fn create_private_dir(dir: &Path) -> io::Result<()> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(dir)
}

/// Opens a lock file, creating it empty. Its content is never read: on Windows a locked file cannot be.
pub(crate) fn open_lock(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// Takes the exclusive lock of `file`, trying again for as long as `patience`. Whether it was got.
pub(crate) fn lock_within(file: &File, patience: Duration) -> io::Result<bool> {
    let deadline = Instant::now() + patience;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(true),
            Err(TryLockError::WouldBlock) if Instant::now() < deadline => {
                std::thread::sleep(LOCK_PAUSE);
            }
            Err(TryLockError::WouldBlock) => return Ok(false),
            Err(TryLockError::Error(error)) => return Err(error),
        }
    }
}

/// Replaces `path` by a file with `bytes`. A reader, or a crash, sees the old content or the new one, never a part.
pub(crate) fn write_atomic(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    let name = path
        .file_name()
        .and_then(|name| name.to_str())
        .ok_or(io::ErrorKind::InvalidInput)?;
    let temp = path.with_file_name(format!("{name}.{:016x}{TEMP_SUFFIX}", random_u64()?));
    let result = write_new(&temp, bytes, access).and_then(|()| rename(&temp, path));
    if result.is_err() {
        // The error that counts is the first one.
        let _ = fs::remove_file(&temp);
    }
    result
}

/// Creates `path` with `bytes`, unless it exists: then [`io::ErrorKind::AlreadyExists`] and nothing is changed.
pub(crate) fn write_new(path: &Path, bytes: &[u8], access: Access) -> io::Result<()> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    if access == Access::Private {
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    }
    #[cfg(not(unix))]
    let _ = access;
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// The whole file as text; an error for one that is larger than any of ours or not UTF-8.
pub(crate) fn read_bounded(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    let file = File::open(path)?;
    file.take(MAX_FILE + 1).read_to_string(&mut text)?;
    if text.len() as u64 > MAX_FILE {
        return Err(io::Error::new(
            io::ErrorKind::InvalidData,
            "the file is too large",
        ));
    }
    Ok(text)
}

/// Removes what crashed writers left in `dir`: temporary files whose name starts with `stem`. Only for files that no other
/// process writes at this moment.
pub(crate) fn remove_temp_files(dir: &Path, stem: &str) {
    remove_temp_files_if(dir, stem, |_| true);
}

/// The same for files that other processes may be writing at this moment: what is younger than [`WRITTEN_WITHIN`] stays.
pub(crate) fn remove_old_temp_files(dir: &Path, stem: &str) {
    remove_temp_files_if(dir, stem, |file| {
        let modified = file.metadata().and_then(|metadata| metadata.modified());
        modified.is_ok_and(|at| at.elapsed().is_ok_and(|age| age >= WRITTEN_WITHIN))
    });
}

fn remove_temp_files_if(dir: &Path, stem: &str, is_left: impl Fn(&fs::DirEntry) -> bool) {
    for entry in fs::read_dir(dir).into_iter().flatten().flatten() {
        let name = entry.file_name();
        let Some(name) = name.to_str() else { continue };
        if name.starts_with(stem) && name.ends_with(TEMP_SUFFIX) && is_left(&entry) {
            // Only tidying: another process may have removed it already.
            let _ = fs::remove_file(entry.path());
        }
    }
}

fn rename(from: &Path, to: &Path) -> io::Result<()> {
    let mut attempt = 1;
    loop {
        match fs::rename(from, to) {
            // On Windows a reader or a virus scanner may hold the target open for a moment.
            Err(error)
                if cfg!(windows)
                    && error.kind() == io::ErrorKind::PermissionDenied
                    && attempt < RENAME_ATTEMPTS =>
            {
                attempt += 1;
                std::thread::sleep(RENAME_PAUSE);
            }
            result => return result,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_is_replaced_whole_and_leaves_no_temporary() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        write_atomic(&path, b"one", Access::Private).unwrap();
        write_atomic(&path, b"two", Access::Private).unwrap();
        assert_eq!(read_bounded(&path).unwrap(), "two");
        assert_eq!(fs::read_dir(dir.path()).unwrap().count(), 1);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt;
            assert_eq!(
                fs::metadata(&path).unwrap().permissions().mode() & 0o777,
                0o600
            );
        }
    }

    #[test]
    fn an_oversized_file_is_refused() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("x");
        fs::write(&path, vec![b'a'; 70_000]).unwrap();
        assert_eq!(
            read_bounded(&path).unwrap_err().kind(),
            io::ErrorKind::InvalidData
        );
    }

    #[test]
    fn a_file_that_another_process_is_writing_is_no_leftover() {
        let dir = tempfile::tempdir().unwrap();
        let (left, new) = (dir.path().join("key.1.tmp"), dir.path().join("key.2.tmp"));
        let file = File::create(&left).unwrap();
        let long_ago = std::time::SystemTime::now() - 2 * WRITTEN_WITHIN;
        file.set_modified(long_ago).unwrap();
        File::create(&new).unwrap();
        remove_old_temp_files(dir.path(), "key");
        assert_eq!((left.exists(), new.exists()), (false, true));
    }

    #[test]
    fn leftovers_of_a_crash_are_removed_and_nothing_else() {
        let dir = tempfile::tempdir().unwrap();
        for name in ["key.0123.tmp", "key", "other.0123.tmp"] {
            fs::write(dir.path().join(name), "x").unwrap();
        }
        remove_temp_files(dir.path(), "key");
        let mut left: Vec<_> = fs::read_dir(dir.path())
            .unwrap()
            .map(|e| e.unwrap().file_name())
            .collect();
        left.sort();
        assert_eq!(left, ["key", "other.0123.tmp"]);
    }
}
