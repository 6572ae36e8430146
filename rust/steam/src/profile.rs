//! Profiles: the users of this computer, each with a key, the Steam ID that follows from it, and a name.
//!
//! `DATA_DIR/profiles/NAME/` holds `identity.toml` (the secret key), `profile.toml` (the persona name, for editing by
//! hand) and `avatar.png` or `avatar.jpg` where the user has put a picture. One user runs several games at once, so these
//! are replaced whole, and created under `identity.lock` only. Of an app's own is the folder `APP_ID/` in it: what
//! `favorites` and `coplay` keep, read and written under its `lock`, which the process that uses the profile for that app
//! holds until it dies.

mod folder;
mod name;
mod persona;
mod spare;
mod store;

pub use folder::{DATA_DIR_VARIABLE, data_dir, machine_id};
pub use name::{MAX_NAME, NameError, ProfileName};
pub use persona::MAX_PERSONA_NAME;
pub use spare::{prepare, stop_preparing};

use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use samovar_id::SteamId;
use samovar_net::Identity;

use crate::files;
use crate::picture::{self, Picture};

pub(crate) use store::{PERSONA_FILE, write_persona_name};

/// How many profiles are tried when none is asked for.
pub const MAX_PROFILES: u32 = 64;
/// How long to wait for a profile that is asked for by name: its last process may be about to end.
const LOCK_PATIENCE: Duration = Duration::from_millis(300);
/// How long to wait for the process of another app that creates the same profile at this moment. It finds a key, in
/// tenths of a second or some seconds of a loaded machine; one that needs longer has been stopped.
const CREATION_PATIENCE: Duration = Duration::from_secs(10);

/// A profile in use by this process, for one app. Dropping it lets others use it.
#[derive(Debug)]
pub struct Profile {
    name: ProfileName,
    identity: Arc<Identity>,
    persona_name: String,
    picture: Option<Picture>,
    dir: PathBuf,
    app_dir: PathBuf,
    lock: File,
}

/// Why no profile could be claimed, or the data folder not be used.
#[derive(Debug, thiserror::Error)]
pub enum ProfileError {
    /// The name that was asked for is not one a profile can have.
    #[error("\"{wanted}\" cannot be the name of a profile: {reason}")]
    BadName {
        /// What was asked for.
        wanted: String,
        /// What is wrong with it.
        reason: NameError,
    },
    /// Another process of the app uses the profile that was asked for.
    #[error("profile \"{name}\" is in use by another process of this app")]
    InUse {
        /// Its name.
        name: ProfileName,
    },
    /// All of the [`MAX_PROFILES`] numbered profiles are in use by processes of the app, or damaged.
    #[error("all {MAX_PROFILES} profiles are in use by processes of this app")]
    AllInUse,
    /// The key of the profile that was asked for cannot be read. Samovar never replaces a key: without it the
    /// profile's Steam ID is lost.
    #[error("profile \"{name}\" is damaged: {} is not a key; restore it, or delete it for a new Steam ID", .path.display())]
    Damaged {
        /// Its name.
        name: ProfileName,
        /// The file.
        path: PathBuf,
    },
    /// The system names no folder for a user's data.
    #[error("no folder for user data is known; set {DATA_DIR_VARIABLE}")]
    NoDataDir,
    /// A file or folder cannot be read or written.
    #[error("{}: {source}", .path.display())]
    Io {
        /// Which one.
        path: PathBuf,
        /// What the system says.
        source: io::Error,
    },
}

