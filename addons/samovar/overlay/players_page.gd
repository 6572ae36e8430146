extends "res://addons/samovar/overlay/page.gd"
## Those with whom the user has played of late.

const People := preload("res://addons/samovar/overlay/people.gd")
const PeopleList := preload("res://addons/samovar/overlay/people_list.gd")

@onready var _list: PeopleList = %PlayersList
@onready var _empty: Control = %NoPlayers


func _ready() -> void:
	_list.invite_pressed.connect(invite_pressed.emit)
	_list.join_pressed.connect(join_pressed.emit)
	_list.chosen.connect(chosen.emit)


func refresh(situation: Situation, _pictures: Pictures) -> void:
	var players := People.recent_players()
	situation.count(players)
	var headings := PackedStringArray()
	var lines := PackedStringArray()
	var now := int(Time.get_unix_time_from_system())
	for player: Person in players:
		headings.append("Played with")
		lines.append(ago(now - player.played_at))
	_list.show_people(players, headings, situation, lines)
	_empty.visible = players.is_empty()


func look(seen: Rect2, pictures: Pictures) -> void:
	_list.look(seen, pictures)


func first_focus() -> Control:
	return _list.first_row()


## A time that has passed, in words.
static func ago(seconds: int) -> String:
	if seconds < 60:
		return "Just now"
	if seconds < 3600:
		return "%d min ago" % floori(seconds / 60.0)
	if seconds < 86400:
		return "%d h ago" % floori(seconds / 3600.0)
	var days := floori(seconds / 86400.0)
	return "Yesterday" if days == 1 else "%d days ago" % days
