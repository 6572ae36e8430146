extends Control
## The demo's window: the list of lobbies while outside of any, the room while in one.

const SMALLEST := Vector2i(800, 500)
const MESSAGE_SECONDS: float = 10.0
const HINTS_OUTSIDE := "Ctrl+N create   ·   F5 refresh   ·   Ctrl+J join by ID"
const HINTS_INSIDE := "F2 chat   ·   F3 packets   ·   F4 game   ·   Ctrl+L leave"

var _lobby := LobbyModel.new()
var _avatars := Avatars.new()
var _peers := Peers.new()
var _noughts := NoughtsMatch.new()
var _presence := Presence.new()
var _invitation: int = 0
var _fade: Tween

@onready var _browse: BrowsePanel = %Browse
@onready var _room: RoomPanel = %Room
@onready var _message: Label = %Message
@onready var _hints: Label = %Hints
@onready var _my_id: Button = %CopyMyId
@onready var _my_name: Label = %MyName
@onready var _my_avatar: AvatarView = %MyAvatar
@onready var _invitation_box: Control = %Invitation
@onready var _invitation_text: Label = %InvitationText
@onready var _invitation_yes: Button = %AcceptInvitation
@onready var _invitation_no: Button = %DismissInvitation


func _ready() -> void:
	theme = DemoTheme.build()
	get_window().min_size = SMALLEST
	if not Steamworks.ready_to_use:
		_browse.hide()
		_my_id.hide()
		_hints.hide()
		_say(Steamworks.problem, DemoTheme.RED)
		DemoOptions.give_up_if_alone(Steamworks.problem)
		return
	for node: Node in [_lobby, _avatars, _peers, _noughts, _presence]:
		add_child(node)
	_peers.setup(_lobby)
	_noughts.setup(_lobby, _peers)
	_presence.setup(_lobby, _noughts)
	_browse.setup(_lobby)
	_room.setup(_lobby, _avatars, _peers, _noughts)
	_connect_signals()
	_show_myself()
	_show_page()
	DemoOptions.follow(self, _lobby, _peers, _noughts)
	_join_from_command_line()


# Steam starts the game with "+connect_lobby <ID>" where the player has accepted an invitation outside of it.
func _join_from_command_line() -> void:
	var arguments := OS.get_cmdline_args() + OS.get_cmdline_user_args()
	if ConnectLine.asks(arguments):
		_lobby.join_by_line(arguments)


func _connect_signals() -> void:
	_lobby.entered.connect(_on_entered)
	_lobby.left.connect(_on_left)
	_lobby.failed.connect(_on_failed)
	_lobby.invited.connect(_on_invited)
	_lobby.changed.connect(_show_myself)
	_browse.complained.connect(_say.bind(DemoTheme.RED))
	_room.told.connect(_say)
	_peers.failed.connect(_on_peer_failed)
	_noughts.told.connect(_say.bind(DemoTheme.BRASS_HOVER))
	_avatars.loaded.connect(_on_avatar_loaded)
	_my_id.pressed.connect(_copy_my_id)
	_invitation_yes.pressed.connect(_answer_invitation.bind(true))
	_invitation_no.pressed.connect(_answer_invitation.bind(false))
	Steam.steam_server_connected.connect(_on_steam_connected)
	Steam.steam_server_disconnected.connect(_on_steam_disconnected)


func _show_myself() -> void:
	_my_name.text = Steamworks.steam_name
	_my_id.text = "ID %d" % Steamworks.steam_id
	_my_avatar.show_picture(_avatars.picture_of(Steamworks.steam_id))
	get_window().title = "%s – lobby and P2P demo" % Steamworks.steam_name


func _show_page() -> void:
	_browse.visible = not _lobby.is_inside()
	_room.visible = _lobby.is_inside()
	_hints.text = HINTS_INSIDE if _lobby.is_inside() else HINTS_OUTSIDE
	if _lobby.is_inside():
		_room.open()
	else:
		_browse.open()


func _say(text: String, color: Color) -> void:
	_message.text = text
	_message.tooltip_text = text
	_message.add_theme_color_override("font_color", color)
	_message.modulate = Color.WHITE
	if _fade:
		_fade.kill()
	_fade = create_tween()
	_fade.tween_interval(MESSAGE_SECONDS)
	_fade.tween_property(_message, "modulate", Color(1, 1, 1, 0), 1.0)


func _on_entered() -> void:
	# Perhaps it was accepted elsewhere.
	if _lobby.lobby_id == _invitation:
		_invitation_box.hide()
	_show_page()
	_say("You are in “%s”." % _lobby.lobby_data(LobbyModel.KEY_NAME), DemoTheme.GREEN)


func _on_left(reason: String) -> void:
	_show_page()
	if reason == "":
		_say("You left the lobby.", DemoTheme.MUTED)
	else:
		_say(reason, DemoTheme.RED)


func _on_failed(text: String) -> void:
	_say(text, DemoTheme.RED)
	_browse.open()


func _on_peer_failed(user: int, error: int) -> void:
	_say("%s %s." % [_lobby.name_of(user), LobbyAnswers.to_session(error)], DemoTheme.RED)


func _on_avatar_loaded(user: int) -> void:
	if user == Steamworks.steam_id:
		_my_avatar.show_picture(_avatars.picture_of(user))


func _on_steam_connected() -> void:
	_say("Connected to Steam.", DemoTheme.GREEN)


func _on_steam_disconnected(_result: int) -> void:
	_say("The connection to Steam is lost; it comes back by itself.", DemoTheme.RED)


func _copy_my_id() -> void:
	DisplayServer.clipboard_set(str(Steamworks.steam_id))
	_say("Your Steam ID is in the clipboard.", DemoTheme.MUTED)


func _on_invited(inviter: int, lobby: int) -> void:
	# The overlay tells of invitations too.
	if Steam.isOverlayEnabled():
		return
	_invitation = lobby
	_invitation_text.text = "%s invites you to “%s”." % [
		_lobby.name_of(inviter), _lobby.data_of(lobby, LobbyModel.KEY_NAME),
	]
	# No grab_focus() here: who is just writing would accept with the next Enter.
	_invitation_box.show()


func _answer_invitation(yes: bool) -> void:
	_invitation_box.hide()
	if yes:
		_lobby.join(_invitation)
