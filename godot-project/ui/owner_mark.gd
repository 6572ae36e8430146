class_name OwnerMark
extends Control
## A small crown: this member owns the lobby.


func _init() -> void:
	custom_minimum_size = Vector2(18, 14)
	tooltip_text = "Owns the lobby"


func _draw() -> void:
	var points := PackedVector2Array()
	for corner: Vector2 in [
		Vector2(0.04, 0.22), Vector2(0.28, 0.52), Vector2(0.5, 0.04), Vector2(0.72, 0.52),
		Vector2(0.96, 0.22), Vector2(0.86, 0.96), Vector2(0.14, 0.96),
	]:
		points.append(corner * size)
	draw_colored_polygon(points, DemoTheme.BRASS)
	points.append(points[0])
	draw_polyline(points, DemoTheme.BRASS, 1.0, true)
