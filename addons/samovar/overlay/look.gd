extends RefCounted
## The overlay's own look: brass and tea on a dark table. A game sets a [Theme] of its own on the overlay's root.
##
## Labels have the type variations Title, Heading, Muted, Caption and Count; panels Drawer, Card, Banner and Toast;
## buttons Row, Primary, Small, Accent, Ghost, Close and Page.

const TABLE := Color("17120f")
const CARD := Color("221b16")
const EDGE := Color("3d3026")
const WELL := Color("1a1410")
const RAISED := Color("32281f")
const RAISED_HOVER := Color("433529")
const TEXT := Color("f4eadf")
const MUTED := Color("b0a093")
const FAINT := Color("7d6e61")
const BRASS := Color("eba94f")
const BRASS_HOVER := Color("f6bf70")
const INK := Color("2a1a08")
const FOCUS := Color("ffe9c9")

const RADIUS: int = 8

# The heavy font of the theme that is being made: one, since each reads its file.
static var _bold: Font


## Makes the theme.
static func build() -> Theme:
	var theme := Theme.new()
	theme.default_font_size = 15
	_bold = _make_bold()
	_labels(theme)
	_panels(theme)
	_buttons(theme)
	_fields(theme)
	_dialogs(theme)
	_bold = null
	return theme


static func _labels(theme: Theme) -> void:
	theme.set_color("font_color", "Label", TEXT)
	_label(theme, "Title", 19, TEXT, true)
	_label(theme, "Heading", 15, TEXT, true)
	_label(theme, "Muted", 13, MUTED, false)
	_label(theme, "Caption", 12, FAINT.lightened(0.15), true)
	_label(theme, "Count", 12, BRASS_HOVER, true)
	theme.set_stylebox("panel", "TooltipPanel", _box(RAISED, EDGE, 8))
	theme.set_color("font_color", "TooltipLabel", TEXT)
	theme.set_font_size("font_size", "TooltipLabel", 13)


static func _label(theme: Theme, name: String, size: int, color: Color, heavy: bool) -> void:
	theme.set_type_variation(name, "Label")
	theme.set_font_size("font_size", name, size)
	theme.set_color("font_color", name, color)
	if heavy:
		theme.set_font("font", name, _bold)


static func _panels(theme: Theme) -> void:
	for name: String in ["Drawer", "Card", "Banner", "Toast"]:
		theme.set_type_variation(name, "PanelContainer")
	var drawer := _box(CARD, EDGE, 14, 14)
	drawer.shadow_color = Color(0, 0, 0, 0.45)
	drawer.shadow_size = 18
	theme.set_stylebox("panel", "Drawer", drawer)
	theme.set_stylebox("panel", "Card", _box(WELL, EDGE, 12, 10))
	theme.set_stylebox("panel", "Banner", _box(Color(BRASS, 0.12), Color(BRASS, 0.55), 10, 10))
	theme.set_stylebox("panel", "Toast", _box(CARD, BRASS, 12, 12))
	var line := StyleBoxLine.new()
	line.color = EDGE
	line.grow_begin = 0
	line.grow_end = 0
	theme.set_stylebox("separator", "HSeparator", line)
	theme.set_constant("separation", "HSeparator", 1)
	for side: String in ["HBoxContainer", "VBoxContainer"]:
		theme.set_constant("separation", side, 8)


static func _buttons(theme: Theme) -> void:
	for name: String in ["Row", "Primary", "Small", "Accent", "Ghost", "Close", "Page"]:
		theme.set_type_variation(name, "Button")
	_button(theme, "Button", RAISED, RAISED_HOVER, TEXT)
	_button(theme, "Primary", BRASS, BRASS_HOVER, INK)
	theme.set_font("font", "Primary", _bold)
	_button(theme, "Small", RAISED_HOVER, Color("57442f"), TEXT)
	_button(theme, "Accent", BRASS, BRASS_HOVER, INK)
	theme.set_font("font", "Accent", _bold)
	for name: String in ["Small", "Accent"]:
		theme.set_font_size("font_size", name, 13)
		_pad(theme, name, 10, 4)
	_button(theme, "Ghost", Color.TRANSPARENT, RAISED_HOVER, MUTED)
	_pad(theme, "Ghost", 8, 4)
	_button(theme, "Close", Color.TRANSPARENT, RAISED_HOVER, MUTED)
	theme.set_font_size("font_size", "Close", 24)
	_pad(theme, "Close", 8, 0)
	_button(theme, "Row", Color.TRANSPARENT, RAISED, TEXT)
	_pad(theme, "Row", 8, 6)
	theme.set_stylebox("pressed", "Row", _box(RAISED, Color.TRANSPARENT, 6))
	_button(theme, "Page", Color.TRANSPARENT, Color(RAISED, 0.6), MUTED)
	for state: String in ["pressed", "hover_pressed"]:
		var lit := _box(RAISED, BRASS, 6)
		lit.set_border_width_all(0)
		lit.border_width_bottom = 2
		theme.set_stylebox(state, "Page", lit)
	theme.set_color("font_pressed_color", "Page", TEXT)


