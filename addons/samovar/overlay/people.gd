extends RefCounted
## What the overlay asks of Steam, and what it tells it.

const Person := preload("res://addons/samovar/overlay/person.gd")

## The lobby data that is shown as a lobby's name.
const KEY_NAME := "name"
## Shown instead of a name that is on its way.
const UNKNOWN := "…"


## The local user's Steam ID; 0 while Steam is not initialised.
static func me() -> int:
	return Steam.getSteamID() if Samovar.profile_name() != "" else 0


## The local user's friends.
static func friends() -> Array[Person]:
	var found: Array[Person] = []
	for index: int in Steam.getFriendCount(Steam.FRIEND_FLAG_IMMEDIATE):
		found.append(person(Steam.getFriendByIndex(index, Steam.FRIEND_FLAG_IMMEDIATE)))
	return found


## Those with whom the local user has played, the latest first.
static func recent_players() -> Array[Person]:
	var found: Array[Person] = []
	for entry: Dictionary in Steam.getRecentPlayers():
		var user: int = entry["id"]
		var one := person(user)
		one.played_at = entry["time"]
		found.append(one)
	found.sort_custom(func(a: Person, b: Person) -> bool: return a.played_at > b.played_at)
	return found


## One user.
static func person(user: int) -> Person:
	var one := Person.new()
	one.id = user
	one.name = name_of(user)
	one.state = Steam.getPersonaState() if user == me() else Steam.getFriendPersonaState(user)
	if one.is_online():
		var played: Dictionary = Steam.getFriendGamePlayed(user)
		one.lobby = played.get("lobby", 0)
		one.status = Steam.getFriendRichPresence(user, "status")
		one.connect_string = Steam.getFriendRichPresence(user, "connect")
	return one


## A user's name, or [constant UNKNOWN].
static func name_of(user: int) -> String:
	var name: String = Steam.getPersonaName() if user == me() else Steam.getFriendPersonaName(user)
	return name if name != "" else UNKNOWN


## A lobby's name, empty if there is none or it is not known.
static func lobby_name(lobby: int) -> String:
	return Steam.getLobbyData(lobby, KEY_NAME)


## How many are in a lobby, 0 if that is not known.
static func lobby_members(lobby: int) -> int:
	return Steam.getNumLobbyMembers(lobby)


## Whether the local user is in a lobby: only its members know its owner.
static func is_inside(lobby: int) -> bool:
	return Steam.getNumLobbyMembers(lobby) > 0 and Steam.getLobbyOwner(lobby) != 0


## Invites a user to a lobby.
static func invite_to_lobby(lobby: int, user: int) -> bool:
	return Steam.inviteUserToLobby(lobby, user)


## Invites a user to the local user's game.
static func invite_to_game(user: int, connect_string: String) -> bool:
	return Steam.inviteUserToGame(user, connect_string)


## Lets the game join a lobby, on the invitation of [param inviter] or because that friend is in it.
static func join_lobby(lobby: int, inviter: int) -> void:
	Samovar.accept_lobby_invite(lobby, inviter)


## Lets the game join another user's game.
static func join_game(inviter: int, connect_string: String) -> void:
	Samovar.accept_game_invite(inviter, connect_string)


## Tells the game that the overlay is open, or closed.
static func report(active: bool, user_initiated: bool) -> void:
	if me() != 0:
		Samovar.report_overlay(active, user_initiated)


## Renames the local user.
static func rename_me(name: String) -> bool:
	return Samovar.set_persona_name(name)


## Sets the local user's state, a [enum Steam.PersonaState].
static func set_my_state(state: int) -> bool:
	return Samovar.set_persona_state(state)


## Sets the local user's picture; null for the generated one.
static func set_my_picture(picture: Image) -> bool:
	return Samovar.set_avatar(picture)
