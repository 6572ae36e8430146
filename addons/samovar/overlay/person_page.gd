extends "res://addons/samovar/overlay/page.gd"
## One user: picture, state, what the user does, and what can be done.

## The list is wanted again.
signal back_pressed

const People := preload("res://addons/samovar/overlay/people.gd")
const PictureView := preload("res://addons/samovar/overlay/picture_view.gd")

## The user shown.
var user: int = 0

var _person: Person
var _invited: bool = false

@onready var _picture: PictureView = %PersonPicture
@onready var _name: Label = %PersonName
@onready var _state: Label = %PersonState
@onready var _line: Label = %PersonLine
@onready var _join: Button = %PersonJoin
@onready var _invite: Button = %PersonInvite
@onready var _copy: Button = %PersonCopy
@onready var _back: Button = %PersonBack


func _ready() -> void:
	_join.pressed.connect(func() -> void: join_pressed.emit(_person))
	_invite.pressed.connect(func() -> void: invite_pressed.emit(_person, self))
	_copy.pressed.connect(_copy_id)
	_back.pressed.connect(back_pressed.emit)


## Shows this user from now on.
func show_user(steam_id: int) -> void:
	user = steam_id
	_invited = false


## Says that the user has been invited.
func mark_invited(_situation: Situation) -> void:
	_invited = true
	_invite.text = "Invited"


func refresh(situation: Situation, pictures: Pictures) -> void:
	_person = People.person(user)
	_picture.show_person(_person)
	_picture.look(pictures)
	_name.text = _person.name
	_state.text = _person.state_text()
	_state.modulate = _person.state_color()
	var line := situation.line(_person)
	_line.text = line
	_line.visible = line != _person.state_text()
	_join.visible = situation.can_join(_person)
	_invite.visible = situation.can_invite(_person)
	_invite.text = "Invited" if _invited else "Invite"
	_copy.text = "Copy ID %d" % user


func first_focus() -> Control:
	for button: Button in [_join, _invite]:
		if button.visible:
			return button
	return _back


func _copy_id() -> void:
	DisplayServer.clipboard_set(str(user))
	told.emit("The ID is in the clipboard.")
