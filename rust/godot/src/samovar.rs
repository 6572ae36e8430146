//! The singleton `Samovar`: what there is beyond GodotSteam's names.

// Godot passes arguments by value.
#![allow(clippy::needless_pass_by_value)]

use std::sync::Arc;

use godot::builtin::GString;
use godot::global::godot_error;
use godot::meta::ToGodot;
use samovar_macros::api;
use samovar_steam::{PersonaState, SteamId};

use crate::steam::Steam;
use crate::{monitors, objects};

/// What Samovar has beyond GodotSteam: the profile, kicking members of a lobby, and what an overlay needs.
///
/// A game that also runs with GodotSteam asks [code]Engine.has_singleton("Samovar")[/code] first.
pub(crate) struct Samovar;

#[api]
impl Samovar {
    /// The game wants the overlay opened: [param dialog] is [code]friends[/code], [code]players[/code],
    /// [code]settings[/code], [code]lobbyinvite[/code] with a lobby's ID, [code]gameinvite[/code] with a connect string, or
    /// what was passed to [method Steam.activateGameOverlayToUser] with a user's ID.
    #[signal]
    fn overlay_requested(dialog: GString, steam_id: i64, connect: GString);

    /// Somebody invites you to its game. Accept with [method accept_game_invite].
    #[signal]
    fn game_invited(inviter: i64, connect: GString);

    /// The name of the profile that is used, or nothing before Steam was initialised.
    #[func]
    fn profile_name(&self) -> GString {
        running().map_or_else(GString::new, |client| {
            GString::from(client.profile().as_str())
        })
    }

    /// Gives you another name, of at most 128 bytes, now and for later starts. The others hear
    /// [signal Steam.persona_state_change]. Returns whether it is kept.
    #[func]
    fn set_persona_name(&self, name: GString) -> bool {
        let Some(client) = client("set_persona_name") else {
            return false;
        };
        let result = client.set_persona_name(&name.to_string());
        if let Err(error) = &result {
            godot_error!("Samovar.set_persona_name: {error}");
        }
        result.is_ok()
    }

    /// Says that you are online, busy or away, as a [enum Steam.PersonaState], until the game ends.
    #[func]
    fn set_persona_state(&self, state: i64) -> bool {
        let Some(client) = client("set_persona_state") else {
            return false;
        };
        let valid = PersonaState::from_number(state);
        match valid {
            Some(state) => client.set_persona_state(state),
            None => godot_error!(
                "Samovar.set_persona_state: {state} is not 1 (online), 2 (busy) or 3 (away)"
            ),
        }
        valid.is_some()
    }

    /// Takes a member out of a lobby that you own; it may join again. Everybody hears [signal Steam.lobby_chat_update], the
    /// member [signal Steam.lobby_kicked] as well.
    #[func]
    fn kick_lobby_member(&self, lobby_id: i64, steam_id: i64) -> bool {
        kick("kick_lobby_member", lobby_id, steam_id, false)
    }

    /// Takes a member out of a lobby that you own, for good.
    #[func]
    fn ban_lobby_member(&self, lobby_id: i64, steam_id: i64) -> bool {
        kick("ban_lobby_member", lobby_id, steam_id, true)
    }

    /// For an overlay: you accept an invitation to a lobby. [signal Steam.join_requested] follows.
    #[func]
    fn accept_lobby_invite(&self, lobby_id: i64, inviter: i64) {
        const CALL: &str = "Samovar.accept_lobby_invite";
        let Some(client) = client("accept_lobby_invite") else {
            return;
        };
        if let (Some(lobby), Some(user)) = (
            crate::steam::lobby(CALL, lobby_id),
            crate::steam::user(CALL, inviter),
        ) {
            client.accept_lobby_invite(lobby, user);
        }
    }

    /// For an overlay: you accept an invitation to a game. [signal Steam.join_game_requested] follows.
    #[func]
    fn accept_game_invite(&self, inviter: i64, connect: GString) {
        let Some(client) = client("accept_game_invite") else {
            return;
        };
        if let Some(user) = crate::steam::user("Samovar.accept_game_invite", inviter) {
            client.accept_game_invite(user, &connect.to_string());
        }
    }

    /// What the network does now, by the name of a monitor: [code]round_trip_ms[/code] and [code]loss_percent[/code] of the worst
    /// connection, [code]bytes_out_per_second[/code], [code]bytes_in_per_second[/code], [code]peers[/code], [code]sessions[/code],
    /// [code]keeps_directory[/code]. The same is in the debugger's monitors, and in
    /// [code]Performance.get_custom_monitor("samovar/round_trip_ms")[/code]. 0 before Steam was initialised.
    #[func]
    fn network_monitor(&self, name: GString) -> f64 {
        let totals = running().map_or_else(Default::default, |client| client.network_totals());
        let value = monitors::value(&name.to_string(), &totals);
        value.unwrap_or_else(|| {
            godot_error!("Samovar.network_monitor: there is no monitor {name}");
            0.0
        })
    }

    /// For an overlay: it opened or closed. [signal Steam.overlay_toggled] follows.
    #[func]
    fn report_overlay(&self, active: bool, user_initiated: bool) {
        if let Some(client) = client("report_overlay") {
            client.report_overlay(active, user_initiated);
        }
    }
}

impl Samovar {
    /// The one that there is.
    pub(crate) fn shared() -> &'static Self {
        &Self
    }

    /// Asks for the overlay: at once on the main thread, else at the end of the frame.
    pub(crate) fn request_overlay(dialog: &str, steam_id: i64, connect: &str) {
        let dialog = dialog.to_lowercase();
        objects::SAMOVAR.emit_soon(
            "overlay_requested",
            &[
                GString::from(&dialog).to_variant(),
                steam_id.to_variant(),
                GString::from(connect).to_variant(),
            ],
        );
    }

    /// Tells of an invitation to a game.
    pub(crate) fn emit_game_invited(user: SteamId, connect: &str) {
        objects::SAMOVAR.emit(
            "game_invited",
            &[
                user.to_godot().to_variant(),
                GString::from(connect).to_variant(),
            ],
        );
    }
}

fn running() -> Option<Arc<samovar_steam::Steam>> {
    Steam::shared().running()
}

/// The running user. Says so when there is none.
pub(crate) fn client(call: &str) -> Option<Arc<samovar_steam::Steam>> {
    let client = running();
    if client.is_none() {
        godot_error!("Samovar.{call}: Steam is not initialized");
    }
    client
}

fn kick(call: &str, lobby_id: i64, steam_id: i64, ban: bool) -> bool {
    let Some(client) = client(call) else {
        return false;
    };
    let call = format!("Samovar.{call}");
    let (Some(lobby), Some(user)) = (
        crate::steam::lobby(&call, lobby_id),
        crate::steam::user(&call, steam_id),
    ) else {
        return false;
    };
    crate::steam::done(&call, client.kick_lobby_member(lobby, user, ban))
}
