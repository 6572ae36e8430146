@tool
extends RefCounted
## The extensions that Godot loads when it starts: a file in .godot with a path in each line.
##
## The editor writes it after it has searched the project. A switch changes it as well, so that the next start loads the
## right extension at once, also that of a game without an editor.

## The file.
const PATH := "res://.godot/extension_list.cfg"


## The paths, in the order in which Godot loads them.
static func paths() -> PackedStringArray:
	var found := PackedStringArray()
	if FileAccess.file_exists(PATH):
		for line: String in FileAccess.get_file_as_string(PATH).split("\n", false):
			if line.strip_edges() != "":
				found.append(line.strip_edges())
	return found


## Puts a path in another's place, or at the end. Returns what went wrong, or nothing.
static func replace(old: String, new: String) -> String:
	# A project that has never been opened has none.
	var error := DirAccess.make_dir_recursive_absolute(PATH.get_base_dir())
	if error != OK:
		return "%s cannot be made: %s." % [PATH.get_base_dir(), error_string(error)]
	var before := paths()
	var after := PackedStringArray()
	for path: String in before:
		var now := new if path == old else path
		if not after.has(now):
			after.append(now)
	if not after.has(new):
		after.append(new)
	return "" if after == before else _write(after)


# Beside it first: whoever reads it finds the old one or the new one, never half of one.
static func _write(lines: PackedStringArray) -> String:
	var beside := PATH + ".new"
	var file := FileAccess.open(beside, FileAccess.WRITE)
	if not file:
		return "%s cannot be written: %s." % [beside, error_string(FileAccess.get_open_error())]
	var stored := file.store_string("\n".join(lines) + "\n")
	file.close()
	var error := DirAccess.rename_absolute(beside, PATH) if stored else ERR_FILE_CANT_WRITE
	return "" if error == OK else "%s cannot be written: %s." % [PATH, error_string(error)]
