//! The names that older versions had and today's API has not, and what is known of their methods.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;

use crate::surface::{Argument, Class, Constant, Enum, Method, Property, RawArgument, Signal};
use crate::texts::{
    Accepts, Answer, Defaults, Keys, Returned, SignalForm, Value, parse, with_neutral,
};
use crate::{Error, Kind};

#[derive(std::default::Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub(crate) struct OlderTexts {
    methods: BTreeMap<String, OlderMethod>,
    signals: BTreeMap<String, OlderSignal>,
    constants: BTreeMap<String, OlderConstant>,
    enums: BTreeMap<String, OlderEnum>,
    pub(crate) accepts: BTreeMap<String, Accepts>,
    pub(crate) signal_forms: BTreeMap<String, SignalForm>,
    pub(crate) types: BTreeMap<String, Types>,
    pub(crate) defaults: BTreeMap<String, Defaults>,
    pub(crate) returns: BTreeMap<String, Returned>,
    pub(crate) keys: BTreeMap<String, Keys>,
    pub(crate) signal_keys: BTreeMap<String, Keys>,
    properties: BTreeMap<String, OlderProperty>,
}

/// The types of a method of which the API file has the names only. The file also says where they were read.
#[derive(Deserialize)]
pub(crate) struct Types {
    pub(crate) arguments: Vec<Kind>,
    pub(crate) returns: Kind,
}

#[derive(Deserialize)]
struct OlderProperty {
    #[serde(rename = "type")]
    kind: Kind,
    getter: String,
    setter: String,
    until: String,
}

#[derive(Deserialize)]
struct OlderMethod {
    class: String,
    #[serde(default)]
    arguments: Vec<RawArgument>,
    returns: Kind,
    /// The keys of the Dictionary that it returned, with their types.
    #[serde(default)]
    keys: BTreeMap<String, String>,
    /// Values of those keys that are not the neutral ones.
    #[serde(default)]
    dictionary: BTreeMap<String, Value>,
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
        Some(instead) if !instead.is_empty() => {
            format!("{help}\n\nToday: {}.", instead.trim_end_matches('.'))
        }
        _ => help.to_owned(),
    })
}

impl OlderTexts {
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        if path.exists() {
            parse(path)
        } else {
            Ok(<Self as std::default::Default>::default())
        }
    }

    /// The properties that today's API does not have.
    pub(crate) fn properties(&mut self) -> Vec<Property> {
        std::mem::take(&mut self.properties)
            .into_iter()
            .map(|(name, property)| Property {
                name,
                kind: property.kind,
                getter: property.getter,
                setter: property.setter,
                until: Some(property.until),
            })
            .collect()
    }

    /// The names that today's API does not have.
    pub(crate) fn class(&mut self) -> Result<Class, String> {
        let arguments = |raw: &[RawArgument]| {
            let arguments = raw.iter().map(|raw| raw.argument(None));
            arguments.collect::<Result<Vec<Argument>, String>>()
        };
        let methods = std::mem::take(&mut self.methods)
            .into_iter()
            .map(|(name, method)| {
                let dictionary = with_neutral(&name, method.dictionary, &method.keys)?;
                Ok(Method {
                    name,
                    class: method.class,
                    arguments: arguments(&method.arguments)?,
                    returns: method.returns,
                    returns_enum: None,
                    vararg: false,
                    answer: method.answer,
                    unanswered: None,
                    dictionary,
                    empty: None,
                    help: with_instead(&method.help, method.instead.as_ref()),
                    differs: None,
                    until: Some(method.until),
                })
            })
            .collect::<Result<_, String>>()?;
        let signals = std::mem::take(&mut self.signals)
            .into_iter()
            .map(|(name, signal)| {
                Ok(Signal {
                    name,
                    arguments: arguments(&signal.arguments)?,
                    help: with_instead(&signal.help, signal.instead.as_ref()),
                    differs: None,
                    until: Some(signal.until),
                })
            })
            .collect::<Result<_, String>>()?;
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
        Ok(Class {
            name: "Older".to_owned(),
            methods,
            signals,
            enums,
            constants,
        })
    }

    /// The entries about methods that nobody has taken.
    pub(crate) fn unused(&self) -> Vec<String> {
        let types = self.types.keys();
        types.chain(self.defaults.keys()).cloned().collect()
    }
}
