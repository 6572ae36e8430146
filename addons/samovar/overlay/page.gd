extends VBoxContainer
## What the overlay's pages have in common.

@warning_ignore_start("unused_signal")
## This user is to be invited; [param row] is told when it is done.
signal invite_pressed(person: Person, row: Node)
## This user is to be joined.
signal join_pressed(person: Person)
## More about this user is wanted.
signal chosen(person: Person)
## Something for the user to read.
signal told(text: String)
@warning_ignore_restore("unused_signal")

const Person := preload("res://addons/samovar/overlay/person.gd")
const Pictures := preload("res://addons/samovar/overlay/pictures.gd")
const Situation := preload("res://addons/samovar/overlay/situation.gd")


## Shows what is true now.
func refresh(_situation: Situation, _pictures: Pictures) -> void:
	pass


## Fetches the pictures in a rectangle of the viewport.
func look(_seen: Rect2, _pictures: Pictures) -> void:
	pass


## What gets the focus first; null if there is nothing.
func first_focus() -> Control:
	return null
