@tool
extends RefCounted
## Finds GodotSteam's .gdextension file, wherever in the project it is, on or put aside.

const Addon := preload("addon.gd")
const Description := preload("description.gd")
const ExtensionList := preload("extension_list.gd")

const EXTENSION := ".gdextension"
## Where addons are. It is searched each time; the whole project takes longer.
const ADDONS := "res://addons"

# What was found the last time.
var _found := PackedStringArray()
# What Godot saw, and what was in the folder of addons, when the whole project was searched; nothing if it never was.
var _searched := PackedStringArray()


## The paths of GodotSteam's .gdextension files, as they are when they are on. There should be one at most.
## Outside the folder of addons it looks again only if [param everywhere], if something else has come into that folder,
## if Godot sees another extension, or if what was there is gone.
func godotsteam(everywhere: bool) -> PackedStringArray:
	var found := PackedStringArray()
	var seen := PackedStringArray()
	_search(ADDONS, found, seen)
	if found.is_empty():
		seen.append_array(GDExtensionManager.get_loaded_extensions())
		seen.append_array(ExtensionList.paths())
		if everywhere or seen != _searched or not _are_there():
			_search("res://", found, PackedStringArray())
			_searched = seen
		else:
			found = _found
	_found = found
	return found


# Whether what was found the last time is there still.
func _are_there() -> bool:
	for path: String in _found:
		if not FileAccess.file_exists(path) and not FileAccess.file_exists(path + Addon.ASIDE):
			return false
	return true


# Looks into a folder; all files that may be descriptions, and all folders, go into seen.
static func _search(folder: String, found: PackedStringArray, seen: PackedStringArray) -> void:
	var access := DirAccess.open(folder)
	if not access or _is_skipped(folder):
		return
	for file: String in access.get_files():
		var path := folder.path_join(file.trim_suffix(Addon.ASIDE))
		if not path.ends_with(EXTENSION):
			continue
		seen.append(path)
		if not found.has(path) and _is_godotsteam(folder.path_join(file)):
			found.append(path)
	for inside: String in access.get_directories():
		# A link may lead in a circle, or out of the project. But an addon may be one.
		if inside.begins_with(".") or (access.is_link(inside) and folder != ADDONS):
			continue
		seen.append(folder.path_join(inside))
		_search(folder.path_join(inside), found, seen)


# Godot does not look into such a folder either.
static func _is_skipped(folder: String) -> bool:
	if FileAccess.file_exists(folder.path_join(".gdignore")):
		return true
	# Another project.
	return folder != "res://" and FileAccess.file_exists(folder.path_join("project.godot"))


# GodotSteam Server is another extension with classes of other names.
static func _is_godotsteam(file: String) -> bool:
	var entry := Description.new(file).entry_symbol()
	if entry == "":
		return file.get_file().trim_suffix(Addon.ASIDE) == "godotsteam" + EXTENSION
	return entry.begins_with("godotsteam") and not entry.contains("server")
