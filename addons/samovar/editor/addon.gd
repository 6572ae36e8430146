@tool
extends RefCounted
## One of the two addons: where its .gdextension file is, and whether Godot sees it.
##
## Put aside, the file has [constant ASIDE] at its end: Godot looks for names that end in .gdextension only. Renaming is
## one step of the file system, so that the file is never half there, whatever happens to the editor.

const Description := preload("description.gd")

## The end of the name of a file that has been put aside.
const ASIDE := ".off"

enum State {
	## There is no such file: the addon is not in the project.
	MISSING,
	## Godot loads it.
	ON,
	## Godot does not see it.
	OFF,
}

## How it is called in messages.
var title: String
## The feature tag of export presets that stands for it, and its name on the command line.
var tag: String
## The path of the .gdextension file while it is on; empty if the addon is not in the project.
var path: String


func _init(its_title: String, its_tag: String, its_path: String) -> void:
	title = its_title
	tag = its_tag
	path = its_path


func state() -> State:
	if path == "":
		return State.MISSING
	# If both are there, an update of the addon has brought a new one.
	if FileAccess.file_exists(path):
		return State.ON
	return State.OFF if FileAccess.file_exists(path + ASIDE) else State.MISSING


func is_on() -> bool:
	return state() == State.ON


## The path of the file as it is now.
func file() -> String:
	return path if is_on() else path + ASIDE


func description() -> Description:
	return Description.new(file())


## Why the running Godot could not load it; empty if it could.
func problem() -> String:
	if state() == State.MISSING:
		return "%s is not in this project: there is no .gdextension file of it." % title
	var says := description()
	if not says.is_readable():
		return "%s cannot be read." % file()
	var needed := says.files_here()
	if needed.is_empty():
		return "%s has no library for this platform (%s, %s)." % [
			title, OS.get_name(), Engine.get_architecture_name()]
	for each: String in needed:
		if not FileAccess.file_exists(each) and not DirAccess.dir_exists_absolute(each):
			return "%s needs %s, which is missing." % [title, each]
	var version := says.version_problem()
	return "" if version == "" else "%s %s." % [title, version]


## Why the file cannot be renamed; empty if nothing speaks against it.
func rename_problem() -> String:
	for each: String in [file(), path.get_base_dir()]:
		if _is_read_only(each):
			return "%s is read-only." % each
	return ""


## Lets Godot load it. Returns what went wrong, or nothing.
func turn_on() -> String:
	return "" if is_on() else _rename(path + ASIDE, path)


## Hides it from Godot. Returns what went wrong, or nothing.
func turn_off() -> String:
	return _rename(path, path + ASIDE) if is_on() else ""


func _rename(from: String, to: String) -> String:
	var error := DirAccess.rename_absolute(from, to)
	return "" if error == OK else "%s cannot be renamed to %s: %s." % [from, to.get_file(), error_string(error)]


static func _is_read_only(file_or_folder: String) -> bool:
	if FileAccess.get_read_only_attribute(file_or_folder):
		return true
	# 0 where the system has none.
	var permissions: int = FileAccess.get_unix_permissions(file_or_folder)
	const WRITERS := FileAccess.UNIX_WRITE_OWNER | FileAccess.UNIX_WRITE_GROUP | FileAccess.UNIX_WRITE_OTHER
	return permissions != 0 and permissions & WRITERS == 0
