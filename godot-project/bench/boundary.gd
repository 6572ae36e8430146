extends SceneTree
## What a call from a script to Samovar costs, beside an empty native call, Godot's ENetConnection and its
## PacketPeerUDP. Run by scripts/bench boundary, in two processes: `reader FILE` writes its Steam ID to FILE and reads
## what it is sent; `measure STEAM_ID FILE` prints a table and writes it to FILE. Needs a library with SamovarBench.

## Nanoseconds in a microsecond.
const NS := 1000.0
const SIZE := 64
const ROUNDS := 25
## Calls in a row, where nothing bounds them.
const CALLS := 2000
## Messages of one receiveMessagesOnChannel.
const MESSAGES := 1000
## Datagrams that a UDP socket's buffer takes for certain.
const DATAGRAMS := 200
## Frames of each kind in a round, 60 a second, and what is sent in one.
const FRAMES := 9
const SENDS_A_FRAME := 64
const P2P_UNRELIABLE := 0
const P2P_RELIABLE := 2
const MESSAGE_RELIABLE := 8
const ENET_RELIABLE := 1

## A bar: the row that is judged, the row it is compared with, and the most that it may be of it.
const BARS: Array[Array] = [
	["sendP2PPacket, one of the others in a frame", "empty call, one of 64 in a frame", 4.0],
	["sendP2PPacket, one of 2000 in a row", "empty call", 4.0],
	["receiveMessagesOnChannel, a message of 1000", "PacketPeerUDP.get_packet and the same dictionary", 1.2],
	["readP2PPacket", "PacketPeerUDP.get_packet and readP2PPacket's dictionary", 1.2],
	["run_callbacks, idle", "empty call", 2.0],
]

var _data := PackedByteArray()
var _me := 0
var _peer := 0
## For each row the nanoseconds of a call, one for each round.
var _figures: Dictionary[String, PackedFloat64Array] = {}
## Nanoseconds of one turn of an empty loop, in this round.
var _turn := 0.0
var _udp_in := PacketPeerUDP.new()
var _udp_out := PacketPeerUDP.new()
var _enet_server := ENetConnection.new()
var _enet_client := ENetConnection.new()
var _enet_peer: ENetPacketPeer
## Wakes a thread that does nothing.
var _sleeper := Semaphore.new()
var _thread := Thread.new()
var _is_over := false


func _initialize() -> void:
	Engine.max_fps = 60
	_data.resize(SIZE)
	_data.fill(7)
	var arguments := OS.get_cmdline_user_args()
	Steam.p2p_session_request.connect(func(peer: int) -> void: Steam.acceptP2PSessionWithUser(peer))
	if not Steam.steamInit(480):
		quit(1)
		return
	_me = Steam.getSteamID()
	if arguments[0] == "reader":
		_read(arguments[1])
	else:
		_peer = arguments[1].to_int()
		_measure(arguments[2])


func _process(_delta: float) -> bool:
	Steam.run_callbacks()
	return false


## Until it is killed, or nobody has needed it for five minutes.
func _read(file: String) -> void:
	var written := FileAccess.open(file + ".new", FileAccess.WRITE)
	written.store_line(str(_me))
	written.close()
	DirAccess.rename_absolute(file + ".new", file)
	var since := Time.get_ticks_msec()
	while Time.get_ticks_msec() - since < 300_000:
		await process_frame
		while not Steam.readP2PPacket(1200).is_empty():
			since = Time.get_ticks_msec()
	quit()


