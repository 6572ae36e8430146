@tool
extends RefCounted
## The extensions that Godot loads when it starts: a file in the project's data folder with a path in each line.
##
## The editor writes it after it has searched the project. A switch changes it as well, so that the next start loads the
## right extension at once, also that of a game without an editor.

const HIDDEN := "application/config/use_hidden_project_data_directory"


## The file: Godot's data folder is .godot, or godot where the project says that it should not be hidden.
static func path() -> String:
	var hidden: bool = ProjectSettings.get_setting_with_override(HIDDEN)
	return "res://%s/extension_list.cfg" % (".godot" if hidden else "godot")


## The paths, in the order in which Godot loads them.
static func paths() -> PackedStringArray:
	var found := PackedStringArray()
	if FileAccess.file_exists(path()):
		for line: String in FileAccess.get_file_as_string(path()).split("\n", false):
			if line.strip_edges() != "":
				found.append(line.strip_edges())
	return found


## Puts a path in another's place, or at the end. Returns what went wrong, or nothing.
static func replace(old: String, new: String) -> String:
	# A project that has never been opened has none.
	var folder := path().get_base_dir()
	var error := DirAccess.make_dir_recursive_absolute(folder)
	if error != OK:
		return "%s cannot be made: %s." % [folder, error_string(error)]
	var before := paths()
	var after := PackedStringArray()
	for one: String in before:
		var now := new if one == old else one
		if not after.has(now):
			after.append(now)
	if not after.has(new):
		after.append(new)
	return "" if after == before else _write(after)


# Beside it first: whoever reads it finds the old one or the new one, never half of one.
static func _write(lines: PackedStringArray) -> String:
	var whole := path()
	var beside := whole + ".new"
	var file := FileAccess.open(beside, FileAccess.WRITE)
	if not file:
		return "%s cannot be written: %s." % [beside, error_string(FileAccess.get_open_error())]
	var stored := file.store_string("\n".join(lines) + "\n")
	file.close()
	var error := DirAccess.rename_absolute(beside, whole) if stored else ERR_FILE_CANT_WRITE
	return "" if error == OK else "%s cannot be written: %s." % [whole, error_string(error)]
