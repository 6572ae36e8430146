//! Methods that later versions of GodotSteam renamed or dropped, and that still have something to do.

use godot::builtin::Variant;
use godot::global::godot_error;
use godot::meta::ToGodot;

use super::super::{Steam, auth, utils};
use super::{int, text};

const FRIENDS: &str = "Friends";
/// `RESULT_OK`.
const OK: i64 = 1;

/// Gives you another name, of at most 128 bytes, now and for later starts. The answer is [signal name_changed].
pub(crate) fn setPersonaName(steam: &Steam, values: &[Variant]) -> Variant {
    const CALL: &str = "setPersonaName";
    let Some(client) = steam.client(FRIENDS, CALL) else {
        return Variant::nil();
    };
    let kept = client.set_persona_name(&text(values.first()));
    if let Err(error) = kept {
        godot_error!("{CALL}: {error}");
        steam.refuse(CALL, values);
    } else {
        let answer = vec![true.to_variant(), true.to_variant(), OK.to_variant()];
        steam.answers().push(CALL, "name_changed", answer);
    }
    Variant::nil()
}

/// Reads the words that [method filterText] looks for from the project setting
/// [code]samovar/text_filter/words[/code]. Returns [code]true[/code].
///
/// GodotSteam 4.17 to 4.19 took options, which make no difference.
pub(crate) fn initFilterText(steam: &Steam, _values: &[Variant]) -> Variant {
    utils::init_filter_text(steam).to_variant()
}

/// As [method set_leaderboard_details_max]; returns what is set.
pub(crate) fn setLeaderboardDetailsMax(steam: &Steam, values: &[Variant]) -> Variant {
    steam.set_leaderboard_details_max(int(values.first()));
    steam.get_leaderboard_details_max().to_variant()
}

/// As [method get_leaderboard_entries].
pub(crate) fn getLeaderboardEntries(steam: &Steam, _values: &[Variant]) -> Variant {
    steam.get_leaderboard_entries().to_variant()
}

/// A ticket that proves to another user who you are: id, for [method cancelAuthTicket], buffer, always 1024 bytes
/// long, and size, how many of them are the ticket. With [param remote_steam_id] only that user can check it. It
/// can be used for an hour, once by each user. [signal get_auth_session_ticket_response] follows.
pub(crate) fn getAuthSessionTicket(steam: &Steam, values: &[Variant]) -> Variant {
    let recipient = values.first().map_or(0, |value| steam.steam_id_of(value));
    auth::session_ticket(steam, recipient).to_variant()
}