/// Claims the profile `wanted`, or else the first of "1", "2", ... up to [`MAX_PROFILES`] that is free, creating it
/// where it does not exist. What other apps use is free: a user plays several games at once.
///
/// Ten processes of an app at the same instant get ten profiles. A new profile takes as long as finding a key takes
/// (tenths of a second); one in use that was asked for by name, 300 ms.
///
/// # Errors
/// See [`ProfileError`]. A damaged profile is an error only when it was asked for; otherwise it is skipped.
pub fn claim(data_dir: &Path, app_id: u32, wanted: Option<&str>) -> Result<Profile, ProfileError> {
    if let Some(wanted) = wanted {
        let name = ProfileName::parse(wanted).map_err(|reason| ProfileError::BadName {
            wanted: wanted.to_owned(),
            reason,
        })?;
        return match Profile::try_open(data_dir, app_id, &name, LOCK_PATIENCE)? {
            Some(profile) => Ok(profile),
            None => Err(ProfileError::InUse { name }),
        };
    }
    for number in 1..=MAX_PROFILES {
        let name = ProfileName::numbered(number);
        match Profile::try_open(data_dir, app_id, &name, Duration::ZERO) {
            Ok(Some(profile)) => return Ok(profile),
            Ok(None) => {}
            Err(error @ ProfileError::Damaged { .. }) => {
                tracing::warn!("{error}; trying the next one");
            }
            Err(error) => return Err(error),
        }
    }
    Err(ProfileError::AllInUse)
}

impl Profile {
    /// `None`: another process of the app uses it.
    fn try_open(
        data_dir: &Path,
        app_id: u32,
        name: &ProfileName,
        patience: Duration,
    ) -> Result<Option<Self>, ProfileError> {
        let dir = data_dir.join("profiles").join(name.as_str());
        let app_dir = dir.join(app_id.to_string());
        let in_dir = |source| ProfileError::Io {
            path: app_dir.clone(),
            source,
        };
        files::create_private_dir(&app_dir).map_err(in_dir)?;
        let lock = files::open_lock(&app_dir.join("lock")).map_err(in_dir)?;
        if !files::lock_within(&lock, patience).map_err(in_dir)? {
            return Ok(None);
        }
        // The same profile may be new to two apps at once. Closing the file ends this.
        let creation = files::open_lock(&dir.join("identity.lock")).map_err(in_dir)?;
        if !files::lock_within(&creation, CREATION_PATIENCE).map_err(in_dir)? {
            tracing::warn!(profile = %name, "a stopped process is creating this profile");
            return Ok(None);
        }
        let identity = store::load_or_create_identity(data_dir, &dir, name)?;
        let persona_name = store::load_or_create_persona(&dir, identity.steam_id());
        let _ = creation.unlock();
        Ok(Some(Self {
            name: name.clone(),
            identity: Arc::new(identity),
            persona_name,
            picture: picture::load(&dir),
            dir,
            app_dir,
            lock,
        }))
    }

    /// The profile's name; that of its folder.
    pub fn name(&self) -> &ProfileName {
        &self.name
    }

    /// The key.
    pub fn identity(&self) -> &Arc<Identity> {
        &self.identity
    }

    /// The Steam ID that follows from the key.
    pub fn steam_id(&self) -> SteamId {
        self.identity.steam_id()
    }

    /// What others see as this user's name. 1 to [`MAX_PERSONA_NAME`] bytes, no control characters.
    pub fn persona_name(&self) -> &str {
        &self.persona_name
    }

    /// Changes the name, for this process; [`write_persona_name`] keeps it. Control characters go, and so does what is
    /// beyond [`MAX_PERSONA_NAME`] bytes; when nothing is left, the name stays as it is, and the answer is false.
    pub fn set_persona_name(&mut self, name: &str) -> bool {
        let Some(name) = persona::clean(name) else {
            return false;
        };
        self.persona_name = name;
        true
    }

    /// The user's own picture, from `avatar.png` or `avatar.jpg` in the folder; `None` for the generated one.
    pub fn picture(&self) -> Option<&Picture> {
        self.picture.as_ref()
    }

    /// Changes the picture, for this process; [`picture::store`] keeps it. `None` is the generated one.
    pub fn set_avatar(&mut self, picture: Option<Picture>) {
        self.picture = picture;
    }

    /// The profile's folder, which processes of several apps use at once.
    pub(crate) fn dir(&self) -> &Path {
        &self.dir
    }

    /// The app's folder in it, which is this process's alone.
    pub(crate) fn app_dir(&self) -> &Path {
        &self.app_dir
    }
}

impl Profile {
    /// Lets other processes of the app use it from now on, whoever still holds this.
    pub(crate) fn release(&self) {
        // A copy of the handle in a child process must not keep the profile.
        let _ = self.lock.unlock();
    }
}

impl Drop for Profile {
    fn drop(&mut self) {
        self.release();
    }
}

#[cfg(test)]
mod tests;
