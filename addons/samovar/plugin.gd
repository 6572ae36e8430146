@tool
extends EditorPlugin
## Samovar's part of the editor: which addon answers to [code]Steam[/code]. See docs/with-godotsteam.md.
##
## Nothing here may name the classes of the extension, which is not there while GodotSteam answers.

const Choice := preload("editor/choice.gd")
const ExportChoice := preload("editor/export_choice.gd")
const StatusButton := preload("editor/status_button.gd")

var _choice := Choice.new()
var _export := ExportChoice.new(_choice)
var _button: StatusButton
# Whether the user has been told already what the next start is for.
var _told: bool = false


func _enter_tree() -> void:
	# Before the editor's own nodes, which end a search.
	process_priority = -1000
	_button = StatusButton.new(_choice)
	add_control_to_container(EditorPlugin.CONTAINER_TOOLBAR, _button)
	add_export_plugin(_export)
	_look()
	EditorInterface.get_resource_filesystem().filesystem_changed.connect(_look)


func _process(_delta: float) -> void:
	if EditorInterface.get_resource_filesystem().is_scanning():
		_choice.make_way()


func _exit_tree() -> void:
	EditorInterface.get_resource_filesystem().filesystem_changed.disconnect(_look)
	_choice.heal()
	remove_export_plugin(_export)
	remove_control_from_container(EditorPlugin.CONTAINER_TOOLBAR, _button)
	_button.queue_free()


# At the start, and whenever files have changed: an addon may have been added, removed or updated.
func _look() -> void:
	_choice.refresh(false)
	var news := _choice.heal()
	if news == "":
		news = _choice.warning()
	if news == "" and _choice.needs_restart() and not _told:
		news = "%s answers to Steam in this project from the next start of the editor on." % [
			_choice.addon(_choice.chosen()).title]
	_told = _told or (news != "" and _choice.needs_restart())
	_button.refresh()
	_button.warn(news)
