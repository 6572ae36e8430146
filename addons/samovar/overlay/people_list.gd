extends VBoxContainer
## A list of people under headings. Its rows live as long as their users are in it: the focus stays where it is.

signal invite_pressed(person: Person, row: Node)
signal join_pressed(person: Person)
signal chosen(person: Person)
## The rows have got their places.
signal arranged

const Person := preload("res://addons/samovar/overlay/person.gd")
const PersonRow := preload("res://addons/samovar/overlay/person_row.gd")
const Pictures := preload("res://addons/samovar/overlay/pictures.gd")
const Situation := preload("res://addons/samovar/overlay/situation.gd")

var _rows: Dictionary[int, PersonRow] = {}
var _headings: Dictionary[String, Label] = {}


func _init() -> void:
	add_theme_constant_override("separation", 2)


## Shows these people in this order. Each has a heading in [param headings]; equal ones stand together. [param lines]
## replaces what is written under the names, if it is not empty.
func show_people(
	people: Array[Person], headings: PackedStringArray, situation: Situation, lines := PackedStringArray()
) -> void:
	var order: Array[Control] = []
	var used: Dictionary[int, bool] = {}
	for index: int in people.size():
		if index == 0 or headings[index] != headings[index - 1]:
			order.append(_heading(headings[index], headings.count(headings[index])))
		var row := _row(people[index].id)
		row.show_person(people[index], situation, lines[index] if lines else "")
		used[people[index].id] = true
		order.append(row)
	_arrange(order, used)


## The first row; null if there is none.
func first_row() -> Control:
	for child: Node in get_children():
		if child is PersonRow:
			return child
	return null


## Fetches the pictures of the rows in a rectangle of the viewport.
func look(seen: Rect2, pictures: Pictures) -> void:
	for user: int in _rows:
		if seen.intersects(_rows[user].get_global_rect()):
			_rows[user].look(pictures)


func _row(user: int) -> PersonRow:
	if not _rows.has(user):
		var row: PersonRow = PersonRow.new()
		add_child(row)
		row.name = "Person_%d" % user
		row.invite_pressed.connect(invite_pressed.emit.bind(row))
		row.join_pressed.connect(join_pressed.emit)
		row.chosen.connect(chosen.emit)
		_rows[user] = row
	return _rows[user]


func _heading(text: String, number: int) -> Label:
	if not _headings.has(text):
		var label := Label.new()
		label.theme_type_variation = &"Caption"
		label.custom_minimum_size = Vector2(0, 28)
		label.vertical_alignment = VERTICAL_ALIGNMENT_BOTTOM
		add_child(label)
		_headings[text] = label
	_headings[text].text = "%s  ·  %d" % [text.to_upper(), number]
	return _headings[text]


func _arrange(order: Array[Control], used: Dictionary[int, bool]) -> void:
	for user: int in _rows.keys():
		if not used.has(user):
			_remove(_rows[user])
			_rows.erase(user)
	for text: String in _headings.keys():
		if not _headings[text] in order:
			_remove(_headings[text])
			_headings.erase(text)
	for index: int in order.size():
		if get_child(index) != order[index]:
			move_child(order[index], index)


func _remove(control: Control) -> void:
	remove_child(control)
	control.queue_free()


func _notification(what: int) -> void:
	if what == NOTIFICATION_SORT_CHILDREN:
		arranged.emit.call_deferred()