static func _button(theme: Theme, name: String, fill: Color, hover: Color, text: Color) -> void:
	var fills: Dictionary[String, Color] = {
		"normal": fill,
		"hover": hover,
		"pressed": fill.darkened(0.15) if fill.a == 1.0 else hover,
		"hover_pressed": fill.darkened(0.15) if fill.a == 1.0 else hover,
		"disabled": Color(RAISED, 0.45),
	}
	for state: String in fills:
		theme.set_stylebox(state, name, _box(fills[state], Color.TRANSPARENT, 6))
	_pad(theme, name, 14, 6)
	theme.set_stylebox("focus", name, _focus())
	var lit := TEXT if text == MUTED else text
	theme.set_color("font_color", name, text)
	for state: String in ["hover", "pressed", "focus", "hover_pressed"]:
		theme.set_color("font_%s_color" % state, name, lit)
	theme.set_color("font_disabled_color", name, FAINT)


static func _pad(theme: Theme, name: String, sides: int, ends: int) -> void:
	for state: String in ["normal", "hover", "pressed", "hover_pressed", "disabled"]:
		var style: StyleBox = theme.get_stylebox(state, name)
		style.content_margin_left = sides
		style.content_margin_right = sides
		style.content_margin_top = ends
		style.content_margin_bottom = ends


static func _fields(theme: Theme) -> void:
	var field := _box(WELL, EDGE, 6)
	field.content_margin_left = 10
	field.content_margin_right = 10
	theme.set_stylebox("normal", "LineEdit", field)
	theme.set_stylebox("read_only", "LineEdit", _box(CARD, EDGE, 6))
	theme.set_stylebox("focus", "LineEdit", _focus())
	theme.set_color("font_color", "LineEdit", TEXT)
	theme.set_color("font_placeholder_color", "LineEdit", FAINT)
	theme.set_color("caret_color", "LineEdit", BRASS)
	theme.set_color("selection_color", "LineEdit", Color(BRASS, 0.35))
	theme.set_stylebox("focus", "ScrollContainer", StyleBoxEmpty.new())
	for bar: String in ["VScrollBar", "HScrollBar"]:
		theme.set_stylebox("scroll", bar, _box(Color.TRANSPARENT, Color.TRANSPARENT, 3, 4))
		theme.set_stylebox("scroll_focus", bar, _focus())
		theme.set_stylebox("grabber", bar, _box(RAISED_HOVER, Color.TRANSPARENT, 3, 4))
		theme.set_stylebox("grabber_highlight", bar, _box(FAINT, Color.TRANSPARENT, 3, 4))
		theme.set_stylebox("grabber_pressed", bar, _box(BRASS, Color.TRANSPARENT, 3, 4))


# What the dialog for choosing a picture is made of.
static func _dialogs(theme: Theme) -> void:
	theme.set_stylebox("panel", "AcceptDialog", _box(CARD, Color.TRANSPARENT, 10))
	for state: String in ["embedded_border", "embedded_unfocused_border"]:
		var border := _box(CARD, BRASS, 0)
		border.set_expand_margin_all(2)
		border.expand_margin_top = 34
		theme.set_stylebox(state, "Window", border)
	theme.set_color("title_color", "Window", TEXT)
	theme.set_stylebox("panel", "Tree", _box(WELL, EDGE, 6))
	theme.set_stylebox("panel", "ItemList", _box(WELL, EDGE, 6))
	theme.set_color("font_color", "ItemList", TEXT)
	for name: String in ["Tree", "ItemList"]:
		theme.set_stylebox("focus", name, _focus())
		for state: String in ["selected", "selected_focus", "hovered_selected", "hovered_selected_focus"]:
			theme.set_stylebox(state, name, _box(Color(BRASS, 0.28), Color.TRANSPARENT, 4, 4))
	_button(theme, "OptionButton", WELL, RAISED, TEXT)
	theme.set_stylebox("panel", "PopupMenu", _box(RAISED, EDGE, 6))
	theme.set_stylebox("hover", "PopupMenu", _box(Color(BRASS, 0.2), Color.TRANSPARENT, 4, 6))
	theme.set_color("font_color", "PopupMenu", TEXT)
	theme.set_color("font_hover_color", "PopupMenu", TEXT)


static func _make_bold() -> Font:
	var font := FontVariation.new()
	font.base_font = ThemeDB.fallback_font
	font.variation_embolden = 0.7
	return font


static func _box(fill: Color, edge: Color, pad: int, radius := RADIUS) -> StyleBoxFlat:
	var style := StyleBoxFlat.new()
	style.bg_color = fill
	style.border_color = edge
	if edge.a > 0.0:
		style.set_border_width_all(1)
	style.set_corner_radius_all(radius)
	style.set_content_margin_all(pad)
	return style


static func _focus() -> StyleBoxFlat:
	# Lighter than brass, or it would not be seen around a brass button.
	var style := _box(Color.TRANSPARENT, FOCUS, 0)
	style.draw_center = false
	style.set_border_width_all(2)
	return style
