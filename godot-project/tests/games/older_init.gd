extends Node
## steamInit as scripts of several versions call it. What it returns is in a place of the declared type, and other values of
## that type come into the same place afterwards.


## Neither variable is typed.
func untyped(arguments: Array) -> Array:
	var result: Variant
	match arguments.size():
		0:
			result = Steam.steamInit()
		1:
			result = Steam.steamInit(arguments[0])
		_:
			result = Steam.steamInit(arguments[0], arguments[1])
	return [type_string(typeof(result)), _busy(result)]


## As a script up to 4.13 has it, without a type.
func older_untyped() -> Array:
	var status = Steam.steamInit(true, 480)
	var low: int = int(Time.get_ticks_msec()) & 1
	if low < 2:
		low += 1
	var is_low := low < 3
	if not Steam.steamInit(false, 480):
		is_low = not is_low
	return [type_string(typeof(status)), is_low]


func changed_at_run_time(value: int) -> String:
	ProjectSettings.set_setting("samovar/compatibility/steam_init_returns", value)
	var result = Steam.steamInit()
	var is_more := value > 100
	return type_string(typeof(result)) + str(is_more)


func _busy(result: Variant) -> bool:
	var one := 1 < 2
	var other := result is Dictionary or result is bool
	return one and other
