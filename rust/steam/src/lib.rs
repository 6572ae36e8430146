//! The Steamworks interfaces in plain Rust, one file an interface
//!
//! [`Steam`] is a running user. Its methods are spread over one file for each interface: [`networking`],
//! [`networking_messages`], [`networking_config`], `matchmaking`, `friends` and `user`. What happens on its network thread is in `worker`.

pub mod avatar;
mod callback;
mod client;
pub mod discovery;
mod files;
mod friends;
mod hex;
pub mod locator;
mod matchmaking;
pub mod networking;
pub mod networking_config;
pub mod networking_messages;
pub mod profile;
mod translate;
mod user;
mod worker;

pub use callback::{Callback, MAX_CALLBACKS};
pub use client::{StartConfig, StartError, Steam};
pub use friends::GamePlayed;
pub use networking::{P2pSend, P2pSendError, P2pSessionState};
pub use networking_messages::{MessageResult, SendFlags, SessionConnectionInfo};
pub use samovar_id::SteamId;
pub use samovar_lobby::limits;
pub use samovar_lobby::{
    Comparison, GameServer, LobbyError, LobbyKind, PersonaError, PersonaState,
};
pub use samovar_net::Message;
