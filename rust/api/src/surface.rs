//! What GodotSteam names: its API file, with the texts of this project.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::older::OlderTexts;
use crate::texts::{ClassTexts, constants, with_neutral};
use crate::{Accepts, Answer, Enumeration, Error, Keys, Kind, Returned, SignalForm, Value, read};

const API: &str = "godotsteam-4.20-api.json";

/// Everything that `Steam` has to have.
#[derive(Debug)]
pub struct Surface {
    /// Its parts, in the API file's order.
    pub classes: Vec<Class>,
    /// The class's properties.
    pub properties: Vec<Property>,
    /// Names that older versions had and this one does not.
    pub older: Class,
    /// Methods whose older forms took something else.
    pub accepts: BTreeMap<String, Accepts>,
    /// Signals that older versions sent otherwise.
    pub signal_forms: BTreeMap<String, SignalForm>,
    /// Methods that returned something else.
    pub returns: BTreeMap<String, Returned>,
    /// Keys of Dictionaries that were called otherwise, by the method or signal that has them.
    pub keys: BTreeMap<String, Keys>,
}

/// One of the parts of the API, as GodotSteam's documentation divides it.
#[derive(Debug, std::default::Default)]
pub struct Class {
    /// "Matchmaking".
    pub name: String,
    /// Its methods.
    pub methods: Vec<Method>,
    /// Its signals.
    pub signals: Vec<Signal>,
    /// Its enums.
    pub enums: Vec<Enum>,
    /// Its constants that are in no enum.
    pub constants: Vec<Constant>,
}

/// A method.
#[derive(Debug, Clone)]
pub struct Method {
    /// Its name.
    pub name: String,
    /// The part of the API that it belongs to, which its errors name.
    pub class: String,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// What it returns.
    pub returns: Kind,
    /// The enum that the returned `int` is of.
    pub returns_enum: Option<Enumeration>,
    /// Whether further arguments are taken, for older forms.
    pub vararg: bool,
    /// The signal that answers it when that part of Steam is not there, or, of one that is written by hand, when it is
    /// refused.
    pub answer: Option<Answer>,
    /// Why it has no such answer, although its help, or a signal's, speaks of one.
    pub unanswered: Option<String>,
    /// What is in the Dictionary that it returns when that part of Steam is not there, by its keys.
    pub dictionary: BTreeMap<String, Value>,
    /// Why that Dictionary is empty, although its keys are known.
    pub empty: Option<String>,
    /// What it does on Steam.
    pub help: Option<String>,
    /// How the hand-written one differs from Steam's.
    pub differs: Option<String>,
    /// Who has it no more: the last version that did.
    pub until: Option<String>,
}

/// An argument of a method or a signal.
#[derive(Debug, Clone)]
pub struct Argument {
    /// Its name; empty where GodotSteam binds none.
    pub name: String,
    /// Its type.
    pub kind: Kind,
    /// The enum that an `int` is of in GodotSteam. It is declared as a plain `int` here: GDScript refuses an enum of the
    /// game's own in the place of another, and the tutorials pass theirs.
    pub enumeration: Option<Enumeration>,
    /// Its default.
    pub default: Option<Default>,
}

/// A default of an argument.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Default {
    /// A `bool`.
    Bool(bool),
    /// An `int`.
    Int(i64),
    /// A `String`.
    String(String),
    /// The neutral value of its type.
    Neutral(Kind),
}

impl Default {
    pub(crate) fn parse(value: &Json) -> Result<Self, String> {
        Ok(match value {
            Json::Bool(value) => Self::Bool(*value),
            Json::String(value) => Self::String(value.clone()),
            Json::Array(values) if values.is_empty() => Self::Neutral(Kind::Array),
            _ => Self::Int(
                value
                    .as_i64()
                    .ok_or_else(|| format!("the default {value}"))?,
            ),
        })
    }
}

impl Argument {
    /// Makes it take any type.
    pub(crate) fn widen(&mut self) {
        self.kind = Kind::Variant;
        self.enumeration = None;
    }
}

/// A signal.
#[derive(Debug, Clone)]
pub struct Signal {
    /// Its name.
    pub name: String,
    /// Its arguments.
    pub arguments: Vec<Argument>,
    /// When it is sent, and what its arguments say.
    pub help: Option<String>,
    /// How the hand-written one differs from Steam's.
    pub differs: Option<String>,
    /// Who has it no more: the last version that did.
    pub until: Option<String>,
}

/// An enum.
#[derive(Debug, Clone)]
pub struct Enum {
    /// Its name.
    pub name: String,
    /// Whether its values are combined.
    pub bitfield: bool,
    /// Its values.
    pub values: Vec<Constant>,
}

/// A constant.
#[derive(Debug, Clone)]
pub struct Constant {
    /// Its name.
    pub name: String,
    /// Its value.
    pub value: i64,
    /// What it means.
    pub help: Option<String>,
}

