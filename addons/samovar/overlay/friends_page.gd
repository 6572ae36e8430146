extends "res://addons/samovar/overlay/page.gd"
## The friends: those in a lobby first, then who else is online, then the others; above them the invitations.

## This invitation is accepted.
signal accepted(invitation: Invitation)

const Invitation := preload("res://addons/samovar/overlay/invitation.gd")
const InvitationList := preload("res://addons/samovar/overlay/invitation_list.gd")
const Invitations := preload("res://addons/samovar/overlay/invitations.gd")
const People := preload("res://addons/samovar/overlay/people.gd")
const PeopleList := preload("res://addons/samovar/overlay/people_list.gd")

## By rank.
const HEADINGS: Array[String] = ["In a lobby", "Online", "Offline"]

var _invitations: Invitations

@onready var _waiting: InvitationList = %Invitations
@onready var _list: PeopleList = %FriendsList
@onready var _empty: Control = %NoFriends


## To be called once, before anything else.
func setup(invitations: Invitations) -> void:
	_invitations = invitations


func _ready() -> void:
	_waiting.accepted.connect(accepted.emit)
	_waiting.dismissed.connect(_invitations.dismiss)
	_list.invite_pressed.connect(invite_pressed.emit)
	_list.join_pressed.connect(join_pressed.emit)
	_list.chosen.connect(chosen.emit)


func refresh(situation: Situation, pictures: Pictures) -> void:
	_waiting.show_invitations(_invitations, pictures)
	# Who is choosing whom to invite, is not asked something else.
	_waiting.visible = not situation.is_dialog and not _invitations.waiting.is_empty()
	var friends := People.friends()
	situation.count(friends)
	# Each comparison asking for a rank would be thousands of questions.
	var places: Dictionary[Person, String] = {}
	for friend: Person in friends:
		places[friend] = "%d %s" % [_rank(friend), friend.name.to_lower()]
	friends.sort_custom(func(a: Person, b: Person) -> bool: return places[a] < places[b])
	var headings := PackedStringArray()
	for friend: Person in friends:
		headings.append(HEADINGS[_rank(friend)])
	_list.show_people(friends, headings, situation)
	_empty.visible = friends.is_empty()


func look(seen: Rect2, pictures: Pictures) -> void:
	_list.look(seen, pictures)


func first_focus() -> Control:
	return _waiting.first_button() if _waiting.visible else _list.first_row()


static func _rank(person: Person) -> int:
	if not person.is_online():
		return 2
	return 0 if person.lobby != 0 else 1
