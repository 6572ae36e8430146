//! The classes `SteamMultiplayerPeer` and `SteamPacketPeer`: the three APIs that go by the first name, as one.

use std::collections::BTreeMap;
use std::path::Path;

use serde::Deserialize;
use serde_json::Value as Json;

use crate::texts::parse;
use crate::{
    Argument, Constant, Default, Enum, Error, Item, Kind, Property, Signal, Surface, Written, read,
};

const API: &str = "steam-multiplayer-peer-api.json";
const TEXTS: &str = "multiplayer_peer.toml";
/// In the file's order, and how the compatibility table calls them.
const APIS: [(&str, &str); 3] = [
    (
        "current_godotsteam_4_17_to_4_20",
        "GodotSteam 4.17 and later",
    ),
    (
        "legacy_godotsteam_multiplayer_peer_4_5_to_4_15",
        "MultiplayerPeer 4.5",
    ),
    ("expressobits_steam_multiplayer_peer", "expressobits"),
];
const MULTIPLAYER_PEER: &str = "SteamMultiplayerPeer";
const PACKET_PEER: &str = "SteamPacketPeer";
/// The enum that expressobits repeats of GodotSteam's `Steam`.
const CONFIG_VALUES: &str = "NetworkingConfigValue";

/// A class that the APIs name, with all that any of them has.
#[derive(Debug)]
pub struct PeerClass {
    /// "`SteamMultiplayerPeer`".
    pub name: &'static str,
    /// The class of Godot's that it is made of.
    pub base: &'static str,
    /// Its methods as each API has them: one that several have is there several times.
    pub forms: Vec<Form>,
    /// Its signals beside those that it inherits, each with its API's name.
    pub signals: Vec<(Signal, &'static str)>,
    /// Its properties.
    pub properties: Vec<Property>,
    /// Its enums.
    pub enums: Vec<Enum>,
    /// How methods and signals differ from the originals'.
    pub differs: BTreeMap<String, String>,
}

/// A method as one API has it.
#[derive(Debug)]
pub struct Form {
    /// Its name.
    pub name: String,
    /// The API's name, for readers.
    pub api: &'static str,
    /// Its arguments; one without a name in the API has none.
    pub arguments: Vec<Argument>,
    /// What it returns.
    pub returns: Kind,
    /// The enum that a returned `int` is of, as Godot names it.
    pub returns_enum: Option<String>,
}

#[derive(Deserialize)]
struct RawClass {
    #[serde(default)]
    methods: Vec<RawMethod>,
    #[serde(default)]
    properties: Vec<RawProperty>,
    #[serde(default)]
    signals: Vec<RawSignal>,
    /// Either the values by their enums, or a remark.
    #[serde(default)]
    enums: Json,
}

#[derive(Deserialize)]
struct RawMethod {
    name: String,
    args: Vec<RawArgument>,
    returns: String,
}

#[derive(Deserialize)]
struct RawArgument {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    default: Option<Json>,
}

#[derive(Deserialize)]
struct RawProperty {
    name: String,
    #[serde(rename = "type")]
    kind: String,
    getter: Option<String>,
    setter: Option<String>,
}

#[derive(Deserialize)]
struct RawSignal {
    name: String,
    args: Vec<(String, String)>,
}

/// This project's texts.
#[derive(Deserialize)]
struct Texts {
    /// What constants mean.
    constants: BTreeMap<String, String>,
    /// How methods and signals differ.
    #[serde(default)]
    differs: BTreeMap<String, String>,
}

impl PeerClass {
    /// Reads the two classes of a folder, `SteamPacketPeer` first: the other returns one.
    ///
    /// # Errors
    /// A file that is missing, or is not what it has to be.
    pub fn read(folder: &Path, surface: &Surface) -> Result<Vec<Self>, Error> {
        let path = folder.join(API);
        let wrong = |error: String| Error::Parse {
            path: path.clone(),
            error,
        };
        let file: BTreeMap<String, Json> =
            serde_json::from_str(&read(&path)?).map_err(|error| wrong(error.to_string()))?;
        let texts: Texts = parse(&folder.join(TEXTS))?;
        let mut unused = texts.constants.clone();
        let mut classes = Vec::new();
        for (name, base) in [
            (PACKET_PEER, "PacketPeerExtension"),
            (MULTIPLAYER_PEER, "MultiplayerPeerExtension"),
        ] {
            let mut class = Self {
                name,
                base,
                forms: Vec::new(),
                signals: Vec::new(),
                properties: Vec::new(),
                enums: Vec::new(),
                differs: BTreeMap::new(),
            };
            for (key, api) in APIS {
                let Some(json) = file.get(key).and_then(|api| api.get(name)) else {
                    continue;
                };
                let raw = RawClass::deserialize(json).map_err(|error| wrong(error.to_string()))?;
                class.add(raw, api, surface, &mut unused).map_err(&wrong)?;
            }
            class.differs = texts
                .differs
                .iter()
                .filter(|(entry, _)| class.has(entry))
                .map(|(entry, text)| (entry.clone(), text.clone()))
                .collect();
            classes.push(class);
        }
        let known = |entry: &String| classes.iter().any(|class| class.has(entry));
        let differs = texts.differs.keys().filter(|entry| !known(entry)).cloned();
        let unknown: Vec<String> = unused.into_keys().chain(differs).collect();
        if unknown.is_empty() {
            Ok(classes)
        } else {
            let entries = unknown.into_iter();
            Err(Error::Drift(
                entries
                    .map(|entry| format!("{TEXTS}: {entry} is not in {API}"))
                    .collect(),
            ))
        }
    }

