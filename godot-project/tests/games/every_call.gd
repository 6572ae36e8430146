extends Node
## Calls every method of `Steam` with values of a kind, and says what was not as it has to be.
##
## SAMOVAR_TEST_CALLS is a file of JSON: for each method its name, the types of its arguments, how many of them it needs,
## the type that it returns, the value that it returns where there is nothing, whether that is all it returns, and whether
## it takes more than its arguments. SAMOVAR_TEST_TYPED is a script with a function of the same name for each, which
## passes statically typed values on.

const Api := preload("res://tests/lib/api.gd")
const LARGE: int = 100_000
const MEBIBYTE: int = 1 << 20
const DEPTH: int = 50

var _methods: Array
var _typed: RefCounted
## By the kind of values, then by type.
var _values: Dictionary = {}


func _ready() -> void:
	_methods = Api.new().read(OS.get_environment("SAMOVAR_TEST_CALLS"))["methods"]
	var typed: GDScript = load(OS.get_environment("SAMOVAR_TEST_TYPED"))
	_typed = typed.new()
	_values = {"zero": _zero(), "small": _small(), "least": _least(), "most": _most()}


## Answers of large values need not be printed.
func disconnect_signals() -> void:
	for info: Dictionary in Steam.get_signal_list():
		for connection: Dictionary in Steam.get_signal_connection_list(str(info["name"])):
			Steam.disconnect(str(info["name"]), connection["callable"] as Callable)


## Calls each method with values of this kind, statically typed or not: those of which `exact` is this. Every other call
## with nothing leaves the defaults out. What is wrong, and how many calls of each there were.
func call_all(kind: String, is_typed: bool, is_exact: bool, times: int) -> Dictionary:
	var wrong: Array = []
	var calls: Dictionary = {}
	for number: int in times:
		for method: Dictionary in _methods:
			if method["exact"] != is_exact:
				continue
			var method_name: String = method["name"]
			var arguments: Array = _arguments(method, kind)
			var value: Variant
			if is_typed:
				value = _typed.callv("call_" + method_name, arguments)
			else:
				if kind == "zero" and number % 2 == 1:
					arguments.resize(int(str(method["required"])))
				value = Steam.callv(method_name, arguments)
			calls[method_name] = calls.get(method_name, 0) + 1
			_look_at(method, value, wrong)
	return {"calls": calls, "wrong": wrong}


## The same from another thread.
func call_all_elsewhere(kind: String, is_typed: bool, is_exact: bool, times: int) -> Dictionary:
	var thread := Thread.new()
	thread.start(call_all.bind(kind, is_typed, is_exact, times))
	return thread.wait_to_finish()


func _arguments(method: Dictionary, kind: String) -> Array:
	var arguments: Array = []
	for type: String in method["arguments"]:
		arguments.append(_values[kind][type])
	return arguments


func _look_at(method: Dictionary, value: Variant, wrong: Array) -> void:
	var is_wrong: bool = typeof(value) != Api.TYPES[method["returns"]] and method["returns"] != "Variant"
	if method["exact"]:
		# JSON tells a PackedByteArray from an Array by nothing; both are compared by what is in them.
		is_wrong = is_wrong or var_to_str(_plain(value)) != var_to_str(method["value"])
	if is_wrong and wrong.size() < 50:
		wrong.append("%s: %s" % [method["name"], var_to_str(value).left(100)])


static func _plain(value: Variant) -> Variant:
	return Array(value) if typeof(value) >= TYPE_PACKED_BYTE_ARRAY else value


## Calls each method with too few, too many, and wrong arguments. What came back that should not, and how many calls
## Godot has to have refused.
func call_wrongly() -> Dictionary:
	var wrong: Array = []
	var calls: Dictionary = {}
	for method: Dictionary in _methods:
		var method_name: String = method["name"]
		var lists: Array = []
		var good: Array = _arguments(method, "zero")
		if method["required"] > 0:
			lists.append(good.slice(0, int(str(method["required"])) - 1))
		if not method["more"]:
			lists.append(good + [0])
			lists.append(good + range(100))
		for index: int in good.size():
			if method["arguments"][index] == "Variant":
				continue
			for bad: Variant in [null, RefCounted.new(), Color.RED, get_children]:
				var arguments: Array = good.duplicate()
				arguments[index] = bad
				lists.append(arguments)
		for arguments: Array in lists:
			var value: Variant = Steam.callv(method_name, arguments)
			calls[method_name] = calls.get(method_name, 0) + 1
			if value != null:
				wrong.append("%s%s: %s" % [method_name, arguments, value])
	return {"calls": calls, "wrong": wrong}


## What Godot's own allocator has given out, in bytes.
func memory() -> int:
	return int(Performance.get_monitor(Performance.MEMORY_STATIC))


static func _zero() -> Dictionary:
	return {
		"Variant": 0,
		"bool": false,
		"int": 0,
		"float": 0.0,
		"String": "",
		"Array": [],
		"Dictionary": {},
		"PackedByteArray": PackedByteArray(),
		"PackedInt32Array": PackedInt32Array(),
		"PackedInt64Array": PackedInt64Array(),
		"PackedFloat64Array": PackedFloat64Array(),
	}


static func _small() -> Dictionary:
	return {
		"Variant": -1,
		"bool": true,
		"int": -1,
		"float": -0.5,
		"String": "x",
		"Array": [null],
		"Dictionary": {"": null},
		"PackedByteArray": PackedByteArray([255]),
		"PackedInt32Array": PackedInt32Array([-1]),
		"PackedInt64Array": PackedInt64Array([-1]),
		"PackedFloat64Array": PackedFloat64Array([NAN]),
	}


static func _least() -> Dictionary:
	var long: Array = []
	long.resize(LARGE)
	var many: Dictionary = {}
	for key: int in LARGE:
		many[key] = key
	var bytes := PackedByteArray()
	bytes.resize(MEBIBYTE)
	var small := PackedInt32Array()
	small.resize(LARGE)
	var large := PackedInt64Array()
	large.resize(LARGE)
	var fractions := PackedFloat64Array()
	fractions.resize(LARGE)
	return {
		"Variant": -9223372036854775808,
		"bool": false,
		"int": -9223372036854775808,
		"float": -INF,
		"String": "é".repeat(MEBIBYTE / 2),
		"Array": long,
		"Dictionary": many,
		"PackedByteArray": bytes,
		"PackedInt32Array": small,
		"PackedInt64Array": large,
		"PackedFloat64Array": fractions,
	}


static func _most() -> Dictionary:
	var list: Array = []
	var dictionary: Dictionary = {}
	for level: int in DEPTH:
		list = [list, dictionary, Vector3.INF]
		dictionary = {Color.RED: dictionary, level: [NAN, &"name", ^"path", PackedStringArray(["x"])]}
	return {
		"Variant": 9223372036854775807,
		"bool": true,
		"int": 9223372036854775807,
		"float": NAN,
		"String": "\u0001\n%s{}[b]\\\u200b\ufeff\U0001f600".repeat(1000),
		"Array": list,
		"Dictionary": dictionary,
		"PackedByteArray": PackedByteArray(range(256)),
		"PackedInt32Array": PackedInt32Array([-2147483648, 2147483647]),
		"PackedInt64Array": PackedInt64Array([-9223372036854775808, 9223372036854775807]),
		"PackedFloat64Array": PackedFloat64Array([INF, -INF, 1e308]),
	}
