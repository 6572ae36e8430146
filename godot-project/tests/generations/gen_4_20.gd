extends Node
## A game as it was written for GodotSteam 4.20.
## Runs with any value of the project setting samovar/compatibility/steam_init_returns.

var steam_id: int = 0
var lobby_id: int = 0
var lobbies: Variant = null
var chat: Dictionary = {}
var data_updates: int = 0
var leaderboard: int = -1
var avatar := PackedByteArray()
var answered_ticket: int = 0
var _failed: Array[String] = []


func run() -> Array[String]:
	Steam.lobby_created.connect(_on_lobby_created)
	Steam.lobby_joined.connect(_on_lobby_joined)
	Steam.avatar_loaded.connect(func(_user: int, _size: int, data: PackedByteArray) -> void: avatar = data)
	Steam.lobby_match_list.connect(func(found: Array) -> void: lobbies = found)
	Steam.lobby_message.connect(func(_lobby: int, user: int, text: String, _type: int) -> void: chat[text] = user)
	Steam.lobby_data_update.connect(func(_success: int, _lobby: int, _member: int) -> void: data_updates += 1)
	Steam.lobby_chat_update.connect(func(_lobby: int, _changed: int, _by: int, _state: int) -> void: pass)
	Steam.p2p_session_request.connect(func(who: int) -> void: Steam.acceptP2PSessionWithUser(who))
	Steam.leaderboard_find_result.connect(func(handle: int, found: int) -> void: leaderboard = handle * found)
	Steam.get_auth_session_ticket_response.connect(func(ticket: int, _result: int) -> void: answered_ticket = ticket)
	Steam.persona_state_change.connect(func(_steam_id: int, _flags: int) -> void: pass)
	Steam.steam_server_disconnected.connect(func(_result: int) -> void: pass)
	Steam.leaderboard_score_uploaded.connect(func(_success: bool, _handle: int, _score: Dictionary) -> void: pass)
	Steam.network_messages_session_request.connect(func(who: int) -> void: Steam.acceptSessionWithUser(who))
	Steam.network_messages_session_failed.connect(func(_reason: int, _id: int, _state: int, _text: String) -> void: pass)
	var init: Dictionary = Steam.steamInitEx(480)
	if init["status"] > Steam.STEAM_API_INIT_RESULT_OK:
		return ["steamInitEx: %s" % init["verbal"]]
	_check(Steam.get_steam_init_result().get("status", -1) == 0, "get_steam_init_result: not 0")
	steam_id = Steam.getSteamID()
	_check(steam_id != 0, "getSteamID: 0")
	await _play_in_lobby()
	await _send_packets()
	await _send_messages()
	await _keep_scores()
	await _show_myself()
	_use_the_rest()
	Steam.leaveLobby(lobby_id)
	return _failed


func _process(_delta: float) -> void:
	Steam.run_callbacks()


func _check(good: bool, what: String) -> void:
	if not good:
		_failed.append(what)


func _until(condition: Callable, what: String) -> void:
	var end: int = Time.get_ticks_msec() + 10000
	while not condition.call():
		if Time.get_ticks_msec() > end:
			_failed.append("%s: nothing came" % what)
			return
		await get_tree().process_frame


func _play_in_lobby() -> void:
	Steam.createLobby(Steam.LOBBY_TYPE_PUBLIC, 4)
	await _until(func() -> bool: return lobby_id != 0, "lobby_joined")
	_check(Steam.getLobbyOwner(lobby_id) == steam_id, "getLobbyOwner: somebody else")
	_check(Steam.setLobbyData(lobby_id, "generation", "4.20"), "setLobbyData: false")
	await _until(func() -> bool: return data_updates > 0, "lobby_data_update")
	Steam.addRequestLobbyListDistanceFilter(Steam.LOBBY_DISTANCE_FILTER_WORLDWIDE)
	Steam.addRequestLobbyListStringFilter("generation", "4.20", Steam.LOBBY_COMPARISON_EQUAL)
	Steam.requestLobbyList()
	await _until(func() -> bool: return lobbies != null, "lobby_match_list")
	for found: int in lobbies:
		_check(Steam.getLobbyData(found, "generation") == "4.20", "getLobbyData: another value")
	_check(Steam.sendLobbyChatMsg(lobby_id, "hello"), "sendLobbyChatMsg: false")
	await _until(func() -> bool: return chat.get("hello") == steam_id, "lobby_message")


