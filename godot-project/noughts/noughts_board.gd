class_name NoughtsBoard
## The rules of noughts and crosses: a board of nine cells, and who may do what. No players, no network.

enum Mark { NONE, CROSS, NOUGHT }

const LINES: Array[Array] = [
	[0, 1, 2], [3, 4, 5], [6, 7, 8], [0, 3, 6], [1, 4, 7], [2, 5, 8], [0, 4, 8], [2, 4, 6],
]

## What stands in each cell, row by row.
var cells: Array[Mark] = []
## Moves made so far; crosses begin.
var turn: int = 0


func _init() -> void:
	cells.resize(9)
	cells.fill(Mark.NONE)


## Whose turn it is; NONE when the game is over.
func to_move() -> Mark:
	if is_over():
		return Mark.NONE
	return Mark.CROSS if turn % 2 == 0 else Mark.NOUGHT


## Whether [param mark] may play [param cell] now.
func may_play(mark: Mark, cell: int) -> bool:
	return mark != Mark.NONE and mark == to_move() and cell >= 0 and cell < 9 and cells[cell] == Mark.NONE


## Plays a cell; false, and nothing changed, if that is against the rules.
func play(mark: Mark, cell: int) -> bool:
	if not may_play(mark, cell):
		return false
	cells[cell] = mark
	turn += 1
	return true


## The three cells of the line that wins; empty if there is none.
func winning_line() -> Array:
	for line: Array in LINES:
		var first: Mark = cells[line[0]]
		if first != Mark.NONE and cells[line[1]] == first and cells[line[2]] == first:
			return line
	return []


## Who has won; NONE before the end and in a draw.
func winner() -> Mark:
	var line := winning_line()
	return cells[line[0]] if line else Mark.NONE


## Whether nobody can move any more.
func is_over() -> bool:
	return turn == 9 or not winning_line().is_empty()
