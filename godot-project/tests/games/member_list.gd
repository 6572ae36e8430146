extends Node
## A list of members as tutorials write it: it is filled when something about a user becomes known, and at no other time.

var lobby_id: int = 0
## What was shown last.
var list: Array[int] = []


func _ready() -> void:
	Steam.lobby_joined.connect(_on_lobby_joined)
	Steam.persona_state_change.connect(_on_persona_state_change)


func leave() -> void:
	Steam.leaveLobby(lobby_id)
	lobby_id = 0
	list.clear()


func join_and_leave(lobby: int) -> void:
	Steam.joinLobby(lobby)
	Steam.leaveLobby(lobby)


func join_leave_join(lobby: int) -> void:
	join_and_leave(lobby)
	Steam.joinLobby(lobby)


func _on_lobby_joined(lobby: int, _permissions: int, _locked: bool, response: int) -> void:
	if response == Steam.CHAT_ROOM_ENTER_RESPONSE_SUCCESS:
		lobby_id = lobby


func _on_persona_state_change(user: int, _flags: int) -> void:
	if lobby_id == 0:
		return
	for index: int in Steam.getNumLobbyMembers(lobby_id):
		if Steam.getLobbyMemberByIndex(lobby_id, index) == user and user not in list:
			list.append(user)
