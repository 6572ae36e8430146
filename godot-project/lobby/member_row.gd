class_name MemberRow
extends PanelContainer
## One member of the lobby: who it is, how the P2P session stands, and a button to challenge.

signal challenged

@onready var _avatar: AvatarView = %Avatar
@onready var _name: Label = %Name
@onready var _owner: OwnerMark = %Owner
@onready var _session: Label = %Session
@onready var _play: Button = %Play


func _ready() -> void:
	_play.pressed.connect(challenged.emit)


## Shows who it is.
func show_user(user: int, persona: String, picture: Texture2D, owns_lobby: bool) -> void:
	_avatar.show_picture(picture)
	_name.text = persona
	_name.tooltip_text = str(user)
	_owner.visible = owns_lobby
	_play.tooltip_text = "Challenge %s to noughts and crosses" % persona
	_play.name = "Play_%d" % user


## Shows the local player.
func show_self() -> void:
	_play.hide()
	_say("you", DemoTheme.MUTED)


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
