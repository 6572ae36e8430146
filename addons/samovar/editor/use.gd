extends SceneTree
## Chooses on the command line who answers to [code]Steam[/code]:
##     godot --headless --path PROJECT --script res://addons/samovar/editor/use.gd -- godotsteam
## Without a name it only tells. The exit status is 1 if it could not be done.

const Choice := preload("choice.gd")


func _initialize() -> void:
	var choice := Choice.new()
	var arguments := OS.get_cmdline_user_args()
	var reason := ""
	if arguments.size() > 1:
		reason = "One name at most: %s or %s." % [Choice.SAMOVAR, Choice.GODOTSTEAM]
	elif arguments.size() == 1:
		reason = choice.switch_to(arguments[0])
	if reason != "":
		printerr("Samovar: ", reason)
	elif choice.warning() != "":
		printerr("Samovar: ", choice.warning())
	print(choice.summary())
	quit(0 if reason == "" else 1)
