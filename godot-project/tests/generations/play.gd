extends SceneTree
## Plays the game of one of GodotSteam's generations: `--script res://tests/generations/play.gd`, with the name of its script in
## the environment, SAMOVAR_TEST_GENERATION. Ends with exit status 0 if nothing of it failed.


func _initialize() -> void:
	var path: String = "res://tests/generations/%s.gd" % OS.get_environment("SAMOVAR_TEST_GENERATION")
	var script: GDScript = load(path)
	if not script.can_instantiate():
		print("FAIL %s does not compile" % path)
		quit(1)
		return
	var game: Node = script.new()
	# The tree is there only now.
	await process_frame
	root.add_child(game)
	var failed: Array[String] = await game.call("run")
	for failure: String in failed:
		print("FAIL ", failure)
	Steam.steamShutdown()
	if failed.is_empty():
		print("SAMOVAR-TEST OK")
	quit(mini(failed.size(), 1))