    fn has(&self, name: &str) -> bool {
        self.forms.iter().any(|form| form.name == name)
            || self.signals.iter().any(|(signal, _)| signal.name == name)
    }

    fn add(
        &mut self,
        raw: RawClass,
        api: &'static str,
        surface: &Surface,
        texts: &mut BTreeMap<String, String>,
    ) -> Result<(), String> {
        if let Json::String(_) = &raw.enums {
            self.enums.extend(enum_of_steam(surface, CONFIG_VALUES));
        }
        for (name, values) in raw.enums.as_object().into_iter().flatten() {
            let of_steam = enum_of_steam(surface, name);
            let mut one = Enum {
                name: name.clone(),
                bitfield: false,
                values: Vec::new(),
            };
            for (name, value) in values.as_object().into_iter().flatten() {
                let same = of_steam.iter().flat_map(|one| &one.values);
                let help = same.clone().find(|value| value.name == *name);
                one.values.push(Constant {
                    name: name.clone(),
                    value: value
                        .as_i64()
                        .ok_or_else(|| format!("{name} is no integer"))?,
                    help: help
                        .and_then(|value| value.help.clone())
                        .or_else(|| texts.remove(name)),
                });
            }
            self.enums.push(one);
        }
        for method in raw.methods {
            let (returns, word) = result(&method.returns)?;
            let returns_enum = word.map(|word| self.enumeration(word));
            self.forms.push(Form {
                name: method.name,
                api,
                arguments: arguments(&method.args)?,
                returns,
                returns_enum,
            });
        }
        for property in raw.properties {
            if self.properties.iter().any(|one| one.name == property.name) {
                continue;
            }
            let name = &property.name;
            self.properties.push(Property {
                name: name.clone(),
                kind: kind(&property.kind)?.0,
                getter: property.getter.unwrap_or_else(|| format!("get_{name}")),
                setter: property.setter.unwrap_or_else(|| format!("set_{name}")),
                until: None,
            });
        }
        for signal in raw.signals {
            let args = signal.args.into_iter().map(|(name, kind)| RawArgument {
                name,
                kind,
                default: None,
            });
            let signal = Signal {
                name: signal.name,
                arguments: arguments(&args.collect::<Vec<_>>())?,
                help: None,
                differs: None,
                until: None,
            };
            self.signals.push((signal, api));
        }
        Ok(())
    }

    /// How Godot names an enum: `Error` is its own.
    fn enumeration(&self, word: &str) -> String {
        if self.enums.iter().any(|one| one.name == word) {
            format!("{}.{word}", self.name)
        } else {
            word.to_owned()
        }
    }

    /// Holds what is written by hand against every form of the API.
    ///
    /// # Errors
    /// [`Error::Drift`] with everything that does not agree.
    pub fn check(&self, written: &Written) -> Result<(), Error> {
        let mut wrong = written.unclear.clone();
        for form in &self.forms {
            match written.methods.get(&form.name) {
                Some(item) => self.same(form, item, &mut wrong),
                None => wrong.push(format!("{}.{} is missing", self.name, form.name)),
            }
        }
        for (signal, _) in &self.signals {
            let wanted: Vec<_> = signal
                .arguments
                .iter()
                .map(|one| (one.name.clone(), Some(one.kind)))
                .collect();
            let found = written.signals.get(&signal.name).map(|item| {
                let arguments = item.arguments.iter();
                arguments
                    .map(|(name, rust, _)| (name.clone(), Kind::from_rust(rust)))
                    .collect::<Vec<_>>()
            });
            if found.as_ref() != Some(&wanted) {
                wrong.push(format!(
                    "signal {}.{} has {found:?} instead of {wanted:?}",
                    self.name, signal.name
                ));
            }
        }
        for property in &self.properties {
            for accessor in [&property.getter, &property.setter] {
                if !written.methods.contains_key(accessor) {
                    wrong.push(format!("{}.{accessor} is missing", self.name));
                }
            }
        }
        let names = written.methods.keys().chain(written.signals.keys());
        wrong.extend(
            names
                .filter(|name| !self.has(name))
                .map(|name| format!("{}.{name} is in no API", self.name)),
        );
        for value in self.enums.iter().flat_map(|one| &one.values) {
            if value.help.is_none() {
                wrong.push(format!("{TEXTS}: {} is without a text", value.name));
            }
        }
        if wrong.is_empty() {
            Ok(())
        } else {
            Err(Error::Drift(wrong))
        }
    }

