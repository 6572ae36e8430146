extends PanelContainer
## An invitation that waits for an answer.

signal accepted(invitation: Invitation)
signal dismissed(invitation: Invitation)

const Invitation := preload("res://addons/samovar/overlay/invitation.gd")
const People := preload("res://addons/samovar/overlay/people.gd")
const Pictures := preload("res://addons/samovar/overlay/pictures.gd")
const PictureView := preload("res://addons/samovar/overlay/picture_view.gd")

var _invitation: Invitation

@onready var _picture: PictureView = %Picture
@onready var _name: Label = %Name
@onready var _line: Label = %Line
@onready var _hint: Label = %Hint
@onready var _accept: Button = %Accept
@onready var _dismiss: Button = %Dismiss


func _ready() -> void:
	_accept.pressed.connect(func() -> void: accepted.emit(_invitation))
	_dismiss.pressed.connect(func() -> void: dismissed.emit(_invitation))


## Shows the invitation.
func show_invitation(invitation: Invitation, pictures: Pictures) -> void:
	_invitation = invitation
	var person := People.person(invitation.inviter)
	_picture.show_person(person)
	_picture.look(pictures)
	_name.text = person.name
	_line.text = invitation.text()


## Makes a toast of it: for the mouse alone, or who is just writing would accept with the next Enter.
func become_toast(hint: String) -> void:
	theme_type_variation = &"Toast"
	for button: Button in [_accept, _dismiss]:
		button.focus_mode = Control.FOCUS_NONE
	_hint.text = hint


## The button that accepts.
func accept_button() -> Button:
	return _accept
