extends SceneTree
## Holds the class `Steam` against GodotSteam's API, name by name. Ends with exit status 0 if all of it agrees.
##
## To be run with `--headless --script res://tests/conformance.gd`. `godotsteam-4.20-api.json` and `implemented.json`,
## which says what of it this version has, are read from the folder SAMOVAR_TEST_API, else from `rust/godot/api` of the
## repository around the project.

const CLASS := "Steam"
const TYPES: Dictionary = {
	"void": TYPE_NIL,
	"bool": TYPE_BOOL,
	"int": TYPE_INT,
	"float": TYPE_FLOAT,
	"String": TYPE_STRING,
	"Array": TYPE_ARRAY,
	"Dictionary": TYPE_DICTIONARY,
	"PackedByteArray": TYPE_PACKED_BYTE_ARRAY,
	"PackedInt64Array": TYPE_PACKED_INT64_ARRAY,
	"PackedStringArray": TYPE_PACKED_STRING_ARRAY,
}
## Names that older GodotSteams gave to constants' groups; the constants are today's.
const OLDER_SOCKET_NAMES: Dictionary = {
	"NET_SOCKET_CONNECTION_TYPE_NOT_CONNECTED": 0,
	"NET_SOCKET_CONNECTION_TYPE_UDP": 1,
	"NET_SOCKET_CONNECTION_TYPE_UDP_RELAY": 2,
	"NET_SOCKET_STATE_INVALID": 0,
	"NET_SOCKET_STATE_CONNECTED": 1,
	"NET_SOCKET_STATE_INITIATED": 10,
	"NET_SOCKET_STATE_LOCAL_CANDIDATE_FOUND": 11,
	"NET_SOCKET_STATE_RECEIVED_REMOTE_CANDIDATES": 12,
	"NET_SOCKET_STATE_CHALLENGE_HANDSHAKE": 15,
	"NET_SOCKET_STATE_DISCONNECTING": 21,
	"NET_SOCKET_STATE_LOCAL_DISCONNECT": 22,
	"NET_SOCKET_STATE_TIMEOUT_DURING_CONNECT": 23,
	"NET_SOCKET_STATE_REMOTE_END_DISCONNECTED": 24,
	"NET_SOCKET_STATE_BROKEN": 25,
}

var _failures: int = 0
var _checks: int = 0


func _initialize() -> void:
	var folder: String = OS.get_environment("SAMOVAR_TEST_API")
	if folder.is_empty():
		folder = ProjectSettings.globalize_path("res://").path_join("../rust/godot/api")
	var api: Dictionary = _read(folder.path_join("godotsteam-4.20-api.json"))
	var implemented: Dictionary = _read(folder.path_join("implemented.json"))
	if not api.is_empty() and not implemented.is_empty():
		_check_methods(api, implemented["methods"] as Dictionary)
		_check_signals(api, implemented["signals"] as Dictionary)
		_check_properties(api, implemented["properties"] as Array)
		_check_constants(api, implemented["constants_of"] as Array)
		_check_settings(api, implemented["settings"] as Array)
		_check_nothing_invented(api)
	print("%d checks, %d failures" % [_checks, _failures])
	if _failures == 0:
		print("SAMOVAR-TEST OK")
	quit(mini(_failures, 1))


func _read(path: String) -> Dictionary:
	var text: String = FileAccess.get_file_as_string(path)
	var json := JSON.new()
	if json.parse(text) == OK and json.data is Dictionary:
		return json.data
	_same("reading %s" % path, "an error", "JSON")
	return {}


## Counts a check, and prints it if it failed.
func _same(what: String, found: Variant, wanted: Variant) -> void:
	_checks += 1
	if typeof(found) != typeof(wanted) or found != wanted:
		_failures += 1
		print("FAIL %s: %s, wanted %s" % [what, var_to_str(found), var_to_str(wanted)])


## The entries of a list, by their name.
func _by_name(list: Array) -> Dictionary:
	var result: Dictionary = {}
	for entry: Dictionary in list:
		result[str(entry["name"])] = entry
	return result


## What the API file says about a method or signal of one of its classes.
func _entry(api: Dictionary, part: String, kind: String, entry_name: String) -> Dictionary:
	var classes: Dictionary = api["classes"]
	var entries: Dictionary = _by_name(classes[part][kind] as Array)
	return entries.get(entry_name, {})


func _signature(arguments: Array, type_of: Callable) -> Array:
	# A name that is a keyword of Rust's has this before it.
	return arguments.map(
		func(argument: Dictionary) -> Array: return [str(argument["name"]).trim_prefix("r#"), type_of.call(argument)]
	)


func _wanted_type(argument: Dictionary) -> int:
	return TYPES.get(argument["type"], -1)


func _found_type(argument: Dictionary) -> int:
	return argument["type"]


func _check_methods(api: Dictionary, wanted: Dictionary) -> void:
	var found: Dictionary = _by_name(ClassDB.class_get_method_list(CLASS, true))
	for part: String in wanted:
		var failures: int = _failures
		for method: String in wanted[part]:
			_check_method(_entry(api, part, "methods", method), method, found)
		_report("%s: %d methods" % [part, len(wanted[part])], failures)


