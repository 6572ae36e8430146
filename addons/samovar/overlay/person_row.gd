extends Button
## A line of a list of people. It has nothing on it until it can be seen: most of a long list never is.

signal invite_pressed(person: Person)
signal join_pressed(person: Person)
signal chosen(person: Person)

const Person := preload("res://addons/samovar/overlay/person.gd")
const PersonLine := preload("res://addons/samovar/overlay/person_line.gd")
const LINE: PackedScene = preload("res://addons/samovar/overlay/person_line.tscn")
const Pictures := preload("res://addons/samovar/overlay/pictures.gd")
const Situation := preload("res://addons/samovar/overlay/situation.gd")

var _person: Person
var _situation: Situation
var _doing: String
var _line: PersonLine
# What the user has been invited to: something else makes another invitation of it.
var _invited_to: String = ""


func _init() -> void:
	theme_type_variation = &"Row"
	custom_minimum_size = Vector2(0, 50)
	pressed.connect(_on_pressed)


## Shows a user. [param doing] stands under the name, in the place of what the situation has to say.
func show_person(person: Person, situation: Situation, doing: String) -> void:
	_person = person
	_situation = situation
	_doing = doing
	if _line:
		_show_line()


## Shows that the user has been invited.
func mark_invited(situation: Situation) -> void:
	_invited_to = situation.goal()
	_show_line()


## Puts everything on it, now that it can be seen.
func look(pictures: Pictures) -> void:
	if _line:
		return
	_line = LINE.instantiate()
	add_child(_line)
	_line.invite_pressed.connect(func() -> void: invite_pressed.emit(_person))
	_line.join_pressed.connect(func() -> void: join_pressed.emit(_person))
	_show_line()
	_line.look(pictures)


func _show_line() -> void:
	var doing := _doing if _doing != "" else _situation.line(_person)
	_line.show_person(_person, _situation, doing, _invited_to == _situation.goal())
	_line.link_focus(self)


func _on_pressed() -> void:
	chosen.emit(_person)
