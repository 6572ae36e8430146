//! Tables of what is not written by hand, as Rust.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::surface::{Default, Enum, Method};
use crate::{Answer, Enumeration, Item, Kind, PeerClass, Property, Surface, Value, Written};

/// The tables that `rust/godot/src/surface.rs` includes: its types are named in them.
#[must_use]
pub fn generate(surface: &Surface, written: &Written, samovar: &Written) -> String {
    let mut out = String::new();
    enums(&mut out, surface);
    out.push_str("static METHODS: &[Method] = &[\n");
    for method in surface.all_classes().flat_map(|class| &class.methods) {
        line(&mut out, &format!("    {},", row(method, written)));
    }
    out.push_str("];\nstatic REFUSALS: &[(&str, Answer)] = &[\n");
    for method in surface.all_classes().flat_map(|class| &class.methods) {
        let by_hand =
            written.methods.contains_key(&method.name) || written.forms.contains_key(&method.name);
        if let Some(answer) = method.answer.as_ref().filter(|_| by_hand) {
            let answer = self::answer(answer, method);
            line(&mut out, &format!("    ({:?}, {answer}),", method.name));
        }
    }
    out.push_str("];\nstatic SIGNALS: &[Signal] = &[\n");
    for signal in surface.all_classes().flat_map(|class| &class.signals) {
        let arguments = signal.arguments.iter();
        let arguments = arguments.map(|one| (one.name.as_str(), one.kind));
        line(&mut out, &signal_row(&signal.name, arguments));
    }
    out.push_str("];\n");
    properties(&mut out, "PROPERTIES", &surface.properties);
    out.push_str("static SIGNAL_FORMS: &[(&str, &[usize])] = &[\n");
    for (name, form) in &surface.signal_forms {
        line(&mut out, &format!("    ({name:?}, &{:?}),", form.counts));
    }
    out.push_str("];\n");
    all_by_hand(&mut out, "SAMOVAR", "Samovar", samovar);
    out
}

/// The tables of a class of the multiplayer peers, of which all is written by hand. They are in the module of the surface, too.
#[must_use]
pub fn generate_peer(class: &PeerClass, written: &Written) -> String {
    let mut out = String::new();
    let prefix = class.name.to_uppercase();
    all_by_hand(&mut out, &prefix, class.name, written);
    line(&mut out, &format!("static {prefix}_ENUMS: &[Enum] = &["));
    for one in &class.enums {
        line(&mut out, &format!("    {},", enumeration(one)));
    }
    line(&mut out, "];");
    properties(&mut out, &format!("{prefix}_PROPERTIES"), &class.properties);
    out
}

fn properties(out: &mut String, table: &str, properties: &[Property]) {
    line(out, &format!("static {table}: &[Property] = &["));
    for one in properties {
        line(
            out,
            &format!(
                "    Property {{ name: {:?}, kind: Kind::{:?}, getter: {:?}, setter: {:?} }},",
                one.name, one.kind, one.getter, one.setter
            ),
        );
    }
    line(out, "];");
}

/// The tables of a class of which all is written by hand.
fn all_by_hand(out: &mut String, prefix: &str, class: &str, written: &Written) {
    let kind = |rust: &str| Kind::from_rust(rust).unwrap_or(Kind::Variant);
    let kinds = |item: &Item| -> Vec<(String, Kind)> {
        let arguments = item.arguments.iter();
        arguments
            .map(|(name, rust, _)| (name.clone(), kind(rust)))
            .collect()
    };
    line(out, &format!("static {prefix}_METHODS: &[Method] = &["));
    for (name, item) in &written.methods {
        let arguments = kinds(item);
        let arguments = arguments.iter().map(|(name, kind)| (name.as_str(), *kind));
        let (returns, enumeration) = item.result();
        let enumeration = enumeration.map_or("None".to_owned(), |name| {
            format!("Some(Enumeration {{ name: {name:?}, bitfield: false }})")
        });
        let defaults = item.arguments.iter().filter_map(|(_, rust, default)| {
            let default = default.as_deref()?;
            Some(written_default(default, kind(rust)))
        });
        line(
            out,
            &format!(
                "    Method {{ name: {name:?}, class: {class:?}, arguments: {}, defaults: &[{}], returns: Kind::{returns:?}, returns_enum: {enumeration}, vararg: false, body: {} }},",
                declared(arguments),
                defaults.collect::<Vec<_>>().join(", "),
                by_hand(class, name, item.arguments.len()),
            ),
        );
    }
    line(out, &format!("];\nstatic {prefix}_SIGNALS: &[Signal] = &["));
    for (name, item) in &written.signals {
        let arguments = kinds(item);
        let arguments = arguments.iter().map(|(name, kind)| (name.as_str(), *kind));
        line(out, &signal_row(name, arguments));
    }
    out.push_str("];\n");
}

/// A default as Rust spells it; what is no literal is the neutral value of its type.
fn written_default(default: &str, kind: Kind) -> String {
    match kind {
        Kind::Bool => format!("Value::Bool({default})"),
        Kind::Int => format!("Value::Int({default})"),
        Kind::String => format!("Value::String({default})"),
        kind => format!("Value::Neutral(Kind::{kind:?})"),
    }
}

/// A hand-written function of so many arguments, in the place of a body.
fn by_hand(class: &str, name: &str, arguments: usize) -> String {
    let indices: Vec<String> = (0..arguments).map(|index| index.to_string()).collect();
    format!("by_hand!({class}::{name}({}))", indices.join(" "))
}

fn signal_row<'a>(name: &str, arguments: impl Iterator<Item = (&'a str, Kind)>) -> String {
    format!(
        "    Signal {{ name: {name:?}, arguments: {} }},",
        declared(arguments)
    )
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("a String takes everything");
}

