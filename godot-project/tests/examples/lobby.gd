extends SceneTree
## Plays the lobby example: `host` or `join`. Ends with status 0 when both have heard what the other says.

const PATIENCE_MS := 30_000

var _lobby: Control


func _initialize() -> void:
	_lobby = (load("res://lobby/lobby.tscn") as PackedScene).instantiate()
	root.add_child(_lobby)
	await process_frame
	var role := OS.get_cmdline_user_args()[0]
	var played: bool
	if role == "host":
		played = await _host()
	else:
		played = await _join()
	if played:
		print("PLAYED %s" % role)
	quit(0 if played else 1)


func _host() -> bool:
	(_lobby.get_node("%Host") as Button).pressed.emit()
	if not await _reads("You are in"):
		return false
	if not await _reads("comes."):
		return false
	_say("hello, guest")
	if not await _reads("hello, host"):
		return false
	(_lobby.get_node("%Wave") as Button).pressed.emit()
	return await _reads("goes.")


func _join() -> bool:
	var lobbies: ItemList = _lobby.get_node("%Lobbies")
	var until := Time.get_ticks_msec() + PATIENCE_MS
	while lobbies.item_count == 0 and Time.get_ticks_msec() < until:
		(_lobby.get_node("%Find") as Button).pressed.emit()
		await create_timer(0.3).timeout
	if lobbies.item_count == 0:
		printerr("No lobby.")
		return false
	lobbies.item_activated.emit(0)
	if not await _reads("hello, guest"):
		return false
	_say("hello, host")
	return await _reads("waves.")


func _say(text: String) -> void:
	(_lobby.get_node("%Line") as LineEdit).text_submitted.emit(text)


func _reads(text: String) -> bool:
	var log_text: RichTextLabel = _lobby.get_node("%Log")
	var until := Time.get_ticks_msec() + PATIENCE_MS
	while not log_text.get_parsed_text().contains(text):
		if Time.get_ticks_msec() > until:
			printerr("Never: %s, but %s" % [text, log_text.get_parsed_text()])
			return false
		await process_frame
	return true
