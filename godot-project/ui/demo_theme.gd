class_name DemoTheme
## The look of the demo: brass and tea on a dark table. Colours, and a [Theme] made from them.

const TABLE := Color("17120f")
const CARD := Color("221b16")
const CARD_EDGE := Color("352a22")
const WELL := Color("1a1410")
const RAISED := Color("32281f")
const RAISED_HOVER := Color("403327")
const TEXT := Color("f4eadf")
const MUTED := Color("a8978a")
const FAINT := Color("78695c")
const BRASS := Color("eba94f")
const BRASS_HOVER := Color("f6bf70")
const COPPER := Color("e07f4f")
const GREEN := Color("93c47d")
const TEAL := Color("76b9b5")
const RED := Color("ef7a6d")

const RADIUS: int = 8


## Makes the theme. Set it on the topmost control; everything below inherits it.
static func build() -> Theme:
	var theme := Theme.new()
	theme.default_font_size = 15
	_labels(theme)
	_panels(theme)
	_buttons(theme)
	_fields(theme)
	_lists(theme)
	return theme


## The default font, a little heavier.
static func bold() -> Font:
	var font := FontVariation.new()
	font.base_font = ThemeDB.fallback_font
	font.variation_embolden = 0.7
	return font


## A filled rectangle with round corners, [param pad] pixels of padding at its sides.
static func box(fill: Color, edge := Color.TRANSPARENT, pad := 10, radius := RADIUS) -> StyleBoxFlat:
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
	var style := box(Color.TRANSPARENT, Color("ffe9c9"))
	style.draw_center = false
	style.set_border_width_all(2)
	style.set_expand_margin_all(2)
	style.set_corner_radius_all(RADIUS + 2)
	return style


static func _labels(theme: Theme) -> void:
	theme.set_color("font_color", "Label", TEXT)
	_label(theme, "Title", 20, TEXT, true)
	_label(theme, "Heading", 15, TEXT, true)
	_label(theme, "Muted", 13, MUTED, false)
	_label(theme, "Caption", 13, MUTED, false)
	theme.set_color("default_color", "RichTextLabel", TEXT)
	theme.set_font("bold_font", "RichTextLabel", bold())
	theme.set_font_size("normal_font_size", "RichTextLabel", 14)
	theme.set_font_size("bold_font_size", "RichTextLabel", 14)
	theme.set_constant("line_separation", "RichTextLabel", 3)
	theme.set_stylebox("focus", "RichTextLabel", _focus())
	theme.set_stylebox("panel", "TooltipPanel", box(RAISED, CARD_EDGE, 8))
	theme.set_color("font_color", "TooltipLabel", TEXT)
	theme.set_font_size("font_size", "TooltipLabel", 13)


static func _label(theme: Theme, name: String, size: int, color: Color, heavy: bool) -> void:
	theme.set_type_variation(name, "Label")
	theme.set_font_size("font_size", name, size)
	theme.set_color("font_color", name, color)
	if heavy:
		theme.set_font("font", name, bold())


static func _panels(theme: Theme) -> void:
	theme.set_stylebox("panel", "PanelContainer", box(CARD, CARD_EDGE, 14, 12))
	theme.set_type_variation("Bar", "PanelContainer")
	var bar := box(CARD, Color.TRANSPARENT, 10, 0)
	bar.content_margin_left = 16
	bar.content_margin_right = 16
	theme.set_stylebox("panel", "Bar", bar)
	theme.set_type_variation("Row", "PanelContainer")
	theme.set_stylebox("panel", "Row", box(RAISED, Color.TRANSPARENT, 8))
	theme.set_type_variation("Well", "PanelContainer")
	theme.set_stylebox("panel", "Well", box(WELL, CARD_EDGE, 8))
	theme.set_type_variation("Notice", "PanelContainer")
	theme.set_stylebox("panel", "Notice", box(RAISED_HOVER, BRASS, 8, 10))
	theme.set_type_variation("Chip", "Label")
	theme.set_stylebox("normal", "Chip", _chip())
	theme.set_font_size("font_size", "Chip", 12)
	theme.set_color("font_color", "Chip", BRASS_HOVER)
	for side: String in ["HBoxContainer", "VBoxContainer"]:
		theme.set_constant("separation", side, 8)
	for side: String in ["h_separation", "v_separation"]:
		theme.set_constant(side, "GridContainer", 8)
		theme.set_constant(side, "HFlowContainer", 8)


static func _chip() -> StyleBoxFlat:
	var style := box(Color(BRASS, 0.13), Color.TRANSPARENT, 2, 9)
	style.content_margin_left = 9
	style.content_margin_right = 9
	return style


static func _buttons(theme: Theme) -> void:
	_button(theme, "Button", RAISED, RAISED_HOVER, TEXT)
	for name: String in ["Primary", "Danger", "Ghost", "Small"]:
		theme.set_type_variation(name, "Button")
	_button(theme, "Primary", BRASS, BRASS_HOVER, Color("2a1a08"))
	theme.set_font("font", "Primary", bold())
	_button(theme, "Danger", Color(RED, 0.14), Color(RED, 0.28), RED)
	_button(theme, "Ghost", Color.TRANSPARENT, RAISED, MUTED)
	_button(theme, "Small", RAISED_HOVER, Color("524232"), TEXT)
	theme.set_font_size("font_size", "Small", 13)
	for state: String in ["normal", "hover", "pressed", "disabled"]:
		var small: StyleBox = theme.get_stylebox(state, "Small")
		small.content_margin_top = 3
		small.content_margin_bottom = 3
		small.content_margin_left = 10
		small.content_margin_right = 10
	_button(theme, "OptionButton", WELL, RAISED, TEXT)
	for state: String in ["normal", "hover", "pressed", "disabled"]:
		var field: StyleBoxFlat = theme.get_stylebox(state, "OptionButton")
		field.border_color = CARD_EDGE
		field.set_border_width_all(1)
	theme.set_constant("arrow_margin", "OptionButton", 10)
	_check_box(theme)


