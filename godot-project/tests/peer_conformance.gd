extends SceneTree
## Holds the classes `SteamMultiplayerPeer` and `SteamPacketPeer` against the APIs that go by these names. Ends with exit
## status 0 if all of it agrees.
##
## To be run with `--headless --script`. SAMOVAR_TEST_API names a file of JSON: the classes, with the methods as each API has
## them (one that several have is there several times), signals, properties and enums.

const Api := preload("res://tests/lib/api.gd")

var _api := Api.new()


func _initialize() -> void:
	for entry: Dictionary in _api.read(OS.get_environment("SAMOVAR_TEST_API")).get("classes", []):
		_check_class(entry)
	_api.finish(self)


func _check_class(entry: Dictionary) -> void:
	var of: String = entry["name"]
	var before: int = _api.failures
	_api.same("%s exists" % of, ClassDB.class_exists(of), true)
	_api.same("%s is made of" % of, str(ClassDB.get_parent_class(of)), entry["base"])
	_api.same("%s can be made" % of, ClassDB.can_instantiate(of), true)
	_check_methods(of, entry["forms"] as Array)
	_check_signals(of, entry["signals"] as Array)
	_check_properties(of, entry["properties"] as Array)
	_check_enums(of, entry["enums"] as Dictionary)
	_check_script(of, entry)
	_api.report(of, before)
	print("TOTALS %s: %d methods in %d forms, %d signals, %d properties, %d enums" % [
		of,
		Api.by_name(entry["forms"] as Array).size(),
		(entry["forms"] as Array).size(),
		(entry["signals"] as Array).size(),
		(entry["properties"] as Array).size(),
		(entry["enums"] as Dictionary).size(),
	])


func _names(what: String, found: Array, wanted: Array) -> void:
	found.sort()
	wanted.sort()
	_api.same(what, found, wanted)


func _check_methods(of: String, forms: Array) -> void:
	var found: Dictionary = Api.by_name(ClassDB.class_get_method_list(of, true))
	_names("the methods of %s" % of, found.keys(), Api.by_name(forms).keys())
	for form: Dictionary in forms:
		if found.has(form["name"]):
			_check_form("%s.%s of %s" % [of, form["name"], form["api"]], found[form["name"]] as Dictionary, form)


## A method takes what each of its forms does: what a form has no argument for has a default, and what is of another type in
## another form is a Variant.
func _check_form(what: String, info: Dictionary, form: Dictionary) -> void:
	var arguments: Array = info["args"]
	var defaults: Array = info["default_args"]
	var wanted: Array = form["args"]
	var required: int = arguments.size() - defaults.size()
	_api.same("%s takes enough" % what, arguments.size() >= wanted.size(), true)
	var given: int = 0
	for index: int in mini(wanted.size(), arguments.size()):
		var argument: Dictionary = wanted[index]
		var type: int = arguments[index]["type"]
		_api.same("%s, argument %d" % [what, index], type in [TYPE_NIL, Api.TYPES[argument["type"]]], true)
		if argument.has("default"):
			_api.same("%s, default %d" % [what, index], defaults[index - required], argument["default"])
		else:
			given += 1
	_api.same("%s needs no more" % what, required <= given, true)
	var result: Dictionary = info["return"]
	if form["returns"] == "SteamPacketPeer":
		_api.same("%s returns" % what, [result["type"], str(result["class_name"])], [TYPE_OBJECT, "SteamPacketPeer"])
	else:
		_api.same("%s returns" % what, result["type"], Api.TYPES[form["returns"]])
		_api.same("%s returns the enum" % what, str(result["class_name"]), form.get("returns_enum", ""))


func _check_signals(of: String, wanted: Array) -> void:
	var found: Dictionary = Api.by_name(ClassDB.class_get_signal_list(of, true))
	_names("the signals of %s" % of, found.keys(), Api.by_name(wanted).keys())
	for one: Dictionary in wanted:
		if found.has(one["name"]):
			var bound: Array = found[one["name"]]["args"]
			var arguments: Array = (one["args"] as Array).map(
				func(argument: Dictionary) -> Array: return Api.wanted(str(argument["name"]), str(argument["type"]), "")
			)
			_api.same("%s.%s sends" % [of, one["name"]], bound.map(Api.bound), arguments)


func _check_properties(of: String, wanted: Array) -> void:
	var found: Dictionary = Api.by_name(ClassDB.class_get_property_list(of, true))
	_names("the properties of %s" % of, found.keys(), Api.by_name(wanted).keys())
	var object: RefCounted = ClassDB.instantiate(of)
	for one: Dictionary in wanted:
		var property: String = one["name"]
		_api.same("%s is read by" % property, str(ClassDB.class_get_property_getter(of, property)), one["getter"])
		_api.same("%s is written by" % property, str(ClassDB.class_get_property_setter(of, property)), one["setter"])
		_api.same("%s is of" % property, typeof(object.get(property)), Api.TYPES[one["type"]])
		_api.same("%s at first" % property, object.get(property), type_convert(null, int(str(Api.TYPES[one["type"]]))))
		if one["type"] == "bool":
			object.set(property, true)
			_api.same("%s after it was set" % property, object.get(property), true)
			_api.same("%s, asked of its getter" % property, object.call(str(one["getter"])), true)
			object.set(property, false)


func _check_enums(of: String, wanted: Dictionary) -> void:
	_names("the enums of %s" % of, Array(ClassDB.class_get_enum_list(of, true)).map(_text), wanted.keys())
	var count: int = 0
	for enum_name: String in wanted:
		var values: Dictionary = wanted[enum_name]
		count += values.size()
		for constant: String in values:
			_api.same(constant, ClassDB.class_get_integer_constant(of, constant), values[constant])
			var found: String = ClassDB.class_get_integer_constant_enum(of, constant, true)
			_api.same("the enum of %s" % constant, found, enum_name)
	_api.same("the constants of %s" % of, ClassDB.class_get_integer_constant_list(of, true).size(), count)


static func _text(value: Variant) -> String:
	return str(value)


## Each form as a call on a typed variable, each signal, property and constant: what the script says has to compile.
func _check_script(of: String, entry: Dictionary) -> void:
	var lines: PackedStringArray = ["extends RefCounted", "var p: %s = %s.new()" % [of, of], "func calls() -> void:"]
	for form: Dictionary in entry["forms"]:
		var values: PackedStringArray = []
		for argument: Dictionary in form["args"]:
			values.append(str(argument["type"]) + "()" if argument["type"] != "Variant" else "0")
		var optional: int = (form["args"] as Array).filter(func(one: Dictionary) -> bool: return one.has("default")).size()
		for left_out: int in optional + 1:
			lines.append("\tp.%s(%s)" % [form["name"], ", ".join(values.slice(0, values.size() - left_out))])
	for one: Dictionary in entry["signals"]:
		lines.append("\tp.%s.connect(print)" % one["name"])
	for one: Dictionary in entry["properties"]:
		lines.append("\tp.%s = %s()" % [one["name"], one["type"]])
	for enum_name: String in entry["enums"]:
		for constant: String in entry["enums"][enum_name]:
			lines.append("var v_%s: %s.%s = %s.%s" % [constant, of, enum_name, of, constant])
	var script := GDScript.new()
	script.source_code = "\n".join(lines) + "\n"
	_api.same("a script that names all of %s compiles" % of, script.reload(), OK)
