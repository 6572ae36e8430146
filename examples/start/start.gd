extends Control
## Starts one of the examples.


func _ready() -> void:
	var lobby: Button = %Lobby
	var arena: Button = %Arena
	lobby.pressed.connect(_open.bind("res://lobby/lobby.tscn"))
	arena.pressed.connect(_open.bind("res://multiplayer_peer/arena.tscn"))


func _open(scene: String) -> void:
	get_tree().change_scene_to_file(scene)