func _send_packets() -> void:
	var data: PackedByteArray = var_to_bytes({"message": "handshake"})
	_check(Steam.sendP2PPacket(steam_id, data, Steam.P2P_SEND_RELIABLE, 0), "sendP2PPacket: false")
	await _until(func() -> bool: return Steam.getAvailableP2PPacketSize(0) > 0, "a packet")
	var packet: Dictionary = Steam.readP2PPacket(Steam.getAvailableP2PPacketSize(0), 0)
	_check(packet.get("remote_steam_id", 0) == steam_id, "readP2PPacket: remote_steam_id is not the sender")
	_check(packet.get("data") == data, "readP2PPacket: data is not what was sent")


func _send_messages() -> void:
	var data: PackedByteArray = "ping".to_utf8_buffer()
	var sent: int = Steam.sendMessageToUser(steam_id, data, Steam.NETWORKING_SEND_RELIABLE, 1)
	_check(sent == Steam.RESULT_OK, "sendMessageToUser: %d" % sent)
	var messages: Array = []
	var end: int = Time.get_ticks_msec() + 10000
	while messages.is_empty() and Time.get_ticks_msec() < end:
		messages = Steam.receiveMessagesOnChannel(1, 10)
		await get_tree().process_frame
	_check(messages.size() == 1, "receiveMessagesOnChannel: %d messages" % messages.size())
	for message: Dictionary in messages:
		_check(message.get("payload") == data, "receiveMessagesOnChannel: another payload")
		_check(message.get("identity", 0) == steam_id, "receiveMessagesOnChannel: identity is not the sender")


func _keep_scores() -> void:
	var achievement: Dictionary = Steam.getAchievement("ACH_WIN_ONE_GAME")
	if not achievement.get("achieved", false):
		Steam.setAchievement("ACH_WIN_ONE_GAME")
	Steam.setStatInt("NumGames", Steam.getStatInt("NumGames") + 1)
	Steam.storeStats()
	Steam.findLeaderboard("Feet Traveled")
	await _until(func() -> bool: return leaderboard != -1, "leaderboard_find_result")
	if leaderboard > 0:
		Steam.uploadLeaderboardScore(100, true, PackedInt32Array(), leaderboard)


func _show_myself() -> void:
	_check(Steam.setRichPresence("status", "Testing"), "setRichPresence: false")
	_check(Steam.getFriendRichPresence(steam_id, "status") == "Testing", "getFriendRichPresence: another value")
	Steam.getPlayerAvatar(Steam.AVATAR_MEDIUM)
	await _until(func() -> bool: return avatar.size() == 64 * 64 * 4, "avatar_loaded")
	var ticket: Dictionary = Steam.getAuthSessionTicket()
	_check(ticket.get("size", 0) > 0, "getAuthSessionTicket: empty")
	await _until(func() -> bool: return answered_ticket != 0, "get_auth_session_ticket_response")
	Steam.cancelAuthTicket(ticket.get("id", 0))


func _use_the_rest() -> void:
	var available: Dictionary = Steam.getAvailableVoice()
	_check(available.get("size", 0) == 0, "getAvailableVoice: a voice")
	_check(Steam.getVoice().get("size", 0) == 0, "getVoice: a voice")
	var socket: int = Steam.createListenSocketP2P(0, {Steam.NETWORKING_CONFIG_TIMEOUT_INITIAL: 5000})
	if socket > 0:
		Steam.closeListenSocket(socket)
	_check(Steam.PERSONA_CHANGE_BROADCAST == 2048, "PERSONA_CHANGE_BROADCAST: another value")


func _on_lobby_created(result: int, _lobby_id: int) -> void:
	_check(result == Steam.RESULT_OK, "lobby_created: %d" % result)


func _on_lobby_joined(this_lobby_id: int, _permissions: int, _locked: bool, response: int) -> void:
	_check(response == Steam.CHAT_ROOM_ENTER_RESPONSE_SUCCESS, "lobby_joined: %d" % response)
	lobby_id = this_lobby_id
