//! The compatibility table, `docs/compatibility.md`.

use std::collections::BTreeSet;
use std::fmt::Write;

use crate::help::answers;
use crate::surface::{Class, Method, Signal};
use crate::{Kind, PeerClass, Surface, Written};

const TEMPLATE: &str = include_str!("compatibility.md");
const TOTALS: &str = "{{totals}}";
const TABLES: &str = "{{tables}}";
const OLDER: &str = "{{older}}";
const RETURNS: &str = "{{returns}}";
const KEYS: &str = "{{keys}}";
const FORMS: &str = "{{forms}}";
const PEERS: &str = "{{peers}}";

/// How a name answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Status {
    /// As GodotSteam does with Steam running.
    Works,
    /// It works, with this difference.
    Differently(String),
    /// As GodotSteam does where that part of Steam is not there.
    Unavailable(String),
}

impl Status {
    /// What is written by hand, by its clause. One that begins like this has nothing behind it.
    fn by_hand(differs: Option<&String>) -> Self {
        match differs {
            None => Self::Works,
            Some(clause)
                if clause.starts_with("never sent") || clause.starts_with("unavailable") =>
            {
                let how = clause.strip_prefix("unavailable").unwrap_or(clause);
                Self::Unavailable(how.trim_start_matches([':', ',', ' ']).to_owned())
            }
            Some(clause) => Self::Differently(clause.clone()),
        }
    }

    fn text(&self) -> String {
        match self {
            Self::Works => "works".to_owned(),
            Self::Differently(how) => format!("works differently: {how}"),
            Self::Unavailable(how) if how.is_empty() => "answers unavailable".to_owned(),
            Self::Unavailable(how) => format!("answers unavailable: {how}"),
        }
    }
}

fn method_status(method: &Method, written: &Written) -> Status {
    let by_hand =
        written.methods.contains_key(&method.name) || written.forms.contains_key(&method.name);
    if by_hand {
        return Status::by_hand(method.differs.as_ref());
    }
    let mut how = match method.returns {
        Kind::Void => String::new(),
        _ if !method.dictionary.is_empty() => "its keys, with nothing in them".to_owned(),
        kind => format!("`{}`", kind.neutral()),
    };
    if let Some(answer) = &method.answer {
        let separator = if how.is_empty() { "" } else { ", " };
        write!(how, "{separator}then `{}`", answer.signal).expect("a String takes everything");
    }
    Status::Unavailable(how)
}

fn signal_status(class: &Class, signal: &Signal, written: &Written) -> Status {
    if written.signals.contains_key(&signal.name) {
        Status::by_hand(signal.differs.as_ref())
    } else if answers(class, &signal.name) {
        Status::Unavailable("says that it failed".to_owned())
    } else {
        Status::Unavailable("never sent".to_owned())
    }
}

#[derive(Default)]
struct Totals([usize; 3]);

impl Totals {
    fn count(&mut self, status: &Status) {
        let index = match status {
            Status::Works => 0,
            Status::Differently(_) => 1,
            Status::Unavailable(_) => 2,
        };
        self.0[index] += 1;
    }

    fn row(&self, name: &str) -> String {
        let [works, differently, unavailable] = self.0;
        let all = works + differently + unavailable;
        format!("| {name} | {all} | {works} | {differently} | {unavailable} |\n")
    }
}

/// The table of every method and signal, in its prose.
#[must_use]
pub fn table(surface: &Surface, written: &Written, peers: &[PeerClass]) -> String {
    let mut methods = Totals::default();
    let mut signals = Totals::default();
    let mut tables = String::new();
    for class in &surface.classes {
        class_table(class, written, &mut tables, &mut methods, &mut signals);
    }
    let mut older = Totals::default();
    let mut older_table = String::from("| name | up to | |\n|---|---|---|\n");
    for method in &surface.older.methods {
        let status = method_status(method, written);
        older.count(&status);
        row(
            &mut older_table,
            &method.name,
            method.until.as_ref(),
            &status,
        );
    }
    for signal in &surface.older.signals {
        let status = signal_status(&surface.older, signal, written);
        older.count(&status);
        row(
            &mut older_table,
            &signal.name,
            signal.until.as_ref(),
            &status,
        );
    }
    let enums: usize = surface.classes.iter().map(|class| class.enums.len()).sum();
    let values: usize = surface
        .classes
        .iter()
        .flat_map(|class| &class.enums)
        .map(|one| one.values.len())
        .sum();
    let constants: usize = surface
        .classes
        .iter()
        .map(|class| class.constants.len())
        .sum();
    let totals = format!(
        "| | all | work | work differently | answer unavailable |\n|---|---|---|---|---|\n{}{}{}\n{enums} enums with {values} values, {constants} other constants and {} properties exist as well.",
        methods.row("methods"),
        signals.row("signals"),
        older.row("methods and signals of older versions"),
        surface
            .properties
            .iter()
            .filter(|property| property.until.is_none())
            .count(),
    );
    TEMPLATE
        .replace(TOTALS, &totals)
        .replace(TABLES, tables.trim_end())
        .replace(OLDER, older_table.trim_end())
        .replace(RETURNS, returns(surface).trim_end())
        .replace(KEYS, keys(surface).trim_end())
        .replace(FORMS, forms(surface).trim_end())
        .replace(PEERS, self::peers(peers).trim_end())
}

