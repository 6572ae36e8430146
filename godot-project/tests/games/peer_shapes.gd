extends Node
## Calls `SteamMultiplayerPeer` in the ways that games do: by each name of the class, with each form of each call.

const PORT: int = 7

var _typed: SteamMultiplayerPeer = SteamMultiplayerPeer.new()
var _inferred := SteamMultiplayerPeer.new()
## The class as a value, which an instance takes the place of later.
var _class_first: Variant = SteamMultiplayerPeer
var _untyped = null


## The names of the class, and what is a peer; what is not as it has to be is returned.
func names() -> Array:
	var wrong: Array = []
	_untyped = SteamMultiplayerPeer
	_untyped = _untyped.new()
	var by_name: Variant = ClassDB.instantiate("SteamMultiplayerPeer")
	_class_first = _class_first.new()
	for peer: Variant in [_typed, _inferred, _class_first, _untyped, by_name]:
		if not peer is SteamMultiplayerPeer or not peer is MultiplayerPeer or (peer as SteamMultiplayerPeer) == null:
			wrong.append("is %s" % peer)
		if peer.get_class() != "SteamMultiplayerPeer" or not peer.is_class("MultiplayerPeerExtension"):
			wrong.append("class %s" % peer)
	var other: Variant = ENetMultiplayerPeer.new()
	if other is SteamMultiplayerPeer or (other as SteamMultiplayerPeer) != null:
		wrong.append("ENet is one")
	return wrong


## What every form of the calls that open a peer answers, by name and on a typed variable.
func opening(user: int, lobby: int) -> Array:
	var answers: Array = []
	var typed := SteamMultiplayerPeer.new()
	answers.append_array([typed.create_host(), typed.create_host(0), typed.create_host(PORT), typed.create_host(PORT, [])])
	answers.append_array([typed.create_client(user), typed.create_client(user, 0), typed.create_client(user, PORT, [])])
	answers.append_array([typed.create_host(PORT, {}), typed.create_client(user, 0, {})])
	answers.append_array([typed.host_with_lobby(lobby), typed.connect_to_lobby(lobby)])
	answers.append(typed.create_lobby(SteamMultiplayerPeer.LOBBY_TYPE_PUBLIC))
	answers.append_array([typed.create_lobby(SteamMultiplayerPeer.LOBBY_TYPE_PUBLIC, 4), typed.connect_lobby(lobby)])
	var by_name: Object = ClassDB.instantiate("SteamMultiplayerPeer")
	answers.append_array([by_name.call("create_host"), by_name.call("create_host", PORT, [])])
	answers.append_array([by_name.call("create_client", user), by_name.call("create_client", user, PORT, [])])
	answers.append_array([by_name.call("host_with_lobby", lobby), by_name.call("create_lobby", 2)])
	return answers


