extends Node
## Starts Steam and delivers its callbacks. An autoload, so that it lives as long as the game does.

## The app ID of Valve's example game, Spacewar. A game of your own has an ID of its own.
const APP_ID: int = 480

## Whether Steam is there. While it is not, [member problem] says why.
var ready_to_use: bool = false
## Why Steam is not there; for the player to read.
var problem: String = ""
## The ID of the local player.
var steam_id: int = 0
## The name of the local player.
var steam_name: String = ""


func _ready() -> void:
	# A paused game still has to hear from Steam.
	process_mode = Node.PROCESS_MODE_ALWAYS
	var result: Dictionary = Steam.steamInitEx(APP_ID)
	var status: int = result["status"]
	if status != Steam.STEAM_API_INIT_RESULT_OK:
		problem = "Steam did not start: %s" % result["verbal"]
		push_error(problem)
		return
	ready_to_use = true
	steam_id = Steam.getSteamID()
	steam_name = Steam.getPersonaName()


func _process(_delta: float) -> void:
	if ready_to_use:
		Steam.run_callbacks()


func _exit_tree() -> void:
	if ready_to_use:
		ready_to_use = false
		Steam.steamShutdown()
