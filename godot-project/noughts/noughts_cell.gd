class_name NoughtsCell
extends Button
## One cell of the board, with a nought or a cross drawn in it.

const THICKNESS: float = 0.1
const MARGIN: float = 0.27

var _mark: NoughtsBoard.Mark = NoughtsBoard.Mark.NONE
var _wins: bool = false
# From 0 to 1 while the mark is being drawn.
var _drawn: float = 1.0:
	set(value):
		_drawn = value
		queue_redraw()


func _init() -> void:
	size_flags_horizontal = Control.SIZE_EXPAND_FILL
	size_flags_vertical = Control.SIZE_EXPAND_FILL
	custom_minimum_size = Vector2(44, 44)


## Shows what stands in the cell, whether it may be played, and whether it is part of the winning line.
func show_mark(mark: NoughtsBoard.Mark, my_turn: bool, wins: bool) -> void:
	# Not disabled, or the keyboard's focus would be lost after each move; the rules are kept by the match.
	var open := my_turn and mark == NoughtsBoard.Mark.NONE
	mouse_default_cursor_shape = Control.CURSOR_POINTING_HAND if open else Control.CURSOR_ARROW
	if mark != _mark and mark != NoughtsBoard.Mark.NONE:
		_drawn = 0.0
		create_tween().tween_property(self, "_drawn", 1.0, 0.18)
	_mark = mark
	_wins = wins
	queue_redraw()


func _draw() -> void:
	var side := minf(size.x, size.y)
	var middle := size / 2.0
	if _wins:
		draw_style_box(DemoTheme.box(Color(DemoTheme.GREEN, 0.22), DemoTheme.GREEN), Rect2(Vector2.ZERO, size))
	match _mark:
		NoughtsBoard.Mark.NOUGHT:
			var radius := side * (0.5 - MARGIN)
			var to := -PI / 2.0 + TAU * maxf(_drawn, 0.01)
			draw_arc(middle, radius, -PI / 2.0, to, 64, DemoTheme.TEAL, side * THICKNESS, true)
		NoughtsBoard.Mark.CROSS:
			var arm := side * (0.5 - MARGIN) * _drawn
			for corner: Vector2 in [Vector2(1, 1), Vector2(1, -1)]:
				draw_line(middle - corner * arm, middle + corner * arm, DemoTheme.BRASS, side * THICKNESS, true)