static func _check_box(theme: Theme) -> void:
	for state: String in ["normal", "hover", "pressed", "hover_pressed", "disabled"]:
		theme.set_stylebox(state, "CheckBox", box(Color.TRANSPARENT, Color.TRANSPARENT, 2))
	theme.set_stylebox("focus", "CheckBox", _focus())
	theme.set_color("font_color", "CheckBox", MUTED)
	theme.set_color("font_hover_color", "CheckBox", TEXT)
	theme.set_color("font_pressed_color", "CheckBox", TEXT)
	theme.set_font_size("font_size", "CheckBox", 13)
	theme.set_icon("unchecked", "CheckBox", _tick_box(WELL, FAINT, Color.TRANSPARENT))
	theme.set_icon("checked", "CheckBox", _tick_box(BRASS, BRASS, TABLE))


static func _tick_box(fill: Color, edge: Color, tick: Color) -> Texture2D:
	var svg := """<svg xmlns="http://www.w3.org/2000/svg" width="16" height="16">
		<rect x="1" y="1" width="14" height="14" rx="4" fill="#%s" stroke="#%s" stroke-width="1.5"/>
		<path d="M4.5 8.5l2.5 2.5 4.5-5.5" fill="none" stroke="#%s" stroke-opacity="%f" stroke-width="2"/>
		</svg>""" % [fill.to_html(false), edge.to_html(false), tick.to_html(false), tick.a]
	var image := Image.new()
	image.load_svg_from_string(svg)
	return ImageTexture.create_from_image(image)


static func _button(theme: Theme, name: String, fill: Color, hover: Color, text: Color) -> void:
	for state: String in ["normal", "hover", "pressed", "hover_pressed", "disabled"]:
		var color := fill
		if state == "hover":
			color = hover
		elif state == "pressed" or state == "hover_pressed":
			color = fill.darkened(0.15) if fill.a == 1.0 else hover
		elif state == "disabled":
			color = Color(RAISED, 0.45)
		var style := box(color, Color.TRANSPARENT, 6)
		style.content_margin_left = 14
		style.content_margin_right = 14
		theme.set_stylebox(state, name, style)
	theme.set_stylebox("focus", name, _focus())
	var lit := TEXT if text == MUTED else text
	theme.set_color("font_color", name, text)
	for state: String in ["hover", "pressed", "focus", "hover_pressed"]:
		theme.set_color("font_%s_color" % state, name, lit)
	theme.set_color("font_disabled_color", name, FAINT)


static func _fields(theme: Theme) -> void:
	var field := box(WELL, CARD_EDGE, 6)
	field.content_margin_left = 10
	field.content_margin_right = 10
	theme.set_stylebox("normal", "LineEdit", field)
	theme.set_stylebox("read_only", "LineEdit", box(CARD, CARD_EDGE, 6))
	theme.set_stylebox("focus", "LineEdit", _focus())
	theme.set_color("font_color", "LineEdit", TEXT)
	theme.set_color("font_placeholder_color", "LineEdit", FAINT)
	theme.set_color("caret_color", "LineEdit", BRASS)
	theme.set_color("selection_color", "LineEdit", Color(BRASS, 0.35))


static func _lists(theme: Theme) -> void:
	theme.set_stylebox("panel", "PopupMenu", box(RAISED, CARD_EDGE, 6))
	theme.set_stylebox("hover", "PopupMenu", box(Color(BRASS, 0.2), Color.TRANSPARENT, 4, 6))
	theme.set_color("font_color", "PopupMenu", TEXT)
	theme.set_color("font_hover_color", "PopupMenu", TEXT)
	theme.set_constant("v_separation", "PopupMenu", 8)
	for bar: String in ["VScrollBar", "HScrollBar"]:
		theme.set_stylebox("scroll", bar, box(Color.TRANSPARENT, Color.TRANSPARENT, 3, 4))
		theme.set_stylebox("grabber", bar, box(RAISED_HOVER, Color.TRANSPARENT, 3, 4))
		theme.set_stylebox("grabber_highlight", bar, box(FAINT, Color.TRANSPARENT, 3, 4))
		theme.set_stylebox("grabber_pressed", bar, box(BRASS, Color.TRANSPARENT, 3, 4))
	theme.set_stylebox("tab_selected", "TabBar", _tab(RAISED))
	theme.set_stylebox("tab_hovered", "TabBar", _tab(Color(RAISED, 0.5)))
	theme.set_stylebox("tab_unselected", "TabBar", _tab(Color.TRANSPARENT))
	theme.set_stylebox("tab_focus", "TabBar", _focus())
	theme.set_color("font_selected_color", "TabBar", TEXT)
	theme.set_color("font_unselected_color", "TabBar", MUTED)
	theme.set_color("font_hovered_color", "TabBar", TEXT)


static func _tab(fill: Color) -> StyleBoxFlat:
	var style := box(fill, Color.TRANSPARENT, 5)
	style.content_margin_left = 14
	style.content_margin_right = 14
	return style
