extends RefCounted
## The invitations that wait for an answer.

## The list is no longer what it was.
signal changed
## One more, or one in the place of an earlier one of the same user.
signal arrived(invitation: Invitation)

const Invitation := preload("res://addons/samovar/overlay/invitation.gd")
const People := preload("res://addons/samovar/overlay/people.gd")

## Invitations that wait at the same time, one of each user; of more, the oldest are forgotten.
const LIMIT: int = 16
## The setting with which the library accepts invitations to lobbies by itself.
const ACCEPT_SETTING := "samovar/lobby/accept_invites"

## The newest last.
var waiting: Array[Invitation] = []


func _init() -> void:
	Steam.lobby_invite.connect(_on_lobby_invite)
	Steam.lobby_joined.connect(_on_lobby_joined)
	Samovar.game_invited.connect(_on_game_invited)


## Accepts it: the game is told to join.
func accept(invitation: Invitation) -> void:
	dismiss(invitation)
	if invitation.lobby != 0:
		People.join_lobby(invitation.lobby, invitation.inviter)
	else:
		People.join_game(invitation.inviter, invitation.connect_string)


## Forgets it; the inviter is not told.
func dismiss(invitation: Invitation) -> void:
	waiting.erase(invitation)
	changed.emit()


func _on_lobby_invite(inviter: int, lobby: int, _game: int) -> void:
	if ProjectSettings.get_setting_with_override(ACCEPT_SETTING) != true:
		_add(inviter, lobby, "")


func _on_game_invited(inviter: int, connect_string: String) -> void:
	if ProjectSettings.get_setting_with_override(ACCEPT_SETTING) != true:
		_add(inviter, 0, connect_string)


# The latest of a user takes the place of the one before, so that what shows it need not be built anew.
func _add(inviter: int, lobby: int, connect_string: String) -> void:
	var invitation := _of(inviter)
	waiting.erase(invitation)
	waiting.append(invitation)
	invitation.lobby = lobby
	invitation.connect_string = connect_string
	if waiting.size() > LIMIT:
		waiting.remove_at(0)
	changed.emit()
	arrived.emit(invitation)


func _of(inviter: int) -> Invitation:
	for invitation: Invitation in waiting:
		if invitation.inviter == inviter:
			return invitation
	var invitation := Invitation.new()
	invitation.inviter = inviter
	return invitation


func _on_lobby_joined(lobby: int, _permissions: int, _locked: bool, response: int) -> void:
	if response != Steam.CHAT_ROOM_ENTER_RESPONSE_SUCCESS:
		return
	var before := waiting.size()
	waiting = waiting.filter(func(other: Invitation) -> bool: return other.lobby != lobby)
	if waiting.size() != before:
		changed.emit()
