//! From what `samovar-net` and `samovar-lobby` report to Steamworks' callbacks.

use samovar_lobby::{Notice, Tell};
use samovar_net::{FailReason, Flow, SessionEvent};

use crate::callback::Callback;
use crate::networking::P2P_SESSION_ERROR_TIMEOUT;
use crate::networking_messages::{END_MISC_GENERIC, END_MISC_TIMEOUT, END_REMOTE_TIMEOUT};

/// `k_ESteamNetworkingConnectionState_ProblemDetectedLocally`.
const STATE_PROBLEM_DETECTED_LOCALLY: i32 = 5;

/// The callback that a session's event is.
pub(crate) fn session_event(event: SessionEvent) -> Option<Callback> {
    Some(match event {
        SessionEvent::Requested {
            peer,
            flow: Flow::P2p,
        } => Callback::P2pSessionRequest { peer },
        SessionEvent::Requested {
            peer,
            flow: Flow::Messages,
        } => Callback::MessagesSessionRequest { peer },
        SessionEvent::Failed {
            peer,
            flow: Flow::P2p,
            ..
        } => Callback::P2pSessionConnectFail {
            peer,
            error: P2P_SESSION_ERROR_TIMEOUT,
        },
        SessionEvent::Failed {
            peer,
            flow: Flow::Messages,
            reason,
        } => {
            let (reason, debug) = match reason {
                FailReason::Timeout => (END_MISC_TIMEOUT, "Timed out attempting to connect"),
                FailReason::RemoteTimeout => (END_REMOTE_TIMEOUT, "The peer stopped answering"),
                FailReason::Error => (END_MISC_GENERIC, "The connection broke"),
            };
            Callback::MessagesSessionFailed {
                reason,
                peer,
                state: STATE_PROBLEM_DETECTED_LOCALLY,
                debug: debug.to_owned(),
            }
        }
        // These have no events: their states are asked for.
        SessionEvent::Requested {
            flow: Flow::Connection(_),
            ..
        }
        | SessionEvent::Failed {
            flow: Flow::Connection(_),
            ..
        } => return None,
    })
}

/// The callback that a notice of the lobby mirror is, if it is one. `creation` is which creation it answers, if it does.
pub(crate) fn notice(notice: Notice, creation: u64) -> Option<Callback> {
    Some(match notice {
        Notice::LobbyCreated { result, lobby } => Callback::LobbyCreated {
            request: creation,
            result,
            lobby,
        },
        Notice::LobbyJoined {
            lobby,
            locked,
            response,
        } => Callback::LobbyJoined {
            lobby,
            locked,
            response,
        },
        Notice::LobbyMatchList { lobbies } => Callback::LobbyMatchList { lobbies },
        Notice::LobbyChatUpdate {
            lobby,
            changed,
            making_change,
            state,
        } => Callback::LobbyChatUpdate {
            lobby,
            changed,
            making_change,
            state,
        },
        Notice::LobbyMessage { lobby, user, text } => Callback::LobbyMessage {
            lobby,
            user,
            text,
            kind: 1,
        },
        Notice::LobbyDataUpdate {
            success,
            lobby,
            member,
        } => Callback::LobbyDataUpdate {
            success,
            lobby,
            member,
        },
        Notice::LobbyInvite {
            inviter,
            lobby,
            app_id,
        } => Callback::LobbyInvite {
            inviter,
            lobby,
            app_id,
        },
        Notice::LobbyKicked {
            lobby,
            admin,
            due_to_disconnect,
        } => Callback::LobbyKicked {
            lobby,
            admin,
            due_to_disconnect,
        },
        Notice::LobbyGameCreated {
            lobby,
            server,
            ip,
            port,
        } => Callback::LobbyGameCreated {
            lobby,
            server,
            ip,
            port,
        },
        Notice::PersonaStateChange { user, flags } => Callback::PersonaStateChange { user, flags },
        Notice::FriendRichPresenceUpdate { user, app_id } => {
            Callback::FriendRichPresenceUpdate { user, app_id }
        }
        Notice::Told {
            from: user,
            tell: Tell::GameInvite { connect },
        } => Callback::GameInvited { user, connect },
        Notice::Told { .. } | Notice::UserGone { .. } => return None,
    })
}
