extends SceneTree
## Plays the arena: `host TRANSPORT` or `join TRANSPORT`, "samovar" or "enet". Ends with status 0 when three have met, each
## has hit somebody, and the host has left.

const PLAYERS := 3
const PATIENCE_MS := 40_000

var _arena: Node2D
var _players: Node2D


func _initialize() -> void:
	var arguments := OS.get_cmdline_user_args()
	_arena = (load("res://multiplayer_peer/arena.tscn") as PackedScene).instantiate()
	root.add_child(_arena)
	_players = _arena.get_node("Players")
	_arena.set("with_enet", arguments[1] == "enet")
	var played: bool
	if arguments[0] == "host":
		played = await _host()
	else:
		played = await _join()
	if played:
		print("PLAYED %s" % arguments[0])
	quit(0 if played else 1)


func _host() -> bool:
	await process_frame
	_arena.call("host")
	if not await _until("everybody has hit somebody", _has_everybody_hit):
		return false
	# The others hear of the last score.
	await create_timer(0.5).timeout
	_arena.call("leave", "Over.")
	# And of the end.
	await create_timer(1.0).timeout
	return true


func _join() -> bool:
	var since := 0
	var is_in := func() -> bool: return _players.get_child_count() > 0
	while not is_in.call():
		_arena.call("join")
		await create_timer(0.5).timeout
		since += 1
		if since > 40:
			printerr("There is no game: %s" % _status())
			return false
	if not await _until("everybody has hit somebody", _has_everybody_hit):
		return false
	return await _until("the host has left", func() -> bool: return _status() == "The host has left.")


func _has_everybody_hit() -> bool:
	if Engine.get_process_frames() % 15 == 0:
		_shoot()
	if _players.get_child_count() != PLAYERS:
		return false
	for player in _players.get_children():
		var score: int = player.get("score")
		if score == 0:
			return false
	return true


func _shoot() -> void:
	for player: Node2D in _players.get_children():
		if not player.is_multiplayer_authority():
			continue
		for other: Node2D in _players.get_children():
			if other != player:
				player.call("aim", other.position)


func _status() -> String:
	return (_arena.get_node("%Status") as Label).text


func _until(what: String, is_so: Callable) -> bool:
	var until := Time.get_ticks_msec() + PATIENCE_MS
	while not is_so.call():
		if Time.get_ticks_msec() > until:
			var scores := _players.get_children().map(func(player: Node) -> Array: return [player.name, player.get("score")])
			printerr("Never: %s; %s, %s" % [what, _status(), scores])
			return false
		await process_frame
	return true
