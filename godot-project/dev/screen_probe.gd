class_name ScreenProbe
extends Node
## Lets a test see: prints where the controls are, and saves pictures of the window.
##
## Every second in which something has moved it prints a block of lines
## [code]LAYOUT name x y width height[/code], in pixels of the window, and then [code]LAYOUT end[/code]. The names of what is
## in Samovar's overlay begin with "Overlay."; what has the focus there comes once more, as "Overlay.Focus.<name>".

const OVERLAY := "SamovarOverlay"

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


## Saves the picture, if that is what a test asks for.
func obey(what: String) -> void:
	if what == "picture" and _picture != "":
		_save_picture()


func _print_layout() -> void:
	var lines: Array[String] = []
	_collect(get_parent(), lines)
	var overlay := get_tree().root.get_node_or_null(OVERLAY)
	if overlay:
		for surface: Node in overlay.get_children():
			_collect_overlay(surface as SubViewportContainer, lines)
	var text := "\n".join(lines)
	if text != _last:
		_last = text
		print(text + "\nLAYOUT end")


func _collect(node: Node, lines: Array[String], prefix := "", place := Transform2D.IDENTITY) -> void:
	for child: Node in node.get_children():
		var control := child as Control
		if control and not control.is_visible_in_tree():
			continue
		if child is BaseButton or child is LineEdit or child is SpinBox:
			lines.append(_line(prefix + control.name, place * control.get_global_rect()))
		_collect(child, lines, prefix, place)


func _collect_overlay(surface: SubViewportContainer, lines: Array[String]) -> void:
	if surface == null or not surface.visible:
		return
	var inside: SubViewport = surface.get_child(0)
	var larger := Vector2(inside.size) / Vector2(inside.size_2d_override)
	var place := surface.get_global_transform() * Transform2D(0.0, larger, 0.0, Vector2.ZERO)
	_collect(inside, lines, "Overlay.", place)
	var focus := inside.gui_get_focus_owner()
	if focus:
		lines.append(_line("Overlay.Focus.%s" % focus.name, place * focus.get_global_rect()))


func _line(what: String, place: Rect2) -> String:
	var rect := Rect2i(place)
	return "LAYOUT %s %d %d %d %d" % [what, rect.position.x, rect.position.y, rect.size.x, rect.size.y]


func _save_picture() -> void:
	# Where nothing changes, nothing is drawn.
	var scene: CanvasItem = get_parent()
	scene.queue_redraw()
	await RenderingServer.frame_post_draw
	var error := get_viewport().get_texture().get_image().save_png(_picture)
	print("DEMO screenshot %s" % (_picture if error == OK else error_string(error)))
