extends FileDialog
## Lets the user choose a file with a picture. Goes away by itself.

signal chosen(picture: Image)
## The file is no picture; [param why] is for the user to read.
signal failed(why: String)

## A file larger than this is not read, in bytes.
const LARGEST: int = 16 << 20
const MARGIN := Vector2i(60, 70)
const SIZE := Vector2i(640, 480)

## What there is no room for.
const EXTRAS: Array[StringName] = [
	&"favorites_enabled", &"recent_list_enabled", &"layout_toggle_enabled", &"folder_creation_enabled",
	&"file_filter_toggle_enabled", &"file_sort_options_enabled", &"hidden_files_toggle_enabled",
]


func _init() -> void:
	file_mode = FileDialog.FILE_MODE_OPEN_FILE
	access = FileDialog.ACCESS_FILESYSTEM
	filters = PackedStringArray(["*.png,*.jpg,*.jpeg,*.webp;Pictures"])
	title = "Choose a picture"
	# As an exclusive one it would keep all input from the window, and so from the overlay.
	exclusive = false
	transient = false
	for extra: StringName in EXTRAS:
		set(extra, false)
	file_selected.connect(_load)
	window_input.connect(_on_window_input)
	visibility_changed.connect(_on_visibility_changed)


## Shows it.
func open() -> void:
	var pictures := OS.get_system_dir(OS.SYSTEM_DIR_PICTURES)
	if current_dir == "" and pictures != "":
		current_dir = pictures
	var room := Vector2i(get_parent().get_viewport().get_visible_rect().size) - MARGIN
	popup_centered(SIZE.min(room))


func _load(path: String) -> void:
	var file := FileAccess.open(path, FileAccess.READ)
	if file == null or file.get_length() > LARGEST:
		failed.emit("This file cannot be read, or is too large.")
		return
	file.close()
	var picture := Image.load_from_file(path)
	if picture == null or picture.is_empty():
		failed.emit("This file is no picture.")
	else:
		chosen.emit(picture)


# The gamepad's B: the dialog knows the key only.
func _on_window_input(event: InputEvent) -> void:
	var action := event as InputEventAction
	if action and action.action == &"ui_cancel" and action.pressed:
		hide()


func _on_visibility_changed() -> void:
	if not visible:
		queue_free()
