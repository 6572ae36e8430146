class_name ScreenProbe
extends Node
## Lets a test see: prints where the controls are, and saves pictures of the window.
##
## Every second in which something has moved it prints a block of lines
## [code]LAYOUT name x y width height[/code], in pixels of the window, and then [code]LAYOUT end[/code].

var _picture: String = DemoOptions.value_of("--screenshot")
var _last: String = ""


func _ready() -> void:
	if "--print-layout" in OS.get_cmdline_user_args():
		var timer := Timer.new()
		timer.wait_time = 0.5
		timer.autostart = true
		timer.timeout.connect(_print_layout)
		add_child(timer)
	var seconds := DemoOptions.value_of("--screenshot-after")
	if seconds != "":
		get_tree().create_timer(seconds.to_float()).timeout.connect(_save_picture)


func _input(event: InputEvent) -> void:
	if Shortcuts.is_pressed(event, KEY_F12, false) and _picture != "":
		_save_picture()


func _print_layout() -> void:
	var lines: Array[String] = []
	_collect(get_parent(), lines)
	var text := "\n".join(lines)
	if text != _last:
		_last = text
		print(text + "\nLAYOUT end")


func _collect(node: Node, lines: Array[String]) -> void:
	for child: Node in node.get_children():
		var control := child as Control
		if control and not control.is_visible_in_tree():
			continue
		if child is BaseButton or child is LineEdit or child is SpinBox:
			var rect := Rect2i(control.get_global_rect())
			lines.append("LAYOUT %s %d %d %d %d" % [
				control.name, rect.position.x, rect.position.y, rect.size.x, rect.size.y,
			])
		_collect(child, lines)


func _save_picture() -> void:
	# Where nothing changes, nothing is drawn.
	var scene: CanvasItem = get_parent()
	scene.queue_redraw()
	await RenderingServer.frame_post_draw
	var error := get_viewport().get_texture().get_image().save_png(_picture)
	print("DEMO screenshot %s" % (_picture if error == OK else error_string(error)))
