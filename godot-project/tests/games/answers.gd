extends Node
## Waits for the answers of methods that are not available, as games do.

## What came of it, in order.
var heard: Array = []
var waiting: bool = false

var _again: int = 0


## Goes on when the answer is there; the caller need not wait.
func wait() -> void:
	_wait.call()


func _wait() -> void:
	waiting = true
	Steam.findLeaderboard("level 1")
	var answer: Array = await Steam.leaderboard_find_result
	waiting = false
	heard.append(answer)


## Asks again from within the handler, so many times.
func ask_again(times: int) -> void:
	_again = times
	Steam.leaderboard_find_result.connect(_on_leaderboard_find_result)
	Steam.findLeaderboard("level 1")


func _on_leaderboard_find_result(leaderboard_handle: int, found: int) -> void:
	heard.append([leaderboard_handle, found])
	if _again > 0:
		_again -= 1
		Steam.findLeaderboard("level 1")
		# From within a handler it does nothing.
		Steam.run_callbacks()


## Asks, and ends Steam in the handler of the first answer.
func end_in_handler() -> void:
	for _number: int in 3:
		Steam.findLeaderboard("level 1")
	Steam.leaderboard_find_result.connect(_end, CONNECT_ONE_SHOT)


func _end(leaderboard_handle: int, found: int) -> void:
	heard.append([leaderboard_handle, found])
	Steam.steamShutdown()


func ask(times: int) -> void:
	for _number: int in times:
		Steam.findLeaderboard("level 1")


## What Godot's own allocator has given out, in bytes.
func memory() -> int:
	return int(Performance.get_monitor(Performance.MEMORY_STATIC))
