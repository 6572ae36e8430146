extends Node
## Measures how long calls take, in microseconds: of the clock, and of the main thread's own work, which other processes do
## not lengthen.


var _longest: Array = [0, 0]
var _frame_began: int = 0
var _frame_worked: int = 0


func _process(_delta: float) -> void:
	var now: int = Time.get_ticks_usec()
	var worked: int = _worked_usec()
	_longest = [maxi(_longest[0] as int, now - _frame_began), maxi(_longest[1] as int, worked - _frame_worked)]
	_frame_began = now
	_frame_worked = worked


## The longest frame since this was asked last.
func longest_frame() -> Array:
	var longest: Array = _longest
	_longest = [0, 0]
	return longest


func close_overlay() -> void:
	get_node("/root/SamovarOverlay").call("close")


## One call of a singleton: [of the clock, of the thread].
func time_of(singleton: String, method: String, arguments: Array) -> Array:
	var object: Object = Engine.get_singleton(singleton)
	var worked: int = _worked_usec()
	var begin: int = Time.get_ticks_usec()
	object.callv(method, arguments)
	var took: int = Time.get_ticks_usec() - begin
	return [took, mini(took, _worked_usec() - worked) if worked > 0 else took]


## What a picture of the user's own takes, of noise that nothing can make small.
func time_of_avatar(side: int) -> Array:
	var noise: PackedByteArray = Crypto.new().generate_random_bytes(side * side * 4)
	var image := Image.create_from_data(side, side, false, Image.FORMAT_RGBA8, noise)
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
		var first: Array = time_of("Steam", method_name, arguments)
		var best: Array = first
		for _number: int in times - 1:
			var time: Array = time_of("Steam", method_name, arguments)
			best = [mini(best[0] as int, time[0] as int), mini(best[1] as int, time[1] as int)]
		result[method_name] = [first, best]
	return result


## What the main thread has worked so far; 0 where the system does not tell.
static func _worked_usec() -> int:
	# The kernel counts when the thread gives up the processor.
	OS.delay_usec(1)
	var file := FileAccess.open("/proc/self/schedstat", FileAccess.READ)
	return file.get_line().get_slice(" ", 0).to_int() / 1000 if file else 0
