class_name BrowsePanel
extends HBoxContainer
## Creates lobbies, lists and filters those of others, and joins them.

## The player has to mend something first; [param text] says what.
signal complained(text: String)

const ROW: PackedScene = preload("res://lobby/lobby_row.tscn")
const MODES: Array[String] = ["Noughts and crosses", "Just talking", "Packet experiments"]
const REFRESH_SECONDS: float = 3.0

var _lobby: LobbyModel
var _rows: Dictionary[int, LobbyRow] = {}

@onready var _create_name: LineEdit = %CreateName
@onready var _create_mode: OptionButton = %CreateMode
@onready var _create_type: OptionButton = %CreateType
@onready var _create_seats: SpinBox = %CreateSeats
@onready var _create_skill: SpinBox = %CreateSkill
@onready var _create: Button = %Create
@onready var _join_id: LineEdit = %JoinId
@onready var _join: Button = %JoinById
@onready var _refresh: Button = %Refresh
@onready var _filter_name: LineEdit = %FilterName
@onready var _filter_mode: OptionButton = %FilterMode
@onready var _filter_seats: SpinBox = %FilterSeats
@onready var _near_skill: CheckBox = %NearSkill
@onready var _skill: SpinBox = %Skill
@onready var _count: Label = %Count
@onready var _empty: Label = %Empty
@onready var _list: Control = %List


## To be called once, before anything else.
func setup(lobby: LobbyModel) -> void:
	_lobby = lobby
	lobby.list_received.connect(_on_list_received)
	_create_name.text = "%s's lobby" % Steamworks.steam_name
	_fill_options()
	_create.pressed.connect(_on_create)
	_create_name.text_submitted.connect(_on_create.unbind(1))
	_join.pressed.connect(_on_join_by_id)
	_join_id.text_submitted.connect(_on_join_by_id.unbind(1))
	_refresh.pressed.connect(refresh)
	_filter_name.text_changed.connect(refresh.unbind(1))
	_filter_mode.item_selected.connect(refresh.unbind(1))
	_filter_seats.value_changed.connect(refresh.unbind(1))
	_near_skill.toggled.connect(_on_near_skill_toggled)
	_skill.value_changed.connect(refresh.unbind(1))
	Shortcuts.give(_create, KEY_N, true)
	Shortcuts.give(_refresh, KEY_F5, false)
	var timer := Timer.new()
	timer.wait_time = REFRESH_SECONDS
	timer.autostart = true
	timer.timeout.connect(_refresh_if_seen)
	add_child(timer)


## Shows the panel afresh.
func open() -> void:
	_set_waiting(_lobby.waiting)
	if is_visible_in_tree():
		if get_viewport().gui_get_focus_owner() == null:
			_create.grab_focus()
		refresh()


## Asks for the list again, with the filters as they are.
func refresh() -> void:
	var data: Dictionary[String, String] = {}
	if _filter_name.text != "":
		data[LobbyModel.KEY_NAME] = _filter_name.text
	if _filter_mode.selected > 0:
		data[LobbyModel.KEY_MODE] = MODES[_filter_mode.selected - 1]
	var near: Dictionary[String, int] = {}
	if _near_skill.button_pressed:
		near[LobbyModel.KEY_SKILL] = int(_skill.value)
	_lobby.request_list(data, int(_filter_seats.value), near)


func _unhandled_key_input(event: InputEvent) -> void:
	if is_visible_in_tree() and Shortcuts.is_pressed(event, KEY_J, true):
		_join_id.grab_focus()
		accept_event()


func _fill_options() -> void:
	_filter_mode.add_item("Any mode")
	for mode: String in MODES:
		_create_mode.add_item(mode)
		_filter_mode.add_item(mode)
	AccessBar.offer_types(_create_type)


func _on_near_skill_toggled(on: bool) -> void:
	_skill.editable = on
	refresh()


func _on_create() -> void:
	# What is typed there counts, even if Enter was not pressed.
	_create_seats.apply()
	_create_skill.apply()
	var data: Dictionary[String, String] = {
		LobbyModel.KEY_NAME: _create_name.text.strip_edges(),
		LobbyModel.KEY_MODE: MODES[_create_mode.selected],
		LobbyModel.KEY_SKILL: str(int(_create_skill.value)),
	}
	if data[LobbyModel.KEY_NAME] == "":
		complained.emit("Give the lobby a name first.")
		_create_name.grab_focus()
		return
	var type := _create_type.get_selected_id() as Steam.LobbyType
	_lobby.create(type, int(_create_seats.value), data)
	_set_waiting(true)


func _on_join_by_id() -> void:
	var text := _join_id.text.strip_edges()
	if not text.is_valid_int() or text.to_int() <= 0:
		complained.emit("A lobby's ID is a number.")
		_join_id.grab_focus()
		return
	_on_join(text.to_int())


func _on_join(lobby: int) -> void:
	_lobby.join(lobby)
	_set_waiting(true)


func _set_waiting(waiting: bool) -> void:
	_create.disabled = waiting
	_create.text = "One moment…" if waiting else "Create"
	_join.disabled = waiting
	for lobby: int in _rows:
		_rows[lobby].set_waiting(waiting)


func _refresh_if_seen() -> void:
	if is_visible_in_tree() and not _lobby.waiting:
		refresh()


func _on_list_received(lobbies: Array[Dictionary]) -> void:
	var seen: Array[int] = []
	for place: int in lobbies.size():
		var lobby := lobbies[place]
		var id: int = lobby["id"]
		seen.append(id)
		# Rows stay what they are, so that a refresh takes nobody's keyboard focus away.
		if not _rows.has(id):
			_rows[id] = ROW.instantiate()
			_list.add_child(_rows[id])
			_rows[id].join_pressed.connect(_on_join.bind(id))
		_rows[id].show_lobby(lobby)
		_list.move_child(_rows[id], place)
	for id: int in _rows.keys():
		if not id in seen:
			_rows[id].queue_free()
			_rows.erase(id)
	_count.text = "%d found" % lobbies.size() if lobbies else ""
	_empty.text = "No lobby here yet.\n\nCreate one, then start the game a second time and join it."
	_empty.visible = lobbies.is_empty()
