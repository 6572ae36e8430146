extends Node
## How long calls keep a game waiting, in microseconds.

## As an autoload it starts Steam before the game's first frame.
var first_init_us: int = -1


func _init() -> void:
	if OS.get_environment("SAMOVAR_TEST_INIT_AT_ONCE") == "1":
		first_init_us = time_of("Steam", "steamInit", [480])


## What one call takes.
func time_of(singleton: String, method: String, arguments: Array) -> int:
	var object: Object = Engine.get_singleton(singleton)
	var begin: int = Time.get_ticks_usec()
	object.callv(method, arguments)
	return Time.get_ticks_usec() - begin


## What a picture of the user's own takes, of noise that nothing can make small.
func time_of_avatar() -> int:
	var image := Image.create_empty(184, 184, false, Image.FORMAT_RGBA8)
	for x: int in 184:
		for y: int in 184:
			image.set_pixel(x, y, Color(randf(), randf(), randf()))
	return time_of("Samovar", "set_avatar", [image])


## Each method with nothing but zeros, called `times` times: its first time and its shortest one.
func time_of_every_call(left_out: Array, times: int) -> Dictionary:
	var result: Dictionary = {}
	for method: Dictionary in ClassDB.class_get_method_list("Steam", true):
		var method_name: String = method["name"]
		if method_name in left_out or method["flags"] & METHOD_FLAG_VIRTUAL:
			continue
		var arguments: Array = []
		for argument: Dictionary in method["args"]:
			arguments.append(type_convert(null, int(str(argument["type"]))))
		var first: int = time_of("Steam", method_name, arguments)
		var best: int = first
		for _number: int in times - 1:
			best = mini(best, time_of("Steam", method_name, arguments))
		result[method_name] = [first, best]
	return result
