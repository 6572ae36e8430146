//! Checking what a script passes.

use std::ops::RangeInclusive;

use godot::global::godot_error;
use samovar_steam::{LobbyError, SteamId};

/// The most of a script's text that an error repeats, in bytes.
const REPEATED: usize = 100;

/// The beginning of what a script passed, for an error: a log takes no megabytes.
pub(crate) fn shown(text: &str) -> String {
    if text.len() <= REPEATED {
        return text.to_owned();
    }
    let begin = &text[..text.floor_char_boundary(REPEATED)];
    format!("{begin}… ({} bytes)", text.len())
}

/// A user's ID; an error that names the call for anything else.
pub(crate) fn user(call: &str, steam_id: i64) -> Option<SteamId> {
    let id = SteamId::from_godot(steam_id).filter(|id| id.is_individual());
    if id.is_none() {
        godot_error!("{call}: {steam_id} is not a user's Steam ID");
    }
    id
}

/// A lobby's ID; an error that names the call for anything else.
pub(crate) fn lobby(call: &str, lobby_id: i64) -> Option<SteamId> {
    let id = SteamId::from_godot(lobby_id).filter(|id| id.is_lobby());
    if id.is_none() {
        godot_error!("{call}: {lobby_id} is not a lobby's ID");
    }
    id
}

/// A lobby's ID to look something up with; 0, which a variable holds while there is no lobby, is nothing and no error.
pub(super) fn known_lobby(call: &str, lobby_id: i64) -> Option<SteamId> {
    if lobby_id == 0 {
        return None;
    }
    lobby(call, lobby_id)
}

/// A channel, 0 or more.
pub(super) fn channel(call: &str, channel: i64) -> Option<u32> {
    let valid = u32::try_from(channel).ok();
    if valid.is_none() {
        godot_error!("{call}: channel {channel} is not 0 to 4294967295");
    }
    valid
}

/// A number of a `uint32`.
pub(super) fn number(call: &str, name: &str, value: i64) -> Option<u32> {
    let valid = u32::try_from(value).ok();
    if valid.is_none() {
        godot_error!("{call}: {name} {value} is not 0 to 4294967295");
    }
    valid
}

/// Whether a number is in a range; an error that names the call where it is not.
pub(super) fn within(call: &str, name: &str, value: i64, range: RangeInclusive<i64>) -> bool {
    let valid = range.contains(&value);
    if !valid {
        godot_error!(
            "{call}: {name} {value} is not {} to {}",
            range.start(),
            range.end()
        );
    }
    valid
}

/// Whether a call about a lobby worked; an error that names the call where it did not.
pub(crate) fn done(call: &str, result: Result<(), LobbyError>) -> bool {
    value(call, result).is_some()
}

/// What a call came to; an error that names the call where it was refused.
pub(super) fn value<T>(call: &str, result: Result<T, LobbyError>) -> Option<T> {
    if let Err(error) = &result {
        godot_error!("{call}: {error}");
    }
    result.ok()
}

/// A number of things, 0 or more.
pub(super) fn count(call: &str, name: &str, value: i64) -> Option<usize> {
    let valid = usize::try_from(value).ok();
    if valid.is_none() {
        godot_error!("{call}: {name} {value} is negative");
    }
    valid
}
