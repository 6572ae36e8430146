//! The Steamworks interfaces in plain Rust, one file an interface
