extends RefCounted
## What the local user can do with another: made anew whenever something has changed.

const OwnLobbies := preload("res://addons/samovar/overlay/own_lobbies.gd")
const People := preload("res://addons/samovar/overlay/people.gd")
const Person := preload("res://addons/samovar/overlay/person.gd")

## The lobby that the local user invites to, 0 if there is none.
var lobby: int = 0
## Where the game asks for invitations to itself: what others need to join it.
var connect_string: String = ""
## Whether it is the game that has asked to choose whom to invite.
var is_dialog: bool = false

var _lobbies: OwnLobbies
# The friends in each lobby: of one that the game has not asked about, nothing else is known.
var _friends_in: Dictionary[int, Array] = {}


func _init(lobbies: OwnLobbies) -> void:
	_lobbies = lobbies
	lobby = lobbies.current()


## Takes note of who is where.
func count(people: Array[Person]) -> void:
	for person: Person in people:
		if person.lobby != 0:
			var others: Array = _friends_in.get_or_add(person.lobby, [])
			others.append(person)


## Whether there is something to invite to, and the user could come.
func can_invite(person: Person) -> bool:
	if not person.is_online() or person.id == People.me():
		return false
	return connect_string != "" or lobby != 0 and person.lobby != lobby


## Whether the user is somewhere where the local user is not.
func can_join(person: Person) -> bool:
	if is_dialog or not person.is_online() or person.id == People.me():
		return false
	return is_elsewhere(person) or person.lobby == 0 and person.connect_string != ""


## Whether the user is in a lobby where the local user is not.
func is_elsewhere(person: Person) -> bool:
	return person.lobby != 0 and not _lobbies.has(person.lobby)


## What the local user invites to, to be compared.
func goal() -> String:
	return "game %s" % connect_string if connect_string != "" else "lobby %d" % lobby


## Invites the user; whether that could be sent.
func invite(person: Person) -> bool:
	if connect_string != "":
		return People.invite_to_game(person.id, connect_string)
	return People.invite_to_lobby(lobby, person.id)


## Joins the user.
func join(person: Person) -> void:
	if person.lobby != 0:
		People.join_lobby(person.lobby, person.id)
	else:
		People.join_game(person.id, person.connect_string)


## What the user is doing, in a line.
func line(person: Person) -> String:
	if person.lobby == 0:
		return person.status if person.status != "" else person.state_text()
	var place := "In your lobby" if _lobbies.has(person.lobby) else lobby_text(person.lobby) + _company(person)
	return "%s  ·  %s" % [place, person.status] if person.status != "" else place


## A lobby's name and how many are in it, as far as that is known.
func lobby_text(id: int) -> String:
	var name := People.lobby_name(id)
	var members := People.lobby_members(id)
	var text := "In “%s”" % name if name != "" else "In a lobby"
	return "%s (%d)" % [text, members] if members > 0 else text


# Who else is there, where nothing else is known of a lobby.
func _company(person: Person) -> String:
	var others: Array = _friends_in.get(person.lobby, [])
	if People.lobby_name(person.lobby) != "" or others.size() < 2:
		return ""
	var friend: Person = others[0] if others[0] != person else others[1]
	return " with %s" % friend.name if others.size() == 2 else " with %s and %d more" % [friend.name, others.size() - 2]
