class_name MemberMenu
extends MenuButton
## What the lobby's owner can do with a member.

signal owner_wanted
signal kick_wanted
signal ban_wanted

enum Item { MAKE_OWNER, KICK, BAN }


func _init() -> void:
	custom_minimum_size = Vector2(24, 28)


func _ready() -> void:
	var menu := get_popup()
	menu.add_item("Make owner", Item.MAKE_OWNER)
	if Removal.is_possible():
		menu.add_item("Kick", Item.KICK)
		menu.add_item("Ban", Item.BAN)
	menu.id_pressed.connect(_on_id_pressed)


# Three dots, one above the other.
func _draw() -> void:
	for step: int in [-1, 0, 1]:
		draw_circle(size / 2.0 + Vector2(0.0, 5.0 * step), 1.5, DemoTheme.TEXT, true, -1.0, true)


func _on_id_pressed(id: int) -> void:
	match id:
		Item.MAKE_OWNER: owner_wanted.emit()
		Item.KICK: kick_wanted.emit()
		Item.BAN: ban_wanted.emit()
