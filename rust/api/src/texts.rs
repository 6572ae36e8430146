//! The texts beside the API file: help, answers, differences, and what older versions had.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::surface::{Argument, Class, Constant, Enum, Method, RawArgument, Signal};
use crate::{Error, Kind, read};

/// The signal that answers a call when that part of Steam is not there.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Answer {
    /// The signal's name.
    pub signal: String,
    /// Its arguments: those of a failure.
    pub arguments: Vec<Value>,
}

/// An argument of an answer. A text that begins with `$` is the call's argument of that name, `$app_id` the running app,
/// `$steam_id` the local user.
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
}

/// What an older form of a method took.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Accepts {
    /// Arguments that had another type.
    #[serde(default)]
    pub arguments: Vec<AlsoArgument>,
    /// Arguments after today's that were dropped.
    #[serde(default)]
    pub extra: Vec<Dropped>,
    /// Where this was read.
    #[serde(default)]
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
    /// The last version that had it.
    pub until: String,
}

/// With how many arguments older versions sent a signal.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SignalForm {
    /// The counts; the arguments that remain are the first ones.
    pub counts: Vec<usize>,
    /// The last version that sent so few.
    pub until: String,
    /// Where this was read.
    #[serde(default)]
    pub source: String,
}

impl Accepts {
    /// Makes the arguments take what the older form took; whether further ones are taken.
    pub(crate) fn widen(&self, method: &str, arguments: &mut [Argument]) -> Result<bool, String> {
        for also in &self.arguments {
            let argument = arguments
                .iter_mut()
                .find(|argument| argument.name == also.name)
                .ok_or_else(|| format!("accepts.{method}: there is no argument {}", also.name))?;
            argument.kind = Kind::Variant;
        }
        Ok(!self.extra.is_empty())
    }
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct ClassTexts {
    pub(crate) methods: BTreeMap<String, String>,
    pub(crate) answers: BTreeMap<String, Answer>,
    pub(crate) signals: BTreeMap<String, String>,
    pub(crate) differs: BTreeMap<String, String>,
}

impl ClassTexts {
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        if path.exists() {
            parse(path)
        } else {
            Ok(Self::default())
        }
    }

    /// The entries that nobody has taken.
    pub(crate) fn unused(&self) -> Vec<String> {
        let methods = self.methods.keys().chain(self.answers.keys());
        methods
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

fn parse<T: serde::de::DeserializeOwned>(path: &Path) -> Result<T, Error> {
    toml::from_str(&read(path)?).map_err(|error| Error::Parse {
        path: path.to_owned(),
        error: error.to_string(),
    })
}

#[derive(Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OlderTexts {
    methods: BTreeMap<String, OlderMethod>,
    signals: BTreeMap<String, OlderSignal>,
    constants: BTreeMap<String, OlderConstant>,
    enums: BTreeMap<String, OlderEnum>,
    pub(crate) accepts: BTreeMap<String, Accepts>,
    pub(crate) signal_forms: BTreeMap<String, SignalForm>,
    pub(crate) types: BTreeMap<String, Types>,
}

/// The types of a method of which the API file has the names only.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Types {
    pub(crate) arguments: Vec<Kind>,
    pub(crate) returns: Kind,
    #[allow(dead_code)] // For people.
    source: String,
}

#[derive(Deserialize)]
struct OlderMethod {
    class: String,
    #[serde(default)]
    arguments: Vec<RawArgument>,
    returns: Kind,
    until: String,
    help: String,
    answer: Option<Answer>,
    instead: Option<String>,
}

#[derive(Deserialize)]
struct OlderSignal {
    #[serde(default)]
    arguments: Vec<RawArgument>,
    until: String,
    help: String,
    instead: Option<String>,
}

#[derive(Deserialize)]
struct OlderConstant {
    value: i64,
    #[serde(rename = "enum")]
    enumeration: Option<String>,
    help: String,
    instead: Option<String>,
}

#[derive(Deserialize)]
struct OlderEnum {
    values: BTreeMap<String, i64>,
    help: String,
}

fn with_instead(help: &str, instead: Option<&String>) -> Option<String> {
    Some(match instead {
        Some(instead) => format!("{help} Today: {instead}."),
        None => help.to_owned(),
    })
}

impl OlderTexts {
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        if path.exists() {
            parse(path)
        } else {
            Ok(Self::default())
        }
    }

    /// The names that today's API does not have.
    pub(crate) fn class(&mut self) -> Class {
        let argument = |raw: &RawArgument| raw.argument(None).ok();
        let methods = std::mem::take(&mut self.methods)
            .into_iter()
            .map(|(name, method)| Method {
                name,
                class: method.class,
                arguments: method.arguments.iter().filter_map(argument).collect(),
                returns: method.returns,
                returns_enum: None,
                vararg: false,
                answer: method.answer,
                help: with_instead(&method.help, method.instead.as_ref()),
                differs: None,
                until: Some(method.until),
            })
            .collect();
        let signals = std::mem::take(&mut self.signals)
            .into_iter()
            .map(|(name, signal)| Signal {
                name,
                arguments: signal.arguments.iter().filter_map(argument).collect(),
                help: with_instead(&signal.help, signal.instead.as_ref()),
                differs: None,
                until: Some(signal.until),
            })
            .collect();
        let mut enums: Vec<Enum> = std::mem::take(&mut self.enums)
            .into_iter()
            .map(|(name, one)| Enum {
                name,
                bitfield: false,
                values: one
                    .values
                    .into_iter()
                    .map(|(name, value)| Constant {
                        name,
                        value,
                        help: Some(one.help.clone()),
                    })
                    .collect(),
            })
            .collect();
        let mut constants = Vec::new();
        for (name, older) in std::mem::take(&mut self.constants) {
            let constant = Constant {
                name,
                value: older.value,
                help: with_instead(&older.help, older.instead.as_ref()),
            };
            match older.enumeration {
                None => constants.push(constant),
                Some(name) => match enums.iter_mut().find(|one| one.name == name) {
                    Some(one) => one.values.push(constant),
                    None => enums.push(Enum {
                        name,
                        bitfield: false,
                        values: vec![constant],
                    }),
                },
            }
        }
        Class {
            name: "Older".to_owned(),
            methods,
            signals,
            enums,
            constants,
        }
    }
}
