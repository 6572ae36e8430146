extends Node
## Names the project settings that there are.


## Those of Samovar, and those that GodotSteam has.
func names() -> Array:
	var names: Array = []
	for property: Dictionary in ProjectSettings.get_property_list():
		var name: String = property["name"]
		if name.begins_with("samovar/") or name.begins_with("steam/"):
			names.append(name)
	return names
