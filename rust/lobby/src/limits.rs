//! Every bound of the directory and its clients.

/// The longest key of lobby or member data, in bytes (`k_nMaxLobbyKeyLength`).
pub const MAX_KEY: usize = 255;
/// The longest value of lobby or member data, in bytes (`k_cubChatMetadataMax`).
pub const MAX_VALUE: usize = 8192;
/// The longest line of chat, in bytes (`SendLobbyChatMsg`, "up to 4k").
pub const MAX_CHAT: usize = 4096;
/// The most members of a lobby (`CreateLobby`).
pub const MAX_MEMBERS: u32 = 250;
/// The most keys of a lobby, and of a member.
pub const MAX_KEYS: usize = 128;
/// The most bytes of keys and values of a lobby, and of a member.
pub const MAX_DATA: usize = 64 * 1024;
/// The most lobbies that a user is in at once. Steam's own rule, one regular and two invisible ones, is not enforced.
pub const MAX_LOBBIES_PER_USER: usize = 8;
/// The most users that one directory keeps.
pub const MAX_USERS: usize = 4096;
/// The most lobbies that one directory keeps.
pub const MAX_LOBBIES: usize = 16_384;
/// The most users who are remembered as invited to a lobby; the oldest is forgotten.
pub const MAX_INVITED: usize = 250;
/// The longest persona name, in bytes (`k_cchPersonaNameMax`).
pub const MAX_NAME: usize = 128;
/// The longest signal from user to user, in bytes.
pub const MAX_SIGNAL: usize = 4096;
/// The most filters of one search.
pub const MAX_FILTERS: usize = 32;
/// How many results a search gives unless it says otherwise.
pub const DEFAULT_RESULTS: u32 = 50;
/// The most results of a search.
pub const MAX_RESULTS: u32 = 250;
/// The most bytes of lobby data in the results of one search; lobbies beyond it are left out.
pub const MAX_RESULT_BYTES: usize = 512 * 1024;
/// Lines of chat, changes and searches that a user may send at once.
pub const COMMAND_BURST: u32 = 400;
/// Commands that a user may send each second over time.
pub const COMMANDS_PER_SECOND: u32 = 100;
/// The most commands of a client that wait for the directory.
pub const MAX_PENDING_COMMANDS: usize = 512;
/// The most lobbies, other than its own, whose data a client remembers.
pub const MAX_CACHED_LOBBIES: usize = 512;
/// The most names of users that a client remembers.
pub const MAX_CACHED_NAMES: usize = 4096;
/// The most notices that wait in a mirror; its driver takes them at once.
pub const MAX_NOTICES: usize = 16_384;
/// How long a client waits for the answer to a request, in milliseconds (Steam: 20 s).
pub const REQUEST_TIMEOUT_MS: u64 = 20_000;
