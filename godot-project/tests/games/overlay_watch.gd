extends Control
## A game above which the overlay opens: presses keys and gamepad buttons, says what it hears of them, and what the
## overlay looks like.

const OVERLAY := "/root/SamovarOverlay"

## What the game has heard of: the texts of the events.
var heard: Array[String] = []

## Toasts that were built.
var toasts: int = 0
## Invitations to the game that have come.
var invited: int = 0
## The most nodes that were added to the tree in a frame.
var most_built: int = 0

var _field := LineEdit.new()
var _kept: Node
var _frame: int = -1
var _built: int = 0


func _ready() -> void:
	get_tree().node_added.connect(_on_node_added)
	Samovar.game_invited.connect(func(_inviter: int, _connect_string: String) -> void: invited += 1)
	add_child(_field)
	_field.grab_focus()
	_field.edit()


func _on_node_added(node: Node) -> void:
	if Engine.get_process_frames() != _frame:
		_frame = Engine.get_process_frames()
		_built = 0
	_built += 1
	most_built = maxi(most_built, _built)
	# Only those in toasts get a time.
	var panel := node.get_parent() as PanelContainer
	if node is Timer and panel and panel.theme_type_variation == &"Toast":
		toasts += 1


func _input(event: InputEvent) -> void:
	heard.append(event.as_text())


## Presses a key and lets it go; [param unicode] is the letter that it writes.
func press(key: int, shift: bool, unicode: int) -> void:
	for down: bool in [true, false]:
		var event := InputEventKey.new()
		event.keycode = key as Key
		event.physical_keycode = key as Key
		event.shift_pressed = shift
		event.unicode = unicode if down else 0
		event.pressed = down
		Input.parse_input_event(event)


## Writes a text on the keyboard.
func write(text: String) -> void:
	for letter: String in text:
		press(letter.to_upper().unicode_at(0), false, letter.unicode_at(0))


## Presses a button of a gamepad and lets it go.
func pad(button: int) -> void:
	for down: bool in [true, false]:
		var event := InputEventJoypadButton.new()
		event.button_index = button as JoyButton
		event.pressed = down
		Input.parse_input_event(event)


## Whether the last of the root's children is the game's scene, by each way that games find it.
func last_is_the_scene() -> bool:
	var root := get_tree().root
	var scene := get_tree().current_scene
	return root.get_child(-1) == scene and root.get_child(root.get_child_count() - 1) == scene \
			and root.get_children().back() == scene


## Takes the overlay out of the tree, and frees it if that is wanted. A game may do so to all children of the root.
func take_overlay_away(is_freed: bool) -> void:
	_kept = get_node(OVERLAY)
	_kept.get_parent().remove_child(_kept)
	if is_freed:
		_kept.queue_free()


## Frees what was taken away.
func free_overlay() -> void:
	_kept.free()


## Goes on with another scene, by Godot's way or by hand. The one that this node is in stays.
func change_scene(is_by_hand: bool) -> void:
	var tree := get_tree()
	var first := Node.new()
	tree.root.add_child(first)
	tree.current_scene = first
	var second := Node.new()
	if is_by_hand:
		tree.root.get_child(-1).queue_free()
		tree.root.add_child(second)
		tree.current_scene = second
	else:
		var packed := PackedScene.new()
		packed.pack(second)
		second.free()
		tree.change_scene_to_packed(packed)


## Many users invite to the game, each many times, in a frame.
func invite_often(inviters: Array, times: int) -> void:
	most_built = 0
	for number: int in times:
		for inviter: int in inviters:
			Samovar.game_invited.emit(inviter, "+table %d" % number)


## Calls a method of `Steam` that opens the overlay. How many children the overlay has right afterwards.
func children_after(method: String, arguments: Array) -> int:
	Steam.callv(method, arguments)
	return get_node(OVERLAY).get_child_count()


## Changes how long toasts stay.
func set_toast_seconds(seconds: float) -> void:
	get_node(OVERLAY).set(&"toast_seconds", seconds)


## Forgets what was heard.
func forget() -> void:
	heard.clear()


## What the game has heard, whether its own field has the focus, and what there is of the overlay: its children, what is
## shown, what has the focus, whether it hears of input.
func look() -> Dictionary:
	var overlay := get_node_or_null(OVERLAY)
	var seen: Dictionary = {
		"there": overlay != null,
		"heard": heard,
		"writing": _field.has_focus() and _field.is_editing(),
		"text": _field.text,
	}
	if overlay == null:
		return seen
	seen["toasts"] = toasts
	seen["invited"] = invited
	seen["most_built"] = most_built
	seen["children"] = overlay.get_child_count()
	seen["processing"] = overlay.is_processing() or overlay.is_physics_processing()
	seen["listening"] = overlay.is_processing_input()
	seen["dialogs"] = overlay.find_children("*", "FileDialog", true, false).size()
	seen["texts"] = []
	seen["focus"] = ""
	for surface: Node in overlay.get_children():
		var inside: SubViewport = surface.get_child(0)
		_read(inside, seen["texts"] as Array)
		var focus := inside.gui_get_focus_owner()
		if focus:
			seen["focus"] = str(focus.name)
	return seen


## Chooses a picture in the dialog that is open: a plain one that was not there before.
func choose_picture() -> void:
	var path := OS.get_user_data_dir().path_join("chosen.png")
	var picture := Image.create_empty(64, 48, false, Image.FORMAT_RGB8)
	picture.fill(Color.TEAL)
	DirAccess.make_dir_recursive_absolute(path.get_base_dir())
	picture.save_png(path)
	var dialog: FileDialog = get_node(OVERLAY).find_children("*", "FileDialog", true, false)[0]
	dialog.hide()
	dialog.file_selected.emit(path)


## Takes all of Godot's own actions out of the input map's hands.
func empty_input_map() -> void:
	for action: StringName in InputMap.get_actions():
		InputMap.action_erase_events(action)


func _read(node: Node, texts: Array) -> void:
	for child: Node in node.get_children():
		var control := child as Control
		if control and control.is_visible_in_tree():
			var button := child as Button
			var label := child as Label
			if button and button.text != "":
				texts.append(button.text)
			elif label and label.text != "":
				texts.append(label.text)
		_read(child, texts)
