//! `ISteamUser`: who the local user is.

use std::sync::atomic::Ordering;

use crate::client::Steam;

impl Steam {
    /// Whether a directory can be reached. True from the start, false once there has been none for five seconds or it
    /// has refused this user.
    pub fn logged_on(&self) -> bool {
        self.shared.logged_on.load(Ordering::Acquire)
    }
}
