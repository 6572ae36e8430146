extends Node
## A game as it was written for GodotSteam 4.4. People are addressed by identities that have names.
## Runs where the project setting samovar/compatibility/steam_init_returns is 1.

var steam_id: int = 0
var lobby_id: int = 0
var lobbies: Variant = null
var chat: Dictionary = {}
var data_updates: int = 0
var leaderboard: int = -1
var stats: int = -1
var avatar := PackedByteArray()
var answered_ticket: int = 0
var _failed: Array[String] = []


func run() -> Array[String]:
	Steam.connect("lobby_created", _on_lobby_created)
	Steam.connect("lobby_joined", _on_lobby_joined)
	Steam.avatar_loaded.connect(func(_user: int, _size: int, data: PackedByteArray) -> void: avatar = data)
	Steam.lobby_match_list.connect(func(found: Array) -> void: lobbies = found)
	Steam.lobby_message.connect(func(_lobby: int, user: int, text: String, _type: int) -> void: chat[text] = user)
	Steam.lobby_data_update.connect(func(_success: int, _lobby: int, _member: int) -> void: data_updates += 1)
	Steam.lobby_chat_update.connect(func(_lobby: int, _changed: int, _by: int, _state: int) -> void: pass)
	Steam.p2p_session_request.connect(func(who: int) -> void: Steam.acceptP2PSessionWithUser(who))
	Steam.leaderboard_find_result.connect(func(handle: int, found: int) -> void: leaderboard = handle * found)
	Steam.get_auth_session_ticket_response.connect(func(ticket: int, _result: int) -> void: answered_ticket = ticket)
	Steam.current_stats_received.connect(func(_game_id: int, result: int, _user_id: int) -> void: stats = result)
	Steam.name_changed.connect(func(_success: bool, _local: bool, _result: int) -> void: pass)
	Steam.item_installed.connect(func(_app_id: int, _file_id: int) -> void: pass)
	Steam.network_messages_session_request.connect(func(identity: Variant) -> void: Steam.acceptSessionWithUser(identity))
	Steam.network_messages_session_failed.connect(func(_reason: int) -> void: pass)
	OS.set_environment("SteamAppId", "480")
	var result: Dictionary = Steam.steamInit()
	if result["status"] != Steam.RESULT_OK:
		return ["steamInit: %s" % result["verbal"]]
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
	_check(Steam.setLobbyData(lobby_id, "generation", "4.4"), "setLobbyData: false")
	await _until(func() -> bool: return data_updates > 0, "lobby_data_update")
	Steam.addRequestLobbyListDistanceFilter(Steam.LOBBY_DISTANCE_FILTER_WORLDWIDE)
	Steam.addRequestLobbyListStringFilter("generation", "4.4", Steam.LOBBY_COMPARISON_EQUAL)
	Steam.requestLobbyList()
	await _until(func() -> bool: return lobbies != null, "lobby_match_list")
	for found: int in lobbies:
		_check(Steam.getLobbyData(found, "generation") == "4.4", "getLobbyData: another value")
	_check(Steam.sendLobbyChatMsg(lobby_id, "hello"), "sendLobbyChatMsg: false")
	await _until(func() -> bool: return chat.get("hello") == steam_id, "lobby_message")


func _send_packets() -> void:
	var data: PackedByteArray = var_to_bytes({"message": "handshake"})
	_check(Steam.sendP2PPacket(steam_id, data, Steam.P2P_SEND_RELIABLE, 0), "sendP2PPacket: false")
	await _until(func() -> bool: return Steam.getAvailableP2PPacketSize(0) > 0, "a packet")
	var packet: Dictionary = Steam.readP2PPacket(Steam.getAvailableP2PPacketSize(0), 0)
	_check(packet.get("steam_id_remote", 0) == steam_id, "readP2PPacket: steam_id_remote is not the sender")
	_check(packet.get("data") == data, "readP2PPacket: data is not what was sent")


func _send_messages() -> void:
	_check(Steam.addIdentity("myself"), "addIdentity: false")
	Steam.setIdentitySteamID64("myself", steam_id)
	_check(Steam.getIdentitySteamID64("myself") == steam_id, "getIdentitySteamID64: another")
	var data: PackedByteArray = "ping".to_utf8_buffer()
	var sent: int = Steam.sendMessageToUser("myself", data, Steam.NETWORKING_SEND_RELIABLE, 1)
	_check(sent == Steam.RESULT_OK, "sendMessageToUser: %d" % sent)
	var messages: Array = []
	var end: int = Time.get_ticks_msec() + 10000
	while messages.is_empty() and Time.get_ticks_msec() < end:
		messages = Steam.receiveMessagesOnChannel(1, 10)
		await get_tree().process_frame
	_check(messages.size() == 1, "receiveMessagesOnChannel: %d messages" % messages.size())
	for message: Dictionary in messages:
		_check(message.get("payload") == data, "receiveMessagesOnChannel: another payload")
		Steam.parseIdentityString("sender", message["identity"])
		_check(Steam.getIdentitySteamID64("sender") == steam_id, "getIdentitySteamID64: another sender")


func _keep_scores() -> void:
	if Steam.requestCurrentStats():
		await _until(func() -> bool: return stats != -1, "current_stats_received")
	var achievement: Dictionary = Steam.getAchievement("ACH_WIN_ONE_GAME")
	if not achievement.get("achieved", false):
		Steam.setAchievement("ACH_WIN_ONE_GAME")
	Steam.setStatInt("NumGames", Steam.getStatInt("NumGames") + 1)
	Steam.storeStats()
	Steam.findLeaderboard("Feet Traveled")
	await _until(func() -> bool: return leaderboard != -1, "leaderboard_find_result")
	if leaderboard > 0:
		Steam.uploadLeaderboardScore(100, true)


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
	var prices: int = Steam.getNumItemsWithPrices()
	_check(prices >= 0, "getNumItemsWithPrices: below 0")
	_check(Steam.RESULT_ADMINISTRATO_ROK == 46, "RESULT_ADMINISTRATO_ROK: another value")
	_check(Steam.OBBY_COMPARISON_EQUAL_TO_GREATER_THAN == 2, "OBBY_COMPARISON...: another value")


func _on_lobby_created(result: int, _lobby_id: int) -> void:
	_check(result == Steam.RESULT_OK, "lobby_created: %d" % result)


func _on_lobby_joined(this_lobby_id: int, _permissions: int, _locked: bool, response: int) -> void:
	_check(response == Steam.CHAT_ROOM_ENTER_RESPONSE_SUCCESS, "lobby_joined: %d" % response)
	lobby_id = this_lobby_id
