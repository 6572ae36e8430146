class_name PacketPanel
extends PanelContainer
## Sends packets to the other members, and shows every packet that comes and goes.

## Something could not be sent; [param text] says why.
signal complained(text: String)

const LINES_KEPT: int = 200

var _lobby: LobbyModel
var _peers: Peers

@onready var _show_pings: CheckBox = %ShowPings
@onready var _log: RichTextLabel = %Log
@onready var _text: LineEdit = %PacketText
@onready var _reliable: Button = %SendReliable
@onready var _unreliable: Button = %SendUnreliable


## To be called once, before anything else.
func setup(lobby: LobbyModel, peers: Peers) -> void:
	_lobby = lobby
	_peers = peers
	peers.logged.connect(_on_logged)
	_reliable.pressed.connect(_send.bind(true))
	_unreliable.pressed.connect(_send.bind(false))
	_text.text_submitted.connect(_send.bind(true).unbind(1))


## Empties the log.
func clear() -> void:
	_log.clear()


## Puts the cursor into the text to send.
func take_focus() -> void:
	_text.grab_focus()
	_text.edit()
	_text.select_all()


func _send(reliable: bool) -> void:
	if _lobby.members.size() < 2:
		complained.emit("Nobody else is here to send a packet to.")
	elif not _peers.send_to_all({"message": "note", "text": _text.text, "reliable": reliable}, reliable):
		complained.emit("The packet could not be sent to everyone.")


func _on_logged(note: Dictionary) -> void:
	var packet: Dictionary = note["packet"]
	var kind: String = packet["message"]
	if kind in ["ping", "pong"] and not _show_pings.button_pressed:
		return
	var user: int = note["peer"]
	while _log.get_paragraph_count() > LINES_KEPT:
		_log.remove_paragraph(0)
	if _log.get_parsed_text() != "":
		_log.newline()
	_write("→ " if note["out"] else "← ", DemoTheme.BRASS if note["out"] else DemoTheme.TEAL)
	_write(_lobby.name_of(user) + "  ", DemoTheme.MUTED)
	_write(_in_words(packet), DemoTheme.TEXT)
	_write("  %s, %d B, %d gzipped" % [
		"reliable" if note["reliable"] else "unreliable", note["bytes"], note["sent"],
	], DemoTheme.FAINT)


func _in_words(packet: Dictionary) -> String:
	match packet["message"]:
		"note": return "“%s”" % packet["text"]
		"handshake": return "handshake answered" if packet["answer"] else "handshake"
		"move": return "move %d: cell %d" % [packet["turn"], packet["cell"]]
		"ping", "pong": return "%s %d" % [packet["message"], packet["number"]]
	return packet["message"]


func _write(text: String, color: Color) -> void:
	_log.push_color(color)
	_log.add_text(text)
	_log.pop()
