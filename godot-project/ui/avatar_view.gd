class_name AvatarView
extends Panel
## A player's picture, cut to a circle.

var _picture := TextureRect.new()


func _init() -> void:
	clip_children = CanvasItem.CLIP_CHILDREN_ONLY
	mouse_filter = Control.MOUSE_FILTER_IGNORE
	_picture.set_anchors_preset(Control.PRESET_FULL_RECT)
	_picture.expand_mode = TextureRect.EXPAND_IGNORE_SIZE
	_picture.stretch_mode = TextureRect.STRETCH_KEEP_ASPECT_COVERED
	_picture.texture_filter = CanvasItem.TEXTURE_FILTER_LINEAR_WITH_MIPMAPS
	add_child(_picture)
	resized.connect(_round_off)


## Shows [param picture], which may be null while it is still on its way.
func show_picture(picture: Texture2D) -> void:
	_picture.texture = picture


func _round_off() -> void:
	var radius: int = ceili(minf(size.x, size.y) / 2.0)
	add_theme_stylebox_override("panel", DemoTheme.box(DemoTheme.RAISED_HOVER, Color.TRANSPARENT, 0, radius))
