extends Control
## The overlay's window: who the user is, the pages, and a line for messages.

## The user has had enough of it.
signal closed

const FriendsPage := preload("res://addons/samovar/overlay/friends_page.gd")
const Invitation := preload("res://addons/samovar/overlay/invitation.gd")
const Invitations := preload("res://addons/samovar/overlay/invitations.gd")
const OwnLobbies := preload("res://addons/samovar/overlay/own_lobbies.gd")
const Page := preload("res://addons/samovar/overlay/page.gd")
const People := preload("res://addons/samovar/overlay/people.gd")
const Person := preload("res://addons/samovar/overlay/person.gd")
const PersonPage := preload("res://addons/samovar/overlay/person_page.gd")
const Pictures := preload("res://addons/samovar/overlay/pictures.gd")
const PictureView := preload("res://addons/samovar/overlay/picture_view.gd")
const ProfilePage := preload("res://addons/samovar/overlay/profile_page.gd")
const Situation := preload("res://addons/samovar/overlay/situation.gd")

## The widest it gets, and what it leaves free around it.
const WIDTH: float = 410.0
const MARGIN: float = 10.0

var _invitations: Invitations
var _lobbies: OwnLobbies
var _pictures := Pictures.new()
# What the game has asked to invite to.
var _dialog_lobby: int = 0
var _dialog_connect: String = ""
var _stale: bool = false
var _page: Page

@onready var _dim: Control = %Dim
@onready var _panel: Control = %Panel
@onready var _my_picture: PictureView = %MyPicture
@onready var _my_name: Label = %MyName
@onready var _my_place: Label = %MyPlace
@onready var _close: Button = %Close
@onready var _banner: Control = %Banner
@onready var _banner_text: Label = %BannerText
@onready var _banner_done: Button = %BannerDone
@onready var _scroll: ScrollContainer = %Scroll
@onready var _friends: FriendsPage = %Friends
@onready var _players: Page = %Players
@onready var _profile: ProfilePage = %Profile
@onready var _person: PersonPage = %Person
@onready var _message: Label = %Message
@onready var _hint: Label = %Hint
# The pages that have a button, and those in the same order.
@onready var _pages: Array[Page] = [_friends, _players, _profile]
@onready var _buttons: Array[Button] = [%FriendsButton, %PlayersButton, %ProfileButton]


## To be called once, before it is added to the tree.
func setup(invitations: Invitations, lobbies: OwnLobbies) -> void:
	_invitations = invitations
	_lobbies = lobbies
	add_child(_pictures)
	# The page is ready before the drawer is.
	var friends: FriendsPage = get_node("%Friends")
	friends.setup(invitations)


func _ready() -> void:
	_page = _friends
	_dim.gui_input.connect(_on_dim_input)
	_close.pressed.connect(closed.emit)
	_banner_done.pressed.connect(_end_dialog)
	_friends.accepted.connect(_on_accepted)
	_person.back_pressed.connect(_show_page.bind(_friends))
	for page: Page in [_friends, _players, _profile, _person]:
		page.invite_pressed.connect(_on_invite)
		page.join_pressed.connect(_on_join)
		page.chosen.connect(_on_chosen)
		page.told.connect(say)
	for index: int in _pages.size():
		_buttons[index].pressed.connect(_show_page.bind(_pages[index]))
	for changing: Signal in [
		Steam.persona_state_change, Steam.friend_rich_presence_update, Steam.lobby_data_update,
		Steam.lobby_chat_update, Steam.lobby_joined, Steam.lobby_kicked, _invitations.changed,
	]:
		changing.connect(_queue_refresh)
	%FriendsList.connect(&"arranged", _look)
	%PlayersList.connect(&"arranged", _look)
	_scroll.get_v_scroll_bar().value_changed.connect(_look.unbind(1))
	_hint.text = "Esc closes" if Input.get_connected_joypads().is_empty() else "Esc or B closes"
	resized.connect(_fit)
	_fit()


func _unhandled_input(event: InputEvent) -> void:
	var action := event as InputEventAction
	var key := event as InputEventKey
	if action and action.action == &"ui_cancel" and action.pressed \
			or key and key.keycode == KEY_ESCAPE and key.pressed:
		get_viewport().set_input_as_handled()
		closed.emit()


