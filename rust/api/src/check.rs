//! Whether what is written by hand is what the API file says, and whether every text has its place.

use std::collections::{BTreeMap, BTreeSet};

use crate::surface::{Argument, Class, Default, Method, Signal};
use crate::written::Item;
use crate::{Error, Kind, Surface, Value, Written};

/// Holds the hand-written part against the API, and the texts against both.
///
/// # Errors
/// [`Error::Drift`] with everything that does not agree.
pub fn check(surface: &Surface, written: &Written) -> Result<(), Error> {
    let mut wrong = written.unclear.clone();
    names(surface, &mut wrong);
    methods(surface, written, &mut wrong);
    signals(surface, written, &mut wrong);
    properties(surface, written, &mut wrong);
    answers(surface, written, &mut wrong);
    if wrong.is_empty() {
        Ok(())
    } else {
        Err(Error::Drift(wrong))
    }
}

/// Every name is there once; an older one is not one of today's.
fn names(surface: &Surface, wrong: &mut Vec<String>) {
    let mut seen = BTreeSet::new();
    let mut enums = BTreeSet::new();
    for class in surface.all_classes() {
        let methods = class.methods.iter().map(|method| &method.name);
        let signals = class.signals.iter().map(|signal| &signal.name);
        let values = class.enums.iter().flat_map(|one| &one.values);
        let constants = values.chain(&class.constants).map(|one| &one.name);
        for name in methods.chain(signals).chain(constants) {
            if !seen.insert(name.as_str()) {
                wrong.push(format!("{name} is there twice"));
            }
        }
        if class.name != surface.older.name {
            enums.extend(class.enums.iter().map(|one| one.name.as_str()));
        }
    }
}

fn methods(surface: &Surface, written: &Written, wrong: &mut Vec<String>) {
    let signals: BTreeMap<&str, &Signal> = surface
        .all_classes()
        .flat_map(|class| &class.signals)
        .map(|signal| (signal.name.as_str(), signal))
        .collect();
    let mut known = BTreeSet::new();
    for class in surface.all_classes() {
        for method in &class.methods {
            known.insert(method.name.as_str());
            let by_hand = written.methods.get(&method.name);
            let form = written.forms.get(&method.name);
            answer(class, method, &signals, wrong);
            match (by_hand, form) {
                (Some(_), Some(_)) => wrong.push(format!("{} is written twice", method.name)),
                (Some(item), None) => {
                    same_signature(&method.name, &method.arguments, item, wrong);
                    same_result(method, item, wrong);
                    if method.vararg {
                        wrong.push(format!(
                            "{} takes older forms: it belongs into forms",
                            method.name
                        ));
                    }
                }
                (None, Some(_)) => {}
                (None, None) => unavailable(class, method, wrong),
            }
            if (by_hand.is_some() || form.is_some())
                && method.help.is_some()
                && method.until.is_none()
            {
                wrong.push(format!(
                    "{} is written by hand: its help is its doc comment",
                    method.name
                ));
            }
        }
    }
    for name in written.methods.keys().chain(written.forms.keys()) {
        if !known.contains(name.as_str()) {
            wrong.push(format!("{name} is no method of GodotSteam's"));
        }
    }
    for name in surface.accepts.keys() {
        if !known.contains(name.as_str()) {
            wrong.push(format!("accepts.{name}: there is no such method"));
        }
    }
}

fn same_signature(name: &str, wanted: &[Argument], item: &Item, wrong: &mut Vec<String>) {
    let wanted: Vec<_> = wanted.iter().map(spelled).collect();
    let found: Vec<_> = item
        .arguments
        .iter()
        .map(|(name, kind, default)| {
            let kind = Kind::from_rust(kind).map_or(kind.as_str(), |kind| kind.name());
            written_out(name, kind, default.as_deref())
        })
        .collect();
    if wanted != found {
        wrong.push(format!(
            "{name}({}) has to be {name}({})",
            found.join(", "),
            wanted.join(", ")
        ));
    }
}

