extends Node
## Works with objects of the class `Steam` that it makes itself, as the C# bindings of GodotSteam do, and games that must
## parse where there is no `Steam`.

var heard: Array = []
var _objects: Dictionary = {}


## Makes an object, here or in a thread, and hears its signals.
func make(object: String, elsewhere: bool) -> void:
	if elsewhere:
		var thread := Thread.new()
		thread.start(func() -> Object: return ClassDB.instantiate("Steam"))
		_objects[object] = thread.wait_to_finish()
	else:
		_objects[object] = ClassDB.instantiate("Steam")
	for signal_name: String in ["lobby_created", "lobby_joined", "avatar_loaded"]:
		_object(object).connect(signal_name, _hear.bind(object, signal_name).unbind(_count(signal_name)))


func _count(signal_name: String) -> int:
	for info: Dictionary in Steam.get_signal_list():
		if info["name"] == signal_name:
			return (info["args"] as Array).size()
	return 0


func _hear(object: String, signal_name: String) -> void:
	heard.append([object, signal_name])


func _object(object: String) -> Object:
	return _objects[object]


func call_on(object: String, method: String, arguments: Array) -> Variant:
	return _object(object).callv(method, arguments)


func free_object(object: String) -> void:
	_object(object).free()
	_objects.erase(object)


## Frees objects from within a handler of one: at the next of its signals `lobby_created`.
func free_when_heard(of: String, objects: Array) -> void:
	_object(of).connect(
		"lobby_created",
		func(_connect: int, _lobby: int) -> void:
			for object: String in objects:
				free_object(object)
	)


## What was heard since the last call.
func take_heard() -> Array:
	var taken: Array = heard
	heard = []
	return taken