## Shows what one of GodotSteam's dialogs is about; see [code]overlay.gd[/code].
func show_dialog(dialog: String, id: int, connect_string: String) -> void:
	_dialog_lobby = id if dialog == "lobbyinvite" else 0
	_dialog_connect = connect_string if dialog == "gameinvite" else ""
	if dialog == "players":
		_show_page(_players)
	elif dialog == "settings" or id == People.me():
		_show_page(_profile)
	elif id != 0 and _dialog_lobby == 0:
		_person.show_user(id)
		_show_page(_person)
	else:
		_show_page(_friends)


## Shows the page after (1) or before (-1) the one shown.
func turn_page(step: int) -> void:
	_show_page(_pages[posmod(maxi(_pages.find(_page), 0) + step, _pages.size())])


## Shows a line at the bottom.
func say(text: String) -> void:
	_message.text = text
	_message.visible = text != ""
	_hint.visible = text == ""


func _show_page(page: Page) -> void:
	_page = page
	for other: Page in [_friends, _players, _profile, _person]:
		other.visible = other == page
	# A person's page is a part of the friends'.
	var shown := maxi(_pages.find(page), 0)
	for index: int in _buttons.size():
		_buttons[index].set_pressed_no_signal(index == shown)
	say("")
	_refresh()
	_focus_something()
	# The focus scrolls, before everything has its place.
	_scroll.set_deferred(&"scroll_vertical", 0)


# Many signals in a frame are one refresh.
func _queue_refresh(..._of_the_signal: Array) -> void:
	if not _stale:
		_stale = true
		_refresh.call_deferred()


func _refresh() -> void:
	_stale = false
	if People.me() == 0:
		# Steam has been shut down.
		closed.emit()
		return
	var situation := _situation()
	_page.refresh(situation, _pictures)
	_show_me(situation)
	_banner.visible = situation.is_dialog
	if situation.is_dialog:
		var place := People.lobby_name(_dialog_lobby) if _dialog_lobby != 0 else ""
		_banner_text.text = "Invite friends to “%s”" % place if place != "" else "Invite friends to your game"
	var waiting := _invitations.waiting.size()
	_buttons[0].text = "Friends" if waiting == 0 else "Friends (%d)" % waiting
	_look.call_deferred()
	if get_viewport().gui_get_focus_owner() == null:
		_focus_something()


func _situation() -> Situation:
	var situation := Situation.new(_lobbies)
	situation.is_dialog = _dialog_lobby != 0 or _dialog_connect != ""
	situation.connect_string = _dialog_connect
	if _dialog_lobby != 0:
		situation.lobby = _dialog_lobby
	return situation


func _show_me(situation: Situation) -> void:
	var me := People.person(People.me())
	_my_picture.show_person(me)
	_my_picture.look(_pictures)
	_my_name.text = me.name
	var inside := _lobbies.current()
	_my_place.text = "%s  ·  %s" % [me.state_text(), situation.lobby_text(inside)] if inside != 0 else me.state_text()


func _focus_something() -> void:
	var control := _page.first_focus()
	if control == null:
		control = _buttons[maxi(_pages.find(_page), 0)]
	control.grab_focus()


func _look() -> void:
	_page.look(_scroll.get_global_rect(), _pictures)


func _end_dialog() -> void:
	_dialog_lobby = 0
	_dialog_connect = ""
	_show_page(_friends)


func _on_dim_input(event: InputEvent) -> void:
	var click := event as InputEventMouseButton
	if click and click.pressed and click.button_index == MOUSE_BUTTON_LEFT:
		closed.emit()


func _on_chosen(person: Person) -> void:
	_person.show_user(person.id)
	_show_page(_person)


func _on_invite(person: Person, row: Node) -> void:
	var situation := _situation()
	if situation.invite(person):
		row.call(&"mark_invited", situation)
		say("%s is invited." % person.name)
	else:
		say("%s could not be invited." % person.name)


func _on_join(person: Person) -> void:
	closed.emit()
	_situation().join(person)


func _on_accepted(invitation: Invitation) -> void:
	closed.emit()
	_invitations.accept(invitation)


func _fit() -> void:
	_panel.offset_left = -minf(WIDTH, size.x - 2 * MARGIN) - MARGIN
	_look.call_deferred()
