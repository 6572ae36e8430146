class_name ChatPanel
extends PanelContainer
## What the members of the lobby say.

# The colours of the members' names.
const COLORS: Array[Color] = [
	DemoTheme.BRASS_HOVER, DemoTheme.TEAL, DemoTheme.GREEN, DemoTheme.COPPER, Color("c9a2d8"), Color("9fb4e8"),
]
const LINES_KEPT: int = 300

var _lobby: LobbyModel

@onready var _lines: RichTextLabel = %Lines
@onready var _line: LineEdit = %ChatLine
@onready var _send: Button = %Send


## To be called once, before anything else.
func setup(lobby: LobbyModel) -> void:
	_lobby = lobby
	lobby.chat_received.connect(_on_chat_received)
	lobby.member_entered.connect(_on_member_entered)
	lobby.member_left.connect(_on_member_left)
	lobby.owner_changed.connect(_on_owner_changed)
	_line.text_submitted.connect(_on_send.unbind(1))
	_send.pressed.connect(_on_send)


## Starts afresh in a lobby just entered.
func open() -> void:
	_lines.clear()
	_note("You are in. Say hello!")


## Puts the cursor into the line.
func take_focus() -> void:
	_line.grab_focus()
	_line.edit()


func _on_send() -> void:
	var text := _line.text.strip_edges()
	if text != "":
		_lobby.say(text)
	_line.clear()
	take_focus()


func _on_chat_received(user: int, text: String) -> void:
	_start_line()
	_lines.push_color(COLORS[user % COLORS.size()])
	_lines.push_bold()
	_lines.add_text(_lobby.name_of(user))
	_lines.pop()
	_lines.pop()
	# add_text() takes what others write as it is; append_text() would read their tags.
	_lines.add_text("  " + text)


func _on_member_entered(user: int) -> void:
	_note("%s joined." % _lobby.name_of(user))


func _on_member_left(user: int, how: String) -> void:
	_note("%s %s." % [_lobby.name_of(user), how])


func _on_owner_changed(user: int) -> void:
	_note("You own the lobby now." if user == Steamworks.steam_id else "%s owns the lobby now." % _lobby.name_of(user))


func _note(text: String) -> void:
	_start_line()
	_lines.push_color(DemoTheme.FAINT)
	_lines.add_text(text)
	_lines.pop()


func _start_line() -> void:
	while _lines.get_paragraph_count() > LINES_KEPT:
		_lines.remove_paragraph(0)
	if _lines.get_parsed_text() != "":
		_lines.newline()