/// A property of the class.
#[derive(Debug, Clone, Deserialize)]
pub struct Property {
    /// Its name.
    pub name: String,
    /// Its type.
    #[serde(rename = "type")]
    pub kind: Kind,
    /// The method that reads it.
    pub getter: String,
    /// The method that writes it.
    pub setter: String,
    /// Who has it no more: the last version that did.
    #[serde(default)]
    pub until: Option<String>,
}

impl Surface {
    /// Reads the API file of a folder, and the texts in `surface/` and `older.toml` beside it.
    ///
    /// # Errors
    /// A file that is missing, or is not what it has to be.
    pub fn read(folder: &Path) -> Result<Self, Error> {
        let path = folder.join(API);
        let wrong = |error: String| Error::Parse {
            path: path.clone(),
            error,
        };
        let api: File =
            serde_json::from_str(&read(&path)?).map_err(|error| wrong(error.to_string()))?;
        let mut older = OlderTexts::read(&folder.join("older.toml"))?;
        let mut classes = Vec::new();
        let mut bitfields = BTreeSet::new();
        for (name, class) in &api.classes {
            let mut texts = ClassTexts::read(&folder.join("surface").join(format!("{name}.toml")))?;
            let mut helps = constants(
                &folder
                    .join("surface/constants")
                    .join(format!("{name}.toml")),
            )?;
            let mut methods = Vec::new();
            for raw in &class.methods {
                let method = raw.method(name, &mut texts, &mut older).map_err(&wrong)?;
                bitfields.extend(
                    method
                        .arguments
                        .iter()
                        .filter_map(|argument| argument.enumeration.as_ref())
                        .filter(|enumeration| enumeration.bitfield)
                        .map(|enumeration| enumeration.name.clone()),
                );
                methods.push(method);
            }
            let signals = class
                .signals
                .iter()
                .map(|raw| raw.signal(&mut texts))
                .collect::<Result<_, _>>()
                .map_err(&wrong)?;
            let mut constant = |(name, value): (&String, &Json)| {
                Ok(Constant {
                    name: name.clone(),
                    value: value
                        .as_i64()
                        .ok_or_else(|| wrong(format!("{name} is no integer")))?,
                    help: helps.remove(name),
                })
            };
            let mut enums = Vec::new();
            for (name, values) in &class.enums {
                enums.push(Enum {
                    name: name.clone(),
                    bitfield: false,
                    values: values
                        .iter()
                        .map(&mut constant)
                        .collect::<Result<_, Error>>()?,
                });
            }
            let constants = class
                .constants
                .iter()
                .map(&mut constant)
                .collect::<Result<_, Error>>()?;
            let mut unknown = texts.unused();
            unknown.extend(helps.into_keys());
            if !unknown.is_empty() {
                return Err(Error::Drift(
                    unknown
                        .into_iter()
                        .map(|entry| format!("surface/{name}.toml: {entry} is not in the API file"))
                        .collect(),
                ));
            }
            classes.push(Class {
                name: name.clone(),
                methods,
                signals,
                enums,
                constants,
            });
        }
        for class in &mut classes {
            for one in &mut class.enums {
                one.bitfield = bitfields.contains(&one.name);
            }
        }
        let unused = older.unused();
        if !unused.is_empty() {
            let entries = unused.into_iter();
            let entries =
                entries.map(|entry| format!("older.toml: {entry} is not in the API file"));
            return Err(Error::Drift(entries.collect()));
        }
        let mut properties = api.properties;
        properties.extend(older.properties());
        Ok(Self {
            classes,
            properties,
            older: older.class().map_err(&wrong)?,
            returns: older.returns,
            keys: older.keys.into_iter().chain(older.signal_keys).collect(),
            accepts: older.accepts,
            signal_forms: older.signal_forms,
        })
    }

    /// Every method of today's API.
    pub fn methods(&self) -> impl Iterator<Item = &Method> {
        self.classes.iter().flat_map(|class| &class.methods)
    }

    /// Today's parts, and that of the names of older versions.
    pub fn all_classes(&self) -> impl Iterator<Item = &Class> {
        self.classes.iter().chain([&self.older])
    }
}

#[derive(Deserialize)]
struct File {
    properties: Vec<Property>,
    #[serde(deserialize_with = "in_order")]
    classes: Vec<(String, RawClass)>,
}

#[derive(Deserialize)]
struct RawClass {
    methods: Vec<RawMethod>,
    signals: Vec<RawSignal>,
    #[serde(deserialize_with = "in_order")]
    enums: Vec<(String, serde_json::Map<String, Json>)>,
    constants: serde_json::Map<String, Json>,
}

