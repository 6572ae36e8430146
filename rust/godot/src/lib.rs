//! The Godot extension: registers `Steam` and forwards to `samovar-steam`.

#[cfg(feature = "bench")]
mod bench;
mod constants;
mod extension;
mod logging;
mod settings;
mod steam;
