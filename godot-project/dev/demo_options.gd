class_name DemoOptions
## What the demo's own arguments ask for: those after "--" on the command line.
##
## [codeblock]
## --autoplay=host          create a lobby, wait for a guest, play the tutorial through, end (exit status 0 or 1)
## --autoplay=guest         find that lobby, join it, do the other half
## --autoplay-room=NAME     of several such pairs, this one
## --print-layout           print where on the screen the controls are, for tests that click
## --remote=PATH            press the gamepad buttons that are appended to this file, or save the picture
## --screenshot=PATH        save a picture of the window there on F12
## --screenshot-after=N     and once, N seconds after the start
## [/codeblock]


## The value of an argument; [param fallback] where it is not given.
static func value_of(option: String, fallback: String = "") -> String:
	for argument: String in OS.get_cmdline_user_args():
		if argument.begins_with(option + "="):
			return argument.substr(option.length() + 1)
	return fallback


## Does what the arguments ask for, with the parts of the demo.
static func follow(scene: Node, lobby: LobbyModel, peers: Peers, noughts: NoughtsMatch) -> void:
	scene.add_child(DemoConsole.new(lobby, peers, noughts))
	var part := value_of("--autoplay")
	if part != "":
		scene.add_child(Autoplay.new(part, lobby, peers, noughts))
	var probe: ScreenProbe
	if "--print-layout" in OS.get_cmdline_user_args() or value_of("--screenshot") != "":
		probe = ScreenProbe.new()
		scene.add_child(probe)
	if value_of("--remote") != "":
		var remote := DemoRemote.new(value_of("--remote"))
		scene.add_child(remote)
		if probe:
			remote.asked.connect(probe.obey)


## Ends the game where it plays by itself and cannot.
static func give_up_if_alone(why: String) -> void:
	if value_of("--autoplay") != "":
		print("DEMO failed: %s" % why)
		var tree: SceneTree = Engine.get_main_loop()
		tree.quit(1)
