//! Main: starting, stopping, callbacks, and what IDs tell.

use std::sync::Arc;

use godot::builtin::{GString, VarArray, VarDictionary, vdict};
use godot::classes::Engine;
use godot::global::{godot_error, godot_warn};
use godot::obj::Singleton;
use samovar_macros::api;
use samovar_steam::SteamId;

use super::{Steam, app_id};
use crate::shared::is_main_thread;
use crate::{logging, monitors, overlay_node, settings};

const VERSION: &str = "4.20";
const STEAM_API_INIT_RESULT_OK: i64 = 0;
const STEAM_API_INIT_RESULT_FAILED_GENERIC: i64 = 1;
/// Who initialises when the project settings ask for it.
const START_UP: &str = "start-up";
const TYPE_INDIVIDUAL: u8 = 1;
const TYPE_CLAN: u8 = 7;
const TYPE_CHAT: u8 = 8;
const TYPE_CONSOLE_USER: u8 = 9;
const TYPE_ANON_USER: u8 = 10;
const TYPE_ANON_GAME_SERVER: u8 = 4;

/// Why Steam did not start.
#[derive(Debug, thiserror::Error)]
pub(super) enum InitError {
    /// There is no app ID, or it is none.
    #[error("{0}")]
    NoApp(String),
    /// Anything else.
    #[error("{0}")]
    Failed(String),
}

#[api]
impl Steam {
    /// What [method steamInitEx] returned, or the initialisation on start-up came to; empty before that.
    #[func]
    fn get_steam_init_result(&self) -> VarDictionary {
        self.init_result()
    }

    /// Whether there is something to answer: always, here.
    #[func]
    #[allow(non_snake_case)]
    fn isSteamRunning(&self) -> bool {
        true
    }

    /// Emits the signals for what has happened since the last call. Call it in each frame, from the main thread: elsewhere it
    /// does nothing.
    #[func]
    fn run_callbacks(&self) {
        if !is_main_thread() {
            if !self.state.said_elsewhere.replace(true) {
                godot_warn!(
                    "run_callbacks: called from another thread, where it does nothing; call it from the main thread"
                );
            }
            return;
        }
        if self.state.embedded.get() && settings::embed_callbacks() {
            self.state.embedded.set(false);
            godot_warn!(
                "run_callbacks: callbacks are embedded by the project settings; they are not any more"
            );
        }
        self.dispatch();
    }

    /// Ends Steam: leaves lobbies, closes sessions. [method steamInit] starts it again.
    #[func]
    #[allow(non_snake_case)]
    fn steamShutdown(&self) {
        let _starting = self.state.starting.lock();
        self.state.embedded.set(false);
        let client = self.state.client.write().take();
        if let Some(client) = client {
            client.shutdown();
        }
        self.state.answers.clear();
        self.state.app_id.set(0);
        self.state.steam_id.set(0);
    }

    /// Whether the game must be started again through Steam: never, here.
    #[func]
    #[allow(non_snake_case)]
    fn restartAppIfNecessary(&self, app_id: i64) -> bool {
        let _ = app_id;
        false
    }

    /// Does nothing here.
    #[func]
    #[allow(non_snake_case)]
    fn releaseCurrentThreadMemory(&self) {}

    /// The version of GodotSteam whose names these are.
    #[func]
    fn get_godotsteam_version(&self) -> GString {
        GString::from(VERSION)
    }

    /// The account part of a Steam ID, 32 bits.
    #[func]
    #[allow(non_snake_case)]
    fn getSteamID32(&self, steam_id: i64) -> i64 {
        SteamId::from_godot(steam_id).map_or(0, |id| i64::from(id.account()))
    }

    /// Whether this is the ID of an anonymous account.
    #[func]
    #[allow(non_snake_case)]
    fn isAnonAccount(&self, steam_id: i64) -> bool {
        matches!(
            account_type(steam_id),
            Some(TYPE_ANON_USER | TYPE_ANON_GAME_SERVER)
        )
    }

    /// Whether this is the ID of an anonymous user.
    #[func]
    #[allow(non_snake_case)]
    fn isAnonUserAccount(&self, steam_id: i64) -> bool {
        account_type(steam_id) == Some(TYPE_ANON_USER)
    }

    /// Whether this is the ID of a chat room, which a lobby is.
    #[func]
    #[allow(non_snake_case)]
    fn isChatAccount(&self, steam_id: i64) -> bool {
        account_type(steam_id) == Some(TYPE_CHAT)
    }

    /// Whether this is the ID of a group.
    #[func]
    #[allow(non_snake_case)]
    fn isClanAccount(&self, steam_id: i64) -> bool {
        account_type(steam_id) == Some(TYPE_CLAN)
    }

