class_name NoughtsMatch
extends Node
## A game of noughts and crosses against another member of the lobby, over reliable P2P packets.
##
## Both sides keep a board of their own and check every move by the same rules, so neither can cheat the other.

enum State { IDLE, CHALLENGING, CHALLENGED, PLAYING, OVER }
enum Outcome { NONE, WON, LOST, DRAW, BROKEN_OFF }

signal changed
## A game came to its end. [param why] is for the player to read.
signal ended(outcome: Outcome, why: String)
## Something happened that the player should hear of.
signal told(text: String)

var state: State = State.IDLE
## The other player; 0 while there is none.
var opponent: int = 0
var board := NoughtsBoard.new()
var my_mark: NoughtsBoard.Mark = NoughtsBoard.Mark.NONE
var outcome: Outcome = Outcome.NONE
## How the last game ended, for the player to read.
var verdict: String = ""
## Won, lost and drawn against the present opponent.
var score: Array[int] = [0, 0, 0]

var _lobby: LobbyModel
var _peers: Peers
var _game: int = 0
var _starts: int = 0


## To be called once, before anything else.
func setup(lobby: LobbyModel, peers: Peers) -> void:
	_lobby = lobby
	_peers = peers
	lobby.left.connect(_on_left)
	lobby.member_left.connect(_on_member_left)
	peers.received.connect(_on_packet)


## Whether it is the local player's turn.
func is_my_turn() -> bool:
	return state == State.PLAYING and board.to_move() == my_mark


## Whether a member can be challenged now.
func can_challenge(user: int) -> bool:
	return (state == State.IDLE or state == State.OVER) and _peers.state_of(user) == Peers.State.CONNECTED


## Asks a member for a game. Who did not begin the last one begins; the challenger begins the first.
func challenge(user: int) -> void:
	if not can_challenge(user):
		return
	_face(user)
	var mine := Steamworks.steam_id
	_starts = user if _starts == mine else mine
	_game = randi()
	_set_state(State.CHALLENGING)
	_send({"message": "challenge", "starts": _starts})


## Takes up the challenge.
func accept() -> void:
	if state == State.CHALLENGED:
		_send({"message": "accept"})
		_begin()


## Turns the challenge down, or takes back one's own.
func decline() -> void:
	if state == State.CHALLENGED or state == State.CHALLENGING:
		_send({"message": "decline"})
		_set_state(State.IDLE)


## Gives the game up.
func resign() -> void:
	if state == State.PLAYING:
		_send({"message": "resign"})
		_end(Outcome.LOST, "You gave up.")


## Plays a cell, if it is the local player's turn and the cell is free.
func play(cell: int) -> void:
	if state != State.PLAYING or not board.may_play(my_mark, cell):
		return
	var turn := board.turn
	board.play(my_mark, cell)
	_send({"message": "move", "turn": turn, "cell": cell})
	_after_move()


func _on_packet(sender: int, packet: Dictionary) -> void:
	match packet["message"]:
		"challenge":
			var game: int = packet["game"]
			var starts: int = packet["starts"]
			_on_challenge(sender, game, starts)
		"accept", "decline", "move", "resign":
			if sender == opponent and packet["game"] == _game:
				_on_answer(packet)


func _on_challenge(sender: int, game: int, starts: int) -> void:
	var mine := Steamworks.steam_id
	if starts != mine and starts != sender:
		return
	# Two who challenge each other in the same moment: the lower ID's challenge counts.
	var crossed := state == State.CHALLENGING and sender == opponent
	if crossed and mine < sender:
		return
	if not crossed and state != State.IDLE and state != State.OVER:
		_peers.send(sender, {"message": "decline", "game": game})
		return
	_face(sender)
	_game = game
	_starts = starts
	_set_state(State.CHALLENGED)
	if crossed:
		accept()
	else:
		told.emit("%s challenges you to a game." % _lobby.name_of(sender))


func _on_answer(packet: Dictionary) -> void:
	match packet["message"]:
		"accept":
			if state == State.CHALLENGING:
				_begin()
		"decline":
			if state == State.CHALLENGING:
				told.emit("%s does not want to play now." % _lobby.name_of(opponent))
				_set_state(State.IDLE)
			elif state == State.CHALLENGED:
				told.emit("%s took the challenge back." % _lobby.name_of(opponent))
				_set_state(State.IDLE)
		"move":
			if state == State.PLAYING:
				var turn: int = packet["turn"]
				var cell: int = packet["cell"]
				_on_move(turn, cell)
		"resign":
			if state == State.PLAYING:
				_end(Outcome.WON, "%s gave up." % _lobby.name_of(opponent))


func _on_move(turn: int, cell: int) -> void:
	if is_my_turn() or turn != board.turn or not board.play(board.to_move(), cell):
		_send({"message": "resign"})
		_end(Outcome.BROKEN_OFF, "%s made a move against the rules." % _lobby.name_of(opponent))
		return
	_after_move()


func _after_move() -> void:
	if not board.is_over():
		changed.emit()
	elif board.winner() == NoughtsBoard.Mark.NONE:
		_end(Outcome.DRAW, "A draw.")
	elif board.winner() == my_mark:
		_end(Outcome.WON, "You won!")
	else:
		_end(Outcome.LOST, "%s won." % _lobby.name_of(opponent))


func _begin() -> void:
	board = NoughtsBoard.new()
	outcome = Outcome.NONE
	my_mark = NoughtsBoard.Mark.CROSS if _starts == Steamworks.steam_id else NoughtsBoard.Mark.NOUGHT
	_set_state(State.PLAYING)


func _end(how: Outcome, why: String) -> void:
	outcome = how
	verdict = why
	if how == Outcome.WON:
		score[0] += 1
	elif how == Outcome.LOST:
		score[1] += 1
	elif how == Outcome.DRAW:
		score[2] += 1
	_set_state(State.OVER)
	ended.emit(how, why)


func _face(user: int) -> void:
	if opponent != user:
		opponent = user
		_starts = 0
		score = [0, 0, 0]


func _send(packet: Dictionary) -> void:
	packet["game"] = _game
	_peers.send(opponent, packet)


func _set_state(new_state: State) -> void:
	state = new_state
	changed.emit()


func _on_member_left(user: int, how: String) -> void:
	if user != opponent:
		return
	if state != State.PLAYING:
		_clear()
		return
	_end(Outcome.BROKEN_OFF, "%s %s." % [_lobby.name_of(user), how])
	# The board stays to be looked at, but there is nobody to play again with.
	opponent = 0
	_starts = 0
	changed.emit()


func _on_left(_reason: String) -> void:
	_clear()


func _clear() -> void:
	opponent = 0
	_starts = 0
	outcome = Outcome.NONE
	board = NoughtsBoard.new()
	_set_state(State.IDLE)
