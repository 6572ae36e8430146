//! NetworkingTypes up to GodotSteam 4.7: identities, which were named, and which calls took in the place of a Steam ID.

use std::collections::BTreeMap;

use godot::builtin::{VarArray, Variant, VariantType, vdict};
use godot::global::godot_error;
use godot::meta::ToGodot;
use parking_lot::Mutex;
use samovar_steam::SteamId;

use super::super::Steam;
use super::super::arguments;
use super::{int, string, text};

/// The most identities that are kept; further ones are refused.
const MAX_IDENTITIES: usize = 4096;
/// The longest name of an identity, in bytes.
const MAX_NAME: usize = 255;
/// `IDENTITY_TYPE_INVALID` and `IDENTITY_TYPE_STEAMID`.
const TYPE_INVALID: i64 = 0;
const TYPE_STEAM_ID: i64 = 16;
/// How an identity is printed.
const PREFIX: &str = "steamid:";

/// Identities by their names: the Steam ID that each is of, 0 for an empty one.
#[derive(Default)]
pub(in super::super) struct Identities(Mutex<BTreeMap<String, i64>>);

impl Identities {
    fn of(&self, name: &str) -> i64 {
        self.0.lock().get(name).copied().unwrap_or(0)
    }

    /// Whether there was room for it.
    fn set(&self, call: &str, name: &str, steam_id: i64) -> bool {
        if name.len() > MAX_NAME {
            godot_error!(
                "{call}: a name of {} bytes, {MAX_NAME} is the most",
                name.len()
            );
            return false;
        }
        let mut identities = self.0.lock();
        let has_room = identities.len() < MAX_IDENTITIES || identities.contains_key(name);
        if has_room {
            identities.insert(name.to_owned(), steam_id);
        }
        drop(identities);
        if !has_room {
            let name = arguments::shown(name);
            godot_error!("{call}: {MAX_IDENTITIES} identities are kept already; {name} is not");
        }
        has_room
    }
}

/// The Steam ID that an argument stands for: itself, or that of the identity that it names or prints. 0 for none.
pub(in super::super) fn steam_id(steam: &Steam, value: &Variant) -> i64 {
    let is_text = matches!(
        value.get_type(),
        VariantType::STRING | VariantType::STRING_NAME
    );
    if !is_text {
        return int(Some(value));
    }
    let text = text(Some(value));
    match parse(&text) {
        Some(steam_id) => steam_id,
        None => steam.identities().of(&text),
    }
}

/// The Steam ID of an identity as it is printed, or as messages carry it today.
fn parse_value(value: &Variant) -> Option<i64> {
    if value.get_type() == VariantType::INT {
        return value.try_to().ok();
    }
    parse(&text(Some(value)))
}

/// The Steam ID of an identity as it is printed, or of a number.
fn parse(text: &str) -> Option<i64> {
    text.strip_prefix(PREFIX).unwrap_or(text).parse().ok()
}

/// Makes an empty identity of this name, for [method setIdentitySteamID64]. Returns whether there was room for it.
pub(crate) fn addIdentity(steam: &Steam, values: &[Variant]) -> Variant {
    let name = text(values.first());
    steam.identities().set("addIdentity", &name, 0).to_variant()
}

/// Forgets an identity.
pub(crate) fn clearIdentity(steam: &Steam, values: &[Variant]) -> Variant {
    steam.identities().0.lock().remove(&text(values.first()));
    Variant::nil()
}

/// All identities, each a [Dictionary] of [code]reference_name[/code], [code]steam_id[/code] and [code]type[/code].
pub(crate) fn getIdentities(steam: &Steam, _values: &[Variant]) -> Variant {
    let identities = steam.identities().0.lock();
    let list: VarArray = identities
        .iter()
        .map(|(name, steam_id)| {
            let kind = if *steam_id == 0 {
                TYPE_INVALID
            } else {
                TYPE_STEAM_ID
            };
            vdict! { "reference_name" => name.as_str(), "steam_id" => *steam_id, "type" => kind }
                .to_variant()
        })
        .collect();
    list.to_variant()
}

/// Makes an identity that of a user. Calls that take a Steam ID also take the identity's name.
pub(crate) fn setIdentitySteamID(steam: &Steam, values: &[Variant]) -> Variant {
    let name = text(values.first());
    let _ = steam
        .identities()
        .set("setIdentitySteamID", &name, int(values.get(1)));
    Variant::nil()
}

/// As [method setIdentitySteamID].
pub(crate) fn setIdentitySteamID64(steam: &Steam, values: &[Variant]) -> Variant {
    setIdentitySteamID(steam, values)
}

/// The account part of an identity's Steam ID, 32 bits; 0 for an empty one.
pub(crate) fn getIdentitySteamID(steam: &Steam, values: &[Variant]) -> Variant {
    let steam_id = steam.identities().of(&text(values.first()));
    let account = SteamId::from_godot(steam_id).map_or(0, |id| i64::from(id.account()));
    account.to_variant()
}

/// An identity's Steam ID; 0 for an empty one.
pub(crate) fn getIdentitySteamID64(steam: &Steam, values: &[Variant]) -> Variant {
    steam.identities().of(&text(values.first())).to_variant()
}

/// Whether there is no such identity, or it is empty.
pub(crate) fn isIdentityInvalid(steam: &Steam, values: &[Variant]) -> Variant {
    (steam.identities().of(&text(values.first())) == 0).to_variant()
}

/// An identity as [method parseIdentityString] reads it: [code]steamid:[/code] and the Steam ID.
pub(crate) fn toIdentityString(steam: &Steam, values: &[Variant]) -> Variant {
    match steam.identities().of(&text(values.first())) {
        0 => string("invalid"),
        steam_id => string(&format!("{PREFIX}{steam_id}")),
    }
}

/// Makes an identity of what [method toIdentityString] returned, or of a Steam ID, which is what messages carry here. Returns
/// whether it could be read.
pub(crate) fn parseIdentityString(steam: &Steam, values: &[Variant]) -> Variant {
    let parsed = values.get(1).and_then(parse_value);
    let set = parsed.is_some_and(|steam_id| {
        let name = text(values.first());
        steam
            .identities()
            .set("parseIdentityString", &name, steam_id)
    });
    set.to_variant()
}
