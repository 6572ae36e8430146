extends SceneTree
## Holds the class `Steam` against GodotSteam's API, name by name. Ends with exit status 0 if all of it agrees.
##
## To be run with `--headless --script res://tests/conformance.gd`. The environment names two files:
## SAMOVAR_TEST_API is `godotsteam-4.20-api.json`; SAMOVAR_TEST_OLDER is JSON that says where `Steam` may, and has to,
## differ from it, in the API file's form: `methods` that older versions called otherwise, or of which the file does not
## know the types or defaults; `names` of older versions: methods, signals, enums, constants; all `properties`.

const Api := preload("res://tests/lib/api.gd")
const VALUES: Dictionary = {"int": [1, -1, 0, 9223372036854775807, 0], "Array": [[{"score": 1}], []]}

var _api := Api.new()
var _file: Dictionary
## Today's parts, and that of older versions.
var _parts: Array
var _exceptions: Dictionary
var _properties: Dictionary
var _older: Dictionary


func _initialize() -> void:
	_file = _api.read(OS.get_environment("SAMOVAR_TEST_API"))
	var older: Dictionary = _api.read(OS.get_environment("SAMOVAR_TEST_OLDER"))
	if not _file.is_empty() and not older.is_empty():
		_exceptions = older["methods"]
		_properties = Api.by_name(older["properties"] as Array)
		_older = older["names"]
		_parts = (_file["classes"] as Dictionary).values() + [_older]
		_check_exceptions()
		_check_methods()
		_check_signals()
		_check_properties()
		_check_enums()
		_check_constants()
		_check_script()
		_check_settings()
		_check_totals()
	_api.finish(self)


## An exception that is none any more must go, and none is about an argument's name.
func _check_exceptions() -> void:
	var before: int = _api.failures
	var methods: Dictionary = Api.by_name(Api.all(_file, "methods"))
	for method: String in _exceptions:
		var entry: Dictionary = methods.get(method, {"name": "", "args": [], "returns": ""})
		var exception: Dictionary = _exceptions[method]
		_api.same("the exception %s is needed" % method, _binding(entry) != _binding(exception), true)
		_api.same("the exception %s has the names" % method, _argument_names(exception), _argument_names(entry))
	var today: Dictionary = _names((_file["classes"] as Dictionary).values())
	var older: Dictionary = _names([_older])
	for older_name: String in older:
		_api.same("older: %s is not one of today's" % older_name, today.has(older_name), false)
	_api.report("%d methods that are bound otherwise, %d older names" % [_exceptions.size(), older.size()], before)


static func _argument_names(entry: Dictionary) -> Array:
	return (entry["args"] as Array).map(func(argument: Dictionary) -> String: return argument["name"])


## The names of everything in some parts of the API.
static func _names(parts: Array) -> Dictionary:
	var names: Dictionary = {}
	for part: Dictionary in parts:
		for entry: Dictionary in (part["methods"] as Array) + (part["signals"] as Array):
			names[str(entry["name"])] = true
		names.merge(part["constants"] as Dictionary)
		for values: Dictionary in (part["enums"] as Dictionary).values():
			names.merge(values)
	return names


## What Godot has of a kind has to be what the files have, neither more nor less.
func _same_names(what: String, found: Array, wanted: Array) -> void:
	for entry: Variant in wanted:
		_api.same("%s %s is there" % [what, entry], entry in found, true)
	for entry: Variant in found:
		_api.same("%s %s is GodotSteam's" % [what, entry], entry in wanted, true)
	_api.same("the number of each %s" % what, found.size(), wanted.size())


func _check_methods() -> void:
	var before: int = _api.failures
	var found: Dictionary = Api.by_name(ClassDB.class_get_method_list(Api.CLASS, true))
	var wanted: Dictionary = Api.by_name(Api.all(_file, "methods") + (_older["methods"] as Array))
	_same_names("method", found.keys(), wanted.keys())
	for method: String in wanted:
		if found.has(method):
			var entry: Dictionary = _exceptions.get(method, wanted[method])
			_api.same(method, _bound(found[method] as Dictionary), _binding(entry))
	_api.report("%d methods" % wanted.size(), before)


