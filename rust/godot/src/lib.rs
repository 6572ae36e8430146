//! The Godot extension: registers `Steam` and forwards to `samovar-steam`.

mod constants;
mod extension;
mod logging;
mod settings;
mod steam;
