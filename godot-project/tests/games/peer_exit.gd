extends Node
## Leaves peers, and every kind of connection to their signals, in place when the engine exits.

static var _static: SteamMultiplayerPeer
static var _static_packet: SteamPacketPeer

var _peer := SteamMultiplayerPeer.new()
var heard: int = 0
## Whether the host is gone.
var ended: bool = false


func _ready() -> void:
	_connect_all(_peer)
	_static = SteamMultiplayerPeer.new()
	_connect_all(_static)
	_static_packet = SteamPacketPeer.new()
	# It holds itself, as a game's lambda does that names the peer.
	var circle := SteamMultiplayerPeer.new()
	circle.peer_connected.connect(func(_id: int) -> void: circle.close())
	circle.lobby_created.connect(func(_result: int, _lobby: int) -> void: print(self, circle))


func _connect_all(peer: SteamMultiplayerPeer) -> void:
	peer.peer_connected.connect(func(_id: int) -> void: heard += 1)
	peer.peer_disconnected.connect(_on_peer)
	peer.lobby_created.connect(func(_result: int, _lobby: int) -> void: print("created"), CONNECT_ONE_SHOT)
	peer.lobby_joined.connect(
		func(_lobby: int, _permissions: int, _locked: bool, _response: int) -> void: print("joined"), CONNECT_DEFERRED
	)
	peer.debug_data.connect(_on_data.bind(1))
	_wait(peer)


func _wait(peer: SteamMultiplayerPeer) -> void:
	await peer.network_session_failed
	print("never")


func _on_peer(_id: int) -> void:
	pass


func _on_data(_data: Dictionary, _bound: int) -> void:
	pass


## Makes a peer the multiplayer's. Returns what opening it came to.
func play(as_host: bool, user: int) -> int:
	var error: int = _peer.create_host() if as_host else _peer.create_client(user)
	if error == OK:
		multiplayer.multiplayer_peer = _peer
		multiplayer.server_disconnected.connect(func() -> void: ended = true)
	return error
