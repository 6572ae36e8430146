//! `ISteamUser` and `ISteamUtils`: who the local user is, and what time it is.

use std::sync::atomic::Ordering;

use crate::callback::Callback;
use crate::client::Steam;

/// `k_ECheckFileSignatureNoSignaturesFoundForThisApp`.
const NO_SIGNATURES_FOUND_FOR_THIS_APP: i32 = 3;

impl Steam {
    /// Whether a directory can be reached. True from the start, false once there has been none for five seconds or it
    /// has refused this user.
    pub fn logged_on(&self) -> bool {
        self.shared.logged_on.load(Ordering::Acquire)
    }

    /// The directory's time, in seconds since 1970; the local clock's where there has been no directory.
    pub fn server_real_time(&self) -> u64 {
        self.shared.directory_now_ms().0 / 1000
    }

    /// Has `CheckFileSignature` answered: no app has signatures here.
    pub fn check_file_signature(&self) {
        self.shared.callbacks.push(Callback::CheckFileSignature {
            signature: NO_SIGNATURES_FOUND_FOR_THIS_APP,
        });
    }
}
