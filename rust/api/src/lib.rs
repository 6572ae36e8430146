//! GodotSteam's API as data: what it names, what of it is written by hand, and what is generated from the rest.
//!
//! The build script of `samovar-godot` reads the API file and the texts beside it ([`Surface::read`]), looks at the sources
//! of the class `Steam` ([`Written::read`]), stops the build where they drift apart ([`check`]), and generates tables of what
//! remains ([`generate`]) and the editor's help ([`help`]). The compatibility table ([`table`]) comes from the same data.

mod check;
mod generate;
mod help;
mod kind;
mod older;
mod peers;
mod surface;
mod table;
mod texts;
mod written;

pub use check::check;
pub use generate::{enum_types, generate, generate_peer};
pub use help::{help, help_of, help_of_peer};
pub use kind::{Enumeration, Kind};
pub use peers::{Form, PeerClass};
pub use surface::{Argument, Class, Constant, Default, Enum, Method, Property, Signal, Surface};
pub use table::table;
pub use texts::{Accepts, Answer, Keys, Returned, SignalForm, Value};
pub use written::{Item, Written};

use std::path::PathBuf;

/// Why the API could not be read, or what is wrong with it.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file is missing or cannot be read.
    #[error("{path}: {error}")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        error: std::io::Error,
    },
    /// A file is not what it has to be: not JSON, TOML or Rust, or without a field.
    #[error("{path}: {error}")]
    Parse {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        error: String,
    },
    /// What is written by hand, or a text, does not fit the API file.
    #[error("{}", .0.join("\n"))]
    Drift(Vec<String>),
}

pub(crate) fn read(path: &std::path::Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|error| Error::Read {
        path: path.to_owned(),
        error,
    })
}
