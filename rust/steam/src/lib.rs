//! The Steamworks interfaces in plain Rust, one file an interface
//!
//! [`Steam`] is a running user. Its methods are spread over one file for each interface: [`networking`],
//! [`networking_messages`], [`networking_config`], `matchmaking`, `friends` and `user`. What happens on its network thread is in `worker`.

pub mod app_id;
pub mod auth;
pub mod avatar;
mod avatars;
mod callback;
mod client;
mod coplay;
pub mod discovery;
mod favorites;
mod files;
mod friends;
mod hex;
mod images;
pub mod language;
mod local;
pub mod locator;
mod matchmaking;
pub mod multiplayer_peer;
pub mod networking;
pub mod networking_config;
pub mod networking_messages;
pub mod networking_sockets;
pub mod picture;
pub mod profile;
mod rank;
pub mod refusal;
mod saver;
mod seldom;
pub mod text_filter;
mod totals;
mod translate;
mod user;
mod worker;

pub use callback::{Callback, MAX_CALLBACKS};
pub use client::{StartConfig, StartError, Steam};
pub use coplay::{MAX_RECENT_PLAYERS, RecentPlayer};
pub use favorites::{Favorite, FavoriteError, MAX_FAVORITES};
pub use friends::GamePlayed;
pub use images::{AvatarSource, MAX_IMAGES};
pub use networking::{P2pSend, P2pSendError, P2pSessionState};
pub use networking_messages::{MessageResult, SendFlags, SessionConnectionInfo};
pub use rank::{MAX_TERM, MAX_TERM_LEAP};
pub use samovar_id::SteamId;
pub use samovar_lobby::limits;
pub use samovar_lobby::{
    Comparison, GameServer, LobbyError, LobbyKind, PersonaError, PersonaState,
};
pub use samovar_net::Message;
pub use seldom::Seldom;
pub use totals::NetworkTotals;
