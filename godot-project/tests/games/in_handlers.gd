extends Node
## What a game can read while a signal is handled.

## For each signal that arrived, its name and what could be read then.
var seen: Array[Dictionary] = []


func _ready() -> void:
	Steam.lobby_match_list.connect(_on_lobby_match_list)
	Steam.lobby_joined.connect(_on_lobby_joined)
	Steam.lobby_chat_update.connect(_on_lobby_chat_update)
	Steam.lobby_kicked.connect(_on_lobby_kicked)


func set_all(lobby: int, count: int) -> void:
	for number: int in count:
		Steam.setLobbyData(lobby, "key %d" % number, "value")
		Steam.setLobbyMemberData(lobby, "mine %d" % number, "value")


func _on_lobby_match_list(lobbies: Array) -> void:
	var names: Array[String] = []
	for lobby: int in lobbies:
		names.append(Steam.getLobbyData(lobby, "name"))
	seen.append({"signal": "lobby_match_list", "names": names})


func _on_lobby_joined(lobby: int, _permissions: int, _locked: bool, _response: int) -> void:
	_note("lobby_joined", lobby)


func _on_lobby_chat_update(lobby: int, _changed: int, _maker: int, _state: int) -> void:
	_note("lobby_chat_update", lobby)


func _on_lobby_kicked(lobby: int, _admin: int, _due_to_disconnect: int) -> void:
	_note("lobby_kicked", lobby)


func _note(which: String, lobby: int) -> void:
	var members: Array[int] = []
	for index: int in Steam.getNumLobbyMembers(lobby):
		members.append(Steam.getLobbyMemberByIndex(lobby, index))
	seen.append(
		{
			"signal": which,
			"name": Steam.getLobbyData(lobby, "name"),
			"members": members,
			"owner": Steam.getLobbyOwner(lobby),
		}
	)