func _measure(file: String) -> void:
	if not await _meet():
		quit(1)
		return
	for round_number in ROUNDS:
		_turn = _time_turns() / CALLS
		_note("empty call", _time_empty() / CALLS - _turn)
		_note("empty call without arguments", _time_nothing() / CALLS - _turn)
		_note("run_callbacks, idle", _time_callbacks() / CALLS - _turn)
		_note("ENetConnection.service, idle", _time_enet_idle() / CALLS - _turn)
		_note("PacketPeerUDP.get_available_packet_count, idle", _time_udp_idle() / CALLS - _turn)
		await _sends_in_a_row("sendP2PPacket, one of 2000 in a row after a pause")
		await _sends_in_frames()
		await _sends_in_a_row("sendP2PPacket, one of 2000 in a row")
		_note("PacketPeerUDP.put_packet", _time_udp_sends() / DATAGRAMS - _turn)
		var enet := _time_enet_sends()
		_note("ENetPacketPeer.send", enet.x / DATAGRAMS - _turn)
		_note("ENetPacketPeer.send and its share of flush", enet.y / DATAGRAMS - _turn)
		_note("readP2PPacket", _time_reads() / MESSAGES - _turn)
		_note("PacketPeerUDP.get_packet and readP2PPacket's dictionary", _time_udp_reads() / DATAGRAMS - _turn)
		_note("receiveMessagesOnChannel, a message of 1000", _time_messages() / MESSAGES)
		_note("PacketPeerUDP.get_packet and the same dictionary", _time_udp_messages() / DATAGRAMS - _turn)
		_note("ENetConnection.service, get_packet and the same dictionary", _time_enet_messages() / DATAGRAMS - _turn)
		await process_frame
	_is_over = true
	_sleeper.post()
	_thread.wait_to_finish()
	quit(0 if _report(file) else 1)


func _sleep() -> void:
	while not _is_over:
		_sleeper.wait()


## Opens what is measured: a P2P session with the reader, one with oneself, a UDP socket and an ENet connection.
func _meet() -> bool:
	_thread.start(_sleep)
	_udp_in.bind(0, "127.0.0.1", 1 << 20)
	_udp_out.connect_to_host("127.0.0.1", _udp_in.get_local_port())
	_enet_server.create_host_bound("127.0.0.1", 0, 4, 1)
	_enet_client.create_host(1, 1)
	_enet_peer = _enet_client.connect_to_host("127.0.0.1", _enet_server.get_local_port(), 1)
	Steam.sendP2PPacket(_peer, _data, P2P_RELIABLE, 0)
	for frame in 1200:
		await process_frame
		_enet_client.service()
		_enet_server.service()
		if (
			Steam.getP2PSessionState(_peer).get("connection_active", 0) == 1
			and _enet_peer.get_state() == ENetPacketPeer.STATE_CONNECTED
		):
			# The rate has found itself, and the peers' handshake is long over.
			await create_timer(1.0).timeout
			return true
	printerr("The peers did not meet.")
	return false


func _note(row: String, microseconds: float) -> void:
	if not _figures.has(row):
		_figures[row] = PackedFloat64Array()
	_figures[row].append(microseconds * NS)


func _time_turns() -> float:
	var start := Time.get_ticks_usec()
	for i in CALLS:
		pass
	return Time.get_ticks_usec() - start


func _time_empty() -> float:
	var data := _data
	var peer := _peer
	var start := Time.get_ticks_usec()
	for i in CALLS:
		SamovarBench.empty(peer, data, P2P_UNRELIABLE, 0)
	return Time.get_ticks_usec() - start


func _time_nothing() -> float:
	var start := Time.get_ticks_usec()
	for i in CALLS:
		SamovarBench.nothing()
	return Time.get_ticks_usec() - start


func _time_callbacks() -> float:
	Steam.run_callbacks()
	var start := Time.get_ticks_usec()
	for i in CALLS:
		Steam.run_callbacks()
	return Time.get_ticks_usec() - start


func _time_enet_idle() -> float:
	while _enet_client.service()[0] != ENetConnection.EVENT_NONE:
		pass
	var enet := _enet_client
	var start := Time.get_ticks_usec()
	for i in CALLS:
		enet.service()
	return Time.get_ticks_usec() - start


func _time_udp_idle() -> float:
	var udp := _udp_in
	var start := Time.get_ticks_usec()
	for i in CALLS:
		udp.get_available_packet_count()
	return Time.get_ticks_usec() - start