    /// Whether this is the ID of a user on a console.
    #[func]
    #[allow(non_snake_case)]
    fn isConsoleUserAccount(&self, steam_id: i64) -> bool {
        account_type(steam_id) == Some(TYPE_CONSOLE_USER)
    }

    /// Whether this is the ID of a user, one on a console included.
    #[func]
    #[allow(non_snake_case)]
    fn isIndividualAccount(&self, steam_id: i64) -> bool {
        matches!(
            account_type(steam_id),
            Some(TYPE_INDIVIDUAL | TYPE_CONSOLE_USER)
        )
    }

    /// Whether this is the ID of a lobby.
    #[func]
    #[allow(non_snake_case)]
    fn isLobby(&self, steam_id: i64) -> bool {
        SteamId::from_godot(steam_id).is_some_and(SteamId::is_lobby)
    }
}

fn account_type(steam_id: i64) -> Option<u8> {
    SteamId::from_godot(steam_id).map(SteamId::account_type)
}

impl Steam {
    /// What the project settings ask for when the game starts.
    pub(crate) fn start_up(&self) {
        if settings::initialize_on_startup() {
            if settings::embed_callbacks() {
                godot_warn!(
                    "Steam is initialised on start-up, so callbacks are not embedded: call Steam.run_callbacks()"
                );
            }
            self.initialize_verbosely(START_UP, 0, false);
            let result = self.state.init_result.lock().clone();
            if let Some((status, reason)) = result
                && status != STEAM_API_INIT_RESULT_OK
            {
                godot_error!("Steam is not initialised on start-up: {reason}");
            }
        }
    }

    /// What is done in each frame.
    pub(crate) fn frame(&self) {
        logging::print();
        self.note_activity();
        if self.state.embedded.get() {
            self.dispatch();
        }
        match self.running() {
            Some(client) => {
                client.hurry();
                monitors::add();
            }
            None => monitors::remove(),
        }
        if (!self.state.has_overlay.get() || overlay_node::is_gone()) && self.running().is_some() {
            self.state.has_overlay.set(overlay_node::add());
        }
    }

    /// The game ends.
    pub(crate) fn end(&self) {
        self.steamShutdown();
        // What a script has left there may not outlive the script language.
        self.set_leaderboard_entries(VarArray::new());
        logging::print();
    }

    /// Starts Steam, and keeps what it came to for [`Steam::init_result`].
    pub(super) fn initialize_verbosely(&self, call: &str, app_id: i64, embed_callbacks: bool) {
        if settings::initialize_on_startup() && call != START_UP {
            self.warn_once(&format!(
                "{call}: the project initialises Steam on start-up already"
            ));
        }
        let result = match self.initialize(app_id, embed_callbacks) {
            Ok(()) => (STEAM_API_INIT_RESULT_OK, String::new()),
            Err(error) => (STEAM_API_INIT_RESULT_FAILED_GENERIC, error.to_string()),
        };
        *self.state.init_result.lock() = Some(result);
    }

    /// What the last verbose initialisation came to; empty before that.
    pub(super) fn init_result(&self) -> VarDictionary {
        match &*self.state.init_result.lock() {
            Some((status, verbal)) => vdict! { "status" => *status, "verbal" => verbal.as_str() },
            None => VarDictionary::new(),
        }
    }

    /// Starts Steam. Again while it runs it has no effect and succeeds, as Steam's does; another app is said to be none.
    pub(super) fn initialize(&self, app_id: i64, embed_callbacks: bool) -> Result<(), InitError> {
        if Engine::singleton().is_editor_hint() {
            return Err(InitError::Failed(
                "Steam is not initialised in the editor; run the game".to_owned(),
            ));
        }
        let _starting = self.state.starting.lock();
        if self.running().is_none() {
            let app_id = app_id::find(app_id).map_err(InitError::NoApp)?;
            let client = samovar_steam::Steam::start(settings::start_config(app_id))
                .map_err(|error| InitError::Failed(error.to_string()))?;
            self.state.app_id.set(i64::from(app_id));
            self.state.steam_id.set(client.steam_id().to_godot());
            *self.state.client.write() = Some(Arc::new(client));
        } else if app_id != 0 && app_id != self.state.app_id.get() {
            let runs = self.state.app_id.get();
            godot_error!(
                "Steam is initialised for the app {runs} already and stays so; call steamShutdown before it is \
                 initialised for {app_id}"
            );
        }
        if (embed_callbacks || settings::embed_callbacks()) && !settings::initialize_on_startup() {
            self.state.embedded.set(true);
        }
        Ok(())
    }

    fn warn_once(&self, warning: &str) {
        if !self.state.warned_embedded.replace(true) {
            godot_warn!("{warning}");
        }
    }
}
