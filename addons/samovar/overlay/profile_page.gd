extends "res://addons/samovar/overlay/page.gd"
## The local user: name, state and picture, to be changed.

const People := preload("res://addons/samovar/overlay/people.gd")
const PictureFile := preload("res://addons/samovar/overlay/picture_file.gd")
const PictureView := preload("res://addons/samovar/overlay/picture_view.gd")

@onready var _picture: PictureView = %ProfilePicture
@onready var _choose: Button = %ChoosePicture
@onready var _generate: Button = %GeneratedPicture
@onready var _name: LineEdit = %ProfileName
@onready var _save: Button = %SaveName
@onready var _copy: Button = %CopyId
@onready var _states: Dictionary[int, Button] = {
	Steam.PERSONA_STATE_ONLINE: %StateOnline,
	Steam.PERSONA_STATE_BUSY: %StateBusy,
	Steam.PERSONA_STATE_AWAY: %StateAway,
}


func _ready() -> void:
	_choose.pressed.connect(_choose_picture)
	_generate.pressed.connect(_set_picture.bind(null))
	_name.text_changed.connect(_show_save.unbind(1))
	_name.text_submitted.connect(_rename.unbind(1))
	_name.editing_toggled.connect(_on_editing_toggled)
	_save.pressed.connect(_rename)
	_copy.pressed.connect(_copy_id)
	for state: int in _states:
		_states[state].pressed.connect(_set_state.bind(state))


func refresh(_situation: Situation, pictures: Pictures) -> void:
	var me := People.person(People.me())
	_picture.show_person(me)
	_picture.look(pictures)
	if not _name.is_editing():
		_name.text = me.name
	_show_save()
	for state: int in _states:
		_states[state].set_pressed_no_signal(state == me.state)
	_copy.text = "Copy ID %d" % me.id


func first_focus() -> Control:
	return _choose


func _show_save() -> void:
	var wanted := _name.text.strip_edges()
	_save.disabled = wanted == "" or wanted == People.name_of(People.me())
	# Not in the way from the buttons above to the name.
	_save.focus_mode = Control.FOCUS_NONE if _save.disabled else Control.FOCUS_ALL


# Whoever begins to write wants another name.
func _on_editing_toggled(editing: bool) -> void:
	if editing:
		_name.select_all.call_deferred()


func _rename() -> void:
	_show_save()
	if _save.disabled:
		return
	if People.rename_me(_name.text.strip_edges()):
		_name.unedit()
		told.emit("Saved.")
	else:
		told.emit("This name cannot be used.")


func _set_state(state: int) -> void:
	if not People.set_my_state(state):
		told.emit("The state could not be set.")


func _set_picture(picture: Image) -> void:
	told.emit("Saved." if People.set_my_picture(picture) else "This picture cannot be used.")


func _choose_picture() -> void:
	var dialog := PictureFile.new()
	dialog.chosen.connect(_set_picture)
	dialog.failed.connect(told.emit)
	add_child(dialog)
	dialog.open()


func _copy_id() -> void:
	DisplayServer.clipboard_set(str(People.me()))
	told.emit("Your ID is in the clipboard.")
