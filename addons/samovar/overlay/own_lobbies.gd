extends RefCounted
## The lobbies that the local user is in.

const People := preload("res://addons/samovar/overlay/people.gd")

## Lobbies remembered; a user is in fewer at once.
const LIMIT: int = 16

var _joined: Array[int] = []


func _init() -> void:
	Steam.lobby_joined.connect(_on_lobby_joined)
	Steam.lobby_kicked.connect(_on_lobby_kicked)


## The lobby entered last of those that the user still is in; 0 outside of any.
func current() -> int:
	for index: int in range(_joined.size() - 1, -1, -1):
		# Leaving has no signal.
		if People.is_inside(_joined[index]):
			return _joined[index]
	return 0


## Whether the user is in this lobby.
func has(lobby: int) -> bool:
	return lobby in _joined and People.is_inside(lobby)


func _on_lobby_joined(lobby: int, _permissions: int, _locked: bool, response: int) -> void:
	if response != Steam.CHAT_ROOM_ENTER_RESPONSE_SUCCESS:
		return
	_joined.erase(lobby)
	_joined.append(lobby)
	if _joined.size() > LIMIT:
		_joined.remove_at(0)


func _on_lobby_kicked(lobby: int, _admin: int, _due_to_disconnect: int) -> void:
	_joined.erase(lobby)
