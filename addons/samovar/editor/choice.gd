@tool
extends RefCounted
## Which of the two addons answers to [code]Steam[/code] in this project, and the switch between them.
##
## The one that answers has its .gdextension file, the other's is put aside ([code]addon.gd[/code]). A switch lets Godot
## see the new one first, and hides the old one last: if it is interrupted, both are there and never none.
## [method heal] tidies up what an interruption, an update or somebody else has left.

const Addon := preload("addon.gd")
const ExtensionList := preload("extension_list.gd")
const Finder := preload("finder.gd")

## The feature tags of export presets, and the names on the command line.
const SAMOVAR := "samovar"
const GODOTSTEAM := "godotsteam"
const TAGS: PackedStringArray = [SAMOVAR, GODOTSTEAM]

## The class that both register.
const CLASS := &"Steam"

enum Situation {
	## No extension answers.
	NONE,
	## One addon is on, the other put aside or not there.
	ONE,
	## Both are on: Godot would load both.
	BOTH,
	## The engine itself has the class: it was built with GodotSteam in it.
	BUILT_IN,
}

var _finder := Finder.new()
var _samovar: Addon
var _godotsteam: Addon
# GodotSteam's .gdextension files beyond the first.
var _duplicates := PackedStringArray()


func _init() -> void:
	var script: Script = get_script()
	var folder := script.resource_path.get_base_dir().get_base_dir()
	_samovar = Addon.new("Samovar", SAMOVAR, folder.path_join("samovar.gdextension"))
	refresh()


## Looks for GodotSteam again; unless [param everywhere], only where something seems to have changed.
func refresh(everywhere: bool = true) -> void:
	var found := _finder.godotsteam(everywhere)
	_godotsteam = Addon.new("GodotSteam", GODOTSTEAM, found[0] if not found.is_empty() else "")
	_duplicates = found.slice(1)


## One of the two, by its tag.
func addon(tag: String) -> Addon:
	return _godotsteam if tag == GODOTSTEAM else _samovar


## The tag of the other one.
func other(tag: String) -> String:
	return SAMOVAR if tag == GODOTSTEAM else GODOTSTEAM


func situation() -> Situation:
	if is_built_in():
		return Situation.BUILT_IN
	if _samovar.is_on() and _godotsteam.is_on():
		return Situation.BOTH
	return Situation.ONE if _samovar.is_on() or _godotsteam.is_on() else Situation.NONE


## Whether the class is in the engine and not in an extension.
func is_built_in() -> bool:
	return ClassDB.class_exists(CLASS) and ClassDB.class_get_api_type(CLASS) == ClassDB.API_CORE


## The tag of the addon that answers once Godot has been started again; empty if none does.
func chosen() -> String:
	if is_built_in():
		return GODOTSTEAM
	match situation():
		Situation.BOTH:
			return _first_of_both()
		Situation.ONE:
			return SAMOVAR if _samovar.is_on() else GODOTSTEAM
	return ""


## The tag of the addon that answers in the running Godot; empty if none does.
func answering() -> String:
	if is_built_in():
		return GODOTSTEAM
	# Unloading one extension may have taken the other's singleton away.
	if not Engine.has_singleton(CLASS):
		return ""
	# Of two extensions with one class, the first has it.
	for path: String in GDExtensionManager.get_loaded_extensions():
		var tag := _tag_of(path)
		if tag != "":
			return tag
	return ""


## Whether the running Godot loaded both.
func both_loaded() -> bool:
	var found := 0
	for path: String in GDExtensionManager.get_loaded_extensions():
		found += 1 if _tag_of(path) != "" else 0
	return found > 1


## Whether the running Godot has loaded something else than the project says.
func needs_restart() -> bool:
	return both_loaded() or answering() != chosen()


## One line for people.
func summary() -> String:
	if is_built_in():
		return "Steam: built into this Godot"
	if situation() == Situation.BOTH:
		return "Steam: Samovar and GodotSteam"
	var tag := chosen()
	return "Steam: none" if tag == "" else "Steam: %s" % addon(tag).title


