extends RefCounted
## Says which events are the overlay's and which the game's.
##
## While the overlay is open everything is the overlay's, but for the release of what was pressed before: the game has
## seen it go down. The release of what went down in the overlay is not the game's, even after the overlay is closed.

## Keys and buttons that are down at once.
const LIMIT: int = 64

var _down: Dictionary[String, bool] = {}


## Whether releases are awaited.
func is_waiting() -> bool:
	return not _down.is_empty()


## Whether the event is the overlay's.
func takes(event: InputEvent, open: bool) -> bool:
	var key := _key_of(event)
	if key == "":
		return open
	if not event.is_pressed():
		return _down.erase(key)
	if not open:
		_down.erase(key)
	elif not event.is_echo() and _down.size() < LIMIT:
		_down[key] = true
	return open


## What goes down and up again, by a name of its own; empty for other events.
static func _key_of(event: InputEvent) -> String:
	var key := event as InputEventKey
	if key:
		return "key %d %d" % [key.physical_keycode, key.location]
	var mouse := event as InputEventMouseButton
	if mouse:
		return "mouse %d" % mouse.button_index
	var pad := event as InputEventJoypadButton
	if pad:
		return "pad %d %d" % [pad.device, pad.button_index]
	var touch := event as InputEventScreenTouch
	return "touch %d" % touch.index if touch else ""
