extends CanvasLayer
## The overlay: friends, invitations and the own profile above the game, and toasts for invitations.
##
## The library adds it to the tree. While it is closed it has no window and does nothing, but for hearing of invitations
## and of Shift+Tab. See docs/overlay.md.

const InputGuard := preload("res://addons/samovar/overlay/input_guard.gd")
const Invitation := preload("res://addons/samovar/overlay/invitation.gd")
const Invitations := preload("res://addons/samovar/overlay/invitations.gd")
const OwnLobbies := preload("res://addons/samovar/overlay/own_lobbies.gd")
const People := preload("res://addons/samovar/overlay/people.gd")
const Surface := preload("res://addons/samovar/overlay/surface.gd")
# Loaded when they are needed, so that a game starts as fast as without them.
const WINDOW := "res://addons/samovar/overlay/window.gd"
const TOASTS := "res://addons/samovar/overlay/toasts.gd"

## As many as [code]toasts.gd[/code] shows.
const TOASTS_LIMIT: int = 3

const SHORTCUT_SETTING := "samovar/overlay/shortcut"

## The look; without one, the overlay's own ([code]look.gd[/code], where the type variations are listed).
@export var theme: Theme
## Where toasts appear.
@export_enum("Top left", "Top right", "Bottom left", "Bottom right") var toast_corner: int = 3
## How long a toast stays.
@export_range(1.0, 60.0, 0.5, "suffix:s") var toast_seconds: float = 8.0

var _invitations := Invitations.new()
var _lobbies := OwnLobbies.new()
var _guard := InputGuard.new()
var _shortcut: bool = ProjectSettings.get_setting_with_override(SHORTCUT_SETTING)

# Those of the scripts above that were needed once.
var _loaded: Dictionary[String, GDScript] = {}
# Only while it is open.
var _window: Surface
var _mouse_mode := Input.MOUSE_MODE_VISIBLE
var _focus: Control
var _focus_writes: bool = false
# Only while there are some.
var _toasts: Surface
# What is to become a toast at the end of the frame, the newest last.
var _arrived: Array[Invitation] = []


func _ready() -> void:
	Samovar.overlay_requested.connect(_on_overlay_requested)
	_invitations.arrived.connect(_on_invitation_arrived)
	set_process_input(_shortcut)


func _input(event: InputEvent) -> void:
	if _shortcut and _is_shortcut(event):
		_guard.takes(event, true)
		get_viewport().set_input_as_handled()
		if is_open():
			close()
		else:
			open("friends", 0, "", true)
	elif _guard.takes(event, is_open()):
		get_viewport().set_input_as_handled()
		if is_open():
			_window.take(event)
	elif _toasts and _toasts.take(event):
		get_viewport().set_input_as_handled()
	_listen()


## Whether the overlay is open.
func is_open() -> bool:
	return _window != null


## Opens the overlay, or shows something else in it. [param dialog] is one of GodotSteam's: "friends", "players",
## "settings", "lobbyinvite" with the lobby's ID, "gameinvite" with a [param connect_string], or anything else with a
## user's ID. [param user_initiated] is what the game hears in [signal Steam.overlay_toggled].
func open(dialog := "friends", id := 0, connect_string := "", user_initiated := false) -> void:
	if not is_open():
		if People.me() == 0:
			return
		_take_over()
		_build()
		People.report(true, user_initiated)
	_window.call(&"show_dialog", dialog, id, connect_string)


## Closes the overlay.
func close(user_initiated := true) -> void:
	if not is_open():
		return
	get_parent().child_entered_tree.disconnect(_stay_in_front)
	# It may just be handling the click that closes it.
	_window.hide()
	_window.queue_free()
	_window = null
	_give_back()
	_listen()
	People.report(false, user_initiated)


static func _is_shortcut(event: InputEvent) -> bool:
	var pad := event as InputEventJoypadButton
	if pad:
		return pad.pressed and pad.button_index == JOY_BUTTON_GUIDE
	var key := event as InputEventKey
	return key != null and key.pressed and not key.echo and key.keycode == KEY_TAB \
			and key.get_modifiers_mask() == KEY_MASK_SHIFT


func _take_over() -> void:
	_mouse_mode = Input.mouse_mode
	Input.mouse_mode = Input.MOUSE_MODE_VISIBLE
	_focus = get_viewport().gui_get_focus_owner()
	var field := _focus as LineEdit
	_focus_writes = field != null and field.is_editing()
	if _toasts:
		_toasts.call(&"clear")


func _build() -> void:
	_window = _made_from(WINDOW)
	_window.call(&"setup", _invitations, _lobbies, theme)
	_window.connect(&"closed", close)
	add_child(_window)
	# The last node in the tree hears of input first: nothing must come after this one.
	get_parent().child_entered_tree.connect(_stay_in_front)
	_stay_in_front(null)
	_listen()


func _give_back() -> void:
	# Whatever the game has set meanwhile, stays.
	if Input.mouse_mode == Input.MOUSE_MODE_VISIBLE:
		Input.mouse_mode = _mouse_mode
	if is_instance_valid(_focus) and _focus.is_visible_in_tree() and _focus.focus_mode != Control.FOCUS_NONE:
		_focus.grab_focus()
		var field := _focus as LineEdit
		if field and _focus_writes:
			field.edit()
	_focus = null


func _stay_in_front(newcomer: Node) -> void:
	if newcomer != self:
		get_parent().move_child.call_deferred(self, -1)


# Hears of input only while there is something to be heard.
func _listen() -> void:
	set_process_input(_shortcut or is_open() or _toasts != null or _guard.is_waiting())


func _on_overlay_requested(dialog: String, steam_id: int, connect_string: String) -> void:
	open(dialog, steam_id, connect_string)


func _on_invitation_arrived(invitation: Invitation) -> void:
	if _arrived.is_empty():
		_show_toasts.call_deferred()
	_arrived.erase(invitation)
	_arrived.append(invitation)
	if _arrived.size() > TOASTS_LIMIT:
		_arrived.remove_at(0)


# Many invitations in a frame are no more toasts than can be seen.
func _show_toasts() -> void:
	var arrived := _arrived.duplicate()
	_arrived.clear()
	for invitation: Invitation in arrived:
		if not is_open() and invitation in _invitations.waiting:
			_show_toast(invitation)


func _show_toast(invitation: Invitation) -> void:
	if _toasts == null:
		_toasts = _made_from(TOASTS)
		_toasts.call(&"setup", _invitations, theme, toast_corner, toast_seconds, _shortcut)
		_toasts.connect(&"emptied", _on_toasts_emptied)
		add_child(_toasts)
		_listen()
	_toasts.call(&"add", invitation)


func _on_toasts_emptied() -> void:
	_toasts.queue_free()
	_toasts = null
	_listen()


func _made_from(path: String) -> Surface:
	if not _loaded.has(path):
		_loaded[path] = load(path)
	return _loaded[path].new()
