extends Node
## Connections of NetworkingSockets, as a game has them: a server that lets users in, and clients.

## Virtual port on which the server listens.
const PORT: int = 7

var listen_socket: int = 0
var poll_group: int = 0
## What came of each connection, in order: handle, old state, new state.
var states: Array = []
## The dictionaries of the signal, of the same changes.
var connections: Array[Dictionary] = []
## What was said, in order: handle and text.
var heard: Array = []


func _ready() -> void:
	Steam.network_connection_status_changed.connect(_on_network_connection_status_changed)


func _process(_delta: float) -> void:
	if poll_group == 0:
		return
	for message: Dictionary in Steam.receiveMessagesOnPollGroup(poll_group, 100):
		var payload: PackedByteArray = message["payload"]
		var connection: int = message["connection"]
		var text: String = payload.get_string_from_utf8()
		heard.append([connection, text])
		Steam.sendMessageToConnection(connection, ("echo " + text).to_utf8_buffer(), Steam.NETWORKING_SEND_RELIABLE)


## Lets in everybody who comes, and answers each message.
func serve(options: Dictionary = {}) -> int:
	listen_socket = Steam.createListenSocketP2P(PORT, options)
	poll_group = Steam.createPollGroup()
	return listen_socket


func connect_to(steam_id: int) -> int:
	return Steam.connectP2P(steam_id, PORT, {})


## Options by their names, and as games of GodotSteam up to 4.10 wrote them.
func connect_with(steam_id: int, port: int, timeout: int, user_data: int, older: bool) -> int:
	if older:
		var list: Array = [
			[Steam.NETWORKING_CONFIG_TIMEOUT_INITIAL, Steam.NETWORKING_CONFIG_TYPE_INT32, timeout],
			[Steam.NETWORKING_CONFIG_CONNECTION_USER_DATA, Steam.NETWORKING_CONFIG_TYPE_INT64, user_data],
		]
		return Steam.connectP2P(steam_id, port, list)
	return Steam.connectP2P(steam_id, port, {
		Steam.NETWORKING_CONFIG_TIMEOUT_INITIAL: timeout,
		Steam.NETWORKING_CONFIG_CONNECTION_USER_DATA: user_data,
		# Known, and without effect here.
		Steam.NETWORKING_CONFIG_P2P_TRANSPORT_ICE_ENABLE: Steam.NETWORKING_CONFIG_P2P_TRANSPORT_ICE_ALL,
		Steam.NETWORKING_CONFIG_P2P_STUN_SERVER_LIST: "stun.example.org",
	})


## Both sides ask, and get one connection.
func meet(steam_id: int) -> int:
	var options: Dictionary = {Steam.NETWORKING_CONFIG_SYMMETRIC_CONNECT: 1}
	Steam.createListenSocketP2P(PORT, options)
	return Steam.connectP2P(steam_id, PORT, options)


## A connection with an option that there is not.
func connect_wrongly(steam_id: int, key: Variant, value: Variant) -> int:
	return Steam.connectP2P(steam_id, PORT, {key: value})


func send_all(connection: int, texts: Array) -> PackedInt64Array:
	var messages: Array[PackedByteArray] = []
	for text: String in texts:
		messages.append(text.to_utf8_buffer())
	return Steam.sendMessages(connection, messages, Steam.NETWORKING_SEND_RELIABLE)


## Lanes whose weights are in an Array of ints.
func typed_lanes(connection: int, given: Array) -> int:
	var weights: Array[int] = []
	weights.assign(given)
	# By a variable that could hold anything, and by one that cannot.
	var untyped: Variant = weights
	var first: int = Steam.configureConnectionLanes(connection, weights.size(), [], weights)
	var second: int = Steam.call("configureConnectionLanes", connection, weights.size(), [], untyped)
	return second if first == Steam.RESULT_OK else first


func _on_network_connection_status_changed(connect_handle: int, connection: Dictionary, old_state: int) -> void:
	var state: int = connection["connection_state"]
	states.append([connect_handle, old_state, state])
	connections.append(connection)
	if poll_group == 0 or connection["listen_socket"] != listen_socket:
		return
	match state:
		Steam.CONNECTION_STATE_CONNECTING:
			Steam.acceptConnection(connect_handle)
			Steam.setConnectionPollGroup(connect_handle, poll_group)
		Steam.CONNECTION_STATE_CLOSED_BY_PEER, Steam.CONNECTION_STATE_PROBLEM_DETECTED_LOCALLY:
			Steam.closeConnection(connect_handle, 0, "", false)
