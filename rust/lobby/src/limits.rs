//! Every bound of the directory and its clients.

use crate::bucket::Rate;

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
/// The most bytes of a lobby's own data. Here and below a pair counts as its key, its value and [`PAIR_BYTES`].
pub const MAX_DATA: usize = 64 * 1024;
/// The most bytes of one member's data.
pub const MAX_MEMBER_DATA: usize = 16 * 1024;
/// The most bytes of all members' data of a lobby together.
pub const MAX_MEMBERS_DATA: usize = 128 * 1024;
/// What of it each member has, whatever others set, in bytes.
pub const MEMBER_DATA_SHARE: usize = 256;
/// The most bytes that all members together set beyond their shares.
pub const MAX_DATA_BEYOND_SHARES: usize =
    MAX_MEMBERS_DATA - MAX_MEMBERS as usize * MEMBER_DATA_SHARE;
/// What a pair of key and value counts beside the two, in bytes.
pub const PAIR_BYTES: usize = 5;
/// The most regular lobbies that a user creates or joins: all but invisible ones (`ELobbyType`).
pub const MAX_REGULAR_LOBBIES: usize = 1;
/// The most invisible lobbies that a user creates or joins (`ELobbyType`).
pub const MAX_INVISIBLE_LOBBIES: usize = 2;
/// The most lobbies that a user is in at once, whatever their kind has become.
pub const MAX_LOBBIES_PER_USER: usize = MAX_REGULAR_LOBBIES + MAX_INVISIBLE_LOBBIES;
/// The most users that one directory serves unless it is configured otherwise, and the most absent ones that it waits for
/// beside them.
pub const MAX_USERS: usize = 1024;
/// The most lobbies that one directory keeps unless it is configured otherwise.
pub const MAX_LOBBIES: usize = 16_384;
/// The most users who are remembered as banned from a lobby; the oldest is forgotten.
pub const MAX_BANNED: usize = 250;
/// The most friends: users of one app who see each other on a directory where everyone is a friend. Who comes later is
/// friend of nobody.
pub const MAX_FRIENDS: usize = 250;
/// The most friends that a client remembers, with those who have gone; of these the first is forgotten.
pub const MAX_REMEMBERED_FRIENDS: usize = 2 * MAX_FRIENDS;
/// How long a user whose link is gone, and who is in no lobby, stays a friend as before, in milliseconds: if it is back by then,
/// nobody hears of it. A member of a lobby stays one for its grace time.
pub const PRESENCE_GRACE_MS: u64 = 3_000;
/// The most keys of rich presence (`k_cchMaxRichPresenceKeys`).
pub const MAX_PRESENCE_KEYS: usize = 30;
/// The longest key of rich presence, in bytes (`k_cchMaxRichPresenceKeyLength`).
pub const MAX_PRESENCE_KEY: usize = 64;
/// The longest value of rich presence, in bytes (`k_cchMaxRichPresenceValueLength`).
pub const MAX_PRESENCE_VALUE: usize = 256;
/// The longest connect string of an invitation to a game, in bytes: that of rich presence.
pub const MAX_CONNECT: usize = MAX_PRESENCE_VALUE;
/// Width and height of a user's own picture as it travels, in pixels.
pub const AVATAR_SIZE: usize = 184;
/// The bytes of such a picture: red, green and blue, row by row.
pub const AVATAR_BYTES: usize = AVATAR_SIZE * AVATAR_SIZE * 3;
/// The most pictures that a directory keeps, and a client of others; one beyond it is dropped, or the oldest forgotten.
pub const MAX_AVATARS: usize = MAX_FRIENDS;
/// How long a client gathers changes of data and of persona before it sends them together, in milliseconds.
pub const GATHER_MS: u64 = 5;
/// The most users who are remembered as invited to a lobby. For a further one the oldest is forgotten of whichever member
/// has invited most, or of those who have left.
pub const MAX_INVITED: usize = 250;
/// The most directories whose keys a process remembers, to check what members bring from them; the oldest is forgotten.
pub const MAX_KNOWN_DIRECTORIES: usize = 64;
/// The most lobbies that a directory remembers after nobody was left in them, since members who were cut off may come back;
/// the oldest is forgotten.
pub const MAX_GONE_LOBBIES: usize = 1024;
/// The most users whom a lobby that was taken over remembers as having brought a copy.
pub const MAX_BACKERS: usize = 2 * MAX_MEMBERS as usize;
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
/// Creations, joins, searches and questions of one user.
pub const REQUEST_RATE: Rate = Rate {
    burst: 400,
    per_second: 100,
};
/// Lines of chat and invitations of one user, as a directory passes them on.
pub const SPEECH_RATE: Rate = Rate {
    burst: 400,
    per_second: 100,
};
/// The same, as a client lets its own game speak: half, so that no line is refused further on, where nobody is told.
pub const OWN_SPEECH_RATE: Rate = Rate {
    burst: 200,
    per_second: 50,
};
/// What a client tells other users about tickets, which must not use up what its game says.
pub const OWN_TICKET_RATE: Rate = Rate {
    burst: 100,
    per_second: 20,
};
/// Changes of a lobby's kind, joinability, limit, owner and game server by one user, which all members are told of, and
/// their friends of some.
pub const SETTINGS_RATE: Rate = Rate {
    burst: 100,
    per_second: 20,
};
/// The same, as a client lets its own game do: half, so that none is refused further on, where nobody is told.
pub const OWN_SETTINGS_RATE: Rate = Rate {
    burst: 50,
    per_second: 10,
};
/// Changes of data by one user. Clients gather them for [`GATHER_MS`] for each lobby, so that none reaches this.
pub const DATA_RATE: Rate = Rate {
    burst: 2000,
    per_second: 1000,
};
/// Changes of persona and rich presence of one user, which all friends are told of.
pub const PERSONA_RATE: Rate = Rate {
    burst: 50,
    per_second: 10,
};
/// The same, as a client sends them: of more, the latest waits, so that none is refused further on, where nobody is told.
pub const OWN_PERSONA_RATE: Rate = Rate {
    burst: 20,
    per_second: 5,
};
/// Pictures that one user sends or asks for: enough for all friends' at once.
pub const AVATAR_RATE: Rate = Rate {
    burst: 300,
    per_second: 5,
};
/// Signals of one user. A member of the largest lobby greets all others at once, and they it: for each it says and is asked
/// which process it is, offers, and accepts.
pub const SIGNAL_RATE: Rate = Rate {
    burst: 1000,
    per_second: 200,
};
/// Signals of one user to another, which nobody else's can use up: enough to ask for sessions of both interfaces, and to
/// answer.
pub const SIGNAL_SHARE: Rate = Rate {
    burst: 12,
    per_second: 1,
};
/// The most users towards whom a user has used its share, and it is not whole again. Towards others it has none.
pub const MAX_SIGNAL_TARGETS: usize = MAX_MEMBERS as usize;
/// Signals to one user beyond each sender's [`SIGNAL_SHARE`], from whomever.
pub const SIGNALLED_RATE: Rate = Rate {
    burst: 1000,
    per_second: 200,
};
/// The most users who are gone and of whom a directory remembers what was left to them of every rate, until all is whole again:
/// coming again earns nothing. Of more, the one who went first is forgotten.
pub const MAX_FORMER_RATES: usize = MAX_USERS;
/// How long a new directory that takes over from another waits for the members to bring their lobbies, in milliseconds.
/// Until then a lobby that it does not know may still come, so searches and joins wait.
pub const SETTLE_MS: u64 = 2_000;
/// The most commands that wait for it. Of more, the oldest of the user who has the most is answered at once.
pub const MAX_DEFERRED: usize = 512;
/// The most changes and lines of its own that a client keeps, to make them again at a directory that takes over: as many as
/// it can make in a moment.
pub const MAX_RECENT_CHANGES: usize = 256;
/// The most bytes of them.
pub const MAX_RECENT_BYTES: usize = 512 * 1024;
/// How long before the next directory's beginning something may have been said or changed at the last one and not have
/// reached everybody, in milliseconds. For as long a directory keeps lines of chat even if every member is there.
pub const RECENT_MS: u64 = 10_000;
/// The most lines of chat that a directory keeps of a lobby, for members who are gone for a while; the oldest is dropped of
/// the member who has said most.
pub const MAX_MISSED_CHAT: usize = 512;
/// The most bytes of such lines, in all lobbies together; the oldest is dropped of the lobby that has most.
pub const MAX_MISSED_BYTES: usize = 16 * 1024 * 1024;
/// The same for each lobby; the oldest is dropped of the member whose lines have most.
pub const MAX_MISSED_LOBBY_BYTES: usize = 1024 * 1024;
/// How long a client that has missed something waits for the answer before it asks again, in milliseconds.
pub const RESUME_PATIENCE_MS: u64 = 2_000;
/// The most lobbies of which a directory remembers that a user was taken out of them, until it hears that the user knows.
pub const MAX_KICKED: usize = 8;
/// How long a directory waits at least for a member of a lobby that somebody brings, in milliseconds, even if it is said to have
/// been away for long: it may be about to come.
pub const MIN_AWAITED_MS: u64 = 5_000;
/// The highest revision that a lobby which a client brings may have: far beyond any real one, far below overflow.
pub const MAX_REVISION: u64 = 1 << 48;
/// The most commands of a client that wait for the directory.
pub const MAX_PENDING_COMMANDS: usize = 512;
/// The most lobbies, other than its own, whose data a client remembers.
pub const MAX_CACHED_LOBBIES: usize = 512;
/// The most bytes that it remembers of them, with what a pair of key and value costs in memory.
pub const MAX_CACHED_LOBBY_BYTES: usize = 2 * 1024 * 1024;
/// The most bytes of others' rich presence that a client remembers, counted alike.
pub const MAX_CACHED_PRESENCE_BYTES: usize = 4 * 1024 * 1024;
/// The most addresses of a directory.
pub const MAX_ADDRS: usize = 32;
/// The most names of users that a client remembers.
pub const MAX_CACHED_NAMES: usize = 4096;
/// The most notices that wait in a mirror; its driver takes them at once.
pub const MAX_NOTICES: usize = 16_384;
/// How long a client waits for the answer to a request, in milliseconds (Steam: 20 s).
pub const REQUEST_TIMEOUT_MS: u64 = 20_000;
