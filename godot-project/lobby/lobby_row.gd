class_name LobbyRow
extends PanelContainer
## One lobby in the list.

signal join_pressed

## Narrower than this, the mode takes the ID's place.
const WIDTH_FOR_ALL: float = 430.0

var _lobby: Dictionary = {}

@onready var _name: Label = %Name
@onready var _details: Label = %Details
@onready var _mode: Label = %Mode
@onready var _seats: Label = %Seats
@onready var _join: Button = %Join


func _ready() -> void:
	_join.pressed.connect(join_pressed.emit)
	resized.connect(_show_details)


## Shows a lobby as [signal LobbyModel.list_received] describes it.
func show_lobby(lobby: Dictionary) -> void:
	var title: String = lobby["name"]
	_name.text = title if title != "" else "A lobby without a name"
	_lobby = lobby
	_show_details()
	_seats.text = "%d of %d" % [lobby["members"], lobby["limit"]]
	_join.tooltip_text = "Join %s" % _name.text
	_join.name = "Join_%d" % lobby["id"]


## Greys the button out while an answer is awaited.
func set_waiting(waiting: bool) -> void:
	_join.disabled = waiting


func _show_details() -> void:
	if _lobby.is_empty():
		return
	var wide := size.x >= WIDTH_FOR_ALL
	var mode: String = _lobby["mode"]
	var skill: String = _lobby["skill"]
	_mode.text = mode
	_mode.visible = wide and mode != ""
	var details: PackedStringArray = []
	if skill.is_valid_int():
		details.append("Skill %s" % skill)
	details.append(str(_lobby["id"]) if wide or mode == "" else mode)
	_details.text = "  ·  ".join(details)
	_details.tooltip_text = "ID %d" % _lobby["id"]