func _check_method(entry: Dictionary, method: String, found: Dictionary) -> void:
	_same("%s is in the API" % method, entry.is_empty(), false)
	_same("%s is bound" % method, found.has(method), true)
	if entry.is_empty() or not found.has(method):
		return
	var bound: Dictionary = found[method]
	_same(method, _signature(bound["args"] as Array, _found_type), _signature(entry["args"] as Array, _wanted_type))
	_same("%s returns" % method, bound["return"]["type"], TYPES.get(entry["returns"], -1))
	var defaults: Array = []
	for argument: Dictionary in entry["args"]:
		if argument.has("default"):
			var value: Variant = argument["default"]
			# JSON has floats only.
			defaults.append(int(str(value)) if _wanted_type(argument) == TYPE_INT else value)
	_same("%s has defaults" % method, bound["default_args"], defaults)


func _check_signals(api: Dictionary, wanted: Dictionary) -> void:
	var found: Dictionary = _by_name(ClassDB.class_get_signal_list(CLASS, true))
	for part: String in wanted:
		var failures: int = _failures
		for signal_name: String in wanted[part]:
			var entry: Dictionary = _entry(api, part, "signals", signal_name)
			_same("%s is in the API" % signal_name, entry.is_empty(), false)
			_same("%s is bound" % signal_name, found.has(signal_name), true)
			if not entry.is_empty() and found.has(signal_name):
				var arguments: Array = _signature(found[signal_name]["args"] as Array, _found_type)
				_same(signal_name, arguments, _signature(entry["args"] as Array, _wanted_type))
		_report("%s: %d signals" % [part, len(wanted[part])], failures)


func _check_properties(api: Dictionary, wanted: Array) -> void:
	var failures: int = _failures
	var found: Dictionary = _by_name(ClassDB.class_get_property_list(CLASS, true))
	var entries: Dictionary = _by_name(api["properties"] as Array)
	for property: String in wanted:
		_same("%s is bound" % property, found.has(property), true)
		if not found.has(property):
			continue
		_same("%s has a type" % property, found[property]["type"], _wanted_type(entries[property] as Dictionary))
		for accessor: String in ["getter", "setter"]:
			_same("%s has a %s" % [property, accessor], ClassDB.class_has_method(CLASS, str(entries[property][accessor]), true), true)
	_report("%d properties" % wanted.size(), failures)


func _check_constants(api: Dictionary, parts: Array) -> void:
	var failures: int = _failures
	var all: Dictionary = {}
	var enums: Array[String] = []
	for part: String in parts:
		var wanted: Dictionary = api["classes"][part]
		for enum_name: String in wanted["enums"]:
			enums.append(enum_name)
			var names: Array = (wanted["enums"][enum_name] as Dictionary).keys()
			var found: Array = Array(ClassDB.class_get_enum_constants(CLASS, enum_name, true))
			names.sort()
			found.sort()
			_same("enum %s" % enum_name, found, names)
			all.merge(wanted["enums"][enum_name] as Dictionary)
		all.merge(wanted["constants"] as Dictionary)
	all.merge(OLDER_SOCKET_NAMES)
	for constant: String in all:
		_same(constant, ClassDB.class_get_integer_constant(CLASS, constant), int(str(all[constant])))
	_check_script(enums, all)
	_report("%d enums, %d constants" % [enums.size(), all.size()], failures)


## The names in a script: what it says has to compile, and to be worth the same.
func _check_script(enums: Array[String], constants: Dictionary) -> void:
	var lines: PackedStringArray = ["extends RefCounted", "func values() -> Dictionary:", "\treturn {"]
	for constant: String in constants:
		lines.append("\t\t\"%s\": Steam.%s," % [constant, constant])
	lines.append("\t}")
	for enum_name: String in enums:
		var first: String = ClassDB.class_get_enum_constants(CLASS, enum_name, true)[0]
		lines.append("var v_%s: Steam.%s = Steam.%s" % [enum_name, enum_name, first])
	var script := GDScript.new()
	script.source_code = "\n".join(lines) + "\n"
	_same("a script that names every enum and constant compiles", script.reload(), OK)
	if script.can_instantiate():
		var instance: RefCounted = script.new()
		var values: Dictionary = instance.call("values")
		for constant: String in constants:
			_same("Steam.%s" % constant, values[constant], int(str(constants[constant])))


func _check_settings(api: Dictionary, wanted: Array) -> void:
	var failures: int = _failures
	var entries: Dictionary = _by_name(api["project_settings"] as Array)
	for setting: String in wanted:
		_same("%s exists" % setting, ProjectSettings.has_setting(setting), true)
		var default: Variant = entries[setting]["default"]
		if entries[setting]["type"] == "int":
			default = int(str(default))
		_same("%s has a default" % setting, ProjectSettings.property_get_revert(setting), default)
	_report("%d project settings" % wanted.size(), failures)


## A method or signal that GodotSteam does not have is a misspelled one.
func _check_nothing_invented(api: Dictionary) -> void:
	var failures: int = _failures
	var known: Dictionary = {}
	for part: Dictionary in (api["classes"] as Dictionary).values():
		for kind: String in ["methods", "signals"]:
			known.merge(_by_name(part[kind] as Array))
	for entry: Dictionary in ClassDB.class_get_method_list(CLASS, true) + ClassDB.class_get_signal_list(CLASS, true):
		_same("%s is GodotSteam's" % entry["name"], known.has(str(entry["name"])), true)
	_report("no names of our own", failures)


func _report(what: String, failures_before: int) -> void:
	if _failures == failures_before:
		print("PASS ", what)
