extends Node
## The scene that every scenario runs: it does what the harness says and prints what happens.
##
## The harness appends one command a line to the file SAMOVAR_TEST_COMMANDS; the runner prints
## `TEST <event> <json>` lines. SAMOVAR_TEST_GAME names a scene or script that is added as a child
## and can be called by commands as well; SAMOVAR_TEST_CALLBACKS=0 leaves run_callbacks to it.

const Values := preload("res://tests/lib/values.gd")

## Packets read a frame and channel at most, so that a flood cannot starve the commands.
const READS_PER_FRAME: int = 256

var game: Node = null
var callbacks: bool = true
var p2p_channels: Array = []
var message_channels: Array = []
var accept: bool = false

var _commands_path: String = OS.get_environment("SAMOVAR_TEST_COMMANDS")
var _commands_read: int = 0
var _quit_at_ms: int = 0
var _chat_every_ms: int = 0
var _chat_next_ms: int = 0
var _chat_lobby: int = 0
var _chat_number: int = 0


func _ready() -> void:
	process_mode = Node.PROCESS_MODE_ALWAYS
	_quit_at_ms = maxi(1, int(OS.get_environment("SAMOVAR_TEST_WATCHDOG"))) * 1000
	callbacks = OS.get_environment("SAMOVAR_TEST_CALLBACKS") != "0"
	for object: Object in [Steam, Samovar]:
		for info: Dictionary in object.get_signal_list():
			var signal_name: String = info["name"]
			if signal_name != "script_changed" and signal_name != "property_list_changed":
				object.connect(signal_name, _on_signal.bind(signal_name))
	var game_path: String = OS.get_environment("SAMOVAR_TEST_GAME")
	if not game_path.is_empty():
		_load_game(game_path)
	report("ready", {"args": OS.get_cmdline_args(), "user_args": OS.get_cmdline_user_args()})


func _process(_delta: float) -> void:
	if Time.get_ticks_msec() > _quit_at_ms:
		report("watchdog", {})
		get_tree().quit(2)
		return
	_read_commands()
	if callbacks:
		Steam.run_callbacks()
	_poll()
	_chat()


## Prints one event; `at` is the Unix time, the same clock for all processes of a machine.
func report(event: String, data: Dictionary) -> void:
	data["at"] = Time.get_unix_time_from_system()
	print("TEST ", event, " ", JSON.stringify(data, "", false, true))


func _load_game(path: String) -> void:
	if path.ends_with(".gd"):
		var script: GDScript = load(path)
		game = script.new()
	else:
		var scene: PackedScene = load(path)
		game = scene.instantiate()
	add_child(game)


func _on_signal(...args: Array) -> void:
	var signal_name: String = args.pop_back()
	report("signal", {"name": signal_name, "args": Values.plain(args)})
	if accept and signal_name == "p2p_session_request":
		Steam.acceptP2PSessionWithUser(int(str(args[0])))
	if accept and signal_name == "network_messages_session_request":
		Steam.acceptSessionWithUser(int(str(args[0])))


func _read_commands() -> void:
	if not FileAccess.file_exists(_commands_path):
		# The harness and its folder are gone.
		get_tree().quit(3)
		return
	var file := FileAccess.open(_commands_path, FileAccess.READ)
	if file == null or file.get_length() <= _commands_read:
		return
	file.seek(_commands_read)
	var bytes: PackedByteArray = file.get_buffer(file.get_length() - _commands_read)
	var end: int = bytes.rfind(10)
	if end < 0:
		return
	_commands_read += end + 1
	for line: String in bytes.slice(0, end).get_string_from_utf8().split("\n"):
		var command: Dictionary = str_to_var(line)
		report("call", {"id": command["id"]})
		var value: Variant = _execute(command)
		report("result", {"id": command["id"], "value": Values.plain(value)})


