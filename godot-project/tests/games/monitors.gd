extends Node
## Reads the monitors that Godot's debugger draws.

const PREFIX := "samovar/"


## The names of Samovar's monitors, without "samovar/".
func names() -> Array:
	var found: Array = []
	for monitor: StringName in Performance.get_custom_monitor_names():
		if monitor.begins_with(PREFIX):
			found.append(monitor.trim_prefix(PREFIX))
	found.sort()
	return found


func values() -> Dictionary:
	var found: Dictionary = {}
	for monitor: String in names():
		found[monitor] = Performance.get_custom_monitor(PREFIX + monitor)
	return found


func end() -> void:
	Steam.steamShutdown()


func start(app_id: int) -> bool:
	return Steam.steamInitEx(app_id)["status"] == Steam.STEAM_API_INIT_RESULT_OK