## How a method has to be bound: arguments, defaults, result, whether there may be more. Only a result is of an enum: an
## argument that is one in GodotSteam is a plain int here, since GDScript takes no enum of the game's own for it.
static func _binding(entry: Dictionary) -> Array:
	var arguments: Array = []
	var defaults: Array = []
	for argument: Dictionary in entry["args"]:
		arguments.append(Api.wanted(str(argument["name"]), str(argument["type"]), ""))
		if argument.has("default"):
			var type: String = argument.get("default_type", "")
			var default: Variant = argument["default"]
			default = type_convert(default, int(str(Api.TYPES[type]))) if not type.is_empty() else default
			defaults.append([typeof(default), default])
	var result: Array = Api.wanted("", str(entry["returns"]), str(entry.get("returns_enum", "")))
	return [arguments, defaults, result, METHOD_FLAG_VARARG if entry.get("more", false) else 0]


## How it is bound. Godot does not tell whether a method leaves the object as it is.
static func _bound(info: Dictionary) -> Array:
	var arguments: Array = info["args"]
	var defaults: Array = info["default_args"]
	return [
		arguments.map(Api.bound),
		defaults.map(func(default: Variant) -> Array: return [typeof(default), default]),
		Api.bound(info["return"] as Dictionary),
		info["flags"] & ~METHOD_FLAG_NORMAL & ~METHOD_FLAG_CONST,
	]


func _check_signals() -> void:
	var before: int = _api.failures
	var found: Dictionary = Api.by_name(ClassDB.class_get_signal_list(Api.CLASS, true))
	var wanted: Dictionary = Api.by_name(Api.all(_file, "signals") + (_older["signals"] as Array))
	_same_names("signal", found.keys(), wanted.keys())
	for signal_name: String in wanted:
		if not found.has(signal_name):
			continue
		var arguments: Array = []
		for argument: Dictionary in wanted[signal_name]["args"]:
			arguments.append(Api.wanted(str(argument["name"]), str(argument["type"]), str(argument.get("enum", ""))))
		var bound: Array = found[signal_name]["args"]
		_api.same("%s sends" % signal_name, bound.map(Api.bound), arguments)
	_api.report("%d signals" % wanted.size(), before)


func _check_properties() -> void:
	var before: int = _api.failures
	var found: Dictionary = Api.by_name(ClassDB.class_get_property_list(Api.CLASS, true))
	var wanted: Dictionary = _properties.duplicate()
	# The file's own, and some of older versions, which share their getters and setters.
	wanted.merge(Api.by_name(_file["properties"] as Array), true)
	_same_names("property", found.keys(), wanted.keys())
	for property: String in wanted:
		if not found.has(property):
			continue
		var entry: Dictionary = wanted[property]
		_api.same("%s is of" % property, found[property]["type"], Api.TYPES[entry["type"]])
		_api.same("%s is read by" % property, str(ClassDB.class_get_property_getter(Api.CLASS, property)), entry["getter"])
		_api.same("%s is written by" % property, str(ClassDB.class_get_property_setter(Api.CLASS, property)), entry["setter"])
		var steam: Object = Engine.get_singleton(Api.CLASS)
		for value: Variant in VALUES[entry["type"]]:
			steam.set(property, value)
			_api.same("%s after it was set" % property, steam.get(property), value)
			_api.same("%s, asked of its getter" % property, steam.call(str(entry["getter"])), value)
	_api.report("%d properties" % wanted.size(), before)


func _check_enums() -> void:
	var before: int = _api.failures
	var wanted: Dictionary = _enums()
	_same_names("enum", Array(ClassDB.class_get_enum_list(Api.CLASS, true)).map(_text), wanted.keys())
	var bitfields: Dictionary = {}
	for method: Dictionary in Api.all(_file, "methods"):
		for argument: Dictionary in method["args"]:
			var word: String = argument.get("enum", "")
			if word.begins_with("bitfield::"):
				bitfields[word.trim_prefix("bitfield::")] = true
	var values: int = 0
	for enum_name: String in wanted:
		var found: Array = Array(ClassDB.class_get_enum_constants(Api.CLASS, enum_name, true)).map(_text)
		var names: Array = (wanted[enum_name] as Dictionary).keys()
		values += names.size()
		names.sort()
		found.sort()
		_api.same("enum %s" % enum_name, found, names)
		var is_bitfield: bool = ClassDB.is_class_enum_bitfield(Api.CLASS, enum_name, true)
		_api.same("enum %s is combined" % enum_name, is_bitfield, bitfields.has(enum_name))
		for constant: String in names:
			var of: String = ClassDB.class_get_integer_constant_enum(Api.CLASS, constant, true)
			_api.same("the enum of %s" % constant, of, enum_name)
	_api.report("%d enums with %d values" % [wanted.size(), values], before)


