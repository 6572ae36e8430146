class_name LobbyModel
extends Node
## The lobby the local player is in, and the list of those to join. Talks to Steam, knows no controls.

## A list that was asked for: dictionaries with `id`, `name`, `mode`, `skill`, `members` and `limit`.
signal list_received(lobbies: Array[Dictionary])
signal entered
## The lobby is left; [param reason] is empty where the player wanted it.
signal left(reason: String)
signal member_entered(steam_id: int)
signal member_left(steam_id: int, how: String)
## The lobby has another owner than before.
signal owner_changed(steam_id: int)
## Members, owner, names or data are no longer what they were.
signal changed
signal chat_received(steam_id: int, text: String)
## Another user invites us; by now the lobby's data can be read.
signal invited(inviter: int, lobby: int)
## Something the player asked for did not work; [param text] says what and why.
signal failed(text: String)

## Lobby data that the demo sets and filters by.
const KEY_NAME := "name"
const KEY_MODE := "mode"
## The skill of who created the lobby: a number.
const KEY_SKILL := "skill"
## Invitations that may wait for the lobby's data at the same time.
const INVITATIONS: int = 16

## The lobby's ID, 0 outside of any lobby.
var lobby_id: int = 0
## The members' IDs, in the order in which they came.
var members: Array[int] = []
## Whether an answer to a creation or a join is awaited.
var waiting: bool = false

var _owner: int = 0
# Whether the way out was a ban.
var _banned: bool = false
# The lobby to join once the present answer is there, 0 if there is none.
var _next: int = 0
var _wanted_type: Steam.LobbyType = Steam.LOBBY_TYPE_PUBLIC
var _wanted_data: Dictionary[String, String] = {}
# Who has invited us, by the lobby whose data is on its way.
var _invitations: Dictionary[int, int] = {}


func _ready() -> void:
	Steam.lobby_created.connect(_on_lobby_created)
	Steam.lobby_match_list.connect(_on_lobby_match_list)
	Steam.lobby_joined.connect(_on_lobby_joined)
	Steam.lobby_chat_update.connect(_on_lobby_chat_update)
	Steam.lobby_message.connect(_on_lobby_message)
	Steam.lobby_data_update.connect(_on_lobby_data_update)
	Steam.lobby_invite.connect(_on_lobby_invite)
	Steam.join_requested.connect(_on_join_requested)
	Steam.join_game_requested.connect(_on_join_game_requested)
	Steam.lobby_kicked.connect(_on_lobby_kicked)
	Steam.persona_state_change.connect(_on_persona_state_change)


func _exit_tree() -> void:
	leave()


## Whether the local player is in a lobby.
func is_inside() -> bool:
	return lobby_id != 0


## Creates a lobby with the data given, and enters it.
func create(type: Steam.LobbyType, limit: int, data: Dictionary[String, String]) -> void:
	if waiting or is_inside():
		return
	waiting = true
	_wanted_type = type
	_wanted_data = data
	Steam.createLobby(type, limit)


## Asks for lobbies whose data have these values, with at least [param free_seats] seats left. Those whose numbers are
## closest to the ones in [param near] come first.
func request_list(data: Dictionary[String, String], free_seats: int = 0, near: Dictionary[String, int] = {}) -> void:
	Steam.addRequestLobbyListDistanceFilter(Steam.LOBBY_DISTANCE_FILTER_WORLDWIDE)
	for key: String in data:
		Steam.addRequestLobbyListStringFilter(key, data[key], Steam.LOBBY_COMPARISON_EQUAL)
	if free_seats > 0:
		Steam.addRequestLobbyListFilterSlotsAvailable(free_seats)
	for key: String in near:
		Steam.addRequestLobbyListNearValueFilter(key, near[key])
	Steam.requestLobbyList()


## Joins a lobby; one that the player is in is left first.
func join(lobby: int) -> void:
	if waiting:
		# Perhaps an invitation that was accepted meanwhile.
		_next = lobby
		return
	if lobby == lobby_id:
		return
	waiting = true
	leave()
	Steam.joinLobby(lobby)


## Joins the lobby that a command line asks for.
func join_by_line(words: PackedStringArray) -> void:
	var lobby := ConnectLine.lobby_in(words)
	if lobby > 0:
		join(lobby)
	else:
		failed.emit("%s needs a lobby's ID." % ConnectLine.WORD)


## Leaves the lobby, if in one.
func leave() -> void:
	if is_inside():
		Steam.leaveLobby(lobby_id)
		_forget("")


## Says something to everyone in the lobby. They hear it as [signal chat_received], and so do we.
func say(text: String) -> void:
	if not Steam.sendLobbyChatMsg(lobby_id, text):
		failed.emit("The message could not be sent.")


## Invites a user by Steam ID.
func invite(user: int) -> bool:
	var sent: bool = Steam.inviteUserToLobby(lobby_id, user)
	if not sent:
		failed.emit("%d could not be invited." % user)
	return sent


## Opens Steam's dialog to invite friends.
func show_invite_dialog() -> void:
	Steam.activateGameOverlayInviteDialog(lobby_id)


## Gives the lobby to another member.
func make_owner(user: int) -> void:
	if not Steam.setLobbyOwner(lobby_id, user):
		failed.emit("%s cannot be made the owner." % name_of(user))


