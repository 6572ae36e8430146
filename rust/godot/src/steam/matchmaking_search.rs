//! Matchmaking: searching lobbies.

use godot::builtin::GString;
use godot::global::godot_error;
use samovar_macros::api;
use samovar_steam::Comparison;

use super::{Steam, arguments};

const INTERFACE: &str = "Matchmaking";

#[api]
impl Steam {
    /// Searches lobbies with the filters that were added since the last search. [signal lobby_match_list] follows. Only
    /// public and invisible lobbies that take newcomers and have room are found.
    #[func]
    #[allow(non_snake_case)]
    fn requestLobbyList(&self) {
        const CALL: &str = "requestLobbyList";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if !arguments::done(CALL, client.request_lobby_list()) {
            self.refuse(CALL, &[]);
        }
    }

    /// For the next search: only lobbies whose value compares so, as text. [param comparison_type] is a
    /// [enum LobbyComparison].
    #[func]
    #[allow(non_snake_case)]
    fn addRequestLobbyListStringFilter(
        &self,
        key_to_match: GString,
        value_to_match: GString,
        comparison_type: i64,
    ) {
        const CALL: &str = "addRequestLobbyListStringFilter";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let Some(comparison) = comparison(CALL, comparison_type) {
            let result = client.add_string_filter(
                &key_to_match.to_string(),
                &value_to_match.to_string(),
                comparison,
            );
            arguments::done(CALL, result);
        }
    }

    /// For the next search: only lobbies whose value compares so, as a number. [param comparison_type] is a
    /// [enum LobbyComparison].
    #[func]
    #[allow(non_snake_case)]
    fn addRequestLobbyListNumericalFilter(
        &self,
        key_to_match: GString,
        value_to_match: i64,
        comparison_type: i64,
    ) {
        const CALL: &str = "addRequestLobbyListNumericalFilter";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let (Some(comparison), Some(value)) = (
            comparison(CALL, comparison_type),
            value(CALL, value_to_match),
        ) {
            arguments::done(
                CALL,
                client.add_numerical_filter(&key_to_match.to_string(), value, comparison),
            );
        }
    }

    /// For the next search: lobbies whose value comes close to this number first. The filter that was added first
    /// matters most.
    #[func]
    #[allow(non_snake_case)]
    fn addRequestLobbyListNearValueFilter(&self, key_to_match: GString, value_to_be_close_to: i64) {
        const CALL: &str = "addRequestLobbyListNearValueFilter";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let Some(value) = value(CALL, value_to_be_close_to) {
            arguments::done(
                CALL,
                client.add_near_value_filter(&key_to_match.to_string(), value),
            );
        }
    }

    /// For the next search: only lobbies with at least so many open places.
    #[func]
    #[allow(non_snake_case)]
    fn addRequestLobbyListFilterSlotsAvailable(&self, slots_available: i64) {
        const CALL: &str = "addRequestLobbyListFilterSlotsAvailable";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let Some(slots) = arguments::number(CALL, "slots_available", slots_available) {
            client.set_slots_filter(slots);
        }
    }

    /// For the next search: how far away, a [enum LobbyDistanceFilter]. All lobbies are near here.
    #[func]
    #[allow(non_snake_case)]
    fn addRequestLobbyListDistanceFilter(&self, distance_filter: i64) {
        const CALL: &str = "addRequestLobbyListDistanceFilter";
        if self.client(INTERFACE, CALL).is_some() && !(0..=3).contains(&distance_filter) {
            godot_error!("{CALL}: distance_filter {distance_filter} is not 0 to 3");
        }
    }

    /// For the next search: at most so many lobbies, 50 without it.
    #[func]
    #[allow(non_snake_case)]
    fn addRequestLobbyListResultCountFilter(&self, max_results: i64) {
        const CALL: &str = "addRequestLobbyListResultCountFilter";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let Some(count) = arguments::number(CALL, "max_results", max_results) {
            client.set_result_count_filter(count);
        }
    }
}

fn comparison(call: &str, comparison_type: i64) -> Option<Comparison> {
    let comparison = Comparison::from_number(comparison_type);
    if comparison.is_none() {
        godot_error!("{call}: comparison_type {comparison_type} is not -2 to 3");
    }
    comparison
}

fn value(call: &str, value: i64) -> Option<i32> {
    let valid = i32::try_from(value).ok();
    if valid.is_none() {
        godot_error!("{call}: {value} does not fit into 32 bits");
    }
    valid
}