## What a game does in each frame: the network thread sleeps when it sends the first, and everything is cold. Medians of
## the frames, since each is one try: another process may have taken the core.
func _sends_in_frames() -> void:
	var data := _data
	var peer := _peer
	var empty := PackedFloat64Array()
	var posts := PackedFloat64Array()
	var datagrams := PackedFloat64Array()
	var first := PackedFloat64Array()
	var others := PackedFloat64Array()
	for frame in FRAMES:
		await process_frame
		var start := Time.get_ticks_usec()
		for i in SENDS_A_FRAME:
			SamovarBench.empty(peer, data, P2P_UNRELIABLE, 0)
		empty.append(Time.get_ticks_usec() - start)
		await process_frame
		start = Time.get_ticks_usec()
		_sleeper.post()
		posts.append(Time.get_ticks_usec() - start)
		await process_frame
		start = Time.get_ticks_usec()
		_udp_out.put_packet(data)
		datagrams.append(Time.get_ticks_usec() - start)
		_udp_in.get_packet()
		await process_frame
		start = Time.get_ticks_usec()
		Steam.sendP2PPacket(peer, data, P2P_UNRELIABLE, 0)
		first.append(Time.get_ticks_usec() - start)
		start = Time.get_ticks_usec()
		for i in SENDS_A_FRAME - 1:
			Steam.sendP2PPacket(peer, data, P2P_UNRELIABLE, 0)
		others.append(Time.get_ticks_usec() - start)
	_note("empty call, one of %d in a frame" % SENDS_A_FRAME, _median(empty) / SENDS_A_FRAME - _turn)
	_note("sendP2PPacket, one of the others in a frame", _median(others) / (SENDS_A_FRAME - 1) - _turn)
	_note("sendP2PPacket, the first in a frame", _median(first))
	_note("PacketPeerUDP.put_packet, the first in a frame", _median(datagrams))
	_note("Semaphore.post that wakes a thread, the first in a frame", _median(posts))


## So many in a row that the network thread takes them over meanwhile; after a pause it takes the most.
func _sends_in_a_row(row: String) -> void:
	var data := _data
	var peer := _peer
	var start := Time.get_ticks_usec()
	for i in CALLS:
		Steam.sendP2PPacket(peer, data, P2P_UNRELIABLE, 0)
	_note(row, float(Time.get_ticks_usec() - start) / CALLS - _turn)
	while Steam.getP2PSessionState(peer).get("packets_queued_for_send", 0) > 0:
		await process_frame
	await create_timer(0.1).timeout


func _time_udp_sends() -> float:
	var udp := _udp_out
	var data := _data
	var start := Time.get_ticks_usec()
	for i in DATAGRAMS:
		udp.put_packet(data)
	var taken := Time.get_ticks_usec() - start
	while _udp_in.get_available_packet_count() > 0:
		_udp_in.get_packet()
	return taken


## The calls alone, and with the flush that sends what they queued.
func _time_enet_sends() -> Vector2:
	var peer := _enet_peer
	var data := _data
	var start := Time.get_ticks_usec()
	for i in DATAGRAMS:
		peer.send(0, data, ENET_RELIABLE)
	var queued := Time.get_ticks_usec() - start
	_enet_client.flush()
	var sent := Time.get_ticks_usec() - start
	_read_enet()
	return Vector2(queued, sent)


## Reads what has been sent to the server; both sides get to acknowledge it.
func _read_enet() -> void:
	var left := DATAGRAMS
	while left > 0:
		_enet_client.service()
		var event := _enet_server.service()
		if event[0] == ENetConnection.EVENT_RECEIVE:
			(event[1] as ENetPacketPeer).get_packet()
			left -= 1
	for i in 20:
		_enet_server.service()
		_enet_client.service()


func _time_reads() -> float:
	for i in MESSAGES:
		Steam.sendP2PPacket(_me, _data, P2P_RELIABLE, 0)
	var packet := {}
	var start := Time.get_ticks_usec()
	for i in MESSAGES:
		packet = Steam.readP2PPacket(SIZE, 0)
	var taken := Time.get_ticks_usec() - start
	if packet.get("data") != _data:
		printerr("not all packets came")
		quit(1)
	return taken


