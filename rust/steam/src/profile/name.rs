//! The names that profiles can have.

use std::fmt;

/// Longest name of a profile, in characters.
pub const MAX_NAME: usize = 32;

/// What Windows takes for devices, whatever the folder; also with a digit after the last two.
const DEVICES: [&str; 4] = ["con", "prn", "aux", "nul"];
const NUMBERED_DEVICES: [&str; 2] = ["com", "lpt"];

/// The name of a profile: ASCII letters, digits, `-` and `_`, so that it can be a folder's name on every system.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct ProfileName(String);

/// Why a text is not the name of a profile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NameError {
    /// It is empty.
    #[error("it is empty")]
    Empty,
    /// It is longer than [`MAX_NAME`].
    #[error("it has more than {MAX_NAME} characters")]
    TooLong,
    /// It has other characters than letters, digits, `-` and `_`.
    #[error("only the letters a to z, digits, - and _ are allowed")]
    Character,
    /// Windows takes it for a device.
    #[error("Windows reserves it")]
    Reserved,
}

impl ProfileName {
    /// The name in `text`, unchanged.
    ///
    /// # Errors
    /// See [`NameError`].
    pub fn parse(text: &str) -> Result<Self, NameError> {
        if text.is_empty() {
            return Err(NameError::Empty);
        }
        if text.chars().count() > MAX_NAME {
            return Err(NameError::TooLong);
        }
        if !text
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_')
        {
            return Err(NameError::Character);
        }
        let lower = text.to_ascii_lowercase();
        let stem = lower.strip_suffix(|last: char| last.is_ascii_digit());
        if DEVICES.contains(&&*lower) || stem.is_some_and(|stem| NUMBERED_DEVICES.contains(&stem)) {
            return Err(NameError::Reserved);
        }
        Ok(Self(text.to_owned()))
    }

    pub(super) fn numbered(number: u32) -> Self {
        Self(number.to_string())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl fmt::Debug for ProfileName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&self.0, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn plain_names_are_taken_as_they_are() {
        for name in [
            "1",
            "64",
            "Alice",
            "test-2_b",
            "-",
            "com",
            "com12",
            "console",
            &"x".repeat(32),
        ] {
            assert_eq!(ProfileName::parse(name).unwrap().as_str(), name);
        }
    }

    #[test]
    fn other_texts_are_refused_with_a_reason() {
        for (name, reason) in [
            ("", NameError::Empty),
            (&*"x".repeat(33), NameError::TooLong),
            ("..", NameError::Character),
            (".", NameError::Character),
            ("a/b", NameError::Character),
            ("a\\b", NameError::Character),
            ("C:", NameError::Character),
            ("a b", NameError::Character),
            ("a\0", NameError::Character),
            ("é", NameError::Character),
            ("nul", NameError::Reserved),
            ("CON", NameError::Reserved),
            ("Com7", NameError::Reserved),
            ("lpt0", NameError::Reserved),
        ] {
            assert_eq!(ProfileName::parse(name), Err(reason), "{name:?}");
        }
    }
}
