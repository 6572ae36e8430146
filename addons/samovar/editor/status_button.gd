@tool
extends Button
## The button in the editor's toolbar that says which addon answers to [code]Steam[/code], and its dialogs.

const Choice := preload("choice.gd")

var _choice: Choice
var _dialog := ConfirmationDialog.new()
var _warning := ConfirmationDialog.new()
# What has been said already.
var _warned: String


func _init(choice: Choice) -> void:
	_choice = choice
	name = "SamovarChoice"
	flat = true
	focus_mode = Control.FOCUS_NONE
	_dialog.title = "Who answers to Steam"
	_dialog.cancel_button_text = "Close"
	_dialog.confirmed.connect(_on_switch)
	_warning.title = "Samovar"
	_warning.ok_button_text = "Restart the Editor"
	_warning.cancel_button_text = "Later"
	_warning.confirmed.connect(_restart)
	for dialog: ConfirmationDialog in [_dialog, _warning]:
		dialog.dialog_autowrap = true
		dialog.min_size = Vector2i(Vector2(520.0, 0.0) * EditorInterface.get_editor_scale())
		add_child(dialog)
	pressed.connect(_on_pressed)


## Shows how it is now.
func refresh() -> void:
	text = _choice.summary()
	tooltip_text = "Which addon answers to Steam in this project. Press to see, and to switch."
	var colour := &"font_color" if _choice.warning() == "" else &"warning_color"
	if colour == &"warning_color" and has_theme_color(colour, &"Editor"):
		add_theme_color_override(&"font_color", get_theme_color(colour, &"Editor"))
	else:
		remove_theme_color_override(&"font_color")


## Tells the user, once, and offers to start the editor again if it has loaded another addon than it should. Nothing
## takes back what was said.
func warn(what: String) -> void:
	if what == _warned:
		return
	_warned = what
	if what == "":
		return
	push_warning("Samovar: " + what)
	if DisplayServer.get_name() == "headless":
		return
	_warning.dialog_text = what
	_warning.get_ok_button().visible = _choice.needs_restart()
	_warning.popup_centered.call_deferred()


func _on_pressed() -> void:
	_choice.refresh()
	refresh()
	var to := _target()
	var lines := PackedStringArray([_explanation()])
	var reason := _choice.problem(to)
	if reason != "":
		lines.append("It cannot be switched to %s: %s" % [_choice.addon(to).title, reason])
	else:
		lines.append("A switch renames two files, saves the open scenes and starts the editor again.")
	lines.append("An export preset chooses for itself if \"%s\" or \"%s\" is among its custom features." % [
		Choice.SAMOVAR, Choice.GODOTSTEAM])
	_dialog.dialog_text = "\n\n".join(lines)
	_dialog.ok_button_text = "Use %s and Restart the Editor" % _choice.addon(to).title
	_dialog.get_ok_button().disabled = reason != ""
	_dialog.reset_size()
	_dialog.popup_centered()


# The one that it can be switched to.
func _target() -> String:
	return _choice.other(_choice.chosen()) if _choice.chosen() != "" else Choice.SAMOVAR


func _explanation() -> String:
	if _choice.warning() != "":
		return _choice.warning()
	match _choice.chosen():
		Choice.SAMOVAR:
			return "Samovar answers: players of this computer and of the LAN, without Steam."
		Choice.GODOTSTEAM:
			return "GodotSteam answers: players of Steam, by the Steam client."
	return "Nothing answers to Steam."


func _on_switch() -> void:
	var reason := _choice.switch_to(_target())
	refresh()
	if reason == "":
		_restart()
	else:
		warn(reason)


func _restart() -> void:
	EditorInterface.restart_editor(true)