## Why it cannot be switched to that addon; empty if it can.
func problem(tag: String) -> String:
	if not TAGS.has(tag):
		return "There is no \"%s\": it is %s or %s." % [tag, SAMOVAR, GODOTSTEAM]
	if is_built_in():
		return "This Godot has GodotSteam built in, and nothing can take its place: use a Godot without it."
	if not _duplicates.is_empty():
		return "GodotSteam is in this project twice: %s and %s. Remove one." % [
			_godotsteam.path, ", ".join(_duplicates)]
	var wanted := addon(tag)
	var unwanted := addon(other(tag))
	var reason := wanted.problem()
	if reason == "" and not wanted.is_on():
		reason = wanted.rename_problem()
	if reason == "" and unwanted.is_on():
		reason = unwanted.rename_problem()
	return reason


## Lets that addon answer from the next start of Godot on, and puts the other aside. Returns why that could not be done,
## or nothing; if it could not be done, all is as it was.
func switch_to(tag: String) -> String:
	var reason := problem(tag)
	if reason != "":
		return reason
	var wanted := addon(tag)
	var unwanted := addon(other(tag))
	var was_on := wanted.is_on()
	reason = wanted.turn_on()
	if reason != "":
		return reason
	reason = ExtensionList.replace(unwanted.path, wanted.path)
	if reason == "":
		reason = unwanted.turn_off()
	if reason != "" and not was_on and unwanted.is_on():
		ExtensionList.replace(wanted.path, unwanted.path)
		wanted.turn_off()
	return reason


## Makes one addon answer if both or none do. Returns what was found and done, for people; nothing if all was well.
func heal() -> String:
	match situation():
		Situation.BOTH:
			return _heal_both()
		Situation.NONE:
			return _heal_none()
		Situation.ONE:
			# The editor has searched the project before the files were renamed.
			return ExtensionList.replace(addon(other(chosen())).path, addon(chosen()).path)
	return ""


## Unloads an addon that has been put aside, for example by somebody else's switch that has been pulled. When Godot has
## searched the project it does that too, but only after it has loaded the other one, and two classes of one name can end
## the editor.
func make_way() -> void:
	for tag: String in TAGS:
		var aside := addon(tag)
		if aside.state() == Addon.State.OFF and GDExtensionManager.is_extension_loaded(aside.path):
			GDExtensionManager.unload_extension(aside.path)


## What nobody but the user can put right; empty if there is nothing.
func warning() -> String:
	match situation():
		Situation.BUILT_IN:
			if _samovar.is_on() or _godotsteam.is_on():
				return "This Godot has GodotSteam built in, and an addon of the project has a class Steam as well."
		Situation.BOTH:
			return "Samovar and GodotSteam would both be loaded, and only one of them can answer to Steam."
		Situation.NONE:
			return "Neither Samovar nor GodotSteam answers to Steam."
		Situation.ONE:
			return addon(chosen()).problem()
	return ""


func _heal_both() -> String:
	var keep := _first_of_both()
	var found := "Samovar and GodotSteam would both be loaded, and only one of them can answer to Steam."
	var reason := switch_to(keep)
	if reason != "":
		return "%s Put one of them aside. The plug-in could not: %s" % [found, reason]
	return "%s %s goes on, %s has been put aside." % [found, addon(keep).title, addon(other(keep)).title]


func _heal_none() -> String:
	var found := "Neither Samovar nor GodotSteam answered to Steam."
	var reasons := PackedStringArray()
	for tag: String in TAGS:
		var reason := switch_to(tag)
		if reason == "":
			return "%s %s does now." % [found, addon(tag).title]
		reasons.append(reason)
	return "%s The plug-in could not change that: %s" % [found, " ".join(reasons)]


# Of two that are on: the one that answers in the running Godot, else the one that would be loaded first, else the one
# that can be loaded at all.
func _first_of_both() -> String:
	var tag := answering()
	if tag != "":
		return tag
	for path: String in ExtensionList.paths():
		tag = _tag_of(path)
		if tag != "" and addon(tag).problem() == "":
			return tag
	return SAMOVAR if _samovar.problem() == "" or _godotsteam.problem() != "" else GODOTSTEAM


func _tag_of(path: String) -> String:
	for tag: String in TAGS:
		if addon(tag).path == path:
			return tag
	return ""
