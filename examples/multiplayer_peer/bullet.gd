extends Node2D
## A bullet. The host moves it, and takes it away.

const SPEED := 520.0
const LIFE := 1.5

var shooter := 0
var _direction := Vector2.ZERO
var _age := 0.0


## For the host: where it comes from, and where it goes.
func fire(by: int, from: Vector2, direction: Vector2) -> void:
	shooter = by
	position = from
	_direction = direction


func _physics_process(delta: float) -> void:
	if not is_multiplayer_authority():
		return
	position += _direction * SPEED * delta
	_age += delta
	if _age > LIFE:
		queue_free()


func _draw() -> void:
	draw_circle(Vector2.ZERO, 4.0, Color.WHITE)