/// The entries of an object in the order that the file has them in, which is the order of GodotSteam's documentation.
fn in_order<'de, D: serde::Deserializer<'de>, T: Deserialize<'de>>(
    deserializer: D,
) -> Result<Vec<(String, T)>, D::Error> {
    struct Entries<T>(std::marker::PhantomData<T>);
    impl<'de, T: Deserialize<'de>> serde::de::Visitor<'de> for Entries<T> {
        type Value = Vec<(String, T)>;

        fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
            formatter.write_str("an object")
        }

        fn visit_map<A: serde::de::MapAccess<'de>>(
            self,
            mut map: A,
        ) -> Result<Self::Value, A::Error> {
            let mut entries = Vec::new();
            while let Some(entry) = map.next_entry()? {
                entries.push(entry);
            }
            Ok(entries)
        }
    }
    deserializer.deserialize_map(Entries(std::marker::PhantomData))
}

#[derive(Deserialize)]
pub(crate) struct RawMethod {
    name: String,
    args: Vec<RawArgument>,
    returns: Option<Kind>,
    returns_enum: Option<String>,
    dict_shape: Option<Shape>,
}

/// What is in a Dictionary, or in each of an Array's.
#[derive(Deserialize)]
struct Shape {
    keys: BTreeMap<String, String>,
}

#[derive(Deserialize)]
struct RawSignal {
    name: String,
    args: Vec<RawArgument>,
}

#[derive(Debug, Deserialize)]
pub(crate) struct RawArgument {
    pub(crate) name: String,
    #[serde(rename = "type")]
    pub(crate) kind: Option<Kind>,
    #[serde(rename = "enum")]
    pub(crate) enumeration: Option<String>,
    pub(crate) default: Option<Json>,
}

impl RawArgument {
    /// `known` is the type of an argument that the API file has only the name of.
    pub(crate) fn argument(&self, known: Option<Kind>) -> Result<Argument, String> {
        let default = self.default.as_ref().map(Default::parse).transpose()?;
        Ok(Argument {
            name: self.name.clone(),
            kind: self.kind.or(known).unwrap_or(Kind::Variant),
            enumeration: self.enumeration.as_deref().map(Enumeration::parse),
            default,
        })
    }
}

impl RawMethod {
    fn method(
        &self,
        class: &str,
        texts: &mut ClassTexts,
        older: &mut OlderTexts,
    ) -> Result<Method, String> {
        let types = older.types.remove(&self.name);
        let known = |index: usize| {
            types
                .as_ref()
                .and_then(|types| types.arguments.get(index).copied())
        };
        let mut arguments = Vec::new();
        for (index, raw) in self.args.iter().enumerate() {
            arguments.push(raw.argument(known(index))?);
        }
        if let Some(defaults) = older.defaults.remove(&self.name) {
            defaults.apply(&self.name, &mut arguments)?;
        }
        let vararg = match older.accepts.get(&self.name) {
            Some(accepts) => accepts.widen(&self.name, &mut arguments)?,
            None => false,
        };
        let is_either = older
            .accepts
            .get(&self.name)
            .is_some_and(|accepts| accepts.either);
        let returns = if is_either {
            Some(Kind::Variant)
        } else {
            self.returns
        };
        Ok(Method {
            name: self.name.clone(),
            class: class.to_owned(),
            arguments,
            returns: returns
                .or(types.as_ref().map(|types| types.returns))
                .unwrap_or(Kind::Variant),
            returns_enum: self.returns_enum.as_deref().map(Enumeration::parse),
            vararg,
            answer: texts.answers.remove(&self.name),
            unanswered: texts.unanswered.remove(&self.name),
            dictionary: self.dictionary(texts)?,
            empty: texts.empty.remove(&self.name),
            help: texts.methods.remove(&self.name),
            differs: texts.differs.remove(&self.name),
            until: None,
        })
    }
}

impl RawMethod {
    /// What is in the Dictionary that it returns: what the texts say, and else the neutral values of the API file's types.
    fn dictionary(&self, texts: &mut ClassTexts) -> Result<BTreeMap<String, Value>, String> {
        let name = &self.name;
        let said = texts.dictionaries.remove(name).unwrap_or_default();
        if self.returns != Some(Kind::Dictionary) || texts.empty.contains_key(name) {
            return match said.is_empty() {
                true => Ok(said),
                false => Err(format!("{name} returns no Dictionary that has keys")),
            };
        }
        let added = texts.keys.remove(name);
        match (&self.dict_shape, added) {
            (None, None) => Ok(said),
            (Some(shape), None) => with_neutral(name, said, &shape.keys),
            (None, Some(keys)) => with_neutral(name, said, &keys),
            (Some(_), Some(_)) => Err(format!("the API file has the keys of {name}")),
        }
    }
}

impl RawSignal {
    fn signal(&self, texts: &mut ClassTexts) -> Result<Signal, String> {
        let arguments = self.args.iter().map(|raw| raw.argument(None));
        Ok(Signal {
            name: self.name.clone(),
            arguments: arguments.collect::<Result<_, _>>()?,
            help: texts.signals.remove(&self.name),
            differs: texts.differs.remove(&self.name),
            until: None,
        })
    }
}
