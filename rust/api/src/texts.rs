//! The texts beside the API file: help, answers, differences, and how calls of older versions are taken.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::surface::{Argument, Default};
use crate::{Error, Kind, read};

/// The signal that answers a call when that part of Steam is not there, or when its arguments are refused.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The signal's name.
    pub signal: String,
    /// Its arguments: those of a failure.
    pub arguments: Vec<Value>,
}

/// An argument of an answer, or what is in a Dictionary that is returned. A text that begins with `$` is the call's argument
/// of that name, `$app_id` the running app, `$steam_id` the local user.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(untagged)]
pub enum Value {
    /// A `bool`.
    Bool(bool),
    /// An `int`.
    Int(i64),
    /// A `float`.
    Float(f64),
    /// A `String`, or what it names.
    String(String),
    /// An empty `Array`.
    Array([(); 0]),
    /// A `Dictionary`.
    Dictionary(BTreeMap<String, Value>),
    /// The neutral value of a type, which only the API file names. A packed array has so many zeros.
    #[serde(skip)]
    Neutral(Kind, usize),
}

impl Value {
    /// The neutral value of what the API file says of a Dictionary's key: "int Result", "PackedByteArray (512)".
    pub(crate) fn of_key(text: &str) -> Option<Self> {
        let words = |character: char| !character.is_alphanumeric();
        let kind = text.split(words).next()?;
        let kind: Kind = serde_json::from_value(Json::from(kind)).ok()?;
        let zeros = text
            .rsplit_once('(')
            .and_then(|(_, rest)| rest.strip_suffix(')')?.parse().ok());
        Some(Self::Neutral(kind, zeros.unwrap_or(0)))
    }
}

/// What an older form of a method took.
#[derive(Debug, Clone, std::default::Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Accepts {
    /// The last version that took it.
    pub until: String,
    /// Arguments that had another type.
    pub arguments: Vec<AlsoArgument>,
    /// Arguments that were dropped.
    pub extra: Vec<Dropped>,
    /// The former order, by today's names, where it was another.
    pub order: Vec<String>,
    /// Arguments of today that there were not.
    pub missing: Vec<String>,
    /// What could be left out.
    pub defaults: BTreeMap<String, Json>,
    /// What it returned, where that was something else.
    pub returned: Option<Kind>,
    /// Whether it still returns that where it is called as then, so that it is declared to return anything.
    pub either: bool,
    /// What else there is to know, for people.
    pub note: String,
    /// Where this was read.
    pub source: String,
}

/// An argument that had another type.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlsoArgument {
    /// Its name today.
    pub name: String,
    /// The older type.
    pub also: Kind,
    /// The last version that had it.
    pub until: String,
    /// How the older value is read.
    pub means: String,
}

/// An argument that was dropped.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Dropped {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// Where it stood, 0 for the first.
    pub position: usize,
    /// Its default.
    pub default: Option<Json>,
}

/// What a method can be called without, beyond what the API file says. The file also says where that was read.
#[derive(Debug, Clone, Deserialize)]
pub(crate) struct Defaults {
    arguments: BTreeMap<String, Json>,
}

impl Defaults {
    /// Gives the arguments their defaults.
    pub(crate) fn apply(&self, method: &str, arguments: &mut [Argument]) -> Result<(), String> {
        give_defaults(method, &self.arguments, arguments)
    }
}

/// Godot wants defaults at the end only: what follows one and has none gets the neutral value of its type.
fn give_defaults(
    method: &str,
    defaults: &BTreeMap<String, Json>,
    arguments: &mut [Argument],
) -> Result<(), String> {
    for (name, value) in defaults {
        let argument = argument(method, name, arguments)?;
        argument.default = Some(Default::parse(value)?);
    }
    let first = arguments
        .iter()
        .position(|argument| argument.default.is_some())
        .unwrap_or(arguments.len());
    for argument in &mut arguments[first..] {
        argument
            .default
            .get_or_insert(Default::Neutral(argument.kind));
    }
    Ok(())
}

fn argument<'a>(
    method: &str,
    name: &str,
    arguments: &'a mut [Argument],
) -> Result<&'a mut Argument, String> {
    arguments
        .iter_mut()
        .find(|argument| argument.name == name)
        .ok_or_else(|| format!("{method} has no argument {name}"))
}

