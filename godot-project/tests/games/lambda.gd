extends Node
## Leaves every kind of connection to Steam's signals in place when the engine exits.


class Listener:
	extends RefCounted

	func hear(_first: Variant = null, _second: Variant = null, _third: Variant = null) -> void:
		pass


var _listener := Listener.new()
var _heard: int = 0


func _ready() -> void:
	Steam.lobby_created.connect(func(_connect: int, _lobby: int) -> void: _heard += 1)
	Steam.lobby_joined.connect(
		func(_lobby: int, _permissions: int, _locked: bool, _response: int) -> void: print("joined")
	)
	Steam.lobby_match_list.connect(_listener.hear)
	Steam.persona_state_change.connect(_listener.hear.bind(1))
	Steam.p2p_session_request.connect(_on_request, CONNECT_DEFERRED)
	Steam.lobby_message.connect(func(...args: Array) -> void: print(args), CONNECT_ONE_SHOT)


func _on_request(_peer: int) -> void:
	pass
