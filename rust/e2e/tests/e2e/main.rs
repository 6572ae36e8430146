//! End-to-end scenarios: one test function each, real Godot processes in all of them.
