class_name Presence
extends Node
## What friends read about the local player: what is going on, who plays together, and how to join.

## More of a lobby's name would not fit: Steam takes 256 bytes.
const NAME_LENGTH: int = 50

var _lobby: LobbyModel
var _noughts: NoughtsMatch
# What Steam has been told, so that it hears of changes only.
var _told: Dictionary[String, String] = {}


## To be called once, before anything else.
func setup(lobby: LobbyModel, noughts: NoughtsMatch) -> void:
	_lobby = lobby
	_noughts = noughts
	lobby.entered.connect(_tell)
	lobby.left.connect(_tell.unbind(1))
	lobby.changed.connect(_tell)
	noughts.changed.connect(_tell)
	_tell()


func _tell() -> void:
	var seen := _lobby.is_inside() and _is_seen()
	_set_to("status", _status(seen))
	# Steam shows a text that the app's owner has translated: these are Spacewar's.
	_set_to("steam_display", "#StatusWithoutScore")
	_set_to("gamestatus", "WaitingForMatch" if _lobby.is_inside() else "AtMainMenu")
	# An empty value takes the key away.
	_set_to("connect", ConnectLine.to_lobby(_lobby.lobby_id) if seen and _has_room() else "")
	_set_to("steam_player_group", str(_lobby.lobby_id) if seen else "")
	_set_to("steam_player_group_size", str(_lobby.members.size()) if seen else "")


func _set_to(key: String, value: String) -> void:
	if _told.get(key, "") != value and Steam.setRichPresence(key, value):
		_told[key] = value


func _status(seen: bool) -> String:
	if not _lobby.is_inside():
		return "Looking for a lobby"
	if _noughts.state == NoughtsMatch.State.PLAYING:
		return "Playing noughts and crosses"
	if not seen:
		return "In a private lobby"
	return "In “%s”" % _lobby.lobby_data(LobbyModel.KEY_NAME).left(NAME_LENGTH)


# Friends are not told of a lobby that they could not see in Steam either.
func _is_seen() -> bool:
	return LobbyAccess.type_of(_lobby.lobby_id) in [Steam.LOBBY_TYPE_PUBLIC, Steam.LOBBY_TYPE_FRIENDS_ONLY]


func _has_room() -> bool:
	return LobbyAccess.is_joinable(_lobby.lobby_id) and _lobby.members.size() < _lobby.seats()
