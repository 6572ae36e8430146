extends MarginContainer
## What stands in a line of a list of people: who it is, what they do, and what can be done with them.

signal invite_pressed
signal join_pressed

const Person := preload("res://addons/samovar/overlay/person.gd")
const Pictures := preload("res://addons/samovar/overlay/pictures.gd")
const PictureView := preload("res://addons/samovar/overlay/picture_view.gd")
const Situation := preload("res://addons/samovar/overlay/situation.gd")
const OFFLINE := Color(1, 1, 1, 0.55)

@onready var _picture: PictureView = %Picture
@onready var _name: Label = %Name
@onready var _doing: Label = %Doing
@onready var _join: Button = %Join
@onready var _invite: Button = %Invite


func _ready() -> void:
	_join.pressed.connect(join_pressed.emit)
	_invite.pressed.connect(invite_pressed.emit)


## Shows a user.
func show_person(person: Person, situation: Situation, doing: String, invited: bool) -> void:
	_picture.show_person(person)
	_name.text = person.name
	_doing.text = doing
	for label: Label in [_name, _doing]:
		label.modulate = Color.WHITE if person.is_online() else OFFLINE
	_join.visible = situation.can_join(person)
	_invite.visible = situation.can_invite(person)
	# No two in the tree have the same: tests find them by it.
	_join.name = "Join_%d" % person.id
	_invite.name = "Invite_%d" % person.id
	_invite.text = "Invited" if invited else "Invite"
	_invite.theme_type_variation = &"Accent" if situation.is_dialog and not invited else &"Small"


## Fetches the picture.
func look(pictures: Pictures) -> void:
	_picture.look(pictures)


## Lets left and right move between the row and its buttons: they lie on it, so Godot does not see them beside it.
func link_focus(row: Button) -> void:
	var before := row
	for button: Button in [_join, _invite]:
		if button.visible:
			before.focus_neighbor_right = before.get_path_to(button)
			button.focus_neighbor_left = button.get_path_to(before)
			before = button
	before.focus_neighbor_right = ^"."