    fn same(&self, form: &Form, item: &Item, wrong: &mut Vec<String>) {
        let call = format!("{}.{}", self.name, form.name);
        let (kind, enumeration) = item.result();
        if (kind, enumeration) != (form.returns, form.returns_enum.as_deref()) {
            wrong.push(format!(
                "{call} returns {kind:?} {enumeration:?}, and {:?} {:?} in {}",
                form.returns, form.returns_enum, form.api
            ));
        }
        for (index, wanted) in form.arguments.iter().enumerate() {
            let Some((_, rust, default)) = item.arguments.get(index) else {
                wrong.push(format!("{call} takes too few arguments for {}", form.api));
                continue;
            };
            let found = Kind::from_rust(rust);
            if found != Some(wanted.kind) && found != Some(Kind::Variant) {
                wrong.push(format!("{call} does not take {wanted:?} of {}", form.api));
            }
            let default = default.as_deref();
            let wanted = wanted.default.as_ref().map(|wanted| match wanted {
                Default::Bool(value) => value.to_string(),
                Default::Int(value) => value.to_string(),
                Default::String(value) => format!("{value:?}"),
                Default::Neutral(_) => "?".to_owned(),
            });
            if wanted.is_some() && wanted.as_deref() != default {
                wrong.push(format!("{call} has another default than in {}", form.api));
            }
        }
        let further = item.arguments.iter().skip(form.arguments.len());
        for (name, _, default) in further {
            if default.is_none() {
                wrong.push(format!("{call} needs {name}, which {} has not", form.api));
            }
        }
    }
}

/// An enum of `Steam`, with texts for another class.
fn enum_of_steam(surface: &Surface, name: &str) -> Option<Enum> {
    let mut enums = surface.classes.iter().flat_map(|class| &class.enums);
    let mut found = enums.find(|one| one.name == name).cloned()?;
    for value in &mut found.values {
        // What it refers to is that class's.
        let help = value.help.take();
        value.help = help.map(|help| help.replace("[constant ", "[constant Steam."));
    }
    Some(found)
}

fn arguments(raw: &[RawArgument]) -> Result<Vec<Argument>, String> {
    let arguments = raw.iter().map(|raw| {
        let (kind, _) = kind(&raw.kind)?;
        Ok(Argument {
            name: match raw.name.as_str() {
                "<unnamed>" => String::new(),
                name => name.to_owned(),
            },
            kind,
            enumeration: None,
            default: raw.default.as_ref().map(Default::parse).transpose()?,
        })
    });
    arguments.collect()
}

/// What a method returns, and the enum that it is of.
fn result(text: &str) -> Result<(Kind, Option<&str>), String> {
    let (kind, remark) = kind(text)?;
    let is_name = |word: &str| word.chars().all(char::is_alphanumeric) && !word.is_empty();
    Ok((kind, remark.filter(|word| is_name(word))))
}

/// The type that a text begins with, and what it says of it in brackets.
fn kind(text: &str) -> Result<(Kind, Option<&str>), String> {
    let (word, remark) = match text.split_once(" (") {
        Some((word, remark)) => (word, Some(remark.trim_end_matches(')'))),
        None => (text, None),
    };
    let kind =
        Kind::deserialize(serde::de::value::StrDeserializer::<serde::de::value::Error>::new(word))
            .map_err(|error| error.to_string())?;
    Ok((kind, remark))
}

impl Item {
    /// What it returns, and the enum that an `int` is of, as Godot names it.
    #[must_use]
    pub fn result(&self) -> (Kind, Option<&'static str>) {
        let Some(rust) = self.returns.as_deref() else {
            return (Kind::Void, None);
        };
        let enumeration = match rust {
            "GodotError" => "Error",
            "DebugLevel" => "SteamMultiplayerPeer.DebugLevel",
            "LobbyStateNumber" => "SteamMultiplayerPeer.LobbyState",
            "PeerState" => "SteamPacketPeer.PeerState",
            _ => return (Kind::from_rust(rust).unwrap_or(Kind::Variant), None),
        };
        (Kind::Int, Some(enumeration))
    }
}