static func _text(value: Variant) -> String:
	return str(value)


## Today's enums, and what older versions had more.
func _enums() -> Dictionary:
	var enums: Dictionary = {}
	for part: Dictionary in _parts:
		for enum_name: String in part["enums"]:
			var values: Dictionary = enums.get_or_add(enum_name, {})
			values.merge(part["enums"][enum_name] as Dictionary)
	return enums


## The values of all constants, those of enums included.
func _constants() -> Dictionary:
	var constants: Dictionary = {}
	for part: Dictionary in _parts:
		constants.merge(part["constants"] as Dictionary)
		for values: Dictionary in (part["enums"] as Dictionary).values():
			constants.merge(values)
	return constants


func _check_constants() -> void:
	var before: int = _api.failures
	var wanted: Dictionary = _constants()
	_same_names("constant", Array(ClassDB.class_get_integer_constant_list(Api.CLASS, true)).map(_text), wanted.keys())
	for constant: String in wanted:
		_api.same(constant, ClassDB.class_get_integer_constant(Api.CLASS, constant), wanted[constant])
	_api.report("%d constants, those of enums included" % wanted.size(), before)


## The names in a script: what it says has to compile, and to be worth the same.
func _check_script() -> void:
	var before: int = _api.failures
	var constants: Dictionary = _constants()
	var lines: PackedStringArray = ["extends RefCounted", "func values() -> Dictionary:", "\treturn {"]
	for constant: String in constants:
		lines.append("\t\t\"%s\": Steam.%s," % [constant, constant])
	lines.append("\t}")
	var enums: Dictionary = _enums()
	for enum_name: String in enums:
		for constant: String in enums[enum_name]:
			lines.append("var v_%s_%s: Steam.%s = Steam.%s" % [enum_name, constant, enum_name, constant])
	var script := GDScript.new()
	script.source_code = "\n".join(lines) + "\n"
	_api.same("a script that names every enum and constant compiles", script.reload(), OK)
	if script.can_instantiate():
		var instance: RefCounted = script.new()
		_api.same("the constants in a script", instance.call("values"), constants)
	_api.report("all of them in a script", before)


func _check_settings() -> void:
	var before: int = _api.failures
	var count: int = 0
	for entry: Dictionary in _file["project_settings"]:
		var setting: String = entry["name"]
		# Those of older versions are read where a project has them, and shown to nobody else.
		var is_today: bool = not entry.has("until")
		_api.same("%s exists" % setting, ProjectSettings.has_setting(setting), is_today)
		if is_today:
			count += 1
			_api.same("%s has a default" % setting, ProjectSettings.property_get_revert(setting), entry["default"])
			_api.same("%s is" % setting, typeof(ProjectSettings.get_setting(setting)), Api.TYPES[entry["type"]])
	for info: Dictionary in ProjectSettings.get_property_list():
		if str(info["name"]).begins_with("steam/"):
			var known: bool = Api.by_name(_file["project_settings"] as Array).has(info["name"])
			_api.same("%s is GodotSteam's" % info["name"], known, true)
	_api.report("%d project settings" % count, before)


## How much there is of today's API: what the file says of itself.
func _check_totals() -> void:
	var values: int = 0
	var enums: Dictionary = Api.all_named(_file, "enums")
	for of_one: Dictionary in enums.values():
		values += of_one.size()
	var totals: String = "%d methods, %d signals, %d enums with %d constants, %d plain constants" % [
		Api.all(_file, "methods").size(),
		Api.all(_file, "signals").size(),
		enums.size(),
		values,
		Api.all_named(_file, "constants").size(),
	]
	_api.same("the totals (%s) are the file's" % totals, str(_file["note"]).contains(totals + "."), true)
	print("TOTALS %s, %d properties" % [totals, (_file["properties"] as Array).size()])
