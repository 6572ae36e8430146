//! The help that Godot's editor shows: one XML document a class, in the format of Godot's class reference.

use std::fmt::Write;

use crate::surface::{Class, Method};
use crate::{Kind, PeerClass, Surface, Written};

/// The help of `Steam`: what is written by hand by its doc comments, all else by the texts beside the API file.
#[must_use]
pub fn help(surface: &Surface, written: &Written) -> String {
    let mut document = Document::new("Steam", "Object", written);
    for class in surface.all_classes() {
        for method in &class.methods {
            let by_hand = written
                .methods
                .get(&method.name)
                .or(written.forms.get(&method.name));
            let text = match by_hand {
                Some(item) => with_until(refused(&item.help, method), method.until.as_ref()),
                None => with_until(unavailable(method), method.until.as_ref()),
            };
            document.methods(&method.name, &text);
        }
    }
    document.next("signals");
    for class in surface.all_classes() {
        for signal in &class.signals {
            let text = match (written.signals.get(&signal.name), &signal.help) {
                (Some(item), _) => item.help.clone(),
                (None, Some(help)) if answers(class, &signal.name) => {
                    format!(
                        "{help}\n\nHere only the failure is sent: that part of Steam is not available."
                    )
                }
                (None, help) => format!(
                    "{}\n\nNever sent here: that part of Steam is not available.",
                    help.as_deref().unwrap_or_default()
                ),
            };
            document.entry(
                "signal",
                &signal.name,
                "description",
                &with_until(text, signal.until.as_ref()),
            );
        }
    }
    document.next("constants");
    for class in surface.all_classes() {
        let values = class.enums.iter().flat_map(|one| &one.values);
        for constant in values.chain(&class.constants) {
            let text = constant.help.as_deref().unwrap_or_default();
            document.constant(&constant.name, constant.value, text);
        }
    }
    document.next("members");
    for property in &surface.properties {
        let help = written.methods.get(&property.getter);
        document.member(
            &property.name,
            property.kind,
            help.map_or("", |item| item.help.as_str()),
        );
    }
    document.end()
}

/// The help of a class that is all written by hand.
#[must_use]
pub fn help_of(class: &str, written: &Written) -> String {
    let mut document = Document::new(class, "Object", written);
    document.written(written);
    document.next("members");
    document.end()
}

/// The help of a class of the multiplayer peers.
#[must_use]
pub fn help_of_peer(class: &PeerClass, written: &Written) -> String {
    let mut document = Document::new(class.name, class.base, written);
    document.written(written);
    for constant in class.enums.iter().flat_map(|one| &one.values) {
        let text = constant.help.as_deref().unwrap_or_default();
        document.constant(&constant.name, constant.value, text);
    }
    document.next("members");
    for property in &class.properties {
        let help = written.methods.get(&property.getter);
        let help = help.map_or("", |item| item.help.as_str());
        document.member(&property.name, property.kind, help);
    }
    document.end()
}

/// What the help says of a method that is not written by hand.
fn unavailable(method: &Method) -> String {
    let mut text = method.help.clone().unwrap_or_default();
    text.push_str("\n\n[b]Not available without Steam:[/b] ");
    match method.returns {
        Kind::Void => text.push_str("does nothing"),
        _ if !method.dictionary.is_empty() => {
            text.push_str("returns all keys, with nothing in them");
        }
        kind => write!(text, "returns [code]{}[/code]", kind.neutral())
            .expect("a String takes everything"),
    }
    if let Some(answer) = &method.answer {
        write!(
            text,
            ", and answers with [signal {}], as for a failure",
            answer.signal
        )
        .expect("a String takes everything");
    }
    text.push('.');
    text
}

/// What the help says of a hand-written method that is answered even where it is refused.
fn refused(help: &str, method: &Method) -> String {
    match &method.answer {
        Some(answer) => format!(
            "{help}\n\nA call that is refused is answered too: [signal {}] tells of the failure.",
            answer.signal
        ),
        None => help.to_owned(),
    }
}

fn with_until(text: String, until: Option<&String>) -> String {
    match until {
        Some(until) => format!("{text}\n\nGodotSteam had this up to {until}."),
        None => text,
    }
}

/// Whether a signal answers some method of its part.
pub(crate) fn answers(class: &Class, signal: &str) -> bool {
    class
        .methods
        .iter()
        .filter_map(|method| method.answer.as_ref())
        .any(|answer| answer.signal == signal)
}

struct Document {
    xml: String,
    section: &'static str,
}

impl Document {
    fn new(class: &str, base: &str, written: &Written) -> Self {
        let (brief, description) = written
            .help
            .split_once("\n\n")
            .unwrap_or((&written.help, ""));
        let mut xml = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\" ?>\n");
        write!(
            xml,
            "<class name=\"{class}\" inherits=\"{base}\">\n<brief_description>{}</brief_description>\n<description>{}</description>\n<methods>\n",
            markup(brief),
            markup(description)
        )
        .expect("a String takes everything");
        Self {
            xml,
            section: "methods",
        }
    }

    /// The methods and signals that are written by hand, and then the constants begin.
    fn written(&mut self, written: &Written) {
        for (name, item) in &written.methods {
            self.methods(name, &item.help);
        }
        self.next("signals");
        for (name, item) in &written.signals {
            self.entry("signal", name, "description", &item.help);
        }
        self.next("constants");
    }

    fn next(&mut self, section: &'static str) {
        write!(self.xml, "</{}>\n<{section}>\n", self.section).expect("a String takes everything");
        self.section = section;
    }

    fn methods(&mut self, name: &str, text: &str) {
        self.entry("method", name, "description", text);
    }

    fn entry(&mut self, tag: &str, name: &str, inner: &str, text: &str) {
        writeln!(
            self.xml,
            "<{tag} name=\"{name}\"><{inner}>{}</{inner}></{tag}>",
            markup(text)
        )
        .expect("a String takes everything");
    }

    fn constant(&mut self, name: &str, value: i64, text: &str) {
        writeln!(
            self.xml,
            "<constant name=\"{name}\" value=\"{value}\">{}</constant>",
            markup(text)
        )
        .expect("a String takes everything");
    }

    fn member(&mut self, name: &str, kind: Kind, text: &str) {
        writeln!(
            self.xml,
            "<member name=\"{name}\" type=\"{}\">{}</member>",
            kind.name(),
            markup(text)
        )
        .expect("a String takes everything");
    }

    fn end(mut self) -> String {
        self.xml.push_str("</members>\n</class>\n");
        self.xml
    }
}

/// A text in Godot's markup, in XML: a line that ends within a paragraph is a space, and a name that Rust's documentation
/// has between backticks is code.
fn markup(text: &str) -> String {
    let mut parts = text.split('`');
    let mut coded = parts.next().unwrap_or_default().to_owned();
    for (index, part) in parts.enumerate() {
        coded.push_str(if index % 2 == 0 { "[code]" } else { "[/code]" });
        coded.push_str(part);
    }
    let escaped = coded
        .replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;");
    let paragraphs = escaped
        .split("\n\n")
        .map(|paragraph| paragraph.trim().replace('\n', " "));
    paragraphs.collect::<Vec<_>>().join("[br][br]")
}
