//! GodotSteam's API as the tests need it: read as the build reads it, and written down for GDScript.

use std::collections::BTreeSet;
use std::path::PathBuf;

use samovar_api::{
    Accepts, Argument, Class, Default, Enumeration, Kind, Method, Property, Surface,
    Value as Answered, Written,
};
use samovar_e2e::{Scenario, repository_root};
use serde_json::{Map, Value, json};

/// The folder of the API file and of what is beside it.
pub(crate) fn folder() -> PathBuf {
    repository_root().join("rust/godot/api")
}

/// The API file.
pub(crate) fn file() -> PathBuf {
    folder().join("godotsteam-4.20-api.json")
}

/// Everything that `Steam` has to have.
pub(crate) fn surface() -> Surface {
    Surface::read(&folder()).unwrap_or_else(|error| panic!("{error}"))
}

/// What of it is written by hand.
pub(crate) fn written() -> Written {
    let source = repository_root().join("rust/godot/src");
    Written::read("Steam", &[source.join("steam.rs")]).unwrap_or_else(|error| panic!("{error}"))
}

/// Whether a method is written by hand, and not generated.
pub(crate) fn is_written(written: &Written, method: &Method) -> bool {
    written.methods.contains_key(&method.name) || written.forms.contains_key(&method.name)
}

/// Writes JSON into the scenario's folder.
pub(crate) fn put(scenario: &Scenario, name: &str, value: &Value) -> PathBuf {
    let path = scenario.folder().join(name);
    std::fs::write(&path, value.to_string())
        .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    path
}

/// Where `Steam` may, and has to, differ from the API file: methods that `older.toml` has something about, as they have to be
/// then, and names that the file does not have.
pub(crate) fn exceptions(surface: &Surface) -> Value {
    let listed = listed(surface);
    let methods: Map<String, Value> = surface
        .methods()
        .filter(|method| listed.contains(&method.name))
        .map(|one| (one.name.clone(), method(one)))
        .collect();
    assert_eq!(methods.len(), listed.len(), "{listed:?}");
    let properties: Vec<Value> = surface.properties.iter().map(property).collect();
    json!({ "methods": methods, "names": part(&surface.older), "properties": properties })
}

/// A property in the API file's form.
pub(crate) fn property(one: &Property) -> Value {
    json!({
        "name": one.name,
        "type": one.kind.name(),
        "getter": one.getter,
        "setter": one.setter,
    })
}

/// The methods of today that are bound otherwise than the API file says: older versions took something else, or the file
/// does not know their types or defaults.
fn listed(surface: &Surface) -> BTreeSet<String> {
    let path = folder().join("older.toml");
    let text = std::fs::read_to_string(&path).expect("older.toml is there");
    let older: toml::Table = text.parse().expect("older.toml is TOML");
    let of = |table: &str| {
        let table = older.get(table).and_then(toml::Value::as_table);
        table.into_iter().flat_map(toml::Table::keys).cloned()
    };
    let is_wider = |accepts: &Accepts| {
        !accepts.arguments.is_empty()
            || !accepts.extra.is_empty()
            || !accepts.order.is_empty()
            || !accepts.missing.is_empty()
            || !accepts.defaults.is_empty()
    };
    let wider = surface.accepts.iter();
    let wider = wider.filter(|(_, accepts)| is_wider(accepts));
    wider
        .map(|(name, _)| name.clone())
        .chain(of("types"))
        .chain(of("defaults"))
        .collect()
}

/// A part of the API in the API file's form.
fn part(class: &Class) -> Value {
    let named = |values: &[samovar_api::Constant]| -> Map<String, Value> {
        let values = values.iter();
        values
            .map(|one| (one.name.clone(), json!(one.value)))
            .collect()
    };
    let methods = class.methods.iter().map(method);
    let signals = class.signals.iter().map(|signal| {
        let arguments: Vec<Value> = signal.arguments.iter().map(argument).collect();
        json!({ "name": signal.name, "args": arguments })
    });
    let enums: Map<String, Value> = class
        .enums
        .iter()
        .map(|one| (one.name.clone(), named(&one.values).into()))
        .collect();
    json!({
        "methods": methods.collect::<Vec<_>>(),
        "signals": signals.collect::<Vec<_>>(),
        "enums": enums,
        "constants": named(&class.constants),
    })
}

/// A method in the API file's form.
pub(crate) fn method(method: &Method) -> Value {
    let arguments: Vec<Value> = method.arguments.iter().map(argument).collect();
    let mut entry = json!({
        "name": method.name,
        "args": arguments,
        "returns": method.returns.name(),
        "more": method.vararg,
    });
    if let Some(one) = &method.returns_enum {
        entry["returns_enum"] = word(one);
    }
    entry
}

/// An argument in the API file's form.
pub(crate) fn argument(argument: &Argument) -> Value {
    let mut entry = json!({ "name": argument.name, "type": argument.kind.name() });
    if let Some(one) = &argument.enumeration {
        entry["enum"] = word(one);
    }
    if let Some(default) = &argument.default {
        entry["default"] = match default {
            Default::Bool(value) => json!(value),
            Default::Int(value) => json!(value),
            Default::String(value) => json!(value),
            Default::Neutral(neutral) => {
                let is_any = argument.kind == Kind::Variant;
                let kind = if is_any { *neutral } else { argument.kind };
                entry["default_type"] = json!(kind.name());
                serde_json::from_str(kind.neutral()).expect("JSON has such a value")
            }
        };
    }
    entry
}

fn word(one: &Enumeration) -> Value {
    let prefix = if one.bitfield { "bitfield::" } else { "" };
    json!(format!("{prefix}{}", one.name))
}

/// An argument of an answer, for a call with these arguments.
pub(crate) fn answered(
    value: &Answered,
    method: &Method,
    arguments: &[Value],
    app_id: i64,
    steam_id: i64,
) -> Value {
    match value {
        Answered::Bool(value) => json!(value),
        Answered::Int(value) => json!(value),
        Answered::Float(value) => json!(value),
        Answered::Neutral(kind, _) => serde_json::from_str(kind.neutral()).unwrap_or(Value::Null),
        Answered::Array(_) => json!([]),
        Answered::Dictionary(entries) => entries
            .iter()
            .map(|(key, value)| {
                (
                    key.clone(),
                    answered(value, method, arguments, app_id, steam_id),
                )
            })
            .collect::<Map<_, _>>()
            .into(),
        Answered::String(text) => match text.strip_prefix('$') {
            None => json!(text),
            Some(echo) => {
                let names = method
                    .arguments
                    .iter()
                    .map(|argument| argument.name.as_str());
                match names.zip(arguments).find(|(name, _)| *name == echo) {
                    Some((_, argument)) => argument.clone(),
                    None if echo == "app_id" => json!(app_id),
                    None => json!(steam_id),
                }
            }
        },
    }
}
