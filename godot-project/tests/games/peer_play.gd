extends Node
## Plays over Godot's own multiplayer: the same over ENet and over each way to open a `SteamMultiplayerPeer`. Reports what the
## multiplayer's signals say, and every RPC and packet that arrives.

## Ways to open a peer that need Steam, by what `open` has to be told.
const OVER_LOBBY := "lobby"
const OF_USER := "user"
const OWN_LOBBY := "own"
const ENET := "enet"

var peer: MultiplayerPeer = null
## Every so many milliseconds an RPC is called while this is not 0.
var flood_target: int = 0
## Numbers that are still to be said, some in each frame, and how.
var _numbers: int = 0
var _next_number: int = 0
var _numbers_call: String = ""
var _numbers_target: int = 0


func _ready() -> void:
	for of: String in ["peer_connected", "peer_disconnected", "connected_to_server", "connection_failed", "server_disconnected"]:
		multiplayer.connect(of, _report.bind(of))
	(multiplayer as SceneMultiplayer).peer_packet.connect(_on_packet)


func _process(_delta: float) -> void:
	if flood_target != 0:
		say(flood_target, "reliable_0", "flood")
		say(flood_target, "unreliable_0", "flood")
	for _number: int in mini(4, _numbers - _next_number):
		say(_numbers_target, _numbers_call, str(_next_number))
		_next_number += 1


func _report(...args: Array) -> void:
	var of: String = args.pop_back()
	if of == "peer_disconnected" and args[0] == flood_target:
		# Godot itself says from now on that it does not know the peer.
		flood_target = 0
	_runner("multiplayer", {"name": of, "id": args[0] if not args.is_empty() else 0})


func _runner(event: String, data: Dictionary) -> void:
	get_parent().call("report", event, data)


## Opens a new peer, or the one that was closed, and gives it to the multiplayer. What it came to is returned.
func open(how: String, as_host: bool, what: int, again: bool) -> int:
	if not again:
		peer = ENetMultiplayerPeer.new() if how == ENET else SteamMultiplayerPeer.new()
		for of: String in ["lobby_created", "lobby_joined"]:
			if peer.has_signal(of):
				peer.connect(of, _own.bind(of))
	var error: int = _opened(how, as_host, what)
	if error == OK:
		multiplayer.multiplayer_peer = peer
	return error


func _opened(how: String, as_host: bool, what: int) -> int:
	if how == ENET:
		var enet: ENetMultiplayerPeer = peer
		return enet.create_server(what, 8) if as_host else enet.create_client("127.0.0.1", what)
	var steam: SteamMultiplayerPeer = peer
	match how:
		OVER_LOBBY:
			return steam.host_with_lobby(what) if as_host else steam.connect_to_lobby(what)
		OF_USER:
			# Clients do not know each other: the server passes on what they say, as over ENet.
			steam.server_relay = true
			return steam.create_host() if as_host else steam.create_client(what)
		OWN_LOBBY:
			return steam.create_lobby(SteamMultiplayerPeer.LOBBY_TYPE_PUBLIC, 8) if as_host else steam.connect_lobby(what)
	return FAILED


func _own(...args: Array) -> void:
	var of: String = args.pop_back()
	_runner("own", {"name": of, "args": args})


func id() -> int:
	return multiplayer.get_unique_id()


func state() -> Dictionary:
	var status: int = peer.get_connection_status()
	var is_there: bool = status != MultiplayerPeer.CONNECTION_DISCONNECTED
	return {
		"status": status,
		"is_server": is_there and multiplayer.is_server(),
		"peers": Array(multiplayer.get_peers()) if is_there else [],
	}


func close() -> void:
	peer.close()


func disconnect_one(who: int, force: bool) -> void:
	peer.disconnect_peer(who, force)


func refuse(on: bool) -> void:
	peer.refuse_new_connections = on


## Calls an RPC by its name; a negative target is everybody but one.
func say(target: int, how: String, text: String) -> int:
	return rpc_id(target, how, text) if target != 0 else rpc(how, text)


## Calls an RPC with the numbers from 0 on, four in each frame.
func count(target: int, how: String, numbers: int) -> void:
	_numbers_target = target
	_numbers_call = how
	_numbers = numbers
	_next_number = 0


## Calls the peer itself.
func ask(method: String, arguments: Array) -> Variant:
	return peer.callv(method, arguments)


## Hears expressobits' signal.
func hear_connections() -> void:
	var steam: SteamMultiplayerPeer = peer
	steam.network_connection_status_changed.connect(
		func(handle: int, connection: Dictionary, before: int) -> void:
			_runner("connection", {"handle": handle, "connection": connection, "before": before})
	)


## What an object of one peer tells, and whether it is the same when it is asked for again.
func one(who: int) -> Dictionary:
	var steam: SteamMultiplayerPeer = peer
	var found: SteamPacketPeer = steam.get_peer(who)
	return {
		"steam_id": found.get_steam_id(),
		"peer_id": found.get_peer_id(),
		"is_connected": found.get_state() == SteamPacketPeer.STATE_CONNECTED,
		"has_handle": found.get_connection_handle() != 0,
		"is_same": found == steam.get_peer(who) and found == steam.call("get_peer", who),
	}


## Sends to one peer by its object: what the multiplayer takes for bytes of the game's. Then it is disconnected.
func send_and_part(who: int) -> Array:
	var steam: SteamMultiplayerPeer = peer
	var found: SteamPacketPeer = steam.get_peer(who)
	var sent: int = found.put_packet([3, 0, 1, 2])
	found.disconnect_peer()
	return [sent, found.get_state(), found.get_steam_id() != 0, steam.get_peer(who) == null, found.put_packet([1])]


## Sends bytes that the multiplayer adds one to.
func send(target: int, size: int) -> int:
	var bytes := PackedByteArray()
	bytes.resize(size)
	for index: int in size:
		bytes[index] = index % 251
	return (multiplayer as SceneMultiplayer).send_bytes(bytes, target, MultiplayerPeer.TRANSFER_MODE_RELIABLE, 1)


func _on_packet(from: int, bytes: PackedByteArray) -> void:
	var whole: bool = true
	for index: int in bytes.size():
		whole = whole and bytes[index] == index % 251
	_runner("packet", {"from": from, "size": bytes.size(), "whole": whole})


func _heard(how: String, text: String) -> void:
	_runner("rpc", {"from": multiplayer.get_remote_sender_id(), "how": how, "text": text})


@rpc("any_peer", "call_remote", "reliable", 0)
func reliable_0(text: String) -> void:
	_heard("reliable_0", text)


@rpc("any_peer", "call_remote", "reliable", 2)
func reliable_2(text: String) -> void:
	_heard("reliable_2", text)


@rpc("any_peer", "call_remote", "unreliable", 0)
func unreliable_0(text: String) -> void:
	_heard("unreliable_0", text)


@rpc("any_peer", "call_remote", "unreliable", 2)
func unreliable_2(text: String) -> void:
	_heard("unreliable_2", text)


@rpc("any_peer", "call_remote", "unreliable_ordered", 0)
func ordered_0(text: String) -> void:
	_heard("ordered_0", text)


@rpc("any_peer", "call_remote", "unreliable_ordered", 2)
func ordered_2(text: String) -> void:
	_heard("ordered_2", text)