/// How older versions sent a signal.
#[derive(Debug, Clone, std::default::Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SignalForm {
    /// With how few arguments; they were the first of today's.
    pub counts: Vec<usize>,
    /// Which of today's arguments there were, where they were not the first.
    pub remain: Vec<String>,
    /// Arguments that had another type.
    pub types: BTreeMap<String, Kind>,
    /// Arguments that had another name.
    pub names: BTreeMap<String, String>,
    /// The last version that sent it so.
    pub until: String,
    /// What else there is to know, for people.
    pub note: String,
    /// Where this was read.
    pub source: String,
}

impl Accepts {
    /// Makes the arguments take what the older form took; whether further ones are taken.
    pub(crate) fn widen(&self, method: &str, arguments: &mut [Argument]) -> Result<bool, String> {
        for name in &self.missing {
            let argument = argument(method, name, arguments)?;
            argument.default = Some(Default::Neutral(argument.kind));
        }
        give_defaults(method, &self.defaults, arguments)?;
        for also in &self.arguments {
            argument(method, &also.name, arguments)?.widen();
        }
        // What comes after an argument that was dropped may be in the place of another.
        let moved = self.extra.iter().map(|dropped| dropped.position).min();
        let moved = if self.order.is_empty() {
            moved
        } else {
            Some(0)
        };
        for argument in arguments.iter_mut().skip(moved.unwrap_or(usize::MAX)) {
            argument.widen();
        }
        Ok(!self.extra.is_empty())
    }
}

/// A method that returned something else.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Returned {
    /// What it returned.
    pub older: Kind,
    /// What GodotSteam returns today.
    pub today: Kind,
    /// The last version that returned it.
    pub until: String,
    /// What else there is to know, for people.
    #[serde(default)]
    pub note: String,
    /// Where this was read.
    pub source: String,
}

/// Keys of a Dictionary that were called otherwise.
#[derive(Debug, Clone, std::default::Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Keys {
    /// The older name, and today's.
    pub renamed: BTreeMap<String, String>,
    /// Keys that are not there any more.
    pub added: Vec<String>,
    /// The last version that had them.
    pub until: String,
    /// What else there is to know, for people.
    pub note: String,
    /// Where this was read.
    pub source: String,
}

#[derive(std::default::Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClassTexts {
    pub(crate) methods: BTreeMap<String, String>,
    pub(crate) answers: BTreeMap<String, Answer>,
    pub(crate) unanswered: BTreeMap<String, String>,
    /// The keys of Dictionaries of which the API file says none, with their types as it would write them.
    pub(crate) keys: BTreeMap<String, BTreeMap<String, String>>,
    pub(crate) dictionaries: BTreeMap<String, BTreeMap<String, Value>>,
    pub(crate) empty: BTreeMap<String, String>,
    pub(crate) signals: BTreeMap<String, String>,
    pub(crate) differs: BTreeMap<String, String>,
}

impl ClassTexts {
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        if path.exists() {
            parse(path)
        } else {
            Ok(<Self as std::default::Default>::default())
        }
    }

    /// The entries that nobody has taken.
    pub(crate) fn unused(&self) -> Vec<String> {
        let methods = self.methods.keys().chain(self.answers.keys());
        methods
            .chain(self.unanswered.keys())
            .chain(self.keys.keys())
            .chain(self.dictionaries.keys())
            .chain(self.empty.keys())
            .chain(self.signals.keys())
            .chain(self.differs.keys())
            .cloned()
            .collect()
    }
}

/// The help of constants, by their names.
pub(crate) fn constants(path: &Path) -> Result<BTreeMap<String, String>, Error> {
    if path.exists() {
        parse(path)
    } else {
        Ok(BTreeMap::new())
    }
}

pub(crate) fn parse<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Error> {
    toml::from_str(&read(path)?).map_err(|error| Error::Parse {
        path: path.to_owned(),
        error: error.to_string(),
    })
}

/// A Dictionary with these keys: with the values that are said, and else the neutral ones of their types.
pub(crate) fn with_neutral(
    method: &str,
    said: BTreeMap<String, Value>,
    keys: &BTreeMap<String, String>,
) -> Result<BTreeMap<String, Value>, String> {
    if let Some(key) = said.keys().find(|key| !keys.contains_key(*key)) {
        return Err(format!("the Dictionary of {method} has no key {key}"));
    }
    let mut dictionary = said;
    for (key, text) in keys {
        if !dictionary.contains_key(key) {
            let value = Value::of_key(text)
                .ok_or_else(|| format!("{method}: the type of {key}, {text}"))?;
            dictionary.insert(key.clone(), value);
        }
    }
    Ok(dictionary)
}
