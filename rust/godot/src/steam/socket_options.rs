//! The options of connections and listen sockets: a Dictionary today, and an Array up to GodotSteam 4.10.

use godot::builtin::{Variant, VariantType};
use godot::global::godot_error;
use samovar_steam::networking_config::ConfigError;
use samovar_steam::networking_sockets::{ConfigInput, ConnectOptions};

use super::arguments::shown;
use crate::surface::{array, dictionary, is_config_value};

/// The options that a call is made with; an error that names the call where one of them is none.
pub(super) fn options(call: &str, given: &Variant) -> Option<ConnectOptions> {
    let mut options = ConnectOptions::default();
    for (number, value) in entries(call, given)? {
        let number = number.try_to_relaxed::<i64>().ok().or_else(|| {
            godot_error!("{call}: {} is no NetworkingConfigValue", text(&number));
            None
        })?;
        set(call, &mut options, number, &value)?;
    }
    Some(options)
}

/// Values by their numbers.
fn entries(call: &str, given: &Variant) -> Option<Vec<(Variant, Variant)>> {
    match given.get_type() {
        VariantType::NIL => Some(Vec::new()),
        VariantType::DICTIONARY => {
            let given = dictionary(given)?;
            Some(given.iter_shared().collect())
        }
        VariantType::ARRAY => {
            let given = array(given)?;
            let entry = |element: Variant| {
                let found = array(&element);
                let found = found.and_then(|entry| Some((entry.get(0)?, entry.get(2)?)));
                if found.is_none() {
                    let element = text(&element);
                    godot_error!(
                        "{call}: {element} is no option; it has to be [value, type, data]"
                    );
                }
                found
            };
            given.iter_shared().map(entry).collect()
        }
        _ => {
            godot_error!(
                "{call}: options has to be a Dictionary, and cannot be {}",
                text(given)
            );
            None
        }
    }
}

fn set(call: &str, options: &mut ConnectOptions, number: i64, value: &Variant) -> Option<()> {
    let set = match input(value) {
        Some(value) => options.set(number, value),
        None => Err(ConfigError::NotANumber),
    };
    match set {
        // Known to Steam, and nothing that a connection has of its own here.
        Err(ConfigError::Unknown(_)) if is_config_value(number) => Some(()),
        Err(ConfigError::NotANumber) if is_config_value(number) && !is_own(number) => Some(()),
        Err(error) => {
            godot_error!("{call}: option {number}, {}: {error}", text(value));
            None
        }
        Ok(()) => Some(()),
    }
}

fn is_own(number: i64) -> bool {
    samovar_steam::networking_sockets::is_connection_config(number)
}

/// A number, also one that is written as text.
pub(super) fn input(value: &Variant) -> Option<ConfigInput> {
    match value.get_type() {
        VariantType::INT => value.try_to().ok().map(ConfigInput::Whole),
        VariantType::FLOAT => value.try_to().ok().map(ConfigInput::Fraction),
        VariantType::BOOL => value
            .try_to()
            .ok()
            .map(|is: bool| ConfigInput::Whole(is.into())),
        VariantType::STRING => ConfigInput::parse(&value.stringify().to_string()),
        _ => None,
    }
}

fn text(value: &Variant) -> String {
    shown(&value.stringify().to_string())
}
