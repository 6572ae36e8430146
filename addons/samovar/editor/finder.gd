@tool
extends RefCounted
## Finds GodotSteam's .gdextension file, wherever in the project it is, on or put aside.

const Addon := preload("addon.gd")
const Description := preload("description.gd")

const EXTENSION := ".gdextension"


## The paths of GodotSteam's .gdextension files, as they are when they are on. There should be one at most.
static func godotsteam() -> PackedStringArray:
	var found := PackedStringArray()
	# Where addons are; the whole project takes longer.
	_search("res://addons", found)
	if found.is_empty():
		_search("res://", found)
	return found


static func _search(folder: String, found: PackedStringArray) -> void:
	# Godot does not look into such a folder either.
	if not DirAccess.dir_exists_absolute(folder) or FileAccess.file_exists(folder.path_join(".gdignore")):
		return
	for file: String in DirAccess.get_files_at(folder):
		var path := folder.path_join(file.trim_suffix(Addon.ASIDE))
		if path.ends_with(EXTENSION) and not found.has(path) and _is_godotsteam(folder.path_join(file)):
			found.append(path)
	for inside: String in DirAccess.get_directories_at(folder):
		if not inside.begins_with("."):
			_search(folder.path_join(inside), found)


# GodotSteam Server is another extension with classes of other names.
static func _is_godotsteam(file: String) -> bool:
	var entry := Description.new(file).entry_symbol()
	if entry == "":
		return file.get_file().trim_suffix(Addon.ASIDE) == "godotsteam" + EXTENSION
	return entry.begins_with("godotsteam") and not entry.contains("server")
