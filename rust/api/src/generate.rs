//! Tables of what is not written by hand, as Rust.

use std::collections::BTreeMap;
use std::fmt::Write;

use crate::surface::{Default, Enum, Method};
use crate::{Answer, Enumeration, Item, Kind, Surface, Value, Written};

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
    out.push_str("];\nstatic PROPERTIES: &[Property] = &[\n");
    for one in &surface.properties {
        line(
            &mut out,
            &format!(
                "    Property {{ name: {:?}, kind: Kind::{:?}, getter: {:?}, setter: {:?} }},",
                one.name, one.kind, one.getter, one.setter
            ),
        );
    }
    out.push_str("];\nstatic SIGNAL_FORMS: &[(&str, &[usize])] = &[\n");
    for (name, form) in &surface.signal_forms {
        line(&mut out, &format!("    ({name:?}, &{:?}),", form.counts));
    }
    out.push_str("];\n");
    all_by_hand(&mut out, samovar);
    out
}

/// The tables of the class `Samovar`, of which all is written by hand.
fn all_by_hand(out: &mut String, written: &Written) {
    let kind = |rust: &str| Kind::from_rust(rust).unwrap_or(Kind::Variant);
    let kinds = |item: &Item| -> Vec<(String, Kind)> {
        let arguments = item.arguments.iter();
        arguments
            .map(|(name, rust, _)| (name.clone(), kind(rust)))
            .collect()
    };
    out.push_str("static SAMOVAR_METHODS: &[Method] = &[\n");
    for (name, item) in &written.methods {
        let arguments = kinds(item);
        let arguments = arguments.iter().map(|(name, kind)| (name.as_str(), *kind));
        let returns = item.returns.as_deref().map_or(Kind::Void, kind);
        line(
            out,
            &format!(
                "    Method {{ name: {name:?}, class: \"Samovar\", arguments: {}, defaults: &[], returns: Kind::{returns:?}, returns_enum: None, vararg: false, body: {} }},",
                declared(arguments),
                by_hand("Samovar", name, item.arguments.len()),
            ),
        );
    }
    out.push_str("];\nstatic SAMOVAR_SIGNALS: &[Signal] = &[\n");
    for (name, item) in &written.signals {
        let arguments = kinds(item);
        let arguments = arguments.iter().map(|(name, kind)| (name.as_str(), *kind));
        line(out, &signal_row(name, arguments));
    }
    out.push_str("];\n");
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
