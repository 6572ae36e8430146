class_name DemoRemote
extends Node
## Does what a test appends to a file, a word a line: presses a button of a gamepad that is not there (guide, a, b, up,
## down, left, right, previous, next), or asks for something else.

## Something else is asked for.
signal asked(what: String)

const BUTTONS: Dictionary[String, JoyButton] = {
	"guide": JOY_BUTTON_GUIDE,
	"a": JOY_BUTTON_A,
	"b": JOY_BUTTON_B,
	"up": JOY_BUTTON_DPAD_UP,
	"down": JOY_BUTTON_DPAD_DOWN,
	"left": JOY_BUTTON_DPAD_LEFT,
	"right": JOY_BUTTON_DPAD_RIGHT,
	"previous": JOY_BUTTON_LEFT_SHOULDER,
	"next": JOY_BUTTON_RIGHT_SHOULDER,
}
const EVERY_SECONDS: float = 0.1

var _path: String
var _read: int = 0


func _init(path: String) -> void:
	_path = path
	process_mode = Node.PROCESS_MODE_ALWAYS


func _ready() -> void:
	var timer := Timer.new()
	timer.wait_time = EVERY_SECONDS
	timer.autostart = true
	timer.timeout.connect(_look)
	add_child(timer)


func _look() -> void:
	var lines := FileAccess.get_file_as_string(_path).split("\n", false)
	for line: String in lines.slice(_read):
		if BUTTONS.has(line):
			press(BUTTONS[line])
		else:
			asked.emit(line)
	_read = lines.size()


## Presses a button and lets it go.
static func press(button: JoyButton) -> void:
	for down: bool in [true, false]:
		var event := InputEventJoypadButton.new()
		event.button_index = button
		event.pressed = down
		Input.parse_input_event(event)
