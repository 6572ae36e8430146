class_name MemberRow
extends PanelContainer
## One member of the lobby: who it is, how the P2P session stands, a button to challenge, and the owner's menu.

signal challenged
signal owner_wanted
signal kick_wanted
signal ban_wanted

@onready var _avatar: AvatarView = %Avatar
@onready var _name: Label = %Name
@onready var _owner: OwnerMark = %Owner
@onready var _session: Label = %Session
@onready var _play: Button = %Play
@onready var _menu: MemberMenu = %Menu


func _ready() -> void:
	_play.pressed.connect(challenged.emit)
	_menu.owner_wanted.connect(owner_wanted.emit)
	_menu.kick_wanted.connect(kick_wanted.emit)
	_menu.ban_wanted.connect(ban_wanted.emit)


## Shows who it is.
func show_user(user: int, persona: String, picture: Texture2D, owns_lobby: bool) -> void:
	_avatar.show_picture(picture)
	_name.text = persona
	_name.tooltip_text = "%s\n%d" % [persona, user]
	_owner.visible = owns_lobby
	_play.tooltip_text = "Challenge %s to noughts and crosses" % persona
	_play.name = "Play_%d" % user
	_menu.tooltip_text = "What the owner can do with %s" % persona
	_menu.name = "Menu_%d" % user


## Shows the local player.
func show_self() -> void:
	_play.hide()
	_menu.hide()
	_say("you", DemoTheme.MUTED)


## Offers the menu, to the lobby's owner.
func show_menu(offered: bool) -> void:
	_menu.visible = offered


## Shows another player's session; [param ping_ms] below zero is not known.
func show_session(state: Peers.State, ping_ms: float, can_challenge: bool) -> void:
	_play.visible = can_challenge
	match state:
		Peers.State.WAITING: _say("shaking hands…", DemoTheme.MUTED)
		Peers.State.FAILED: _say("no answer", DemoTheme.RED)
		Peers.State.CONNECTED:
			if ping_ms < 0.0:
				_say("connected", DemoTheme.GREEN)
			else:
				_say("%.0f ms" % ping_ms, _ping_color(ping_ms))


func _ping_color(ping_ms: float) -> Color:
	if ping_ms < 80.0:
		return DemoTheme.GREEN
	return DemoTheme.BRASS if ping_ms < 200.0 else DemoTheme.RED


func _say(text: String, color: Color) -> void:
	_session.text = text
	_session.add_theme_color_override("font_color", color)
