//! The endpoint, on a network in memory. One behaviour a file.
#![allow(clippy::unwrap_used)]

mod connections;
mod counted;
mod game;
mod harness;
mod road;

mod a_rate_is_held_and_used;
mod accepted_peers_fill_no_memory;
mod accepted_sessions_carry_messages;
mod bad_networks_carry_everything_reliable;
mod busy_links_share_what_is_read;
mod bytes_are_counted_until_acknowledged;
mod changed_packets_are_ignored;
mod closed_channels_free_their_streams;
mod closed_sessions_can_be_asked_for_again;
mod connections_end_with_a_reason;
mod connections_linger;
mod connections_share_the_streams;
mod crashes_are_noticed;
mod first_messages_arrive;
mod floods_beside_an_honest_user;
mod forged_offers_are_ignored;
mod idle_links_and_peers_cost_nothing;
mod lanes_share_a_connection;
mod large_packets_may_vanish;
mod links_carry_frames;
mod links_notice_a_dead_host;
mod links_of_strangers_end;
mod offers_are_for_one_process;
mod open_at_once_from_both_sides;
mod quality_is_what_arrives;
mod readers_that_never_read_hold_senders_back;
mod recorded_packets_are_ignored;
mod refused_sessions_time_out;
mod restarted_peers_are_met_again;
mod sessions_open_on_bad_networks;
mod slow_links_have_a_bound_together;
mod spoofed_addresses_cost_nothing;
mod strangers_cost_nothing;
mod unread_channels_stall_no_other;
mod unreliable_messages_wait_for_nobody;
mod wrong_keys_are_refused;