func _execute(command: Dictionary) -> Variant:
	match str(command["do"]):
		"nothing":
			return null
		"steam":
			var args: Array = Values.from_harness(command["args"])
			return Steam.callv(str(command["name"]), args)
		"steam_many":
			var same_args: Array = Values.from_harness(command["args"])
			for _number: int in int(str(command["count"])):
				Steam.callv(str(command["name"]), same_args)
			return null
		"samovar":
			var samovar_args: Array = Values.from_harness(command["args"])
			return Samovar.callv(str(command["name"]), samovar_args)
		"game":
			var game_args: Array = Values.from_harness(command["args"])
			return game.callv(str(command["name"]), game_args)
		"get":
			return game.get(str(command["name"]))
		"set":
			game.set(str(command["name"]), Values.from_harness(command["value"]))
			return null
		"describe":
			return Values.from_harness(command["value"])
		"callbacks":
			callbacks = command["on"]
			return null
		"auto_accept":
			accept = command["on"]
			return null
		"poll_p2p":
			p2p_channels = command["channels"]
			return null
		"poll_messages":
			message_channels = command["channels"]
			return null
		"project_setting":
			ProjectSettings.set_setting(str(command["name"]), command["value"])
			return null
		"environment":
			OS.set_environment(str(command["name"]), str(command["value"]))
			return null
		"stall":
			OS.delay_msec(int(str(command["ms"])))
			return null
		"chat":
			_chat_lobby = command["lobby"]
			_chat_every_ms = command["every_ms"]
			return null
		"press":
			var button: Button = game.find_child(str(command["name"]), true, false)
			button.pressed.emit()
			return button.text
		"type":
			var edit: LineEdit = game.get_node(str(command["node"]))
			edit.text = str(command["text"])
			return null
		"send_many":
			return _send_many(command)
		"quit":
			print("SAMOVAR-TEST OK")
			var code: int = command["code"]
			get_tree().quit(code)
			return null
	push_error("unknown command: %s" % command)
	return null


## Sends `count` P2P packets in one frame, the first bytes of each its number; the number accepted.
func _send_many(command: Dictionary) -> int:
	var sent: int = 0
	var packet: PackedByteArray = Values.pattern(int(str(command["size"])), 0)
	for number: int in int(str(command["count"])):
		packet.encode_u32(0, number)
		if Steam.sendP2PPacket(
			int(str(command["peer"])), packet, int(str(command["type"])), int(str(command["channel"]))
		):
			sent += 1
	return sent


func _poll() -> void:
	for channel: int in p2p_channels:
		for _number: int in READS_PER_FRAME:
			var size: int = Steam.getAvailableP2PPacketSize(channel)
			if size <= 0:
				break
			var packet: Dictionary = Steam.readP2PPacket(size, channel)
			var data: PackedByteArray = packet["data"]
			packet["channel"] = channel
			packet["text"] = _text(data)
			report("p2p", Values.plain(packet) as Dictionary)
	for channel: int in message_channels:
		for message: Dictionary in Steam.receiveMessagesOnChannel(channel, READS_PER_FRAME):
			var payload: PackedByteArray = message["payload"]
			message["text"] = _text(payload)
			report("message", Values.plain(message) as Dictionary)


## Sends the lines "line 1", "line 2"... to the lobby at the interval that the harness has set.
func _chat() -> void:
	if _chat_every_ms <= 0 or Time.get_ticks_msec() < _chat_next_ms:
		return
	_chat_next_ms = Time.get_ticks_msec() + _chat_every_ms
	_chat_number += 1
	if not Steam.sendLobbyChatMsg(_chat_lobby, "line %d" % _chat_number):
		report("chat_refused", {"number": _chat_number})


## Short printable packets as text, for tests that look into them.
static func _text(bytes: PackedByteArray) -> String:
	if bytes.size() > 200:
		return ""
	for byte: int in bytes:
		if byte < 32 or byte > 126:
			return ""
	return bytes.get_string_from_ascii()