fn enums(out: &mut String, surface: &Surface) {
    out.push_str("static ENUMS: &[Enum] = &[\n");
    for one in surface.all_classes().flat_map(|class| &class.enums) {
        line(out, &format!("    {},", enumeration(one)));
    }
    out.push_str("];\nstatic CONSTANTS: &[(&str, i64)] = &[\n");
    for one in surface.all_classes().flat_map(|class| &class.constants) {
        line(out, &format!("    ({:?}, {}),", one.name, one.value));
    }
    out.push_str("];\n");
}

fn enumeration(one: &Enum) -> String {
    let mut values = String::new();
    for value in &one.values {
        write!(values, "({:?}, {}), ", value.name, value.value).expect("a String takes everything");
    }
    format!(
        "Enum {{ name: {:?}, bitfield: {}, values: &[{values}] }}",
        one.name, one.bitfield
    )
}

/// A type for each enum that a hand-written method returns.
#[must_use]
pub fn enum_types(surface: &Surface, written: &Written) -> String {
    let mut out = String::new();
    let mut seen = std::collections::BTreeSet::new();
    let by_hand = |method: &&Method| written.methods.contains_key(&method.name);
    for method in surface.methods().filter(by_hand) {
        if let Some(one) = &method.returns_enum {
            seen.insert(one.name.clone());
        }
    }
    for name in seen {
        line(&mut out, &format!("enum_type!({name}, \"Steam.{name}\");"));
    }
    out
}

fn row(method: &Method, written: &Written) -> String {
    let body = if written.methods.contains_key(&method.name) {
        by_hand("Steam", &method.name, method.arguments.len())
    } else if written.forms.contains_key(&method.name) {
        format!("Body::Form(forms::{})", method.name)
    } else {
        let answer = match &method.answer {
            Some(answer) => format!("Some({})", self::answer(answer, method)),
            None => "None".to_owned(),
        };
        let dictionary = entries(&method.dictionary, method);
        format!("Body::Unavailable(NotThere {{ answer: {answer}, dictionary: {dictionary} }})")
    };
    let defaults: Vec<String> = method
        .arguments
        .iter()
        .filter_map(|argument| Some(default(argument.default.as_ref()?, argument.kind)))
        .collect();
    format!(
        "Method {{ name: {:?}, class: {:?}, arguments: {}, defaults: &[{}], returns: Kind::{:?}, returns_enum: {}, vararg: {}, body: {body} }}",
        method.name,
        method.class,
        declared(
            method
                .arguments
                .iter()
                .map(|one| (one.name.as_str(), one.kind))
        ),
        defaults.join(", "),
        method.returns,
        optional_enum(method.returns_enum.as_ref()),
        method.vararg,
    )
}

fn default(default: &Default, kind: Kind) -> String {
    match default {
        Default::Bool(value) => format!("Value::Bool({value})"),
        Default::Int(value) => format!("Value::Int({value})"),
        Default::String(value) => format!("Value::String({value:?})"),
        Default::Neutral(neutral) => {
            let kind = if kind == Kind::Variant {
                *neutral
            } else {
                kind
            };
            format!("Value::Neutral(Kind::{kind:?})")
        }
    }
}

fn declared<'a>(arguments: impl Iterator<Item = (&'a str, Kind)>) -> String {
    let arguments = arguments
        .map(|(name, kind)| format!("Argument {{ name: {name:?}, kind: Kind::{kind:?} }}"));
    format!("&[{}]", arguments.collect::<Vec<_>>().join(", "))
}

fn optional_enum(enumeration: Option<&Enumeration>) -> String {
    match enumeration {
        None => "None".to_owned(),
        Some(one) => format!(
            "Some(Enumeration {{ name: \"Steam.{}\", bitfield: {} }})",
            one.name, one.bitfield
        ),
    }
}

fn answer(answer: &Answer, method: &Method) -> String {
    let values: Vec<String> = answer
        .arguments
        .iter()
        .map(|one| value(one, method))
        .collect();
    format!(
        "Answer {{ signal: {:?}, arguments: &[{}] }}",
        answer.signal,
        values.join(", ")
    )
}

fn entries(entries: &BTreeMap<String, Value>, method: &Method) -> String {
    let entries: Vec<String> = entries
        .iter()
        .map(|(key, value)| format!("({key:?}, {})", self::value(value, method)))
        .collect();
    format!("&[{}]", entries.join(", "))
}

fn value(value: &Value, method: &Method) -> String {
    match value {
        Value::Bool(value) => format!("Value::Bool({value})"),
        Value::Int(value) => format!("Value::Int({value})"),
        Value::Array(_) => "Value::Array".to_owned(),
        Value::Float(value) => format!("Value::Float({value:?})"),
        Value::Neutral(kind, 0) => format!("Value::Neutral(Kind::{kind:?})"),
        Value::Neutral(kind, zeros) => format!("Value::Zeros(Kind::{kind:?}, {zeros})"),
        Value::Dictionary(entries) => {
            format!("Value::Dictionary({})", self::entries(entries, method))
        }
        Value::String(text) => {
            let echo = text.strip_prefix('$').map(|echo| {
                let index = method
                    .arguments
                    .iter()
                    .position(|argument| argument.name == echo);
                match (index, echo) {
                    (Some(index), _) => format!("Value::Echo({index})"),
                    (None, "app_id") => "Value::AppId".to_owned(),
                    (None, _) => "Value::SteamId".to_owned(),
                }
            });
            echo.unwrap_or_else(|| format!("Value::String({text:?})"))
        }
    }
}
