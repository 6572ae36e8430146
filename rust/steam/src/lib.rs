//! The Steamworks interfaces in plain Rust, one file an interface

mod files;
mod hex;
pub mod locator;
