extends Node
## Makes calls one after the other, so many frames apart, and leaves lobbies in the handler that tells of them.

var leaves_what_it_creates: bool = false

# Pairs of a method and its arguments.
var _calls: Array = []
var _frames_between: int = 0
var _frames: int = 0


func _ready() -> void:
	Steam.lobby_created.connect(_on_lobby_created)


func _process(_delta: float) -> void:
	_frames -= 1
	while not _calls.is_empty() and _frames <= 0:
		_next()


## Makes the calls, the first one now; with 0 all of them in this frame.
func in_turn(calls: Array, frames_between: int) -> void:
	_calls = calls
	_frames_between = frames_between
	_next()
	while not _calls.is_empty() and _frames_between == 0:
		_next()


## How many calls are still to be made.
func left() -> int:
	return _calls.size()


func _next() -> void:
	var call: Array = _calls.pop_front()
	_frames = _frames_between
	Steam.callv(str(call[0]), call[1] as Array)


func _on_lobby_created(_result: int, lobby: int) -> void:
	if leaves_what_it_creates and lobby != 0:
		Steam.leaveLobby(lobby)
