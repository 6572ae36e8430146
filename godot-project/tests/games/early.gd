extends Node
## An autoload that asks Steam already while it is made, as many `global.gd` do.


func _init() -> void:
	print("TEST early ", JSON.stringify({"result": Steam.get_steam_init_result(), "logged_on": Steam.loggedOn()}))
