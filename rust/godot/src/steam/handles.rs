//! Main: handles that GodotSteam keeps for methods that are called without one. A game may set and read them; nothing here
//! works on them.

use godot::builtin::VarArray;
use parking_lot::Mutex;
use samovar_macros::api;

use super::Steam;
use crate::shared::{AnyThread, Shared};

/// What was set last.
#[derive(Default)]
pub(super) struct Handles {
    browser_handle: Shared<i64>,
    current_clan_id: Shared<i64>,
    inventory_handle: Shared<i64>,
    inventory_update_handle: Shared<i64>,
    leaderboard_details_max: Shared<i64>,
    leaderboard_handle: Shared<i64>,
    leaderboard_ugc_handle: Shared<i64>,
    server_list_request: Shared<i64>,
    leaderboard_entries: Mutex<AnyThread<VarArray>>,
}

#[api]
impl Steam {
    /// The handle of the browser that HTMLSurface works on, as it was set; 0 before that.
    #[func]
    fn get_browser_handle(&self) -> i64 {
        self.state.handles.browser_handle.get()
    }

    /// Changes what [method get_browser_handle] returns, and nothing else.
    #[func]
    fn set_browser_handle(&self, new_browser_handle: i64) {
        self.state.handles.browser_handle.set(new_browser_handle);
    }

    /// The group that was looked at last, as it was set; 0 before that.
    #[func]
    fn get_current_clan_id(&self) -> i64 {
        self.state.handles.current_clan_id.get()
    }

    /// Changes what [method get_current_clan_id] returns, and nothing else.
    #[func]
    fn set_current_clan_id(&self, new_current_clan_id: i64) {
        self.state.handles.current_clan_id.set(new_current_clan_id);
    }

    /// The handle of the inventory's result set that was asked for last, as it was set; 0 before that.
    #[func]
    fn get_inventory_handle(&self) -> i64 {
        self.state.handles.inventory_handle.get()
    }

    /// Changes what [method get_inventory_handle] returns, and nothing else.
    #[func]
    fn set_inventory_handle(&self, new_inventory_handle: i64) {
        self.state
            .handles
            .inventory_handle
            .set(new_inventory_handle);
    }

    /// The handle of the inventory's update that was begun last, as it was set; 0 before that.
    #[func]
    fn get_inventory_update_handle(&self) -> i64 {
        self.state.handles.inventory_update_handle.get()
    }

    /// Changes what [method get_inventory_update_handle] returns, and nothing else.
    #[func]
    fn set_inventory_update_handle(&self, new_inventory_update_handle: i64) {
        self.state
            .handles
            .inventory_update_handle
            .set(new_inventory_update_handle);
    }

    /// The most details that are downloaded of a leaderboard's entry, as it was set; 0 before that.
    #[func]
    pub(super) fn get_leaderboard_details_max(&self) -> i64 {
        self.state.handles.leaderboard_details_max.get()
    }

    /// Changes what [method get_leaderboard_details_max] returns, and nothing else.
    #[func]
    pub(super) fn set_leaderboard_details_max(&self, new_leaderboard_details_max: i64) {
        self.state
            .handles
            .leaderboard_details_max
            .set(new_leaderboard_details_max);
    }

    /// The handle of the leaderboard that was found last, as it was set; 0 before that.
    #[func]
    fn get_leaderboard_handle(&self) -> i64 {
        self.state.handles.leaderboard_handle.get()
    }

    /// Changes what [method get_leaderboard_handle] returns, and nothing else.
    #[func]
    fn set_leaderboard_handle(&self, new_leaderboard_handle: i64) {
        self.state
            .handles
            .leaderboard_handle
            .set(new_leaderboard_handle);
    }

    /// The handle of the file that was attached to a leaderboard last, as it was set; 0 before that.
    #[func]
    fn get_leaderboard_ugc_handle(&self) -> i64 {
        self.state.handles.leaderboard_ugc_handle.get()
    }

    /// Changes what [method get_leaderboard_ugc_handle] returns, and nothing else.
    #[func]
    fn set_leaderboard_ugc_handle(&self, new_leaderboard_ugc_handle: i64) {
        self.state
            .handles
            .leaderboard_ugc_handle
            .set(new_leaderboard_ugc_handle);
    }

    /// The handle of the list of servers that was asked for last, as it was set; 0 before that.
    #[func]
    fn get_server_list_request(&self) -> i64 {
        self.state.handles.server_list_request.get()
    }

    /// Changes what [method get_server_list_request] returns, and nothing else.
    #[func]
    fn set_server_list_request(&self, new_server_list_request: i64) {
        self.state
            .handles
            .server_list_request
            .set(new_server_list_request);
    }

    /// The leaderboard's entries as they were set; empty before that.
    #[func]
    pub(super) fn get_leaderboard_entries(&self) -> VarArray {
        (*self.state.handles.leaderboard_entries.lock()).clone()
    }

    /// Changes what [method get_leaderboard_entries] returns, and nothing else.
    #[func]
    pub(super) fn set_leaderboard_entries(&self, new_leaderboard_entries: VarArray) {
        let before = std::mem::replace(
            &mut *self.state.handles.leaderboard_entries.lock(),
            AnyThread::new(new_leaderboard_entries),
        );
        // Not while it is locked: what is in the array may run code of the game when it goes.
        drop(before);
    }
}