## What a peer answers that is not open.
func closed() -> Dictionary:
	var peer := SteamMultiplayerPeer.new()
	peer.no_delay = true
	peer.no_nagle = true
	peer.as_relay = true
	peer.debug_level = SteamMultiplayerPeer.DEBUG_LEVEL_PEER
	peer.transfer_mode = MultiplayerPeer.TRANSFER_MODE_UNRELIABLE
	peer.transfer_channel = 3
	peer.refuse_new_connections = true
	peer.set_target_peer(-5)
	peer.set_config(SteamMultiplayerPeer.NETWORKING_CONFIG_SEND_BUFFER_SIZE, 100000)
	var configured: Dictionary = peer.options
	peer.clear_config(SteamMultiplayerPeer.NETWORKING_CONFIG_SEND_BUFFER_SIZE)
	peer.set_options({1: 2})
	var options: Dictionary = peer.get_options()
	# A copy: what a game does with it does not come back.
	options[3] = 4
	var kept: Dictionary = peer.options
	peer.clear_all_configs()
	var collected: Array = []
	peer.debug_data.connect(func(data: Dictionary) -> void: collected.append(data))
	var debug: Dictionary = peer.collect_debug_data()
	peer.poll()
	var state: Dictionary = {
		"no_delay": peer.get_no_delay(),
		"no_nagle": peer.get_no_nagle(),
		"server_relay": [peer.server_relay, peer.get_as_relay(), peer.is_server_relay_supported()],
		"debug_level": peer.debug_level,
		"mode": peer.transfer_mode,
		"channel": peer.transfer_channel,
		"refuse": peer.refuse_new_connections,
		"configured": configured.size(),
		"kept": kept,
		"options": peer.options,
		"status": peer.get_connection_status(),
		"packets": peer.get_available_packet_count(),
		"packet": peer.get_packet().size(),
		"put": peer.put_packet([1, 2]),
		"no_peer": peer.get_peer(2) == null,
		"ids": [peer.get_steam_id_for_peer_id(2), peer.get_steam64_from_peer_id(2), peer.get_peer_id_for_steam_id(0)],
		"info": peer.get_peer_info(2),
		"map": peer.get_peer_map(),
		"lobby": [peer.get_lobby_id(), peer.get_state(), peer.get_direct_messages()],
		"listen_socket": peer.listen_socket,
		"debug": collected == [debug] and debug.has("connections"),
	}
	peer.close()
	return state


## A `SteamPacketPeer` of nobody.
func packet_peer() -> Array:
	var peer := SteamPacketPeer.new()
	peer.disconnect_peer()
	peer.disconnect_peer(true)
	var state: SteamPacketPeer.PeerState = peer.get_state()
	return [
		peer is PacketPeer,
		state == SteamPacketPeer.STATE_NONE,
		peer.get_steam_id() + peer.get_peer_id() + peer.get_connection_handle(),
		peer.get_available_packet_count(),
		peer.put_packet([1]),
	]


## Calls that no API has, by name, so that the script compiles. Each is to answer with an error and go on.
func wrong(method: String, arguments: Array) -> Variant:
	return ClassDB.instantiate("SteamMultiplayerPeer").callv(method, arguments)


## Wrong values on properties of Godot's own.
func wrong_transfer() -> Array:
	var peer := SteamMultiplayerPeer.new()
	peer.transfer_channel = -1
	peer.set("transfer_mode", 7)
	return [peer.transfer_channel, peer.transfer_mode]


## Polls elsewhere, and lets peers go there.
func in_a_thread() -> int:
	var peer := SteamMultiplayerPeer.new()
	var thread := Thread.new()
	thread.start(
		func() -> int:
			peer.poll()
			peer.poll()
			var other := SteamMultiplayerPeer.new()
			return other.get_connection_status() + peer.create_host(-1)
	)
	return thread.wait_to_finish()


## Calls every method of the two classes, and what Godot has of their base classes for games, with values of every type, too
## few and too many. How many calls there were.
func anything() -> int:
	var count: int = 0
	for of: String in ["SteamMultiplayerPeer", "SteamPacketPeer"]:
		var methods: Array = ClassDB.class_get_method_list(of, true)
		methods += ClassDB.class_get_method_list("MultiplayerPeer", true).filter(
			func(info: Dictionary) -> bool: return of == "SteamMultiplayerPeer" and not str(info["name"]).begins_with("_")
		)
		var object: Object = ClassDB.instantiate(of)
		for info: Dictionary in methods:
			for type: int in TYPE_MAX:
				var value: Variant = type_convert(null, type)
				for length: int in (info["args"] as Array).size() + 2:
					var arguments: Array = []
					arguments.resize(length)
					arguments.fill(value)
					object.callv(str(info["name"]), arguments)
					count += 1
	return count


## A script of the game's own may be one.
class Own:
	extends SteamMultiplayerPeer

	var mine: int = 5


func own() -> Array:
	var peer := Own.new()
	return [peer is SteamMultiplayerPeer, peer.mine, peer.get_connection_status()]
