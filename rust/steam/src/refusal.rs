//! Which of Steam's codes a call that is refused on the spot is answered with.

use samovar_lobby::{JoinResponse, LobbyError};

/// `k_EResultFail`.
const RESULT_FAIL: i32 = 2;
/// `k_EResultLimitExceeded`.
const RESULT_LIMIT_EXCEEDED: i32 = 25;

/// The `EResult` of `LobbyCreated_t`.
pub fn lobby_created(error: LobbyError) -> i32 {
    match error {
        LobbyError::TooManyPending | LobbyError::TooOften => RESULT_LIMIT_EXCEEDED,
        _ => RESULT_FAIL,
    }
}

/// The `EChatRoomEnterResponse` of `LobbyEnter_t`.
pub fn lobby_joined(error: LobbyError) -> u32 {
    let response = match error {
        LobbyError::NotALobby => JoinResponse::DoesntExist,
        LobbyError::TooManyPending | LobbyError::TooOften => JoinResponse::RateLimitExceeded,
        _ => JoinResponse::Error,
    };
    response as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_refusal_has_steams_codes() {
        assert_eq!(lobby_created(LobbyError::MemberLimit { limit: 0 }), 2);
        assert_eq!(lobby_created(LobbyError::TooManyPending), 25);
        assert_eq!(lobby_joined(LobbyError::NotALobby), 2);
        assert_eq!(lobby_joined(LobbyError::TooManyPending), 15);
    }
}
