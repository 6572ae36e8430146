class_name Peers
extends Node
## The P2P sessions with the members of the lobby: handshakes, pings and packets.

enum State { WAITING, CONNECTED, FAILED }

## A member's session, or its ping, is no longer what it was.
signal changed(steam_id: int)
## A handshake came back: packets flow.
signal connected(steam_id: int)
signal failed(steam_id: int, error: int)
## A packet that is not part of the handshake or the pings.
signal received(steam_id: int, packet: Dictionary)
## A packet went out or came in. [param note] has `out`, `peer`, `packet`, `bytes` (before compression), `sent`
## (on the wire) and `reliable`.
signal logged(note: Dictionary)

## Reading stops here for this frame, so that a flood cannot freeze the game.
const READ_LIMIT: int = 32
const CHANNEL_GAME: int = 0
const CHANNEL_PING: int = 1
const PING_SECONDS: float = 1.0
## A ping without an answer is forgotten after so many more of them.
const PINGS_KEPT: int = 5
## A member who did not answer is asked again after so many pings to the others.
const PINGS_UNTIL_RETRY: int = 10

class Peer:
	var state: State = State.WAITING
	## Milliseconds there and back; below zero while not known.
	var ping_ms: float = -1.0
	## When each unanswered ping was sent, in microseconds.
	var pings: Dictionary[int, int] = {}
	var retry_at: int = 0

var _lobby: LobbyModel
var _peers: Dictionary[int, Peer] = {}
var _ping_number: int = 0
# Users who asked for a session before Steam told us that they are in the lobby.
var _early: Array[int] = []


## To be called once, before anything else.
func setup(lobby: LobbyModel) -> void:
	_lobby = lobby
	lobby.entered.connect(_on_entered)
	lobby.left.connect(_on_left)
	lobby.member_entered.connect(_on_member_entered)
	lobby.member_left.connect(_on_member_left)
	Steam.p2p_session_request.connect(_on_session_request)
	Steam.p2p_session_connect_fail.connect(_on_session_connect_fail)
	var timer := Timer.new()
	timer.timeout.connect(_ping_all)
	timer.autostart = true
	timer.wait_time = PING_SECONDS
	add_child(timer)


func _process(_delta: float) -> void:
	if _lobby.is_inside():
		_read_all(CHANNEL_GAME)
		_read_all(CHANNEL_PING)


## How it stands with a member.
func state_of(user: int) -> State:
	return _peers[user].state if _peers.has(user) else State.WAITING


## The round trip to a member in milliseconds, below zero while not known.
func ping_of(user: int) -> float:
	return _peers[user].ping_ms if _peers.has(user) else -1.0


## Sends a packet to one member.
func send(user: int, packet: Dictionary, reliable: bool = true) -> bool:
	var type := Steam.P2P_SEND_RELIABLE if reliable else Steam.P2P_SEND_UNRELIABLE
	var message: String = packet["message"]
	var channel := CHANNEL_PING if message in ["ping", "pong"] else CHANNEL_GAME
	var data := Packets.encode(packet)
	var sent: bool = Steam.sendP2PPacket(user, data, type, channel)
	if sent:
		_log(true, user, packet, data.size(), reliable)
	return sent


## Sends a packet to every other member; false if it could not be sent to one of them.
func send_to_all(packet: Dictionary, reliable: bool = true) -> bool:
	var all_sent := true
	for user: int in _peers:
		all_sent = send(user, packet, reliable) and all_sent
	return all_sent


func _read_all(channel: int) -> void:
	for _packet: int in READ_LIMIT:
		var size: int = Steam.getAvailableP2PPacketSize(channel)
		if size <= 0:
			return
		var packet: Dictionary = Steam.readP2PPacket(size, channel)
		if packet.is_empty():
			return
		var sender: int = packet["remote_steam_id"]
		var data: PackedByteArray = packet["data"]
		if _peers.has(sender):
			_take(sender, data)


func _take(sender: int, data: PackedByteArray) -> void:
	var packet := Packets.decode(data)
	if packet.is_empty():
		push_warning("%s sent a packet that makes no sense." % _lobby.name_of(sender))
		return
	var reliable: bool = packet.get("reliable", not packet["message"] in ["ping", "pong"])
	_log(false, sender, packet, data.size(), reliable)
	match packet["message"]:
		"handshake":
			if not packet["answer"]:
				_shake_hands(sender, true)
			_set_state(sender, State.CONNECTED)
		"ping":
			send(sender, {"message": "pong", "number": packet["number"]}, false)
		"pong":
			var number: int = packet["number"]
			_take_pong(sender, number)
		_:
			received.emit(sender, packet)


func _take_pong(sender: int, number: int) -> void:
	var peer := _peers[sender]
	if peer.pings.has(number):
		peer.ping_ms = (Time.get_ticks_usec() - peer.pings[number]) / 1000.0
		peer.pings.erase(number)
		changed.emit(sender)


func _shake_hands(user: int, answer: bool) -> void:
	send(user, {"message": "handshake", "from": Steamworks.steam_id, "answer": answer})


func _ping_all() -> void:
	_ping_number += 1
	for user: int in _peers:
		var peer := _peers[user]
		if peer.state == State.FAILED and _ping_number == peer.retry_at:
			_shake_hands(user, false)
		elif peer.state == State.CONNECTED:
			peer.pings[_ping_number] = Time.get_ticks_usec()
			if peer.pings.erase(_ping_number - PINGS_KEPT):
				peer.ping_ms = -1.0
				changed.emit(user)
			send(user, {"message": "ping", "number": _ping_number}, false)


func _set_state(user: int, state: State) -> void:
	var peer := _peers[user]
	if peer.state == state:
		return
	peer.state = state
	peer.ping_ms = -1.0
	peer.pings.clear()
	changed.emit(user)
	if state == State.CONNECTED:
		connected.emit(user)


func _log(out: bool, user: int, packet: Dictionary, sent: int, reliable: bool) -> void:
	logged.emit({
		"out": out, "peer": user, "packet": packet, "sent": sent, "reliable": reliable,
		"bytes": var_to_bytes(packet).size(),
	})


func _on_entered() -> void:
	# Who comes in shakes hands with those who are there.
	for user: int in _lobby.members:
		if user != Steamworks.steam_id:
			_peers[user] = Peer.new()
			_shake_hands(user, false)


func _on_left(_reason: String) -> void:
	for user: int in _peers:
		Steam.closeP2PSessionWithUser(user)
	_peers.clear()
	_early.clear()


func _on_member_entered(user: int) -> void:
	if user != Steamworks.steam_id and not _peers.has(user):
		_peers[user] = Peer.new()
		if user in _early:
			_early.erase(user)
			_on_session_request(user)


func _on_member_left(user: int, _how: String) -> void:
	if _peers.erase(user):
		Steam.closeP2PSessionWithUser(user)


func _on_session_request(user: int) -> void:
	# Strangers get no answer: only members of the lobby may talk to us.
	if _peers.has(user):
		Steam.acceptP2PSessionWithUser(user)
	elif _lobby.is_inside() and not user in _early and _early.size() < READ_LIMIT:
		_early.append(user)


func _on_session_connect_fail(user: int, error: int) -> void:
	if _peers.has(user):
		_set_state(user, State.FAILED)
		_peers[user].retry_at = _ping_number + PINGS_UNTIL_RETRY
		failed.emit(user, error)
