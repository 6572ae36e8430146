extends "res://addons/samovar/overlay/surface.gd"
## The overlay while it is open: covers the window and takes all input.

## The user has had enough of it.
signal closed

const Drawer := preload("res://addons/samovar/overlay/drawer.gd")
const DRAWER: PackedScene = preload("res://addons/samovar/overlay/drawer.tscn")
const Invitations := preload("res://addons/samovar/overlay/invitations.gd")
const Look := preload("res://addons/samovar/overlay/look.gd")
const OwnLobbies := preload("res://addons/samovar/overlay/own_lobbies.gd")
const Pad := preload("res://addons/samovar/overlay/pad.gd")

var _drawer: Drawer = DRAWER.instantiate()
var _pad := Pad.new(inside)
# What texts are written in, as far as it is not ready yet: a font is read when it is used first.
var _fonts: Array[Font] = []


## To be called once, before it is added to the tree.
func setup(invitations: Invitations, lobbies: OwnLobbies, look: Theme) -> void:
	_drawer.theme = look if look else Look.build()
	_drawer.setup(invitations, lobbies)
	# Until it has something to show nothing has to have its place.
	_drawer.hide()
	inside.add_child(_drawer)
	inside.add_child(_pad)
	_fonts = [ThemeDB.fallback_font]
	for variation: String in ["Label", "Title"]:
		var font := _drawer.theme.get_font("font", variation)
		if font not in _fonts:
			_fonts.append(font)
	_drawer.closed.connect(closed.emit)
	_pad.page_turned.connect(_drawer.turn_page)


func _ready() -> void:
	super()
	_fit()
	get_viewport().size_changed.connect(_fit)


## Does a part of what has to be done before it is shown. False when nothing is left.
func prepare() -> bool:
	var font: Font = _fonts.pop_back()
	if font:
		font.get_string_size("×")
	return font != null


## Shows what one of GodotSteam's dialogs is about; see [code]overlay.gd[/code].
func show_dialog(dialog: String, id: int, connect_string: String) -> void:
	_drawer.show()
	_drawer.show_dialog(dialog, id, connect_string)


func take(event: InputEvent) -> bool:
	var translated := _pad.translate(event)
	if translated:
		push(translated)
	return true


func _fit() -> void:
	place(Rect2(Vector2.ZERO, room_in(get_viewport())))
