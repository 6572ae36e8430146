//! Methods that take the forms of several versions of GodotSteam, or that the binding's macro cannot name. Their arguments
//! are declared by the API file and `older.toml`; each gets as many as are declared, and those beyond.

#![allow(non_snake_case)]

mod identities;
mod init;
mod overlay;
mod renamed;
mod sockets;

pub(super) use identities::{Identities, steam_id};
pub(crate) use identities::{
    addIdentity, clearIdentity, getIdentities, getIdentitySteamID, getIdentitySteamID64,
    isIdentityInvalid, parseIdentityString, setIdentitySteamID, setIdentitySteamID64,
    toIdentityString,
};
pub(crate) use init::{steamInit, steamInitEx};
pub(crate) use overlay::{activateGameOverlay, activateGameOverlayToUser};
pub(crate) use renamed::{
    getAuthSessionTicket, getLeaderboardEntries, initFilterText, setLeaderboardDetailsMax,
    setPersonaName,
};
pub(crate) use sockets::sendMessages;

use godot::builtin::{GString, Variant, VariantType};
use godot::meta::ToGodot;

/// An integer; what is none is 0.
fn int(value: Option<&Variant>) -> i64 {
    value
        .and_then(|value| value.try_to_relaxed().ok())
        .unwrap_or(0)
}

/// A text; what is none is empty.
fn text(value: Option<&Variant>) -> String {
    value
        .filter(|value| {
            matches!(
                value.get_type(),
                VariantType::STRING | VariantType::STRING_NAME
            )
        })
        .map_or_else(String::new, |value| value.stringify().to_string())
}

fn string(text: &str) -> Variant {
    GString::from(text).to_variant()
}
