class_name Shortcuts
## Keys for buttons.


## Lets a key press the button, and says so in its tooltip.
static func give(button: Button, key: Key, control: bool) -> void:
	var event := InputEventKey.new()
	event.keycode = key
	event.command_or_control_autoremap = control
	var shortcut := Shortcut.new()
	shortcut.events = [event]
	button.shortcut = shortcut
	button.shortcut_in_tooltip = true
	if button.tooltip_text == "":
		button.tooltip_text = button.text


## Whether the event is this key going down.
static func is_pressed(event: InputEvent, key: Key, control: bool) -> bool:
	var press := event as InputEventKey
	return press != null and press.pressed and not press.echo and press.keycode == key \
			and press.is_command_or_control_pressed() == control
