class_name Autoplay
extends Node
## Plays the demo through without a hand: one instance as host, another as guest. Ends the game with exit status 0
## if all of it worked, 1 if not.

const SECONDS: float = 45.0
const KEY_ROOM := "autoplay"
# The cells that the host and the guest play; the host gets the upper row.
const HOST_CELLS: Array[int] = [0, 1, 2]
const GUEST_CELLS: Array[int] = [3, 4]

var _part: String
var _room: String = DemoOptions.value_of("--autoplay-room", "autoplay")
var _lobby: LobbyModel
var _peers: Peers
var _noughts: NoughtsMatch
var _step: String = "start"
var _other: int = 0
var _heard: Array[String] = []
var _ended: bool = false
var _found: Array[Dictionary] = []


func _init(part: String, lobby: LobbyModel, peers: Peers, noughts: NoughtsMatch) -> void:
	_part = part
	_lobby = lobby
	_peers = peers
	_noughts = noughts
	lobby.list_received.connect(func(lobbies: Array[Dictionary]) -> void: _found = lobbies)
	lobby.chat_received.connect(_on_chat)
	peers.received.connect(_on_packet)
	noughts.ended.connect(func(_outcome: NoughtsMatch.Outcome, _why: String) -> void: _ended = true)


func _ready() -> void:
	get_tree().create_timer(SECONDS).timeout.connect(_fail)
	match _part:
		"host": await _host()
		"guest": await _guest()
		_: _finish(1, "failed: --autoplay is host or guest, not \"%s\"" % _part)
	_finish(0, "done: %s played everything through" % _part)


func _host() -> void:
	_step = "create a lobby"
	var data: Dictionary[String, String] = {
		LobbyModel.KEY_NAME: "%s's table %04x" % [Steamworks.steam_name, randi() & 0xffff],
		LobbyModel.KEY_MODE: BrowsePanel.MODES[0],
		LobbyModel.KEY_SKILL: "60",
		KEY_ROOM: _room,
	}
	_lobby.create(Steam.LOBBY_TYPE_PUBLIC, 2, data)
	await _until(_lobby.is_inside)
	_step = "wait for a guest"
	await _until(func() -> bool: return _lobby.members.size() == 2)
	_other = _lobby.members[1]
	await _talk()
	_step = "challenge the guest"
	_noughts.challenge(_other)
	await _until(func() -> bool: return _noughts.state == NoughtsMatch.State.PLAYING)
	await _play(HOST_CELLS, NoughtsMatch.Outcome.WON)
	await _hand_over()
	_step = "be removed by the guest, or see it leave"
	await _until(func() -> bool: return _lobby.members.size() < 2)
	_lobby.leave()


func _guest() -> void:
	_step = "find the host's lobby"
	while not _lobby.is_inside():
		_found.clear()
		var filter: Dictionary[String, String] = {KEY_ROOM: _room}
		var near: Dictionary[String, int] = {LobbyModel.KEY_SKILL: 50}
		_lobby.request_list(filter, 1, near)
		await get_tree().create_timer(0.5).timeout
		if _found and not _lobby.waiting and not _lobby.is_inside():
			var id: int = _found[0]["id"]
			print("DEMO found lobby %d \"%s\"" % [id, _found[0]["name"]])
			_lobby.join(id)
			await _until(func() -> bool: return not _lobby.waiting)
	_other = _lobby.owner_id()
	await _talk()
	_step = "be challenged"
	await _until(func() -> bool: return _noughts.state == NoughtsMatch.State.CHALLENGED)
	_noughts.accept()
	await _play(GUEST_CELLS, NoughtsMatch.Outcome.LOST)
	await _take_over()
	_lobby.leave()


func _hand_over() -> void:
	_step = "close the lobby"
	if not LobbyAccess.set_joinable(_lobby.lobby_id, false):
		_fail()
	_step = "hand the lobby over"
	_lobby.make_owner(_other)
	await _until(func() -> bool: return _lobby.owner_id() != Steamworks.steam_id)


func _take_over() -> void:
	_step = "own the lobby"
	await _until(_lobby.is_mine)
	_step = "find the lobby closed"
	await _until(func() -> bool: return not LobbyAccess.is_joinable(_lobby.lobby_id))
	_step = "make the lobby private"
	if not LobbyAccess.set_type(_lobby.lobby_id, Steam.LOBBY_TYPE_PRIVATE):
		_fail()
	if Removal.is_possible():
		_step = "kick the host"
		_lobby.kick(_other)
		await _until(func() -> bool: return _lobby.members.size() == 1)


## Everything but the game, the same on both sides.
func _talk() -> void:
	_step = "shake hands"
	await _until(func() -> bool: return _peers.state_of(_other) == Peers.State.CONNECTED)
	_step = "chat"
	_lobby.say("Hello from the %s" % _part)
	await _until(func() -> bool: return "chat" in _heard)
	_step = "send a reliable packet"
	_note("one reliable packet, made of many many many many many many words", true)
	await _until(func() -> bool: return "reliable" in _heard)
	_step = "send an unreliable packet"
	# It may be lost: so until the other side says that it has come.
	var told := false
	while not ("unreliable" in _heard and "thanks" in _heard):
		if not "thanks" in _heard:
			_note("one unreliable packet", false)
		if "unreliable" in _heard and not told:
			told = true
			_note("thanks", true)
		await get_tree().create_timer(0.2).timeout
	if not told:
		_note("thanks", true)
	_step = "read the other's rich presence"
	await _until(func() -> bool:
		var group: String = Steam.getFriendRichPresence(_other, "steam_player_group")
		return group == str(_lobby.lobby_id))
	_step = "get a ping back"
	await _until(func() -> bool: return _peers.ping_of(_other) >= 0.0)
	print("DEMO ping to %s: %.1f ms" % [_lobby.name_of(_other), _peers.ping_of(_other)])


func _play(cells: Array[int], expected: NoughtsMatch.Outcome) -> void:
	for cell: int in cells:
		_step = "play cell %d" % cell
		await _until(func() -> bool: return _noughts.is_my_turn())
		_noughts.play(cell)
	_step = "end the game"
	await _until(func() -> bool: return _ended)
	if _noughts.outcome != expected:
		_step = "end the game as %s should" % _part
		_fail()


func _note(text: String, reliable: bool) -> void:
	if not _peers.send(_other, {"message": "note", "text": text, "reliable": reliable}, reliable):
		_fail()


func _on_chat(user: int, _text: String) -> void:
	if user != Steamworks.steam_id:
		_heard.append("chat")


func _on_packet(_user: int, packet: Dictionary) -> void:
	if packet["message"] == "note":
		if packet["text"] == "thanks":
			_heard.append("thanks")
		else:
			_heard.append("reliable" if packet["reliable"] else "unreliable")


func _until(condition: Callable) -> void:
	while not condition.call():
		await get_tree().process_frame


func _fail() -> void:
	_finish(1, "failed: could not %s" % _step)


func _finish(status: int, text: String) -> void:
	# Only the first reason counts.
	if _step != "finished":
		_step = "finished"
		print("DEMO %s" % text)
		_lobby.leave()
		get_tree().quit(status)