## Removes a member, who may come back.
func kick(user: int) -> void:
	if not Removal.kick(lobby_id, user):
		failed.emit("%s cannot be kicked." % name_of(user))


## Removes a member for good.
func ban(user: int) -> void:
	if not Removal.ban(lobby_id, user):
		failed.emit("%s cannot be banned." % name_of(user))


## Whether the local player owns the lobby.
func is_mine() -> bool:
	return is_inside() and owner_id() == Steamworks.steam_id


## The owner's ID.
func owner_id() -> int:
	return Steam.getLobbyOwner(lobby_id) if is_inside() else 0


## A piece of the lobby's data.
func lobby_data(key: String) -> String:
	return data_of(lobby_id, key)


## A piece of another lobby's data, if it has been listed or has come with an invitation.
func data_of(lobby: int, key: String) -> String:
	return Steam.getLobbyData(lobby, key)


## Seats in the lobby.
func seats() -> int:
	return Steam.getLobbyMemberLimit(lobby_id)


## The name of a user; "…" while Steam is still asking for it ([signal changed] follows).
func name_of(user: int) -> String:
	var persona: String = Steam.getFriendPersonaName(user) if user > 0 else ""
	return persona if persona != "" else "…"


func _on_lobby_created(result: int, lobby: int) -> void:
	if result != 1:
		waiting = false
		failed.emit("The lobby could not be created (%s)." % LobbyAnswers.to_creation(result))
		_join_next()
		return
	LobbyAccess.set_joinable(lobby, true)
	LobbyAccess.write_type(lobby, _wanted_type)
	for key: String in _wanted_data:
		Steam.setLobbyData(lobby, key, _wanted_data[key])
	# Where there is no direct way to a member, Steam may relay.
	Steam.allowP2PPacketRelay(true)


func _on_lobby_joined(lobby: int, _permissions: int, _locked: bool, response: int) -> void:
	waiting = false
	if response == Steam.CHAT_ROOM_ENTER_RESPONSE_SUCCESS:
		lobby_id = lobby
		_read_members()
		_owner = owner_id()
		entered.emit()
	else:
		failed.emit(LobbyAnswers.to_join(response))
	_join_next()


func _on_lobby_match_list(lobbies: Array) -> void:
	var list: Array[Dictionary] = []
	for lobby: int in lobbies:
		list.append({
			"id": lobby,
			"name": Steam.getLobbyData(lobby, KEY_NAME),
			"mode": Steam.getLobbyData(lobby, KEY_MODE),
			"skill": Steam.getLobbyData(lobby, KEY_SKILL),
			"members": Steam.getNumLobbyMembers(lobby),
			"limit": Steam.getLobbyMemberLimit(lobby),
		})
	list_received.emit(list)


func _on_lobby_chat_update(lobby: int, user: int, changer: int, state: int) -> void:
	if lobby != lobby_id:
		return
	if user == Steamworks.steam_id:
		# Taken out: lobby_kicked follows.
		_banned = state == Steam.CHAT_MEMBER_STATE_CHANGE_BANNED
		return
	_read_members()
	if state == Steam.CHAT_MEMBER_STATE_CHANGE_ENTERED:
		member_entered.emit(user)
	else:
		var who := "" if changer == user else name_of(changer)
		member_left.emit(user, LobbyAnswers.to_departure(state, who))
	_look_at_owner()
	changed.emit()


func _on_lobby_message(lobby: int, user: int, text: String, _type: int) -> void:
	if lobby == lobby_id:
		chat_received.emit(user, text)


func _on_lobby_data_update(success: int, lobby: int, _member: int) -> void:
	if lobby == lobby_id:
		_look_at_owner()
		changed.emit()
	if _invitations.has(lobby):
		var inviter := _invitations[lobby]
		_invitations.erase(lobby)
		if success:
			invited.emit(inviter, lobby)


func _on_lobby_invite(inviter: int, lobby: int, _game: int) -> void:
	if lobby != lobby_id and _invitations.size() < INVITATIONS:
		_invitations[lobby] = inviter
		Steam.requestLobbyData(lobby)


func _on_join_requested(lobby: int, _friend: int) -> void:
	join(lobby)


# A friend's rich presence or invitation, which is for outside of lobbies too.
func _on_join_game_requested(_user: int, line: String) -> void:
	join_by_line(line.split(" ", false))


func _on_lobby_kicked(lobby: int, admin: int, due_to_disconnect: int) -> void:
	if lobby != lobby_id:
		return
	if due_to_disconnect:
		_forget("The connection to the lobby was lost.")
	else:
		_forget("%s %s you from the lobby." % [name_of(admin), "banned" if _banned else "removed"])


func _on_persona_state_change(_user: int, _flags: int) -> void:
	changed.emit()


func _join_next() -> void:
	var lobby := _next
	_next = 0
	if lobby != 0:
		join(lobby)


func _look_at_owner() -> void:
	var now := owner_id()
	# None, while we are on the way out.
	if now != _owner and now != 0:
		_owner = now
		owner_changed.emit(now)


func _read_members() -> void:
	members.clear()
	for index: int in Steam.getNumLobbyMembers(lobby_id):
		members.append(Steam.getLobbyMemberByIndex(lobby_id, index))


func _forget(reason: String) -> void:
	lobby_id = 0
	_owner = 0
	_banned = false
	members.clear()
	left.emit(reason)
