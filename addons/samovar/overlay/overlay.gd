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
# Loaded when they are needed, so that a game starts as fast as without them, and on another thread, so that no frame of it
# takes longer.
const WINDOW := "res://addons/samovar/overlay/window.gd"
const TOASTS := "res://addons/samovar/overlay/toasts.gd"

## As many as [code]toasts.gd[/code] shows.
const TOASTS_LIMIT: int = 3

## Events kept for a window that is still being made.
const EARLY_LIMIT: int = 64
## How long a game that ends waits for what is being loaded, in milliseconds.
const LOADING_LIMIT_MSEC: int = 2000

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
# Those that are being loaded.
var _fetching: Array[String] = []
# What the window is to show when it is there: the arguments of its show_dialog.
var _wanted: Array = []
var _by_the_user: bool = false
# Whether the overlay has the input, and not the game: from when its window can be made.
var _has_input: bool = false
# What the user has pressed meanwhile.
var _early: Array[InputEvent] = []
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
	set_process(false)
	Samovar.overlay_requested.connect(_on_overlay_requested)
	_invitations.arrived.connect(_on_invitation_arrived)
	set_process_input(_shortcut)


func _exit_tree() -> void:
	close(false)
	# A game that ends while something is being loaded would have errors of it.
	var until := Time.get_ticks_msec() + LOADING_LIMIT_MSEC
	for path: String in _fetching:
		while _status(path) == ResourceLoader.THREAD_LOAD_IN_PROGRESS and Time.get_ticks_msec() < until:
			OS.delay_msec(2)
		if _status(path) != ResourceLoader.THREAD_LOAD_IN_PROGRESS:
			ResourceLoader.load_threaded_get(path)
	_fetching.clear()


func _input(event: InputEvent) -> void:
	if _shortcut and _is_shortcut(event):
		_guard.takes(event, true)
		get_viewport().set_input_as_handled()
		if is_open():
			close()
		else:
			open("friends", 0, "", true)
	elif _guard.takes(event, _has_input):
		get_viewport().set_input_as_handled()
		if not _has_input:
			pass
		elif _wanted.is_empty():
			_window.take(event)
		elif _is_for_later(event) and _early.size() < EARLY_LIMIT:
			_early.append(event)
	elif _toasts and _toasts.take(event):
		get_viewport().set_input_as_handled()
	_listen()


# Only while it is open or something is being made: each step has a frame of its own.
func _process(_delta: float) -> void:
	if is_open() and People.me() == 0:
		close(false)
	if not _wanted.is_empty():
		_make_window()
	if not _arrived.is_empty() and _fetch(TOASTS):
		_show_toasts()
	set_process(is_open() or not _arrived.is_empty())


## Whether the overlay is open, or about to be.
func is_open() -> bool:
	return _window != null or not _wanted.is_empty()


## Opens the overlay, or shows something else in it. [param dialog] is one of GodotSteam's: "friends", "players",
## "settings", "lobbyinvite" with the lobby's ID, "gameinvite" with a [param connect_string], or anything else with a
## user's ID. [param user_initiated] is what the game hears in [signal Steam.overlay_toggled].
func open(dialog := "friends", id := 0, connect_string := "", user_initiated := false) -> void:
	if not is_open():
		if People.me() == 0:
			return
		_wanted = [dialog, id, connect_string]
		_by_the_user = user_initiated
		if _fetch(WINDOW):
			_take_over()
		set_process(true)
		_listen()
	elif _wanted.is_empty():
		_window.call(&"show_dialog", dialog, id, connect_string)
	else:
		_wanted = [dialog, id, connect_string]


