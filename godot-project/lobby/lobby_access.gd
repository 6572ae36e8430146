class_name LobbyAccess
## Who may come into a lobby. Steam does not tell, so the owner writes it into the lobby's data as well: who owns the
## lobby next reads it there.

const KEY_TYPE := "type"
const KEY_JOINABLE := "joinable"


## A lobby's type, as its owner wrote it down.
static func type_of(lobby: int) -> Steam.LobbyType:
	var text: String = Steam.getLobbyData(lobby, KEY_TYPE)
	return (text.to_int() if text.is_valid_int() else Steam.LOBBY_TYPE_PUBLIC) as Steam.LobbyType


## Whether anybody may join at all.
static func is_joinable(lobby: int) -> bool:
	return Steam.getLobbyData(lobby, KEY_JOINABLE) != "no"


## Changes a lobby's type; false if the local player may not.
static func set_type(lobby: int, type: Steam.LobbyType) -> bool:
	return Steam.setLobbyType(lobby, type) and write_type(lobby, type)


## Opens or closes a lobby; false if the local player may not.
static func set_joinable(lobby: int, joinable: bool) -> bool:
	return Steam.setLobbyJoinable(lobby, joinable) \
			and Steam.setLobbyData(lobby, KEY_JOINABLE, "yes" if joinable else "no")


## Writes down the type that a lobby was created with.
static func write_type(lobby: int, type: Steam.LobbyType) -> bool:
	return Steam.setLobbyData(lobby, KEY_TYPE, str(type))
