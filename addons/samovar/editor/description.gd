@tool
extends RefCounted
## What a .gdextension file says, and which of its libraries Godot would take.

const ARCHITECTURES: PackedStringArray = [
	"x86_32", "x86_64", "arm32", "arm64", "rv64", "ppc64", "wasm32", "loongarch64", "universal",
]

# The keys of the first and the last version of Godot that it is for.
const FIRST := "compatibility_minimum"
const LAST := "compatibility_maximum"
# Godot refuses what is for an older one.
const OLDEST: Array[int] = [4, 1, 0]

# The folder that relative paths start from.
var _folder: String
var _config := ConfigFile.new()
var _readable: bool


func _init(path: String) -> void:
	_folder = path.get_base_dir()
	_readable = _config.load(path) == OK


## Whether the file could be read.
func is_readable() -> bool:
	return _readable


## The function of the library that Godot calls first.
func entry_symbol() -> String:
	return str(_config.get_value("configuration", "entry_symbol", ""))


## What this Godot has against the versions that it is for, to go after the addon's name; empty if it is for this one.
## Godot wants the first version to be there, and takes the last one if it is.
func version_problem() -> String:
	var here := Engine.get_version_info()
	var running: Array[int] = [here.major, here.minor, here.patch]
	if not _config.has_section_key("configuration", FIRST):
		return "does not say from which Godot on it works (%s)" % FIRST
	# A part that is missing is the lowest, or the highest.
	var first := _version(FIRST, 0)
	if first < OLDEST:
		return "is for Godot %s, before extensions were as they are" % _config.get_value("configuration", FIRST)
	if running < first:
		return "is for Godot %s or later, and this is %s" % [
			_config.get_value("configuration", FIRST), _text(running)]
	if _config.has_section_key("configuration", LAST) and _version(LAST, 9999) < running:
		return "is for Godot %s or earlier, and this is %s" % [
			_config.get_value("configuration", LAST), _text(running)]
	return ""


## The files that the running Godot needs of it: the library, and what the library needs. Empty if there is no library
## for this platform.
func files_here() -> PackedStringArray:
	var has_tag := func(tag: String) -> bool: return OS.has_feature(tag)
	var library: String = _library(has_tag).path
	if library == "":
		return []
	var needed := PackedStringArray([library])
	for dependency: Dictionary in _dependencies(has_tag):
		needed.append(str(dependency.path))
	return needed


## The shared objects that an export with these features needs, libraries first: "path", "tags" and "target" of each, as
## [method EditorExportPlugin.add_shared_object] takes them.
func shared_objects(features: PackedStringArray) -> Array[Dictionary]:
	var libraries: Array[Dictionary] = []
	var dependencies: Array[Dictionary] = []
	var seen := PackedStringArray()
	for architecture: String in architectures(features):
		var has_tag := _tags_of(features, architecture)
		var library := _library(has_tag)
		if library.path != "":
			libraries.append(library)
		dependencies.append_array(_dependencies(has_tag))
	var all: Array[Dictionary] = []
	for one: Dictionary in libraries + dependencies:
		if not seen.has(str(one.path)):
			seen.append(str(one.path))
			all.append(one)
	return all


## The architectures among these features for which there is no library in the project.
func architectures_without_library(features: PackedStringArray) -> PackedStringArray:
	if _exists(str(_library(_tags_of(features, "universal")).path)):
		return []
	var without := PackedStringArray()
	for architecture: String in architectures(features):
		if architecture != "universal" and not _exists(str(_library(_tags_of(features, architecture)).path)):
			without.append(architecture)
	return without


## Every file that the description names, for whatever platform.
func files() -> PackedStringArray:
	var named := PackedStringArray()
	for key: String in _keys("libraries"):
		named.append(_absolute(str(_config.get_value("libraries", key))))
	for key: String in _keys("dependencies"):
		for dependency: Variant in _dependency(key):
			named.append(_absolute(str(dependency)))
	return named


## The description's text, so that it can be at any path: it names all files by their whole path.
func text_for_anywhere() -> String:
	var moved := ConfigFile.new()
	for section: String in _config.get_sections():
		for key: String in _config.get_section_keys(section):
			var value: Variant = _config.get_value(section, key)
			match section:
				"libraries", "icons":
					value = _absolute(str(value))
				"dependencies":
					# Only an export reads them.
					continue
			moved.set_value(section, key, value)
	return moved.encode_to_text()


## The architectures among these features.
static func architectures(features: PackedStringArray) -> PackedStringArray:
	var found := PackedStringArray()
	for feature: String in features:
		if ARCHITECTURES.has(feature):
			found.append(feature)
	if found.is_empty():
		found.append("unknown_arch")
	return found


# A function that tells whether a tag is one of the features, of the architectures only the one.
func _tags_of(features: PackedStringArray, architecture: String) -> Callable:
	return func(tag: String) -> bool:
		return tag == architecture or (features.has(tag) and not ARCHITECTURES.has(tag))


# As Godot chooses: all tags of the key hold, and the more the better.
func _library(has_tag: Callable) -> Dictionary:
	var best := {path = "", tags = PackedStringArray(), target = ""}
	for key: String in _keys("libraries"):
		var tags := key.split(".")
		var best_tags: PackedStringArray = best.tags
		if tags.size() > best_tags.size() and _all(tags, has_tag):
			best.path = _absolute(str(_config.get_value("libraries", key)))
			best.tags = tags
	return best


# As Godot chooses: those of the first key whose tags all hold.
func _dependencies(has_tag: Callable) -> Array[Dictionary]:
	var found: Array[Dictionary] = []
	for key: String in _keys("dependencies"):
		var tags := key.split(".")
		if not _all(tags, has_tag):
			continue
		var named := _dependency(key)
		for path: Variant in named:
			found.append({path = _absolute(str(path)), tags = tags, target = str(named[path])})
		break
	return found


# Three numbers.
func _version(key: String, missing: int) -> Array[int]:
	var parts := str(_config.get_value("configuration", key)).split(".")
	var version: Array[int] = []
	for index: int in 3:
		version.append(parts[index].to_int() if index < parts.size() else missing)
	return version


func _text(version: Array[int]) -> String:
	return "%d.%d.%d" % version


func _dependency(key: String) -> Dictionary:
	var value: Variant = _config.get_value("dependencies", key)
	if value is Dictionary:
		return value
	return {}


func _all(tags: PackedStringArray, has_tag: Callable) -> bool:
	for tag: String in tags:
		if not has_tag.call(tag.strip_edges()):
			return false
	return true


func _keys(section: String) -> PackedStringArray:
	return _config.get_section_keys(section) if _config.has_section(section) else PackedStringArray()


func _absolute(path: String) -> String:
	return _folder.path_join(path).simplify_path() if path.is_relative_path() else path


# A framework of macOS is a folder.
func _exists(path: String) -> bool:
	return path != "" and (FileAccess.file_exists(path) or DirAccess.dir_exists_absolute(path))
