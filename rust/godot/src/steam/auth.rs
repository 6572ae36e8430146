//! User: tickets, with which one user proves to another who it is.

use godot::builtin::{PackedByteArray, VarDictionary, vdict};
use godot::global::godot_error;
use samovar_macros::api;
use samovar_steam::auth::{BeginAuthSession, MAX_TICKET};

use super::{Steam, arguments};
use crate::surface::enums::{BeginAuthSessionResult, UserHasLicenseForAppResult};

const INTERFACE: &str = "User";
/// What `beginAuthSession` returns before Steam was initialised, as GodotSteam's does.
const NOT_INITIALIZED: i64 = -1;
const HAS_LICENSE: UserHasLicenseForAppResult = UserHasLicenseForAppResult(0);
const DOES_NOT_HAVE_LICENSE: UserHasLicenseForAppResult = UserHasLicenseForAppResult(1);
const NO_AUTH: UserHasLicenseForAppResult = UserHasLicenseForAppResult(2);

#[api]
impl Steam {
    /// Takes a ticket back. Who uses it gets [signal validate_auth_ticket_response] with
    /// AUTH_SESSION_RESPONSE_AUTH_TICKET_CANCELED.
    #[func]
    #[allow(non_snake_case)]
    fn cancelAuthTicket(&self, auth_ticket: i64) {
        const CALL: &str = "cancelAuthTicket";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let Some(handle) = arguments::number(CALL, "auth_ticket", auth_ticket) {
            client.cancel_auth_ticket(handle);
        }
    }

    /// Checks a ticket that another user has sent you. Returns a [enum BeginAuthSessionResult]; 0 says that it is good,
    /// and [signal validate_auth_ticket_response] follows, now and when that changes. Call [method endAuthSession] when
    /// the user leaves your game.
    #[func]
    #[allow(non_snake_case)]
    fn beginAuthSession(
        &self,
        ticket: PackedByteArray,
        ticket_size: i64,
        steam_id: i64,
    ) -> BeginAuthSessionResult {
        const CALL: &str = "beginAuthSession";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return BeginAuthSessionResult(NOT_INITIALIZED);
        };
        let Some(user) = arguments::user(CALL, steam_id) else {
            return BeginAuthSessionResult(BeginAuthSession::InvalidTicket as i64);
        };
        // No error in the log: ticket and size may be what the other user sent.
        let bytes = usize::try_from(ticket_size)
            .ok()
            .and_then(|size| ticket.as_slice().get(..size));
        let result = bytes.map_or(BeginAuthSession::InvalidTicket, |bytes| {
            client.begin_auth_session(bytes, user)
        });
        BeginAuthSessionResult(result as i64)
    }

    /// Ends the session that [method beginAuthSession] began with a user.
    #[func]
    #[allow(non_snake_case)]
    fn endAuthSession(&self, steam_id: i64) {
        const CALL: &str = "endAuthSession";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let Some(user) = arguments::user(CALL, steam_id) {
            client.end_auth_session(user);
        }
    }

    /// Whether a user has a licence for an app, a [enum UserHasLicenseForAppResult]: you, and who has proved its identity
    /// with [method beginAuthSession], have one for this app and for no other.
    #[func]
    #[allow(non_snake_case)]
    fn userHasLicenseForApp(&self, steam_id: i64, app_id: i64) -> UserHasLicenseForAppResult {
        const CALL: &str = "userHasLicenseForApp";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return NO_AUTH;
        };
        let Some(user) = arguments::user(CALL, steam_id) else {
            return NO_AUTH;
        };
        if user != client.steam_id() && !client.is_authenticated(user) {
            NO_AUTH
        } else if app_id == i64::from(client.app_id()) {
            HAS_LICENSE
        } else {
            DOES_NOT_HAVE_LICENSE
        }
    }
}

/// A ticket for one user, or for anybody where `remote_steam_id` is 0.
pub(super) fn session_ticket(steam: &Steam, remote_steam_id: i64) -> VarDictionary {
    const CALL: &str = "getAuthSessionTicket";
    let Some(client) = steam.client(INTERFACE, CALL) else {
        return VarDictionary::new();
    };
    let recipient = if remote_steam_id == 0 {
        Some(None)
    } else {
        arguments::user(CALL, remote_steam_id).map(Some)
    };
    let Some(recipient) = recipient else {
        steam.refuse(CALL, &[]);
        return ticket(0, Vec::new());
    };
    match client.auth_session_ticket(recipient) {
        Ok((handle, bytes)) => ticket(handle, bytes),
        Err(error) => {
            godot_error!("{CALL}: {error}");
            steam.refuse(CALL, &[]);
            ticket(0, Vec::new())
        }
    }
}

fn ticket(handle: u32, mut bytes: Vec<u8>) -> VarDictionary {
    let size = bytes.len() as i64;
    bytes.resize(MAX_TICKET, 0);
    vdict! {
        "id" => i64::from(handle),
        "buffer" => &PackedByteArray::from(bytes),
        "size" => size,
    }
}
