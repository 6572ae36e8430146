extends Node
## Calls back into Steam from every signal, as games do without thinking about it.

## What each handler does: "calls", "restart" or "nothing".
var mode: String = "calls"
var handled: Dictionary = {}
var restarts: int = 0

var _depth: int = 0


func _ready() -> void:
	for info: Dictionary in Steam.get_signal_list():
		var signal_name: String = info["name"]
		Steam.connect(signal_name, _on_any.bind(signal_name))


func _on_any(...args: Array) -> void:
	var signal_name: String = args.pop_back()
	handled[signal_name] = int(str(handled.get(signal_name, 0))) + 1
	# A handler that runs the callbacks is called again from within them.
	if _depth >= 4:
		return
	_depth += 1
	match mode:
		"calls":
			_call_everything(args)
		"restart":
			# Once: the new start's own signals would restart it for ever.
			mode = "nothing"
			restarts += 1
			Steam.steamShutdown()
			Steam.run_callbacks()
			Steam.steamInit(480)
			Steam.run_callbacks()
	_depth -= 1


func _call_everything(args: Array) -> void:
	var lobby: int = 0
	for arg: Variant in args:
		if arg is int and Steam.isLobby(int(str(arg))):
			lobby = arg
	Steam.run_callbacks()
	Steam.getSteamID()
	Steam.getPersonaName()
	Steam.getAvailableP2PPacketSize(0)
	Steam.receiveMessagesOnChannel(0, 10)
	if lobby != 0:
		Steam.getNumLobbyMembers(lobby)
		Steam.getLobbyData(lobby, "name")
		Steam.getAllLobbyData(lobby)
		for index: int in Steam.getNumLobbyMembers(lobby):
			var member: int = Steam.getLobbyMemberByIndex(lobby, index)
			if member != Steam.getSteamID():
				Steam.sendP2PPacket(member, "hi".to_ascii_buffer(), Steam.P2P_SEND_RELIABLE, 0)
				Steam.acceptP2PSessionWithUser(member)
				Steam.getP2PSessionState(member)
				Steam.getFriendPersonaName(member)
	Steam.requestLobbyList()
	Steam.run_callbacks()
