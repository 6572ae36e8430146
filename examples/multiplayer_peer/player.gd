extends Node2D
## A player, whose name is its peer's ID. Its peer decides where it is, the host how often it has hit.

const SPEED := 260.0
const FIELD := Rect2(20, 20, 920, 500)
## Seconds between two shots.
const RELOAD := 0.2

@export var score := 0

var _reload := 0.0


func _enter_tree() -> void:
	set_multiplayer_authority(name.to_int())
	$Score.set_multiplayer_authority(1)


func _ready() -> void:
	if is_multiplayer_authority():
		_appear()


func _process(delta: float) -> void:
	queue_redraw()
	if not is_multiplayer_authority():
		return
	var direction := Input.get_vector("ui_left", "ui_right", "ui_up", "ui_down")
	position = (position + direction * SPEED * delta).clamp(FIELD.position, FIELD.end)
	_reload -= delta
	if Input.is_mouse_button_pressed(MOUSE_BUTTON_LEFT) and _reload <= 0.0:
		_reload = RELOAD
		aim(get_global_mouse_position())


## Shoots at a point: asks the host to.
func aim(at: Vector2) -> void:
	get_node("../..").rpc_id(1, "shoot", position, position.direction_to(at))


## The host says that a bullet has hit.
@rpc("any_peer", "call_local", "reliable")
func hit() -> void:
	if multiplayer.get_remote_sender_id() == 1 and is_multiplayer_authority():
		_appear()


## For the host: a bullet of this player's has hit.
func scored() -> void:
	score += 1


func _appear() -> void:
	position = Vector2(
		randf_range(FIELD.position.x, FIELD.end.x), randf_range(FIELD.position.y, FIELD.end.y)
	)


func _draw() -> void:
	var color := Color.from_hsv(fposmod(name.to_int() * 0.618, 1.0), 0.6, 0.9)
	draw_circle(Vector2.ZERO, 14.0, color)
	if is_multiplayer_authority():
		draw_arc(Vector2.ZERO, 18.0, 0.0, TAU, 32, Color.WHITE, 2.0)
	draw_string(ThemeDB.fallback_font, Vector2(-5, -22), str(score))
