extends TextureRect
## A user's picture, cut to a circle, with a ring in the colour of the user's state.

const Person := preload("res://addons/samovar/overlay/person.gd")
const Pictures := preload("res://addons/samovar/overlay/pictures.gd")
const ROUND: Shader = preload("res://addons/samovar/overlay/round.gdshader")
const OFFLINE := Color(1, 1, 1, 0.45)

## Whether the picture is asked for in its large size.
@export var large: bool = false

var _person: Person
var _pictures: Pictures


func _init() -> void:
	expand_mode = TextureRect.EXPAND_IGNORE_SIZE
	stretch_mode = TextureRect.STRETCH_KEEP_ASPECT_COVERED
	texture_filter = CanvasItem.TEXTURE_FILTER_LINEAR_WITH_MIPMAPS
	mouse_filter = Control.MOUSE_FILTER_IGNORE


## Shows this user's picture. It is asked for by [method look] only: most of a long list is never seen.
func show_person(person: Person) -> void:
	_person = person
	modulate = Color.WHITE if person.is_online() else OFFLINE
	if _pictures:
		_show_ring()
		_on_changed(person.id)


## Fetches the picture, now that it can be seen; from then on it stays up to date.
func look(pictures: Pictures) -> void:
	if _pictures:
		return
	_pictures = pictures
	pictures.changed.connect(_on_changed)
	var cut := ShaderMaterial.new()
	cut.shader = ROUND
	material = cut
	_show_ring()
	_on_changed(_person.id)


func _on_changed(user: int) -> void:
	if user == _person.id:
		texture = _pictures.picture_of(user, Steam.AVATAR_LARGE if large else Steam.AVATAR_MEDIUM)


func _show_ring() -> void:
	var cut: ShaderMaterial = material
	cut.set_shader_parameter("ring", _person.state_color() if _person.is_online() else Color.TRANSPARENT)
