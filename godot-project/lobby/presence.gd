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
	_set_to("status", _status())
	# An empty value takes the key away.
	_set_to("connect", ConnectLine.to_lobby(_lobby.lobby_id) if _can_be_joined() else "")
	_set_to("steam_player_group", str(_lobby.lobby_id) if _lobby.is_inside() else "")
	_set_to("steam_player_group_size", str(_lobby.members.size()) if _lobby.is_inside() else "")


func _set_to(key: String, value: String) -> void:
	if _told.get(key, "") != value and Steam.setRichPresence(key, value):
		_told[key] = value


func _status() -> String:
	if not _lobby.is_inside():
		return "Looking for a lobby"
	if _noughts.state == NoughtsMatch.State.PLAYING:
		return "Playing noughts and crosses"
	return "In “%s”" % _lobby.lobby_data(LobbyModel.KEY_NAME).left(NAME_LENGTH)


# By friends, without an invitation.
func _can_be_joined() -> bool:
	if not _lobby.is_inside() or _lobby.members.size() >= _lobby.seats():
		return false
	var type := LobbyAccess.type_of(_lobby.lobby_id)
	return LobbyAccess.is_joinable(_lobby.lobby_id) \
			and (type == Steam.LOBBY_TYPE_PUBLIC or type == Steam.LOBBY_TYPE_FRIENDS_ONLY)
