class_name LobbyAnswers
## What Steam's numbers mean, in words for the player.


## Why a lobby was not joined.
static func to_join(response: int) -> String:
	match response:
		Steam.CHAT_ROOM_ENTER_RESPONSE_DOESNT_EXIST: return "This lobby no longer exists."
		Steam.CHAT_ROOM_ENTER_RESPONSE_NOT_ALLOWED: return "You are not allowed to join this lobby."
		Steam.CHAT_ROOM_ENTER_RESPONSE_FULL: return "This lobby is full."
		Steam.CHAT_ROOM_ENTER_RESPONSE_ERROR: return "The lobby could not be joined: something unexpected happened."
		Steam.CHAT_ROOM_ENTER_RESPONSE_BANNED: return "You are banned from this lobby."
		Steam.CHAT_ROOM_ENTER_RESPONSE_LIMITED: return "Limited accounts cannot join this lobby."
		Steam.CHAT_ROOM_ENTER_RESPONSE_CLAN_DISABLED: return "This lobby is locked or disabled."
		Steam.CHAT_ROOM_ENTER_RESPONSE_COMMUNITY_BAN: return "Your account is locked by the community."
		Steam.CHAT_ROOM_ENTER_RESPONSE_MEMBER_BLOCKED_YOU: return "A member of this lobby has blocked you."
		Steam.CHAT_ROOM_ENTER_RESPONSE_YOU_BLOCKED_MEMBER: return "You have blocked a member of this lobby."
		Steam.CHAT_ROOM_ENTER_RESPONSE_RATE_LIMIT_EXCEEDED: return "Too many attempts to join: wait a moment."
	return "The lobby could not be joined (answer %d)." % response


## Why a lobby was not created.
static func to_creation(result: int) -> String:
	match result:
		2: return "Steam refused"
		3: return "no connection"
		15: return "access denied"
		16: return "no answer in time"
		25: return "too many lobbies"
	return "result %d" % result


## How a member went. [param remover] is the name of who removed it, empty where it went by itself.
static func to_departure(state: int, remover: String) -> String:
	match state:
		Steam.CHAT_MEMBER_STATE_CHANGE_DISCONNECTED: return "lost the connection"
		Steam.CHAT_MEMBER_STATE_CHANGE_KICKED: return _by("was kicked", remover)
		Steam.CHAT_MEMBER_STATE_CHANGE_BANNED: return _by("was banned", remover)
	return "left"


## Why a P2P session failed.
static func to_session(error: int) -> String:
	match error:
		Steam.P2P_SESSION_ERROR_NOT_RUNNING_APP: return "is not running this game"
		Steam.P2P_SESSION_ERROR_NO_RIGHTS_TO_APP: return "cannot be reached: you do not own this game"
		Steam.P2P_SESSION_ERROR_DESTINATION_NOT_LOGGED_ON: return "is not connected to Steam"
		Steam.P2P_SESSION_ERROR_TIMEOUT: return "did not answer in time"
	return "cannot be reached (error %d)" % error


static func _by(what: String, who: String) -> String:
	return what if who == "" else "%s by %s" % [what, who]