fn spelled(argument: &Argument) -> String {
    let kind = argument.kind.name();
    let default = argument.default.as_ref().map(|default| match default {
        Default::Bool(value) => value.to_string(),
        Default::Int(value) => value.to_string(),
        Default::String(value) => format!("{value:?}"),
        Default::Neutral(kind) => kind.neutral().to_owned(),
    });
    written_out(&argument.name, kind, default.as_deref())
}

fn written_out(name: &str, kind: &str, default: Option<&str>) -> String {
    match default {
        Some(default) => format!("{name}: {kind} = {default}"),
        None => format!("{name}: {kind}"),
    }
}

fn same_result(method: &Method, item: &Item, wrong: &mut Vec<String>) {
    let wanted = match &method.returns_enum {
        Some(enumeration) => enumeration.name.as_str(),
        None => method.returns.name(),
    };
    let found = match item.returns.as_deref() {
        None => Kind::Void.name(),
        Some(path) => Kind::from_rust(path).map_or(path, |kind| kind.name()),
    };
    if wanted != found {
        wrong.push(format!(
            "{} returns {found}, and has to return {wanted}",
            method.name
        ));
    }
}

/// A generated method needs help.
fn unavailable(class: &Class, method: &Method, wrong: &mut Vec<String>) {
    let name = format!("{}.{}", class.name, method.name);
    if method.help.as_deref().is_none_or(str::is_empty) {
        wrong.push(format!("{name} has no help"));
    }
    if method.differs.is_some() {
        wrong.push(format!("{name} differs, and is not written by hand"));
    }
    for (key, value) in &method.dictionary {
        if value_kind(&name, value, method, wrong).is_none() {
            wrong.push(format!("{name} has nothing for {key}"));
        }
    }
}

/// An answer has to fit the signal.
fn answer(
    class: &Class,
    method: &Method,
    signals: &BTreeMap<&str, &Signal>,
    wrong: &mut Vec<String>,
) {
    let name = format!("{}.{}", class.name, method.name);
    let Some(answer) = &method.answer else { return };
    let Some(signal) = signals.get(answer.signal.as_str()) else {
        wrong.push(format!(
            "{name} is answered by {}, which is no signal",
            answer.signal
        ));
        return;
    };
    if signal.arguments.len() != answer.arguments.len() {
        wrong.push(format!(
            "{name}: {} has {} arguments",
            signal.name,
            signal.arguments.len()
        ));
    }
    for (argument, value) in signal.arguments.iter().zip(&answer.arguments) {
        let kind = value_kind(&name, value, method, wrong);
        if kind != Some(argument.kind) {
            wrong.push(format!(
                "{name}: {}'s {} is a {}, not {value:?}",
                signal.name,
                argument.name,
                argument.kind.name()
            ));
        }
    }
}

/// The type of an answer's argument. Finds what it echoes that is not there, in a Dictionary too.
fn value_kind(name: &str, value: &Value, method: &Method, wrong: &mut Vec<String>) -> Option<Kind> {
    Some(match value {
        Value::Bool(_) => Kind::Bool,
        Value::Int(_) => Kind::Int,
        Value::Float(_) => Kind::Float,
        Value::Neutral(kind, _) => *kind,
        Value::Array(_) => Kind::Array,
        Value::Dictionary(entries) => {
            for value in entries.values() {
                if value_kind(name, value, method, wrong).is_none() {
                    wrong.push(format!("{name} has nothing for {value:?}"));
                }
            }
            Kind::Dictionary
        }
        Value::String(text) => match text.strip_prefix('$') {
            None => Kind::String,
            Some(echo) => {
                let of_call = method
                    .arguments
                    .iter()
                    .find(|argument| argument.name == echo)
                    .map(|argument| argument.kind);
                of_call.or(matches!(echo, "app_id" | "steam_id").then_some(Kind::Int))?
            }
        },
    })
}

