extends Node2D
## Players who move and shoot, over Godot's own multiplayer: the same scene over SteamMultiplayerPeer and over
## ENetMultiplayerPeer. Only [method host] and [method join] know which.

const APP_ID := 480
const KIND := "samovar arena"
const PORT := 7770
const MAX_PLAYERS := 8
const PLAYER := preload("res://multiplayer_peer/player.tscn")
const BULLET := preload("res://multiplayer_peer/bullet.tscn")
## How near a bullet has to come, in pixels.
const HIT := 20.0

## Whether the next game is over ENet.
var with_enet := false

@onready var _players: Node2D = $Players
@onready var _bullets: Node2D = $Bullets
@onready var _menu: Control = %Menu
@onready var _status: Label = %Status


func _ready() -> void:
	var result: Dictionary = Steam.steamInitEx(APP_ID)
	if result.status > Steam.STEAM_API_INIT_RESULT_OK:
		_say("Steam does not start: %s" % result.verbal)
	Steam.lobby_created.connect(_on_lobby_created)
	Steam.lobby_match_list.connect(_on_lobby_match_list)
	Steam.lobby_joined.connect(_on_lobby_joined)
	multiplayer.peer_connected.connect(_on_peer_connected)
	multiplayer.peer_disconnected.connect(_on_peer_disconnected)
	multiplayer.connected_to_server.connect(func() -> void: _say("You are in."))
	multiplayer.connection_failed.connect(leave.bind("There is no such game."))
	multiplayer.server_disconnected.connect(leave.bind("The host has left."))
	(%Host as Button).pressed.connect(host)
	(%Join as Button).pressed.connect(join)
	(%Leave as Button).pressed.connect(leave.bind("You have left."))
	(%ENet as CheckButton).toggled.connect(func(on: bool) -> void: with_enet = on)


func _process(_delta: float) -> void:
	Steam.run_callbacks()


## Makes a game. Over Samovar it is a lobby that the others find.
func host() -> void:
	if with_enet:
		var peer := ENetMultiplayerPeer.new()
		if peer.create_server(PORT, MAX_PLAYERS) == OK:
			_begin(peer)
	else:
		Steam.createLobby(Steam.LOBBY_TYPE_PUBLIC, MAX_PLAYERS)


## Joins the first game that there is.
func join() -> void:
	if with_enet:
		var peer := ENetMultiplayerPeer.new()
		if peer.create_client("127.0.0.1", PORT) == OK:
			_begin(peer)
	else:
		Steam.addRequestLobbyListStringFilter("kind", KIND, Steam.LOBBY_COMPARISON_EQUAL)
		Steam.requestLobbyList()


## Leaves the game.
func leave(why: String) -> void:
	multiplayer.multiplayer_peer.close()
	multiplayer.multiplayer_peer = OfflineMultiplayerPeer.new()
	for node in _players.get_children() + _bullets.get_children():
		node.queue_free()
	_menu.show()
	_say(why)


func _on_lobby_created(result: int, lobby: int) -> void:
	if result != Steam.RESULT_OK:
		return
	var peer := SteamMultiplayerPeer.new()
	if peer.host_with_lobby(lobby) == OK:
		_begin(peer)
	# Not before there is somebody to connect with.
	Steam.setLobbyData(lobby, "kind", KIND)


func _on_lobby_match_list(lobbies: Array) -> void:
	if lobbies.is_empty():
		_say("There is no game.")
	else:
		Steam.joinLobby(lobbies[0] as int)


func _on_lobby_joined(lobby: int, _permissions: int, _locked: bool, response: int) -> void:
	# Who made the lobby hears this, too.
	if response != Steam.CHAT_ROOM_ENTER_RESPONSE_SUCCESS or Steam.getLobbyOwner(lobby) == Steam.getSteamID():
		return
	var peer := SteamMultiplayerPeer.new()
	if peer.connect_to_lobby(lobby) == OK:
		_begin(peer)


func _begin(peer: MultiplayerPeer) -> void:
	multiplayer.multiplayer_peer = peer
	_menu.hide()
	if multiplayer.is_server():
		_say("You host.")
		_on_peer_connected(1)
	else:
		_say("Connecting ...")


## The host alone makes players; the spawner makes them everywhere.
func _on_peer_connected(peer: int) -> void:
	if multiplayer.is_server():
		var player: Node2D = PLAYER.instantiate()
		player.name = str(peer)
		_players.add_child(player)


func _on_peer_disconnected(peer: int) -> void:
	if multiplayer.is_server() and _players.has_node(str(peer)):
		_players.get_node(str(peer)).queue_free()


## A player asks the host for a bullet.
@rpc("any_peer", "call_local", "unreliable_ordered", 1)
func shoot(from: Vector2, direction: Vector2) -> void:
	if multiplayer.is_server() and direction.is_normalized():
		var bullet: Node2D = BULLET.instantiate()
		bullet.call("fire", multiplayer.get_remote_sender_id(), from, direction)
		_bullets.add_child(bullet, true)


func _physics_process(_delta: float) -> void:
	if not multiplayer.is_server():
		return
	for bullet: Node2D in _bullets.get_children():
		for player: Node2D in _players.get_children():
			var shooter: int = bullet.get("shooter")
			if player.name != str(shooter) and player.position.distance_to(bullet.position) < HIT:
				bullet.queue_free()
				player.rpc("hit")
				if _players.has_node(str(shooter)):
					_players.get_node(str(shooter)).call("scored")


func _say(text: String) -> void:
	_status.text = text
