extends SubViewportContainer
## A part of the window that is drawn in the window's own pixels, whatever the game does to its viewport, and enlarged
## for large windows. Gets no input but what [method take] gives it.

## The window up to which nothing is enlarged, in pixels. A smaller one shows less, but never less than
## [constant LEAST_ROOM]: that is made smaller then.
const BASE := Vector2(1280, 720)
const LEAST_ROOM := Vector2(440, 360)
const LARGEST_SCALE: float = 4.0

## Where the controls go.
var inside := SubViewport.new()

# From the game's coordinates to those of the controls.
var _inward := Transform2D.IDENTITY


func _init() -> void:
	# With another filter Godot keeps the mouse from what is inside.
	mouse_filter = Control.MOUSE_FILTER_STOP
	focus_mode = Control.FOCUS_NONE
	texture_filter = CanvasItem.TEXTURE_FILTER_LINEAR
	# What is drawn on a transparent viewport has its alpha multiplied in.
	var blend := CanvasItemMaterial.new()
	blend.blend_mode = CanvasItemMaterial.BLEND_MODE_PREMULT_ALPHA
	material = blend
	inside.disable_3d = true
	inside.transparent_bg = true
	inside.gui_embed_subwindows = true
	inside.size_2d_override_stretch = true
	inside.canvas_item_default_texture_filter = Viewport.DEFAULT_CANVAS_ITEM_TEXTURE_FILTER_LINEAR
	inside.render_target_update_mode = SubViewport.UPDATE_WHEN_VISIBLE
	add_child(inside)


func _ready() -> void:
	# The container would hand on the keys by itself.
	set_process_input(false)
	set_process_unhandled_input(false)
	# And would make what the controls leave unhandled the game's.
	inside.handle_input_locally = true
	inside.notify_mouse_entered()


## How much larger than their nominal size the controls are drawn, for a viewport.
static func scale_for(viewport: Viewport) -> float:
	var pixels := pixels_of(viewport)
	var enlarged := clampf(minf(pixels.x / BASE.x, pixels.y / BASE.y), 1.0, LARGEST_SCALE)
	return minf(enlarged, minf(pixels.x / LEAST_ROOM.x, pixels.y / LEAST_ROOM.y))


## The pixels that a viewport is drawn with.
static func pixels_of(viewport: Viewport) -> Vector2:
	return Vector2(viewport.get_texture().get_size()).max(Vector2.ONE)


## The size of a viewport in the controls' units.
static func room_in(viewport: Viewport) -> Vector2:
	return pixels_of(viewport) / scale_for(viewport)


## Takes this place, in the controls' units.
func place(rect: Rect2) -> void:
	var around := get_viewport()
	var enlarged := scale_for(around)
	var pixels := pixels_of(around)
	var to_game := around.get_visible_rect().size / pixels
	scale = to_game
	position = around.get_visible_rect().position + (rect.position * enlarged).round() * to_game
	var in_pixels := (rect.size * enlarged).ceil()
	inside.size_2d_override = Vector2i(rect.size.ceil())
	inside.size = Vector2i(in_pixels)
	size = in_pixels
	_inward = Transform2D(0.0, Vector2.ONE * enlarged, 0.0, Vector2.ZERO).affine_inverse() \
			* Transform2D(0.0, to_game, 0.0, position).affine_inverse()


## Whether a place in the game's coordinates is on it.
func covers(point: Vector2) -> bool:
	return Rect2(Vector2.ZERO, inside.size_2d_override).has_point(_inward * point)


## An event of the game's viewport: whether it is for the controls; if so, they have it now.
func take(_event: InputEvent) -> bool:
	return false


## Gives an event of the game's viewport to the controls.
func push(event: InputEvent) -> void:
	inside.push_input(event.xformed_by(_inward), true)
