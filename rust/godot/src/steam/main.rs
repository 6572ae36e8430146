//! Main: starting, stopping, callbacks, and what IDs tell.

use std::sync::Arc;

use godot::builtin::{GString, VarDictionary, vdict};
use godot::classes::Engine;
use godot::global::{godot_error, godot_warn};
use godot::obj::Singleton;
use godot::register::godot_api;
use samovar_steam::SteamId;

use super::{Steam, app_id};
use crate::{logging, overlay_node, settings};

const VERSION: &str = "4.20";
const STEAM_API_INIT_RESULT_OK: i64 = 0;
const STEAM_API_INIT_RESULT_FAILED_GENERIC: i64 = 1;
const TYPE_CLAN: u8 = 7;
const TYPE_CHAT: u8 = 8;
const TYPE_CONSOLE_USER: u8 = 9;
const TYPE_ANON_USER: u8 = 10;
const TYPE_ANON_GAME_SERVER: u8 = 4;

#[godot_api(secondary)]
impl Steam {
    /// Starts Steam: claims a profile and begins to look for others. Returns whether it worked; when it did not, the
    /// reason is in the log. Calling it again has no effect and returns [code]true[/code].
    ///
    /// Without [param app_id] the project setting, [code]SteamAppId[/code] in the environment or
    /// [code]steam_appid.txt[/code] gives it. With [param embed_callbacks] you need not call [method run_callbacks].
    #[func]
    #[allow(non_snake_case)]
    fn steamInit(
        &self,
        #[opt(default = 0)] app_id: i64,
        #[opt(default = false)] embed_callbacks: bool,
    ) -> bool {
        match self.initialize(app_id, embed_callbacks) {
            Ok(()) => true,
            Err(reason) => {
                godot_error!("steamInit: {reason}");
                false
            }
        }
    }

    /// As [method steamInit], but returns [code]status[/code], a [enum SteamAPIInitResult] with 0 for success, and
    /// [code]verbal[/code], which is empty or says what went wrong.
    #[func]
    #[allow(non_snake_case)]
    fn steamInitEx(
        &self,
        #[opt(default = 0)] app_id: i64,
        #[opt(default = false)] embed_callbacks: bool,
    ) -> VarDictionary {
        if settings::initialize_on_startup() {
            self.warn_once("steamInitEx: the project initialises Steam on start-up already");
        }
        self.initialize_verbosely(app_id, embed_callbacks);
        self.get_steam_init_result()
    }

    /// What [method steamInitEx] returned, or the initialisation on start-up came to; empty before that.
    #[func]
    fn get_steam_init_result(&self) -> VarDictionary {
        match &*self.state.init_result.borrow() {
            Some((status, verbal)) => vdict! { "status" => *status, "verbal" => verbal.as_str() },
            None => VarDictionary::new(),
        }
    }

    /// Whether there is something to answer: always, here.
    #[func]
    #[allow(non_snake_case)]
    fn isSteamRunning(&self) -> bool {
        true
    }

    /// Emits the signals for what has happened since the last call. Call it in each frame.
    #[func]
    fn run_callbacks(&self) {
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
        self.state.embedded.set(false);
        let client = self.state.client.borrow_mut().take();
        if let Some(client) = client {
            client.shutdown();
        }
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

    /// Whether this is the ID of a user.
    #[func]
    #[allow(non_snake_case)]
    fn isIndividualAccount(&self, steam_id: i64) -> bool {
        SteamId::from_godot(steam_id).is_some_and(SteamId::is_individual)
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
            self.initialize_verbosely(0, false);
            if let Some((status, reason)) = &*self.state.init_result.borrow()
                && *status != STEAM_API_INIT_RESULT_OK
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
        if !self.state.has_overlay.get() && self.running().is_some() {
            self.state.has_overlay.set(overlay_node::add());
        }
    }

    /// The game ends.
    pub(crate) fn end(&self) {
        self.steamShutdown();
        logging::print();
    }

    fn initialize_verbosely(&self, app_id: i64, embed_callbacks: bool) {
        let result = match self.initialize(app_id, embed_callbacks) {
            Ok(()) => (STEAM_API_INIT_RESULT_OK, String::new()),
            Err(reason) => (STEAM_API_INIT_RESULT_FAILED_GENERIC, reason),
        };
        *self.state.init_result.borrow_mut() = Some(result);
    }

    fn initialize(&self, app_id: i64, embed_callbacks: bool) -> Result<(), String> {
        if Engine::singleton().is_editor_hint() {
            return Err("Steam is not initialised in the editor; run the game".to_owned());
        }
        if self.running().is_none() {
            let app_id = app_id::find(app_id)?;
            let client = samovar_steam::Steam::start(settings::start_config(app_id))
                .map_err(|error| error.to_string())?;
            self.state.app_id.set(i64::from(app_id));
            self.state.steam_id.set(client.steam_id().to_godot());
            *self.state.client.borrow_mut() = Some(Arc::new(client));
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