fn signals(surface: &Surface, written: &Written, wrong: &mut Vec<String>) {
    let mut known = BTreeSet::new();
    for signal in surface.all_classes().flat_map(|class| &class.signals) {
        known.insert(signal.name.as_str());
        match written.signals.get(&signal.name) {
            Some(item) => {
                same_signature(&signal.name, &signal.arguments, item, wrong);
                if signal.help.is_some() && signal.until.is_none() {
                    wrong.push(format!(
                        "{} is declared by hand: its help is its doc comment",
                        signal.name
                    ));
                }
            }
            None => {
                if signal.help.as_deref().is_none_or(str::is_empty) {
                    wrong.push(format!("signal {} has no help", signal.name));
                }
            }
        }
    }
    for name in written.signals.keys().chain(surface.signal_forms.keys()) {
        if !known.contains(name.as_str()) {
            wrong.push(format!("{name} is no signal of GodotSteam's"));
        }
    }
    for one in surface.all_classes().flat_map(|class| {
        let values = class.enums.iter().flat_map(|one| &one.values);
        values.chain(&class.constants)
    }) {
        if one.help.as_deref().is_none_or(str::is_empty) {
            wrong.push(format!("constant {} has no help", one.name));
        }
    }
}

fn properties(surface: &Surface, written: &Written, wrong: &mut Vec<String>) {
    for property in &surface.properties {
        for accessor in [&property.getter, &property.setter] {
            if !written.methods.contains_key(accessor) {
                wrong.push(format!(
                    "{accessor}, of the property {}, is missing",
                    property.name
                ));
            }
        }
    }
}

/// Where a signal is said to answer a method, by the help of either, the method has an answer for a call that fails, so that a
/// game that waits for it goes on; or a reason for having none.
fn answers(surface: &Surface, written: &Written, wrong: &mut Vec<String>) {
    let mut promised: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for class in surface.all_classes() {
        for method in &class.methods {
            let help = written
                .methods
                .get(&method.name)
                .or(written.forms.get(&method.name))
                .map(|item| item.help.as_str())
                .or(method.help.as_deref());
            let signals = promised.entry(&method.name).or_default();
            signals.extend(follows(help.unwrap_or_default()));
        }
        for signal in &class.signals {
            let help = written.signals.get(&signal.name);
            let help = help
                .map(|item| item.help.as_str())
                .or(signal.help.as_deref());
            for method in answers_to(help.unwrap_or_default()) {
                promised.entry(method).or_default().insert(&signal.name);
            }
        }
    }
    for method in surface.all_classes().flat_map(|class| &class.methods) {
        let (name, answer) = (&method.name, method.answer.as_ref());
        let signals = promised.remove(name.as_str()).unwrap_or_default();
        match (answer, &method.unanswered) {
            (Some(_), Some(_)) => wrong.push(format!("{name} is answered and is not")),
            (None, Some(_)) if signals.is_empty() => {
                wrong.push(format!(
                    "{name} is unanswered, and nobody says that it is answered"
                ));
            }
            (None, None) if !signals.is_empty() => {
                wrong.push(format!(
                    "{name} is answered by {signals:?}, and has no answer for a failure"
                ));
            }
            _ => {}
        }
    }
    for method in promised.keys() {
        wrong.push(format!("a signal answers {method}, which is no method"));
    }
}

/// The signals that follow by a method's help.
fn follows(help: &str) -> Vec<&str> {
    const LINK: &str = "[signal ";
    let mut found = Vec::new();
    for (start, _) in help.match_indices(LINK) {
        let Some((signal, after)) = help[start + LINK.len()..].split_once(']') else {
            continue;
        };
        let before = &help[..start];
        let words = |text: &str, of: &[&str]| of.iter().any(|word| text.trim_end().ends_with(word));
        if after.trim_start().starts_with("follows") || words(before, &["answer is", "answer was"])
        {
            found.push(signal);
        }
    }
    found
}

/// The methods that a signal answers by its help.
fn answers_to(help: &str) -> Vec<&str> {
    const LINK: &str = "[method ";
    let mut found = Vec::new();
    for (start, _) in help.match_indices(LINK) {
        let Some((method, after)) = help[start + LINK.len()..].split_once(']') else {
            continue;
        };
        let before = &help[..start];
        if before.trim_end().to_lowercase().ends_with("the answer to")
            || after.trim_start().starts_with("is answered")
        {
            found.push(method);
        }
    }
    found
}
