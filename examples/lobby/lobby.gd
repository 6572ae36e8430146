extends Control
## The smallest lobby: make one or join one, chat in it, and send packets to its members.

const APP_ID := 480
const KIND := "samovar example"

var lobby_id := 0

@onready var _lobbies: ItemList = %Lobbies
@onready var _log: RichTextLabel = %Log
@onready var _line: LineEdit = %Line


func _ready() -> void:
	var result: Dictionary = Steam.steamInitEx(APP_ID)
	if result.status > Steam.STEAM_API_INIT_RESULT_OK:
		_say("Steam does not start: %s" % result.verbal)
		return
	Steam.lobby_created.connect(_on_lobby_created)
	Steam.lobby_match_list.connect(_on_lobby_match_list)
	Steam.lobby_joined.connect(_on_lobby_joined)
	Steam.lobby_chat_update.connect(_on_lobby_chat_update)
	Steam.lobby_message.connect(_on_lobby_message)
	Steam.p2p_session_request.connect(Steam.acceptP2PSessionWithUser)
	(%Host as Button).pressed.connect(host)
	(%Find as Button).pressed.connect(find)
	(%Wave as Button).pressed.connect(wave)
	_lobbies.item_activated.connect(_on_lobby_activated)
	_line.text_submitted.connect(_on_line_submitted)
	_say("You are %s." % Steam.getPersonaName())
	find()


func _process(_delta: float) -> void:
	Steam.run_callbacks()
	while Steam.getAvailableP2PPacketSize() > 0:
		var packet := Steam.readP2PPacket(Steam.getAvailableP2PPacketSize())
		var data: PackedByteArray = packet.data
		_say("%s %s." % [_name_of(packet.remote_steam_id as int), data.get_string_from_utf8()])


func host() -> void:
	Steam.createLobby(Steam.LOBBY_TYPE_PUBLIC, 8)


func find() -> void:
	Steam.addRequestLobbyListStringFilter("kind", KIND, Steam.LOBBY_COMPARISON_EQUAL)
	Steam.requestLobbyList()


## Sends every other member a packet, which goes from one game to the other.
func wave() -> void:
	for member in Steam.getNumLobbyMembers(lobby_id):
		var user := Steam.getLobbyMemberByIndex(lobby_id, member)
		if user != Steam.getSteamID():
			Steam.sendP2PPacket(user, "waves".to_utf8_buffer(), Steam.P2P_SEND_RELIABLE)


func _on_lobby_created(result: int, lobby: int) -> void:
	if result == Steam.RESULT_OK:
		Steam.setLobbyData(lobby, "kind", KIND)
		Steam.setLobbyData(lobby, "name", "%s's lobby" % Steam.getPersonaName())


func _on_lobby_match_list(lobbies: Array) -> void:
	_lobbies.clear()
	for lobby: int in lobbies:
		var index := _lobbies.add_item(Steam.getLobbyData(lobby, "name"))
		_lobbies.set_item_metadata(index, lobby)


func _on_lobby_activated(index: int) -> void:
	Steam.joinLobby(_lobbies.get_item_metadata(index) as int)


func _on_lobby_joined(lobby: int, _permissions: int, _locked: bool, response: int) -> void:
	if response == Steam.CHAT_ROOM_ENTER_RESPONSE_SUCCESS:
		lobby_id = lobby
		_say("You are in %s." % Steam.getLobbyData(lobby, "name"))


func _on_lobby_chat_update(_lobby: int, user: int, _by: int, state: int) -> void:
	_say("%s %s." % [_name_of(user), "comes" if state == Steam.CHAT_MEMBER_STATE_CHANGE_ENTERED else "goes"])


func _on_lobby_message(_lobby: int, user: int, message: String, _type: int) -> void:
	_say("%s: %s" % [_name_of(user), message])


func _on_line_submitted(text: String) -> void:
	Steam.sendLobbyChatMsg(lobby_id, text)
	_line.clear()


func _name_of(user: int) -> String:
	return Steam.getFriendPersonaName(user)


func _say(text: String) -> void:
	_log.add_text(text + "\n")
