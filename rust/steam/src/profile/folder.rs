//! The data folder, and what in it belongs to the machine as a whole.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use super::ProfileError;
use crate::files::{self, Access};

/// The environment variable that overrides where the data folder is.
pub const DATA_DIR_VARIABLE: &str = "SAMOVAR_DATA_DIR";

const MACHINE: &str = "machine";
const LOCK_PATIENCE: Duration = Duration::from_secs(1);

/// The data folder that holds where a game chooses none: what [`DATA_DIR_VARIABLE`] says, or else `samovar` in the
/// system's folder for this user's local data (`~/.local/share` on Linux, `AppData\Local` on Windows). It need not
/// exist.
///
/// # Errors
/// [`ProfileError::NoDataDir`] where the system names no such folder, as on Android: the game has to choose one there.
pub fn data_dir() -> Result<PathBuf, ProfileError> {
    if let Some(set) = std::env::var_os(DATA_DIR_VARIABLE).filter(|set| !set.is_empty()) {
        return Ok(set.into());
    }
    let system = directories::BaseDirs::new().ok_or(ProfileError::NoDataDir)?;
    Ok(system.data_local_dir().join("samovar"))
}

/// A number that all processes on this data folder share, now and later, and those on a copy of it do not.
///
/// A copy is told apart by its place: the folder's path, and the ID that the system gives the computer, where it gives
/// one. Two computers that are copies of one another, data folder and all, are not told apart.
///
/// # Errors
/// [`ProfileError::Io`] when it cannot be read or written.
pub fn machine_id(data_dir: &Path) -> Result<u64, ProfileError> {
    let path = data_dir.join(MACHINE);
    let place = |random| Ok(digest(random, &data_dir.canonicalize()?));
    load_or_create(data_dir, &path)
        .and_then(place)
        .map_err(|source| ProfileError::Io { path, source })
}

fn digest(random: u64, place: &Path) -> u64 {
    let mut context = ring::digest::Context::new(&ring::digest::SHA256);
    context.update(&random.to_be_bytes());
    // Never sent as it is: it is meant to stay on the computer.
    context.update(machine_uid::get().unwrap_or_default().as_bytes());
    context.update(&[0]);
    context.update(place.as_os_str().as_encoded_bytes());
    let digest = context.finish();
    let first = digest.as_ref().iter().take(size_of::<u64>());
    first.fold(0, |number, byte| number << 8 | u64::from(*byte))
}

fn load_or_create(dir: &Path, path: &Path) -> io::Result<u64> {
    if let Some(id) = load(path)? {
        return Ok(id);
    }
    files::create_private_dir(dir)?;
    let lock = files::open_lock(&dir.join("machine.lock"))?;
    if !files::lock_within(&lock, LOCK_PATIENCE)? {
        tracing::warn!("a stopped process holds machine.lock; going on without it");
    }
    // Somebody else may have been faster.
    if let Some(id) = load(path)? {
        return Ok(id);
    }
    files::remove_temp_files(dir, MACHINE);
    let id = files::random_u64()?;
    files::write_atomic(path, format!("{id:016x}\n").as_bytes(), Access::Shared)?;
    Ok(id)
}

/// `None` when it does not exist or is damaged: nothing depends on its being the same number for ever.
fn load(path: &Path) -> io::Result<Option<u64>> {
    match files::read_bounded(path) {
        Ok(text) => Ok(u64::from_str_radix(text.trim(), 16).ok()),
        Err(error)
            if matches!(
                error.kind(),
                io::ErrorKind::NotFound | io::ErrorKind::InvalidData
            ) =>
        {
            Ok(None)
        }
        Err(error) => Err(error),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_processes_of_a_machine_have_one_number() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("not/yet/there");
        let ids: std::collections::HashSet<u64> = std::thread::scope(|scope| {
            let all: Vec<_> = (0..16)
                .map(|_| scope.spawn(|| machine_id(&path).unwrap()))
                .collect();
            all.into_iter().map(|one| one.join().unwrap()).collect()
        });
        assert_eq!(ids.len(), 1);
        std::fs::write(path.join("machine"), "").unwrap();
        let repaired = machine_id(&path).unwrap();
        assert_eq!(machine_id(&path).unwrap(), repaired);
    }

    #[test]
    fn a_copy_is_another_machine() {
        let dir = tempfile::tempdir().unwrap();
        let (here, there) = (dir.path().join("here"), dir.path().join("there"));
        let original = machine_id(&here).unwrap();
        std::fs::create_dir(&there).unwrap();
        std::fs::copy(here.join(MACHINE), there.join(MACHINE)).unwrap();
        assert_ne!(machine_id(&there).unwrap(), original);
        assert_eq!(machine_id(&here.join("../here")).unwrap(), original);
    }
}