## Closes the overlay.
func close(user_initiated := true) -> void:
	if not is_open():
		return
	var was_shown := _wanted.is_empty()
	if get_parent().child_entered_tree.is_connected(_stay_in_front):
		get_parent().child_entered_tree.disconnect(_stay_in_front)
	if _window and _window.get_parent():
		# It may just be handling the click that closes it.
		_window.hide()
		_window.queue_free()
	elif _window:
		_window.free()
	_window = null
	_wanted.clear()
	_early.clear()
	if _has_input:
		_give_back()
	_listen()
	if not was_shown:
		# A game that has asked for it may wait for its end.
		People.report(true, _by_the_user)
	People.report(false, user_initiated)


static func _is_shortcut(event: InputEvent) -> bool:
	var pad := event as InputEventJoypadButton
	if pad:
		return pad.pressed and pad.button_index == JOY_BUTTON_GUIDE
	var key := event as InputEventKey
	return key != null and key.pressed and not key.echo and key.keycode == KEY_TAB \
			and key.get_modifiers_mask() == KEY_MASK_SHIFT


# Whether what is pressed before there is anything to be seen counts all the same: it moves about and closes, but chooses nothing.
static func _is_for_later(event: InputEvent) -> bool:
	return (event is InputEventKey or event is InputEventJoypadButton) and not event.is_action(&"ui_accept") \
			and not event.is_action(&"ui_select")


func _take_over() -> void:
	_has_input = true
	_mouse_mode = Input.mouse_mode
	Input.mouse_mode = Input.MOUSE_MODE_VISIBLE
	_focus = get_viewport().gui_get_focus_owner()
	var field := _focus as LineEdit
	_focus_writes = field != null and field.is_editing()
	if _toasts:
		_toasts.call(&"clear")


func _make_window() -> void:
	if _window == null:
		if _fetch(WINDOW):
			if not _has_input:
				_take_over()
				_listen()
			_window = _loaded[WINDOW].new()
			_window.call(&"setup", _invitations, _lobbies, theme)
			_window.connect(&"closed", close)
	elif _window.call(&"prepare"):
		pass
	elif not _window.is_inside_tree():
		add_child(_window)
		# The last node in the tree hears of input first: nothing must come after this one.
		get_parent().child_entered_tree.connect(_stay_in_front)
		_stay_in_front(null)
	else:
		_show_window()


func _show_window() -> void:
	var dialog := _wanted.duplicate()
	_wanted.clear()
	_window.callv(&"show_dialog", dialog)
	# Not before it is to be seen.
	People.report(true, _by_the_user)
	var early := _early.duplicate()
	_early.clear()
	for event: InputEvent in early:
		if _window:
			_window.take(event)


func _give_back() -> void:
	_has_input = false
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
	if not _fetch(TOASTS):
		set_process(true)
	elif _arrived.is_empty():
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
		_toasts = _loaded[TOASTS].new()
		_toasts.call(&"setup", _invitations, theme, toast_corner, toast_seconds, _shortcut)
		_toasts.connect(&"emptied", _on_toasts_emptied)
		add_child(_toasts)
		_listen()
	_toasts.call(&"add", invitation)


func _on_toasts_emptied() -> void:
	_toasts.queue_free()
	_toasts = null
	_listen()


# Whether a script is there. It is on its way otherwise, unless another one is.
func _fetch(path: String) -> bool:
	if not _loaded.has(path):
		match _status(path):
			ResourceLoader.THREAD_LOAD_INVALID_RESOURCE when _fetching.is_empty():
				ResourceLoader.load_threaded_request(path)
				_fetching.append(path)
			ResourceLoader.THREAD_LOAD_LOADED, ResourceLoader.THREAD_LOAD_FAILED:
				_fetched(path, ResourceLoader.load_threaded_get(path) as GDScript)
	return _loaded.has(path)


func _fetched(path: String, script: GDScript) -> void:
	_fetching.erase(path)
	# One that needs something that an export has left out is there, but cannot be used. Godot has said why.
	if script and script.can_instantiate():
		_loaded[path] = script
	elif path == WINDOW:
		close(false)
	else:
		_arrived.clear()


static func _status(path: String) -> ResourceLoader.ThreadLoadStatus:
	return ResourceLoader.load_threaded_get_status(path)
