class_name LobbyRow
extends PanelContainer
## One lobby in the list.

signal join_pressed

@onready var _name: Label = %Name
@onready var _id: Label = %Id
@onready var _mode: Label = %Mode
@onready var _seats: Label = %Seats
@onready var _join: Button = %Join


func _ready() -> void:
	_join.pressed.connect(join_pressed.emit)


## Shows a lobby as [signal LobbyModel.list_received] describes it.
func show_lobby(lobby: Dictionary) -> void:
	var title: String = lobby["name"]
	_name.text = title if title != "" else "A lobby without a name"
	var skill: String = lobby["skill"]
	_id.text = "Skill %s  ·  %d" % [skill, lobby["id"]] if skill.is_valid_int() else str(lobby["id"])
	_id.tooltip_text = _id.text
	_mode.text = lobby["mode"]
	_mode.visible = _mode.text != ""
	_seats.text = "%d of %d" % [lobby["members"], lobby["limit"]]
	_join.tooltip_text = "Join %s" % _name.text
	_join.name = "Join_%d" % lobby["id"]


## Greys the button out while an answer is awaited.
func set_waiting(waiting: bool) -> void:
	_join.disabled = waiting
