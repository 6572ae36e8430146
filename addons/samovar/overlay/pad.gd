extends Node
## Turns gamepads and the arrow keys into the actions that Godot's controls know, whatever the game has put into its
## input map.

## A page further (1) or back (-1) is wanted.
signal page_turned(step: int)

const BUTTONS: Dictionary[JoyButton, StringName] = {
	JOY_BUTTON_A: &"ui_accept",
	JOY_BUTTON_B: &"ui_cancel",
	JOY_BUTTON_DPAD_UP: &"ui_up",
	JOY_BUTTON_DPAD_DOWN: &"ui_down",
	JOY_BUTTON_DPAD_LEFT: &"ui_left",
	JOY_BUTTON_DPAD_RIGHT: &"ui_right",
}
const KEYS: Dictionary[Key, StringName] = {
	KEY_UP: &"ui_up",
	KEY_DOWN: &"ui_down",
	KEY_LEFT: &"ui_left",
	KEY_RIGHT: &"ui_right",
	KEY_TAB: &"ui_focus_next",
	KEY_ENTER: &"ui_accept",
	KEY_KP_ENTER: &"ui_accept",
	KEY_ESCAPE: &"ui_cancel",
}
## Actions that repeat while they are held.
const REPEATING: Array[StringName] = [&"ui_up", &"ui_down", &"ui_left", &"ui_right"]
const FIRST_REPEAT_SECONDS: float = 0.4
const REPEAT_SECONDS: float = 0.09
## How far the stick has to be moved, and how near it has to come back; of 1.
const STICK_OUT: float = 0.6
const STICK_BACK: float = 0.4

var _target: Viewport
var _timer := Timer.new()
var _held: StringName = &""
# The action that each stick axis holds, by device and axis.
var _sticks: Dictionary[Vector2i, StringName] = {}


## [param target] gets the actions.
func _init(target: Viewport) -> void:
	_target = target
	_timer.one_shot = true
	_timer.timeout.connect(_repeat)
	add_child(_timer)


## What the event is for the controls: an action in its place, the event itself, or null if it is none of theirs.
func translate(event: InputEvent) -> InputEvent:
	var button := event as InputEventJoypadButton
	if button:
		return _from_button(button)
	var motion := event as InputEventJoypadMotion
	if motion:
		return _from_stick(motion)
	var key := event as InputEventKey
	if key and KEYS.has(key.keycode) and not _is_known(key) and key.get_modifiers_mask() == 0:
		return _action(KEYS[key.keycode], key.pressed)
	return event


# Whether the input map still knows the key, as what it is or as what a field for text does with it.
func _is_known(key: InputEventKey) -> bool:
	return key.is_action(KEYS[key.keycode]) or _target.gui_get_focus_owner() is LineEdit


func _from_button(button: InputEventJoypadButton) -> InputEvent:
	if BUTTONS.has(button.button_index):
		_hold(BUTTONS[button.button_index], button.pressed)
		return _action(BUTTONS[button.button_index], button.pressed)
	if button.pressed and button.button_index == JOY_BUTTON_LEFT_SHOULDER:
		page_turned.emit(-1)
	elif button.pressed and button.button_index == JOY_BUTTON_RIGHT_SHOULDER:
		page_turned.emit(1)
	return null


func _from_stick(motion: InputEventJoypadMotion) -> InputEvent:
	var wanted := &""
	match motion.axis:
		JOY_AXIS_LEFT_X: wanted = &"ui_left" if motion.axis_value < 0.0 else &"ui_right"
		JOY_AXIS_LEFT_Y: wanted = &"ui_up" if motion.axis_value < 0.0 else &"ui_down"
		_: return null
	var stick := Vector2i(motion.device, motion.axis)
	var holding: StringName = _sticks.get(stick, &"")
	if absf(motion.axis_value) > STICK_OUT and holding == &"":
		_sticks[stick] = wanted
		_hold(wanted, true)
		return _action(wanted, true)
	if holding != &"" and (absf(motion.axis_value) < STICK_BACK or holding != wanted):
		_sticks.erase(stick)
		_hold(holding, false)
		return _action(holding, false)
	return null


func _hold(action: StringName, down: bool) -> void:
	if down and action in REPEATING:
		_held = action
		_timer.start(FIRST_REPEAT_SECONDS)
	elif action == _held:
		_held = &""
		_timer.stop()


func _repeat() -> void:
	_target.push_input(_action(_held, true), true)
	_timer.start(REPEAT_SECONDS)


static func _action(action: StringName, pressed: bool) -> InputEventAction:
	var event := InputEventAction.new()
	event.action = action
	event.pressed = pressed
	return event
