//! The Steamworks interfaces in plain Rust, one file an interface

pub mod avatar;
pub mod discovery;
mod files;
mod hex;
pub mod locator;
pub mod profile;
