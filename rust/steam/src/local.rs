//! What a user has for itself: favourites and recent players, in the app's folder of its profile, image handles and
//! tickets.

use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use parking_lot::Mutex;
use samovar_id::SteamId;
use samovar_lobby::Millis;
use tracing::warn;

use crate::auth::Auth;
use crate::avatars::AwaitedAvatars;
use crate::coplay::{self, Coplay};
use crate::favorites::{self, Favorites};
use crate::files;
use crate::images::Images;
use crate::picture;
use crate::profile::Profile;
use crate::saver::Saver;

/// How long the end waits for files that are being written.
const SAVE_PATIENCE: Duration = Duration::from_millis(300);
/// Most other apps whose recent players are read at the start.
const MAX_OTHER_APPS: usize = 32;

/// Each lock is held for a moment only, and never two at once.
pub(crate) struct Local {
    pub(crate) me: SteamId,
    app_id: u32,
    /// What all apps of the profile share.
    dir: PathBuf,
    /// What is the app's own.
    app_dir: PathBuf,
    saver: Saver,
    pub(crate) favorites: Mutex<Favorites>,
    pub(crate) coplay: Mutex<Coplay>,
    pub(crate) images: Mutex<Images>,
    pub(crate) awaited_avatars: Mutex<AwaitedAvatars>,
    pub(crate) auth: Mutex<Auth>,
}

impl Local {
    pub(crate) fn load(profile: &Profile, app_id: u32) -> Self {
        let (dir, app_dir) = (profile.dir().to_owned(), profile.app_dir().to_owned());
        for file in [favorites::FILE, coplay::FILE] {
            files::remove_temp_files(&app_dir, file);
        }
        files::remove_old_temp_files(&dir, picture::FILE);
        // Before each app had a folder of its own, one file was for all.
        let own_favorites = app_dir.join(favorites::FILE);
        let favorites = if own_favorites.exists() {
            own_favorites
        } else {
            dir.join(favorites::FILE)
        };
        let folders = [&dir, &app_dir].into_iter().cloned();
        let coplay: Vec<PathBuf> = folders
            .chain(other_apps(&dir, &app_dir))
            .map(|folder| folder.join(coplay::FILE))
            .collect();
        Self {
            me: profile.steam_id(),
            app_id,
            saver: Saver::default(),
            favorites: Mutex::new(Favorites::load(&favorites)),
            coplay: Mutex::new(Coplay::load(coplay.iter().map(|path| &**path))),
            images: Mutex::default(),
            awaited_avatars: Mutex::default(),
            auth: Mutex::new(Auth::new(profile.identity().clone(), app_id)),
            dir,
            app_dir,
        }
    }

    /// Has a file of the app replaced, soon.
    pub(crate) fn save(&self, file: &str, text: Result<String, toml::ser::Error>) {
        match text {
            Ok(text) => self.saver.save(&self.app_dir.join(file), text.into_bytes()),
            Err(error) => warn!(file, %error, "a file of the profile cannot be written"),
        }
    }

    /// Has a file that all apps share changed by `job`, soon: it has to be replaced whole.
    pub(crate) fn run(
        &self,
        file: &str,
        job: impl FnOnce(&Path) -> io::Result<()> + Send + 'static,
    ) {
        self.saver.run(&self.dir.join(file), job);
    }

    /// Writes nothing more, and waits a moment for what is being written. To be called while the profile is still
    /// claimed.
    pub(crate) fn finish(&self) {
        if !self.saver.finish(SAVE_PATIENCE) {
            warn!("what is written to the profile's folder is not done yet");
        }
    }

    /// Notes that the user plays with others, whose names may not be known (empty): now is `now`, the time since 1970.
    pub(crate) fn met(&self, now: Millis, users: &[(SteamId, String)]) {
        let mut coplay = self.coplay.lock();
        let mut any = false;
        for (user, name) in users {
            if *user != self.me && user.is_individual() {
                any = true;
                coplay.met(*user, name, now.0 / 1000, self.app_id);
            }
        }
        let text = any.then(|| coplay.to_text());
        drop(coplay);
        if let Some(text) = text {
            self.save(coplay::FILE, text);
        }
    }

    /// Notes what a user is called now, if it is a recent player.
    pub(crate) fn renamed(&self, user: SteamId, name: &str) {
        let mut coplay = self.coplay.lock();
        let text = coplay.renamed(user, name).then(|| coplay.to_text());
        drop(coplay);
        if let Some(text) = text {
            self.save(coplay::FILE, text);
        }
    }
}

/// The folders of other apps in a profile's folder.
fn other_apps<'a>(dir: &Path, own: &'a Path) -> impl Iterator<Item = PathBuf> + use<'a> {
    let entries = std::fs::read_dir(dir).into_iter().flatten().flatten();
    let is_app = |name: &std::ffi::OsStr| {
        let name = name.to_str();
        name.is_some_and(|name| name.parse::<u32>().is_ok())
    };
    entries
        .filter(move |entry| is_app(&entry.file_name()))
        .map(|entry| entry.path())
        .filter(move |path| path != own)
        .take(MAX_OTHER_APPS)
}
