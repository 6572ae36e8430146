extends Node
## One end of the measurement of RPCs.

const PORT := 17771
const SIZES: Array[int] = [32, 512]
## RPCs of a frame, where CPU is measured, and how long, in frames.
const CALLS_A_FRAME := 64
const FRAMES := 240
## Frames of calm before and after each.
const CALM := 30
## RPCs in a row, how many may be under way, and for how long, where the rate is measured.
const BURST := 250
const WINDOW := 4000
const RATE_MS := 2000
## After so long without news what is under way is lost.
const LOST_MS := 50
const ROUND_TRIPS := 120
const SYNCHRONIZED := 200
const PATIENCE_MS := 30_000
## Microseconds of a clock tick of the kernel's accounting, 100 a second everywhere.
const TICK_US := 10_000

var received := 0
var _acknowledged := 0
var _acknowledged_at := 0
var _answers: Dictionary[int, PackedInt64Array] = {}
var _pong := false
var _over := false
var _synchronized: Array[Node2D] = []


## Waits for what the other end does, until it says that all is over.
func serve_as_client(transport: String, folder: String) -> bool:
	var peer := await _client(transport, folder)
	if peer == null:
		return false
	multiplayer.multiplayer_peer = peer
	multiplayer.server_disconnected.connect(func() -> void: _over = true)
	multiplayer.connection_failed.connect(func() -> void: _over = true)
	while not _over:
		await get_tree().process_frame
	return true


func measure(transport: String, peers: int, folder: String) -> bool:
	multiplayer.multiplayer_peer = _host(transport, folder)
	if transport != "offline":
		var met := func() -> bool: return multiplayer.get_peers().size() == peers
		if not await _until(met):
			printerr("Not everybody has come.")
			return false
	var data := PackedByteArray()
	for method: StringName in [&"take_unreliable", &"take_reliable"]:
		for size in SIZES:
			data.resize(size)
			await _calm()
			await _measure_cpu("cpu %s %d" % [method.trim_prefix("take_"), size], peers, method, data)
	if transport == "offline":
		await _measure_idle()
		return true
	if peers == 1:
		for method: StringName in [&"take_unreliable", &"take_reliable"]:
			for size in SIZES:
				data.resize(size)
				await _calm()
				await _measure_rate("rate %s %d" % [method.trim_prefix("take_"), size], method, data)
		await _measure_round_trips()
		await _measure_synchronizers()
	rpc("end")
	await _calm()
	return true


func _host(transport: String, folder: String) -> MultiplayerPeer:
	if transport == "enet":
		var peer := ENetMultiplayerPeer.new()
		peer.set_bind_ip("127.0.0.1")
		peer.create_server(PORT, 32)
		_write(folder, "1")
		return peer
	if transport == "samovar":
		Steam.steamInit(480)
		var peer: MultiplayerPeer = ClassDB.instantiate(&"SteamMultiplayerPeer")
		peer.call("create_host", 0)
		_write(folder, str(Steam.getSteamID()))
		return peer
	return OfflineMultiplayerPeer.new()


func _client(transport: String, folder: String) -> MultiplayerPeer:
	var path := folder.path_join("host")
	if not await _until(func() -> bool: return FileAccess.file_exists(path)):
		return null
	if transport == "enet":
		var peer := ENetMultiplayerPeer.new()
		peer.create_client("127.0.0.1", PORT)
		return peer
	Steam.steamInit(480)
	var peer: MultiplayerPeer = ClassDB.instantiate(&"SteamMultiplayerPeer")
	peer.call("create_client", FileAccess.get_file_as_string(path).to_int(), 0)
	return peer


func _write(folder: String, text: String) -> void:
	var path := folder.path_join("host")
	var file := FileAccess.open(path + ".new", FileAccess.WRITE)
	file.store_string(text)
	file.close()
	DirAccess.rename_absolute(path + ".new", path)


func _calm() -> void:
	for frame in CALM:
		await get_tree().process_frame


func _until(is_so: Callable) -> bool:
	var until := Time.get_ticks_msec() + PATIENCE_MS
	while not is_so.call():
		if Time.get_ticks_msec() > until:
			return false
		await get_tree().process_frame
	return true


## Microseconds of the processor's time that this process has had.
static func cpu_us() -> int:
	var file := FileAccess.open("/proc/self/stat", FileAccess.READ)
	var fields := file.get_buffer(1024).get_string_from_ascii().get_slice(") ", 1).split(" ")
	return (fields[11].to_int() + fields[12].to_int()) * TICK_US


## The processor's time of all processes, and what the others have received.
func _tally(peers: int) -> Vector2i:
	_answers.clear()
	rpc("tell")
	await _until(func() -> bool: return _answers.size() == peers)
	var tally := Vector2i(cpu_us(), 0)
	for answer: PackedInt64Array in _answers.values():
		tally += Vector2i(answer[0], answer[1])
	return tally


