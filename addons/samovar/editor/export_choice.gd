@tool
extends EditorExportPlugin
## Puts one of the two addons into an export: the one whose feature tag the preset has, else the one that the editor uses.
##
## An export lists the extensions that the editor lists, and Godot does not let plug-ins change that list. So if the
## wanted one is put aside, its description takes the other's place in the pack, under the other's name.
## Nothing in the project changes.

const Addon := preload("addon.gd")
const Choice := preload("choice.gd")

var _choice: Choice
# The tag of the one that goes along; empty if the export has failed.
var _keep: String
# The path of the description that the exported game loads, and whether the export has come by it.
var _carrier: String
var _carried: bool
# Files that the export must not have.
var _unwanted := PackedStringArray()
var _features := PackedStringArray()
# Samovar's folder.
var _home: String


func _init(choice: Choice) -> void:
	_choice = choice
	_home = _choice.addon(Choice.SAMOVAR).path.get_base_dir() + "/"


# Plug-ins are called in the order of their names, and what is skipped here must not come to Godot's own "GDExtension".
func _get_name() -> String:
	return "Choice of Steam"


func _export_begin(features: PackedStringArray, _is_debug: bool, _path: String, _flags: int) -> void:
	_choice.refresh()
	_features = features
	_carried = false
	var wanted := _wanted()
	var reason := "" if _choice.is_built_in() else _problem(wanted)
	_keep = wanted if reason == "" else ""
	_carrier = _choice.addon(_choice.chosen()).path if _choice.chosen() != "" else ""
	_unwanted = []
	for tag: String in Choice.TAGS:
		if tag != wanted and _choice.addon(tag).state() != Addon.State.MISSING:
			_unwanted.append_array(_choice.addon(tag).description().files())
	if reason != "":
		_refuse(reason)


func _export_file(path: String, _type: String, _of: PackedStringArray) -> void:
	if path.begins_with(_home + "editor/") or path == _home + "plugin.gd":
		skip()
	elif _choice.is_built_in():
		# What answers in the exported game depends on its template.
		pass
	elif path == _choice.addon(Choice.SAMOVAR).path or path == _choice.addon(Choice.GODOTSTEAM).path:
		_export_description(path)
	elif _unwanted.has(path) or (_keep == Choice.GODOTSTEAM and path.begins_with(_home)):
		skip()
	elif path.begins_with(_home) and path.get_extension() in ["tscn", "tres"]:
		_export_as_it_is(path)


func _export_end() -> void:
	if _keep != "" and not _carried and not _choice.is_built_in():
		_refuse("The preset leaves out %s, so that nothing answers to Steam in the exported game." % _carrier)


func _export_description(path: String) -> void:
	if _keep == "":
		skip()
		return
	var kept := _choice.addon(_keep)
	if kept.is_on():
		if path == kept.path:
			_carried = true
		else:
			skip()
	elif path == _carrier:
		_carried = true
		var description := kept.description()
		add_file(path, description.text_for_anywhere().to_utf8_buffer(), false)
		for one: Dictionary in description.shared_objects(_features):
			var tags: PackedStringArray = one.tags
			add_shared_object(str(one.path), tags, str(one.target))
		skip()
	else:
		skip()


# Godot would load the scene to convert it, and while GodotSteam answers its scripts cannot be compiled.
func _export_as_it_is(path: String) -> void:
	if _choice.answering() != Choice.SAMOVAR:
		add_file(path, FileAccess.get_file_as_bytes(path), false)
		skip()


# The tag that the preset asks for, else the editor's.
func _wanted() -> String:
	for tag: String in Choice.TAGS:
		if _features.has(tag):
			return tag
	return _choice.chosen()


# Why the export cannot have it; empty if it can.
func _problem(wanted: String) -> String:
	if _features.has(Choice.SAMOVAR) and _features.has(Choice.GODOTSTEAM):
		return "The preset has both feature tags, %s and %s." % [Choice.SAMOVAR, Choice.GODOTSTEAM]
	if wanted == "":
		return "Neither Samovar nor GodotSteam is in the project."
	var kept := _choice.addon(wanted)
	if kept.state() == Addon.State.MISSING:
		return "The preset wants %s, which is not in the project." % kept.title
	if kept.is_on():
		return _library_problem(kept)
	if _features.has("ios") or _features.has("visionos"):
		return "For this platform the plug-in cannot change who answers to Steam: switch to %s before." % kept.title
	return _library_problem(kept)


func _library_problem(kept: Addon) -> String:
	# The export's template is of the editor's version.
	var version := kept.description().version_problem()
	if version != "":
		return "%s %s." % [kept.title, version]
	var without := kept.description().architectures_without_library(_features)
	if without.is_empty():
		return ""
	return "%s has no library for %s (%s) in the project." % [
		kept.title, get_export_platform().get_os_name(), ", ".join(without)]


# Godot calls an export with an error message complete all the same. On the command line at least the exit status tells.
func _refuse(reason: String) -> void:
	get_export_platform().add_message(EditorExportPlatform.EXPORT_MESSAGE_ERROR, "Samovar", reason)
	for argument: String in OS.get_cmdline_args():
		if argument.begins_with("--export-"):
			var tree: SceneTree = Engine.get_main_loop()
			tree.quit.call_deferred(1)