fn row(out: &mut String, name: &str, until: Option<&String>, status: &Status) {
    let until = until.map_or("", String::as_str);
    writeln!(out, "| `{name}` | {until} | {} |", status.text()).expect("a String takes everything");
}

fn class_table(
    class: &Class,
    written: &Written,
    out: &mut String,
    methods: &mut Totals,
    signals: &mut Totals,
) {
    if class.methods.is_empty() && class.signals.is_empty() {
        return;
    }
    write!(out, "### {}\n\n| name | |\n|---|---|\n", class.name)
        .expect("a String takes everything");
    for method in &class.methods {
        let status = method_status(method, written);
        methods.count(&status);
        writeln!(out, "| `{}` | {} |", method.name, status.text())
            .expect("a String takes everything");
    }
    for signal in &class.signals {
        let status = signal_status(class, signal, written);
        signals.count(&status);
        writeln!(out, "| signal `{}` | {} |", signal.name, status.text())
            .expect("a String takes everything");
    }
    out.push('\n');
}

/// The methods that returned something else.
fn returns(surface: &Surface) -> String {
    let mut out = String::from("| method | up to | returned | returns |\n|---|---|---|---|\n");
    let today = |name: &str| surface.methods().find(|method| method.name == name);
    for (name, one) in &surface.returns {
        // What the API file says, which is what is bound here.
        let kind = today(name).map_or(one.today, |method| method.returns);
        if kind != one.older {
            let (older, kind) = (one.older.name(), kind.name());
            line(
                &mut out,
                &format!("| `{name}` | {} | {older} | {kind} |", one.until),
            );
        }
    }
    out
}

/// The keys that were called otherwise.
fn keys(surface: &Surface) -> String {
    let mut out = String::from("| in what | up to | key | today |\n|---|---|---|---|\n");
    for (name, one) in &surface.keys {
        for (older, today) in &one.renamed {
            line(
                &mut out,
                &format!("| `{name}` | {} | `{older}` | `{today}` |", one.until),
            );
        }
        for older in &one.added {
            line(
                &mut out,
                &format!("| `{name}` | {} | `{older}` | none |", one.until),
            );
        }
    }
    out
}

/// The methods that take more than today's types, and what of it.
fn forms(surface: &Surface) -> String {
    let mut out = String::from("| method | up to | also takes |\n|---|---|---|\n");
    for (name, one) in &surface.accepts {
        let also = one.arguments.iter().map(|also| {
            let (name, kind) = (&also.name, also.also.name());
            format!("`{name}` as {kind}: {}", also.means)
        });
        let extra = one.extra.iter().map(|extra| {
            let place = ["first", "second", "third"]
                .get(extra.position)
                .unwrap_or(&"last");
            format!(
                "`{}` ({}) as its {place} argument",
                extra.name,
                extra.kind.name()
            )
        });
        let order =
            (!one.order.is_empty()).then(|| format!("the order ({})", one.order.join(", ")));
        let without = one.missing.iter().chain(one.defaults.keys());
        let without = without.map(|name| format!("nothing for `{name}`"));
        let all: Vec<String> = also.chain(extra).chain(order).chain(without).collect();
        if !all.is_empty() {
            line(
                &mut out,
                &format!("| `{name}` | {} | {} |", one.until, all.join("; ")),
            );
        }
    }
    out
}

/// The classes of the multiplayer peers: everything of them is written by hand.
fn peers(classes: &[PeerClass]) -> String {
    let mut out = String::new();
    for class in classes.iter().rev() {
        line(&mut out, &format!("### {}\n", class.name));
        out.push_str("| name | of | |\n|---|---|---|\n");
        let status = |name: &str| Status::by_hand(class.differs.get(name)).text();
        let mut seen = BTreeSet::new();
        for form in &class.forms {
            if !seen.insert(form.name.as_str()) {
                continue;
            }
            let same = class.forms.iter().filter(|one| one.name == form.name);
            let apis: Vec<&str> = same.map(|one| one.api).collect();
            let (name, apis) = (&form.name, apis.join(", "));
            line(
                &mut out,
                &format!("| `{name}` | {apis} | {} |", status(name)),
            );
        }
        for (signal, api) in &class.signals {
            let name = &signal.name;
            line(
                &mut out,
                &format!("| signal `{name}` | {api} | {} |", status(name)),
            );
        }
        for property in &class.properties {
            line(
                &mut out,
                &format!("| property `{}` | | works |", property.name),
            );
        }
        for one in &class.enums {
            let values = one.values.len();
            line(
                &mut out,
                &format!("| enum `{}`, {values} values | | works |", one.name),
            );
        }
        out.push('\n');
    }
    out
}

fn line(out: &mut String, text: &str) {
    writeln!(out, "{text}").expect("a String takes everything");
}