func _measure_cpu(name_of_case: String, peers: int, method: StringName, data: PackedByteArray) -> void:
	var is_offline := multiplayer.multiplayer_peer is OfflineMultiplayerPeer
	var before := Vector2i(cpu_us(), 0) if is_offline else await _tally(peers)
	for frame in FRAMES:
		for call_number in CALLS_A_FRAME:
			rpc(method, data)
		await get_tree().process_frame
	var calls := CALLS_A_FRAME * FRAMES
	if is_offline:
		_print(name_of_case, [(cpu_us() - before.x) * 1000.0 / calls, 0, calls])
		return
	await _calm()
	var after := await _tally(peers)
	var got := after.y - before.y
	_print(name_of_case, [(after.x - before.x) * 1000.0 / (calls * peers), got * 100.0 / (calls * peers), calls * peers])


## What a process costs that does nothing, for as many frames as the others are measured.
func _measure_idle() -> void:
	var before := cpu_us()
	for frame in FRAMES:
		await get_tree().process_frame
	_print("idle", [(cpu_us() - before) * 1000.0 / (CALLS_A_FRAME * FRAMES), 0, 0])


func _measure_rate(name_of_case: String, method: StringName, data: PackedByteArray) -> void:
	rpc("count_anew")
	_acknowledged = 0
	var sent := 0
	Engine.max_fps = 0
	rpc("hurry", true)
	var started := Time.get_ticks_msec()
	_acknowledged_at = started
	while Time.get_ticks_msec() - started < RATE_MS:
		if Time.get_ticks_msec() - _acknowledged_at > LOST_MS:
			_acknowledged = sent
			_acknowledged_at = Time.get_ticks_msec()
		while sent - _acknowledged < WINDOW:
			for call_number in BURST:
				rpc(method, data)
			sent += BURST
		await get_tree().process_frame
	var took := (Time.get_ticks_msec() - started) / 1000.0
	_answers.clear()
	rpc("tell")
	await _until(func() -> bool: return _answers.size() == 1)
	var got: int = _answers.values()[0][1]
	rpc("hurry", false)
	Engine.max_fps = 60
	_print(name_of_case, [got / took, got * 100.0 / sent, sent])


func _measure_round_trips() -> void:
	await _calm()
	var frames := 0
	for round_trip in ROUND_TRIPS:
		_pong = false
		rpc("ping")
		var since := Engine.get_process_frames()
		while not _pong:
			await get_tree().process_frame
		frames += Engine.get_process_frames() - since
	_print("round_trip_frames", [float(frames) / ROUND_TRIPS, 0, ROUND_TRIPS])


func _measure_synchronizers() -> void:
	rpc("synchronize")
	await _calm()
	var before := await _tally(1)
	for frame in FRAMES:
		for node in _synchronized:
			node.position += Vector2(1, 2)
		await get_tree().process_frame
	var after := await _tally(1)
	_print("synchronizers", [(after.x - before.x) * 1000.0 / (FRAMES * SYNCHRONIZED), 0, SYNCHRONIZED])


func _print(name_of_case: String, figures: Array) -> void:
	print("RPC %s: %s" % [name_of_case, " ".join(figures.map(func(value: float) -> String: return "%.2f" % value))])


@rpc("authority", "call_remote", "unreliable")
func take_unreliable(_data: PackedByteArray) -> void:
	_count()


@rpc("authority", "call_remote", "reliable")
func take_reliable(_data: PackedByteArray) -> void:
	_count()


func _count() -> void:
	received += 1
	if received % BURST == 0:
		rpc_id(1, "acknowledge", received)


@rpc("any_peer", "call_remote", "reliable", 2)
func acknowledge(count: int) -> void:
	_acknowledged = maxi(_acknowledged, count)
	_acknowledged_at = Time.get_ticks_msec()


@rpc("authority", "call_remote", "reliable")
func count_anew() -> void:
	received = 0


@rpc("authority", "call_remote", "reliable")
func hurry(on: bool) -> void:
	Engine.max_fps = 0 if on else 60


@rpc("authority", "call_remote", "reliable")
func tell() -> void:
	rpc_id(1, "told", cpu_us(), received)


@rpc("any_peer", "call_remote", "reliable")
func told(cpu: int, count: int) -> void:
	_answers[multiplayer.get_remote_sender_id()] = PackedInt64Array([cpu, count])


@rpc("authority", "call_remote", "reliable")
func ping() -> void:
	rpc_id(1, "pong")


@rpc("any_peer", "call_remote", "reliable")
func pong() -> void:
	_pong = true


@rpc("authority", "call_local", "reliable")
func synchronize() -> void:
	for index in SYNCHRONIZED:
		var node := Node2D.new()
		node.name = "Node%d" % index
		var config := SceneReplicationConfig.new()
		config.add_property(^".:position")
		var synchronizer := MultiplayerSynchronizer.new()
		synchronizer.name = "Where"
		synchronizer.replication_config = config
		node.add_child(synchronizer)
		add_child(node)
		_synchronized.append(node)


@rpc("authority", "call_remote", "reliable")
func end() -> void:
	_over = true
