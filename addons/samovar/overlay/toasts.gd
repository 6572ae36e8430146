extends "res://addons/samovar/overlay/surface.gd"
## Invitations that have just come, in a corner of the window, each for some seconds.

## None is left.
signal emptied

const Invitation := preload("res://addons/samovar/overlay/invitation.gd")
const InvitationRow := preload("res://addons/samovar/overlay/invitation_row.gd")
const ROW: PackedScene = preload("res://addons/samovar/overlay/invitation_row.tscn")
const Invitations := preload("res://addons/samovar/overlay/invitations.gd")
const Look := preload("res://addons/samovar/overlay/look.gd")
const Pictures := preload("res://addons/samovar/overlay/pictures.gd")

const TIMER := "Timer"

## Toasts shown at the same time; of more, the oldest go.
const LIMIT: int = 3
const WIDTH: float = 310.0
const MARGIN: float = 14.0

var _invitations: Invitations
var _corner: int
var _seconds: float
var _hint: String
var _column := VBoxContainer.new()
var _pictures := Pictures.new()
var _rows: Dictionary[Invitation, InvitationRow] = {}


## To be called once, before anything else. The toasts answer [param invitations]; [param corner] is 0 for the upper left,
## 1 for the upper right, 2 for the lower left, 3 for the lower right.
func setup(invitations: Invitations, look: Theme, corner: int, seconds: float, has_shortcut: bool) -> void:
	_invitations = invitations
	_corner = corner
	_seconds = seconds
	_hint = "Shift+Tab" if has_shortcut else ""
	_column.theme = look if look else Look.build()
	invitations.changed.connect(_drop_answered)


func _ready() -> void:
	super()
	inside.add_child(_pictures)
	inside.add_child(_column)
	_column.minimum_size_changed.connect(_fit)
	# The inviter's name and the lobby's may still be on their way.
	Steam.persona_state_change.connect(_refresh)
	Steam.lobby_data_update.connect(_refresh)
	get_viewport().size_changed.connect(_fit)


## Shows one more, or what has become of one that is shown.
func add(invitation: Invitation) -> void:
	var row := _row_for(invitation)
	_rows[invitation] = row
	_column.move_child(row, -1)
	row.show_invitation(invitation, _pictures)
	var timer: Timer = row.get_node(TIMER)
	timer.start(_seconds)
	_fit()


## Takes all of them away; the invitations go on waiting.
func clear() -> void:
	for invitation: Invitation in _rows.keys():
		_drop(invitation)


func take(event: InputEvent) -> bool:
	var mouse := event as InputEventMouse
	if mouse == null or Input.mouse_mode == Input.MOUSE_MODE_CAPTURED:
		return false
	# Those beside them too, or a button would stay lit when the mouse has left.
	var ours := covers(mouse.position)
	push(event)
	return ours


func _refresh(..._of_the_signal: Array) -> void:
	for invitation: Invitation in _rows:
		_rows[invitation].show_invitation(invitation, _pictures)


# However many invite, no more rows are built than are shown.
func _row_for(invitation: Invitation) -> InvitationRow:
	if not _rows.has(invitation) and _rows.size() < LIMIT:
		return _new_row()
	var place: Invitation = invitation if _rows.has(invitation) else _rows.keys()[0]
	var row := _rows[place]
	_rows.erase(place)
	return row


func _new_row() -> InvitationRow:
	var row: InvitationRow = ROW.instantiate()
	_column.add_child(row)
	row.become_toast(_hint)
	row.accepted.connect(_invitations.accept)
	row.dismissed.connect(_invitations.dismiss)
	var timer := Timer.new()
	timer.name = TIMER
	timer.one_shot = true
	timer.timeout.connect(_on_timeout.bind(row))
	row.add_child(timer)
	return row


func _on_timeout(row: InvitationRow) -> void:
	var invitation: Invitation = _rows.find_key(row)
	if invitation:
		_drop(invitation)


func _drop_answered() -> void:
	for invitation: Invitation in _rows.keys():
		if not invitation in _invitations.waiting:
			_drop(invitation)


func _drop(invitation: Invitation) -> void:
	if not _rows.has(invitation):
		return
	# It may just be handling the click on it.
	_rows[invitation].hide()
	_rows[invitation].queue_free()
	_rows.erase(invitation)
	if _rows.is_empty():
		hide()
		emptied.emit()
	else:
		_fit()


func _fit() -> void:
	if not is_inside_tree() or _rows.is_empty():
		return
	var room := room_in(get_viewport())
	var wanted := Vector2(minf(WIDTH, room.x - 2 * MARGIN), _column.get_combined_minimum_size().y)
	var corner := Vector2(_corner % 2, floori(_corner / 2.0))
	place(Rect2(Vector2(MARGIN, MARGIN) + (room - wanted - Vector2(MARGIN, MARGIN) * 2) * corner, wanted))
	_column.size = wanted
