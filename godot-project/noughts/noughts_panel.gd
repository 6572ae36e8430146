class_name NoughtsPanel
extends PanelContainer
## The board, and the buttons around a game.

var _lobby: LobbyModel
var _match: NoughtsMatch
var _cells: Array[NoughtsCell] = []

@onready var _status: Label = %Status
@onready var _score: Label = %Score
@onready var _grid: Control = %Grid
@onready var _accept: Button = %Accept
@onready var _decline: Button = %Decline
@onready var _resign: Button = %Resign
@onready var _rematch: Button = %Rematch


## To be called once, before anything else.
func setup(lobby: LobbyModel, noughts: NoughtsMatch) -> void:
	_lobby = lobby
	_match = noughts
	noughts.changed.connect(_show_game)
	lobby.changed.connect(_show_game)
	_accept.pressed.connect(noughts.accept)
	_decline.pressed.connect(noughts.decline)
	_resign.pressed.connect(noughts.resign)
	_rematch.pressed.connect(_on_rematch)
	for place: int in 9:
		var cell := NoughtsCell.new()
		cell.name = "Cell%d" % place
		cell.pressed.connect(noughts.play.bind(place))
		_cells.append(cell)
		_grid.add_child(cell)
	_show_game()


## Puts the keyboard's focus where the player has something to do.
func take_focus() -> void:
	for button: Button in [_accept, _rematch]:
		if button.visible and not button.disabled:
			button.grab_focus()
			return
	_cells[4].grab_focus()


func _on_rematch() -> void:
	_match.challenge(_match.opponent)


func _show_game() -> void:
	var state := _match.state
	var line := _match.board.winning_line()
	for place: int in 9:
		_cells[place].show_mark(_match.board.cells[place], _match.is_my_turn(), place in line)
	_accept.visible = state == NoughtsMatch.State.CHALLENGED
	_decline.visible = state == NoughtsMatch.State.CHALLENGED or state == NoughtsMatch.State.CHALLENGING
	_decline.text = "Not now" if state == NoughtsMatch.State.CHALLENGED else "Take back"
	_resign.visible = state == NoughtsMatch.State.PLAYING
	_rematch.visible = state == NoughtsMatch.State.OVER and _match.opponent != 0
	_score.modulate.a = 1.0 if _match.opponent != 0 else 0.0
	_score.text = "won %d   ·   lost %d   ·   drawn %d" % _match.score
	_status.text = _in_words()
	_status.add_theme_color_override("font_color", _color())
	if state != NoughtsMatch.State.IDLE:
		_catch_focus.call_deferred()


# A button that vanishes drops the keyboard's focus; the player goes on here.
func _catch_focus() -> void:
	if is_visible_in_tree() and get_viewport().gui_get_focus_owner() == null:
		take_focus()


func _in_words() -> String:
	var other := _lobby.name_of(_match.opponent)
	match _match.state:
		NoughtsMatch.State.CHALLENGING: return "Waiting for %s to accept…" % other
		NoughtsMatch.State.CHALLENGED: return "%s challenges you!" % other
		NoughtsMatch.State.PLAYING:
			var mine := "crosses" if _match.my_mark == NoughtsBoard.Mark.CROSS else "noughts"
			return "Your turn: you play %s." % mine if _match.is_my_turn() else "%s's turn…" % other
		NoughtsMatch.State.OVER: return _match.verdict
	return "Press Play beside a member to start a game."


func _color() -> Color:
	if _match.is_my_turn() or _match.state == NoughtsMatch.State.CHALLENGED:
		return DemoTheme.BRASS_HOVER
	if _match.state == NoughtsMatch.State.OVER:
		match _match.outcome:
			NoughtsMatch.Outcome.WON: return DemoTheme.GREEN
			NoughtsMatch.Outcome.DRAW: return DemoTheme.TEXT
		return DemoTheme.RED
	return DemoTheme.MUTED
