//! The Godot extension: registers `Steam` and forwards to `samovar-steam`.

mod connections;
mod extension;
mod godot_classes;
mod logging;
mod monitors;
mod multiplayer;
mod objects;
mod overlay_node;
mod samovar;
mod samovar_avatar;
mod settings;
mod shared;
mod steam;
mod surface;
