extends SceneTree
## Puts two pictures side by side: arguments are the left and the right one, the result, and the gap in pixels.


func _init() -> void:
	var arguments := OS.get_cmdline_user_args()
	var left := Image.load_from_file(arguments[0])
	var right := Image.load_from_file(arguments[1])
	var gap := arguments[3].to_int()
	var size := Vector2i(left.get_width() + gap + right.get_width(), maxi(left.get_height(), right.get_height()))
	var both := Image.create_empty(size.x, size.y, false, Image.FORMAT_RGB8)
	both.fill(Color("0c0908"))
	for picture: Image in [left, right]:
		picture.convert(Image.FORMAT_RGB8)
	both.blit_rect(left, Rect2i(Vector2i.ZERO, left.get_size()), Vector2i.ZERO)
	both.blit_rect(right, Rect2i(Vector2i.ZERO, right.get_size()), Vector2i(left.get_width() + gap, 0))
	quit(0 if both.save_png(arguments[2]) == OK else 1)
