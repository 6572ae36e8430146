//! What a user has for itself: favourites and recent players, in its profile's folder, image handles and tickets.

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

/// Each lock is held for a moment only, and never two at once.
pub(crate) struct Local {
    pub(crate) me: SteamId,
    app_id: u32,
    dir: PathBuf,
    saver: Saver,
    pub(crate) favorites: Mutex<Favorites>,
    pub(crate) coplay: Mutex<Coplay>,
    pub(crate) images: Mutex<Images>,
    pub(crate) awaited_avatars: Mutex<AwaitedAvatars>,
    pub(crate) auth: Mutex<Auth>,
}

impl Local {
    pub(crate) fn load(profile: &Profile, app_id: u32) -> Self {
        let dir = profile.dir().to_owned();
        for file in [favorites::FILE, coplay::FILE, picture::FILE] {
            files::remove_temp_files(&dir, file);
        }
        Self {
            me: profile.steam_id(),
            app_id,
            saver: Saver::default(),
            favorites: Mutex::new(Favorites::load(&dir.join(favorites::FILE))),
            coplay: Mutex::new(Coplay::load(&dir.join(coplay::FILE))),
            images: Mutex::default(),
            awaited_avatars: Mutex::default(),
            auth: Mutex::new(Auth::new(profile.identity().clone(), app_id)),
            dir,
        }
    }

    /// Has a file of the profile replaced, soon.
    pub(crate) fn save(&self, file: &str, text: Result<String, toml::ser::Error>) {
        match text {
            Ok(text) => self.saver.save(&self.dir.join(file), text.into_bytes()),
            Err(error) => warn!(file, %error, "a file of the profile cannot be written"),
        }
    }

    /// Has a file of the profile changed by `job`, soon.
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