func _time_udp_reads() -> float:
	for i in DATAGRAMS:
		_udp_out.put_packet(_data)
	var udp := _udp_in
	var from := _peer
	var packet := {}
	var start := Time.get_ticks_usec()
	for i in DATAGRAMS:
		packet = {
			"data": udp.get_packet(),
			"remote_steam_id": from,
			"steam_id_remote": from,
		}
	var taken := Time.get_ticks_usec() - start
	if packet["data"] != _data:
		printerr("not all datagrams came")
		quit(1)
	return taken


func _time_messages() -> float:
	for i in MESSAGES:
		Steam.sendMessageToUser(_me, _data, MESSAGE_RELIABLE, 0)
	var start := Time.get_ticks_usec()
	var messages := Steam.receiveMessagesOnChannel(0, MESSAGES)
	var taken := Time.get_ticks_usec() - start
	if messages.size() != MESSAGES or messages[0]["payload"] != _data:
		printerr("%d messages of %d came" % [messages.size(), MESSAGES])
		quit(1)
	return taken


func _time_udp_messages() -> float:
	for i in DATAGRAMS:
		_udp_out.put_packet(_data)
	var udp := _udp_in
	var from := _peer
	var messages := []
	var start := Time.get_ticks_usec()
	for i in DATAGRAMS:
		var data := udp.get_packet()
		messages.append({
			"payload": data,
			"size": data.size(),
			"connection": 0,
			"identity": from,
			"receiver_user_data": -1,
			"time_received": start,
			"message_number": i,
			"channel": 0,
			"flags": 0,
			"remote_steam_id": from,
			"sender_user_data": 0,
			"user_data": -1,
		})
	var taken := Time.get_ticks_usec() - start
	if (messages[DATAGRAMS - 1]["payload"] as PackedByteArray).size() != SIZE:
		printerr("not all datagrams came")
		quit(1)
	return taken


func _time_enet_messages() -> float:
	for i in DATAGRAMS:
		_enet_peer.send(0, _data, ENET_RELIABLE)
	_enet_client.flush()
	var enet := _enet_server
	var from := _peer
	var messages := []
	var start := Time.get_ticks_usec()
	while messages.size() < DATAGRAMS:
		var event := enet.service()
		if event[0] != ENetConnection.EVENT_RECEIVE:
			continue
		var data := (event[1] as ENetPacketPeer).get_packet()
		messages.append({
			"payload": data,
			"size": data.size(),
			"connection": 0,
			"identity": from,
			"receiver_user_data": -1,
			"time_received": start,
			"message_number": messages.size(),
			"channel": 0,
			"flags": 0,
			"remote_steam_id": from,
			"sender_user_data": 0,
			"user_data": -1,
		})
	var taken := Time.get_ticks_usec() - start
	for i in 20:
		_enet_client.service()
		_enet_server.service()
	return taken


## Prints and writes the table. Whether all bars are met.
func _report(file: String) -> bool:
	var lines: PackedStringArray = [
		"| call | ns | times the empty call |",
		"|---|--:|--:|",
	]
	for row in _figures:
		var ratio := _ratio(row, "empty call")
		lines.append("| %s | %.0f | %.2f |" % [row, _median(_figures[row]), ratio])
	lines.append("")
	lines.append("| bar | ratio | at most | |")
	lines.append("|---|--:|--:|---|")
	var all := true
	for bar in BARS:
		var ratio := _ratio(bar[0], bar[1])
		var met: bool = ratio <= bar[2]
		all = all and met
		lines.append("| %s / %s | %.2f | %.1f | %s |" % [bar[0], bar[1], ratio, bar[2], "met" if met else "**missed**"])
	var text := "\n".join(lines) + "\n"
	print(text)
	var written := FileAccess.open(file, FileAccess.WRITE)
	written.store_string(text)
	return all


func _median(values: PackedFloat64Array) -> float:
	var sorted := values.duplicate()
	sorted.sort()
	return sorted[sorted.size() / 2]


## The median of the rounds' ratios: what slows the machine down for a while slows both.
func _ratio(row: String, other: String) -> float:
	var ratios := PackedFloat64Array()
	for i in _figures[row].size():
		ratios.append(_figures[row][i] / _figures[other][i])
	return _median(ratios)
