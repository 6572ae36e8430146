//! Commands to the runner script and its answers.
//!
//! A command is one line of JSON. The script reads it with `str_to_var`, whose syntax contains
//! JSON's but keeps integers whole: Godot's own JSON parser turns a Steam ID into a float.

use serde_json::{Value, json};

/// What a command came to.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The value the call returned.
    pub value: Value,
    /// The error lines printed while it ran.
    pub errors: Vec<String>,
}

/// A `PackedByteArray` argument of `size` bytes in a pattern that `seed` chooses.
#[must_use]
pub fn bytes(size: usize, seed: u8) -> Value {
    json!({ "__bytes": { "size": size, "seed": seed } })
}

/// A `PackedByteArray` argument with the bytes of `text`.
#[must_use]
pub fn text_bytes(text: &str) -> Value {
    json!({ "__bytes": { "text": text } })
}
