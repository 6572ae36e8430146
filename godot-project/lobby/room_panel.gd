class_name RoomPanel
extends VBoxContainer
## The lobby from inside: members, chat, packets and the game.

## Something the player should read, and in which colour.
signal told(text: String, color: Color)

const ROW: PackedScene = preload("res://lobby/member_row.tscn")
## Lower than this, chat and packets take turns instead of sharing the height.
const HEIGHT_FOR_BOTH: float = 460.0

var _lobby: LobbyModel
var _avatars: Avatars
var _peers: Peers
var _noughts: NoughtsMatch
var _rows: Dictionary[int, MemberRow] = {}

@onready var _name: Label = %LobbyName
@onready var _mode: Label = %Mode
@onready var _id: Button = %CopyLobbyId
@onready var _leave: Button = %Leave
@onready var _heading: Label = %MembersHeading
@onready var _members: Control = %Members
@onready var _invite_id: LineEdit = %InviteId
@onready var _invite: Button = %Invite
@onready var _invite_friends: Button = %InviteFriends
@onready var _access: AccessBar = %Access
@onready var _tabs: TabBar = %Tabs
@onready var _chat: ChatPanel = %Chat
@onready var _packets: PacketPanel = %Packets
@onready var _game: NoughtsPanel = %Noughts


## To be called once, before anything else.
func setup(lobby: LobbyModel, avatars: Avatars, peers: Peers, noughts: NoughtsMatch) -> void:
	_lobby = lobby
	_avatars = avatars
	_peers = peers
	_noughts = noughts
	_access.setup(lobby)
	_chat.setup(lobby)
	_packets.setup(lobby, peers)
	_game.setup(lobby, noughts)
	lobby.changed.connect(_show_lobby)
	lobby.left.connect(_packets.clear.unbind(1))
	peers.changed.connect(_show_lobby.unbind(1))
	noughts.changed.connect(_show_lobby)
	avatars.loaded.connect(_show_lobby.unbind(1))
	_leave.pressed.connect(lobby.leave)
	_id.pressed.connect(_copy_id)
	_invite.pressed.connect(_on_invite)
	_invite_friends.pressed.connect(lobby.show_invite_dialog)
	_access.told.connect(told.emit)
	_invite_id.text_submitted.connect(_on_invite.unbind(1))
	_tabs.tab_changed.connect(_share_height.unbind(1))
	resized.connect(_share_height)
	_packets.complained.connect(told.emit.bind(DemoTheme.RED))
	Shortcuts.give(_leave, KEY_L, true)
	Shortcuts.give(_invite_friends, KEY_I, true)


## Shows the lobby just entered.
func open() -> void:
	_id.text = "ID %d" % _lobby.lobby_id
	_invite_id.clear()
	_invite_friends.visible = Steam.isOverlayEnabled()
	_chat.open()
	_access.show_access()
	_show_lobby()
	_show_tab(0)
	_chat.take_focus()


func _unhandled_key_input(event: InputEvent) -> void:
	if not is_visible_in_tree():
		return
	if Shortcuts.is_pressed(event, KEY_F2, false):
		_show_tab(0)
		_chat.take_focus()
	elif Shortcuts.is_pressed(event, KEY_F3, false):
		_show_tab(1)
		_packets.take_focus()
	elif Shortcuts.is_pressed(event, KEY_F4, false):
		_game.take_focus()
	else:
		return
	accept_event()


func _show_tab(tab: int) -> void:
	_tabs.current_tab = tab
	_share_height()


func _share_height() -> void:
	var both := size.y >= HEIGHT_FOR_BOTH
	_tabs.visible = not both
	_chat.visible = both or _tabs.current_tab == 0
	_packets.visible = both or _tabs.current_tab == 1


func _show_lobby() -> void:
	if not _lobby.is_inside():
		return
	_name.text = _lobby.lobby_data(LobbyModel.KEY_NAME)
	_mode.text = _lobby.lobby_data(LobbyModel.KEY_MODE)
	_mode.visible = _mode.text != ""
	_heading.text = "Members  %d of %d" % [_lobby.members.size(), _lobby.seats()]
	for user: int in _rows.keys():
		if not user in _lobby.members:
			_rows[user].queue_free()
			_rows.erase(user)
	for place: int in _lobby.members.size():
		var user := _lobby.members[place]
		if not _rows.has(user):
			_rows[user] = ROW.instantiate()
			_members.add_child(_rows[user])
			_connect_row(_rows[user], user)
		_members.move_child(_rows[user], place)
		_show_member(user)


func _connect_row(row: MemberRow, user: int) -> void:
	row.challenged.connect(_noughts.challenge.bind(user))
	row.owner_wanted.connect(_lobby.make_owner.bind(user))
	row.kick_wanted.connect(_lobby.kick.bind(user))
	row.ban_wanted.connect(_lobby.ban.bind(user))


func _show_member(user: int) -> void:
	var row := _rows[user]
	row.show_user(user, _lobby.name_of(user), _avatars.picture_of(user), user == _lobby.owner_id())
	if user == Steamworks.steam_id:
		row.show_self()
	else:
		row.show_menu(_lobby.is_mine())
		row.show_session(_peers.state_of(user), _peers.ping_of(user), _noughts.can_challenge(user))


func _copy_id() -> void:
	DisplayServer.clipboard_set(str(_lobby.lobby_id))
	told.emit("The lobby's ID is in the clipboard.", DemoTheme.MUTED)


func _on_invite() -> void:
	var text := _invite_id.text.strip_edges()
	if not text.is_valid_int() or text.to_int() <= 0:
		told.emit("A Steam ID is a number, as at the top right.", DemoTheme.RED)
	elif _lobby.invite(text.to_int()):
		told.emit("The invitation is on its way.", DemoTheme.GREEN)
		_invite_id.clear()
