extends Node
## Calls every method of `Steam` with values of a kind, and says what was not as it has to be.
##
## SAMOVAR_TEST_CALLS is a file of JSON: for each method its name, the names and types of its arguments, how many of them it
## needs, the type that it returns, the value that it returns where there is nothing, whether that is all it returns, the
## value that it returns where the arguments are wrong, whether it takes more than its arguments, and of a Dictionary that is
## not empty the keys with the types of their values. SAMOVAR_TEST_TYPED is a script with a function of the same name for each, which
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


## Calls each method with values of this kind, statically typed or not: those of which `exact` is this. The place is where
## from: the main thread, another one, one of the pool's, or another object of the class, on which nothing is typed. Every
## other call with nothing leaves the defaults out. What is wrong, and how many calls of each there were.
func call_all(place: String, kind: String, is_typed: bool, is_exact: bool, times: int) -> Dictionary:
	return _at(place, _call_all.bind(kind, is_typed, is_exact, times))


## Calls a function with an object of the class `Steam`, and returns what it returns.
func _at(place: String, function: Callable, type: String = "Steam") -> Dictionary:
	var singleton: Object = Engine.get_singleton(type)
	match place:
		"thread":
			var thread := Thread.new()
			thread.start(func() -> Dictionary: return function.call(singleton))
			return thread.wait_to_finish()
		"pool":
			var results: Array = []
			var task: int = WorkerThreadPool.add_task(
				func() -> void: results.append(function.call(singleton))
			)
			WorkerThreadPool.wait_for_task_completion(task)
			return results[0]
		"object":
			var other: Object = ClassDB.instantiate(type)
			var result: Dictionary = function.call(other)
			other.free()
			return result
	return function.call(singleton)


func _call_all(steam: Object, kind: String, is_typed: bool, is_exact: bool, times: int) -> Dictionary:
	var wrong: Array = []
	var calls: Dictionary = {}
	for number: int in times:
		for method: Dictionary in _methods:
			if method["exact"] != is_exact:
				continue
			var method_name: String = method["name"]
			var arguments: Array = _arguments(method, kind)
			var value: Variant
			if is_typed and steam == Steam:
				value = _typed.callv("call_" + method_name, arguments)
			else:
				if kind == "zero" and number % 2 == 1:
					arguments.resize(int(str(method["required"])))
				value = steam.callv(method_name, arguments)
			calls[method_name] = calls.get(method_name, 0) + 1
			_look_at(method, value, wrong)
	return {"calls": calls, "wrong": wrong}


## The same from several threads at once, while the main one runs callbacks and calls as well.
func crowd(count: int, kind: String, times: int) -> Dictionary:
	var threads: Array[Thread] = []
	for index: int in count:
		var thread := Thread.new()
		thread.start(_call_all.bind(Steam, kind, index % 2 == 1, index % 4 < 2, times))
		threads.append(thread)
	var wrong: Array = []
	while threads.any(func(thread: Thread) -> bool: return thread.is_alive()):
		Steam.run_callbacks()
		wrong.append_array(_call_all(Steam, kind, false, true, 1)["wrong"] as Array)
	for thread: Thread in threads:
		wrong.append_array((thread.wait_to_finish() as Dictionary)["wrong"] as Array)
	return {"wrong": wrong}


## Starts Steam from several threads at once, or ends it. What each call returned.
func all_at_once(method: String, arguments: Array, count: int) -> Array:
	var threads: Array[Thread] = []
	for index: int in count:
		var thread := Thread.new()
		thread.start(func() -> Variant: return Steam.callv(method, arguments))
		threads.append(thread)
	return threads.map(func(thread: Thread) -> Variant: return thread.wait_to_finish())


## One call of `Steam` from another thread.
func steam_elsewhere(method: String, arguments: Array) -> Variant:
	var thread := Thread.new()
	thread.start(func() -> Variant: return Steam.callv(method, arguments))
	return thread.wait_to_finish()


func _arguments(method: Dictionary, kind: String) -> Array:
	var arguments: Array = []
	for type: String in method["arguments"]:
		arguments.append(_values[kind][type])
	return arguments


func _look_at(method: Dictionary, value: Variant, wrong: Array) -> void:
	var is_wrong: bool = typeof(value) != Api.TYPES[method["returns"]] and method["returns"] != "Variant"
	if method["exact"]:
		var keys: Dictionary = method.get("keys", {})
		if keys.is_empty():
			# JSON tells a PackedByteArray from an Array by nothing; both are compared by what is in them.
			is_wrong = is_wrong or var_to_str(_plain(value)) != var_to_str(method["value"])
		else:
			is_wrong = is_wrong or not _has_keys(value as Dictionary, keys)
	if is_wrong and wrong.size() < 50:
		wrong.append("%s: %s" % [method["name"], var_to_str(value).left(100)])


## Whether the Dictionary has these keys, no others, and values of these types.
static func _has_keys(value: Dictionary, keys: Dictionary) -> bool:
	return value.size() == keys.size() and keys.keys().all(
		func(key: String) -> bool: return value.has(key) and typeof(value[key]) == Api.TYPES[keys[key]]
	)


static func _plain(value: Variant) -> Variant:
	return Array(value) if typeof(value) >= TYPE_PACKED_BYTE_ARRAY else value


## Calls each method of a class with too few, too many, and wrong arguments. What came back that should not, and what each
## call has to have said, in their order.
func call_wrongly(place: String, type: String = "Steam") -> Dictionary:
	return _at(place, _call_wrongly, type)


func _call_wrongly(steam: Object) -> Dictionary:
	var wrong: Array = []
	var said: Array = []
	for method: Dictionary in _methods:
		var method_name: String = method["name"]
		var prefix: String = ("Samovar." if steam.get_class() == "Samovar" else "") + method_name
		var lists: Array = []
		var good: Array = _arguments(method, "zero")
		if method["required"] > 0:
			lists.append([good.slice(0, int(str(method["required"])) - 1), "called with "])
		if not method["more"]:
			lists.append([good + [0], "called with "])
			lists.append([good + range(100), "called with "])
		for index: int in good.size():
			if method["arguments"][index] == "Variant":
				continue
			for bad: Variant in [null, RefCounted.new(), Color.RED, get_children]:
				if bad == null and method["arguments"][index] == "Image":
					continue
				var arguments: Array = good.duplicate()
				arguments[index] = bad
				var text: String = "argument %d, %s, has to be a" % [index + 1, method["names"][index]]
				lists.append([arguments, text])
		for list: Array in lists:
			var value: Variant = steam.callv(method_name, list[0] as Array)
			said.append("ERROR: %s: %s" % [prefix, list[1]])
			if typeof(value) != Api.TYPES[method["returns"]] or var_to_str(_plain(value)) != var_to_str(method["neutral"]):
				wrong.append("%s%s: %s" % [method_name, list[0], value])
	return {"said": said, "wrong": wrong}


## What Godot's own allocator has given out, in bytes.
func memory() -> int:
	return int(Performance.get_monitor(Performance.MEMORY_STATIC))


static func _zero() -> Dictionary:
	return {
		"Variant": 0,
		"Image": null,
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
