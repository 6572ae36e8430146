class_name DemoConsole
extends Node
## Prints what happens, a line each, beginning with DEMO.

var _lobby: LobbyModel
var _noughts: NoughtsMatch
var _access: String = ""


func _init(lobby: LobbyModel, peers: Peers, noughts: NoughtsMatch) -> void:
	_lobby = lobby
	_noughts = noughts
	_say("%s has Steam ID %d" % [Steamworks.steam_name, Steamworks.steam_id])
	lobby.entered.connect(_on_entered)
	lobby.changed.connect(_on_lobby_changed)
	lobby.left.connect(func(reason: String) -> void: _say("left the lobby %s" % reason))
	lobby.member_entered.connect(func(user: int) -> void: _say("%s entered" % _name(user)))
	lobby.member_left.connect(func(user: int, how: String) -> void: _say("%s %s" % [_name(user), how]))
	lobby.owner_changed.connect(func(user: int) -> void: _say("owner %s" % _name(user)))
	lobby.chat_received.connect(func(user: int, text: String) -> void: _say("chat from %s: %s" % [_name(user), text]))
	lobby.invited.connect(func(user: int, id: int) -> void: _say("invited by %s to %d" % [_name(user), id]))
	lobby.failed.connect(func(text: String) -> void: _say("error: %s" % text))
	peers.connected.connect(func(user: int) -> void: _say("handshake with %s" % _name(user)))
	peers.failed.connect(_on_peer_failed)
	peers.received.connect(_on_packet)
	Steam.overlay_toggled.connect(_on_overlay_toggled)
	noughts.changed.connect(_on_game_changed)
	noughts.ended.connect(_on_game_ended)


func _say(text: String) -> void:
	print("DEMO %s" % text.strip_edges())


func _name(user: int) -> String:
	return _lobby.name_of(user)


func _on_entered() -> void:
	_say("joined lobby %d \"%s\", owned by %s" % [
		_lobby.lobby_id, _lobby.lobby_data(LobbyModel.KEY_NAME), _name(_lobby.owner_id()),
	])


func _on_lobby_changed() -> void:
	var access := AccessBar.in_words(_lobby.lobby_id)
	if _lobby.is_inside() and access != _access:
		_access = access
		_say("access %s" % access)


func _on_peer_failed(user: int, error: int) -> void:
	_say("%s %s" % [_name(user), LobbyAnswers.to_session(error)])


func _on_packet(user: int, packet: Dictionary) -> void:
	if packet["message"] == "note":
		var how := "reliable" if packet["reliable"] else "unreliable"
		_say("%s packet from %s: %s" % [how, _name(user), packet["text"]])


func _on_overlay_toggled(active: bool, user_initiated: bool, _app_id: int) -> void:
	_say("overlay %s by the %s" % ["opened" if active else "closed", "user" if user_initiated else "game"])


func _on_game_changed() -> void:
	match _noughts.state:
		NoughtsMatch.State.CHALLENGED: _say("challenged by %s" % _name(_noughts.opponent))
		NoughtsMatch.State.CHALLENGING: _say("challenging %s" % _name(_noughts.opponent))
		NoughtsMatch.State.PLAYING: _say("board %s, %s" % [_board(), _whose_turn()])


func _on_game_ended(_outcome: NoughtsMatch.Outcome, why: String) -> void:
	_say("board %s, game over: %s" % [_board(), why])


func _whose_turn() -> String:
	return "my turn" if _noughts.is_my_turn() else "turn of %s" % _name(_noughts.opponent)


func _board() -> String:
	var text := ""
	for mark: NoughtsBoard.Mark in _noughts.board.cells:
		text += [".", "X", "O"][mark]
	return "%s/%s/%s" % [text.substr(0, 3), text.substr(3, 3), text.substr(6, 3)]
