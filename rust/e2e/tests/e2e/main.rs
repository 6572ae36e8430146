//! End-to-end scenarios: one test function each, real Godot processes in all of them.
//!
//! One binary, so that linking and preparing the library happen once. Run one scenario with
//! `cargo test -p samovar-e2e --test e2e NAME -- --nocapture`.

mod answers;
mod api;
mod auth_tickets;
mod bad_input;
mod beside_godotsteam;
mod call_order;
mod call_times;
mod common;
mod conformance;
mod connect_lobby;
mod demo;
mod dictionaries;
mod directory_host;
mod every_call;
mod every_request;
mod examples;
mod exit;
mod export;
mod favorites;
mod friends;
mod friends_list;
mod generations;
mod help;
mod kicked;
mod lobbies_tutorial;
#[cfg(target_os = "linux")]
mod machines;
mod matchmaking;
mod measurements;
mod member_list;
mod messages_tutorial;
mod monitors;
mod network_conditions;
mod no_callbacks;
mod objects;
mod older_games;
mod overlay;
mod p2p_tutorial;
mod peer_common;
mod peer_conformance;
mod peer_exit;
mod peer_ordered;
mod peer_own_lobby;
mod peer_people;
mod peer_play;
mod peer_shapes;
mod peer_world;
mod pictures;
mod profiles;
mod readme;
mod recent_players;
mod reentrancy;
mod restart;
mod rich_presence;
mod search;
mod sessions;
mod signal_order;
mod sockets;
mod sockets_config;
mod stalled;
mod start_up;
#[cfg(target_os = "linux")]
mod strangers;
mod ten_instances;
mod text_filter;
mod two_lobbies;
mod typed_script;
mod unavailable_calls;
mod utils;
mod voice;
