//! The Godot extension: registers Steam and forwards to samovar-steam
