extends "res://tests/games/peer_play.gd"
## A small world: the host spawns a body for each player, and each moves its own by a MultiplayerSynchronizer.

var world := Node2D.new()
var spawner := MultiplayerSpawner.new()


func _ready() -> void:
	super()
	world.name = "World"
	add_child(world)
	spawner.name = "Spawner"
	spawner.spawn_function = _body
	add_child(spawner)
	spawner.spawn_path = spawner.get_path_to(world)


## A body of a player, which is where the player says that it is.
func _body(who: int) -> Node:
	var body := Node2D.new()
	body.name = str(who)
	var synchronizer := MultiplayerSynchronizer.new()
	synchronizer.name = "Synchronizer"
	var config := SceneReplicationConfig.new()
	config.add_property(NodePath(".:position"))
	synchronizer.replication_config = config
	body.add_child(synchronizer)
	synchronizer.root_path = NodePath("..")
	synchronizer.set_multiplayer_authority(who)
	return body


## The host spawns bodies for whoever comes, and takes them away with whoever goes.
func rule() -> void:
	multiplayer.peer_connected.connect(func(who: int) -> void: spawner.spawn(who))
	multiplayer.peer_disconnected.connect(
		func(who: int) -> void:
			var body: Node = world.get_node_or_null(str(who))
			if body != null:
				body.queue_free()
	)
	spawner.spawn(1)


## Moves one's own body.
func move(x: float, y: float) -> void:
	var body: Node2D = world.get_node(str(id()))
	body.position = Vector2(x, y)


## Where every body is, by its player.
func bodies() -> Dictionary:
	var all: Dictionary = {}
	for body: Node2D in world.get_children():
		all[str(body.name)] = [int(body.position.x), int(body.position.y)]
	return all
