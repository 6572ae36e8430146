class_name AccessBar
extends HBoxContainer
## Who may join the lobby: for its owner to change, for the others to read.

## Something the player should read, and in which colour.
signal told(text: String, color: Color)

const TYPES: Dictionary[Steam.LobbyType, String] = {
	Steam.LOBBY_TYPE_PUBLIC: "Public",
	Steam.LOBBY_TYPE_FRIENDS_ONLY: "Friends",
	Steam.LOBBY_TYPE_PRIVATE: "Private",
	Steam.LOBBY_TYPE_INVISIBLE: "Invisible",
}
const MEANINGS: Dictionary[Steam.LobbyType, String] = {
	Steam.LOBBY_TYPE_PUBLIC: "Everyone can find and join the lobby.",
	Steam.LOBBY_TYPE_FRIENDS_ONLY: "Friends and invited players can join.",
	Steam.LOBBY_TYPE_PRIVATE: "Only invited players can join.",
	Steam.LOBBY_TYPE_INVISIBLE: "Everyone can find the lobby; friends do not see you in it.",
}

var _lobby: LobbyModel

@onready var _type: OptionButton = %Type
@onready var _joinable: CheckBox = %Joinable
@onready var _words: Label = %Words


## To be called once, before anything else.
func setup(lobby: LobbyModel) -> void:
	_lobby = lobby
	offer_types(_type)
	_type.item_selected.connect(_on_type_selected)
	_joinable.toggled.connect(_on_joinable_toggled)
	lobby.changed.connect(show_access)


## Fills a button with the types to choose from.
static func offer_types(button: OptionButton) -> void:
	for type: Steam.LobbyType in TYPES:
		button.add_item(TYPES[type], type)
		button.set_item_tooltip(button.item_count - 1, MEANINGS[type])


## Who may join a lobby.
static func in_words(lobby: int) -> String:
	var type: String = TYPES.get(LobbyAccess.type_of(lobby), "?")
	return "%s, %s" % [type, "open to join" if LobbyAccess.is_joinable(lobby) else "closed"]


## Shows what holds for the lobby now.
func show_access() -> void:
	if not _lobby.is_inside():
		return
	var type := LobbyAccess.type_of(_lobby.lobby_id)
	var joinable := LobbyAccess.is_joinable(_lobby.lobby_id)
	var mine := _lobby.is_mine()
	_type.visible = mine
	_joinable.visible = mine
	_words.visible = not mine
	_type.select(_type.get_item_index(type))
	_type.tooltip_text = MEANINGS.get(type, "")
	_joinable.set_pressed_no_signal(joinable)
	_words.text = in_words(_lobby.lobby_id)
	_words.tooltip_text = _type.tooltip_text


func _on_type_selected(index: int) -> void:
	var type := _type.get_item_id(index) as Steam.LobbyType
	if LobbyAccess.set_type(_lobby.lobby_id, type):
		told.emit(MEANINGS[type], DemoTheme.GREEN)
	else:
		_refuse()


func _on_joinable_toggled(joinable: bool) -> void:
	if not LobbyAccess.set_joinable(_lobby.lobby_id, joinable):
		_refuse()
	elif joinable:
		told.emit("The lobby can be joined again.", DemoTheme.GREEN)
	else:
		told.emit("Nobody can join the lobby now, not even when invited.", DemoTheme.GREEN)


func _refuse() -> void:
	told.emit("Only the owner can change who may join.", DemoTheme.RED)
	show_access()
