extends Node
## GodotSteam's tutorial "P2P Networking" (Steamworks Networking Messages): its Godot 4 snippets in
## one script. The lobby it relies on is the lobbies tutorial's, in the few lines at the end.

var steam_id: int = 0
var lobby_id: int = 0
var lobby_members: Array = []

# The tutorial's local variable send_type, set from outside so that every flag is tried.
var message_send_type: int = Steam.NETWORKING_SEND_RELIABLE_NO_NAGLE


func _ready() -> void:
	# What the tutorial's global.gd does
	Steam.steamInitEx(480)
	steam_id = Steam.getSteamID()

	Steam.network_messages_session_request.connect(_on_network_messages_session_request)
	Steam.network_messages_session_failed.connect(_on_network_messages_session_failed)
	Steam.lobby_joined.connect(_on_lobby_joined)
	Steam.lobby_chat_update.connect(_on_lobby_chat_update)


func _process(_delta) -> void:
	Steam.run_callbacks()

	# If the player is connected, read packets
	if lobby_id > 0:
		read_messages()


func _on_network_messages_session_request(remote_id: int) -> void:
	# Get the requester's name
	var this_requester: String = Steam.getFriendPersonaName(remote_id)
	print("%s is requesting a P2P session" % this_requester)

	# Accept the P2P session; can apply logic to deny this request if needed
	Steam.acceptSessionWithUser(remote_id)

	# Make the initial handshake
	make_p2p_handshake()


func read_messages() -> void:
	var messages: Array = Steam.receiveMessagesOnChannel(0, 1000)

	for message in messages:
		if message.is_empty() or message == null:
			print("WARNING: read an empty message with non-zero size!")
		else:
			message.payload = bytes_to_var(message.payload)
			# Get the remote user's ID (the page reads it from a variable that does not exist)
			var _message_sender: int = message['remote_steam_id']

			# Print the packet to output
			print("Message: %s" % message.payload)

			# Append logic here to deal with message data.


func send_message(this_target: int, packet_data: Dictionary) -> void:
	# Set the send_type and channel
	var send_type: int = message_send_type
	var channel: int = 0

	# Create a data array to send the data through
	var this_data: PackedByteArray
	this_data.append_array(var_to_bytes(packet_data))

	# If sending a packet to everyone
	if this_target == 0:
		# If there is more than one user, send packets
		if lobby_members.size() > 1:
			# Loop through all members that aren't you
			for this_member in lobby_members:
				if this_member['steam_id'] != steam_id:
					Steam.sendMessageToUser(this_member['steam_id'], this_data, send_type, channel)

	# Else send it to someone specific
	else:
		Steam.sendMessageToUser(this_target, this_data, send_type, channel)


func _on_network_messages_session_failed(_steam_id: int, _session_error: int, _state: int, debug_msg: String) -> void:
	print(debug_msg)


# From the lobbies tutorial, which this one says it complements

func make_p2p_handshake() -> void:
	print("Sending P2P handshake to the lobby")

	send_message(0, {"message": "handshake", "from": steam_id})


func get_lobby_members() -> void:
	lobby_members.clear()
	for this_member in range(0, Steam.getNumLobbyMembers(lobby_id)):
		var member_steam_id: int = Steam.getLobbyMemberByIndex(lobby_id, this_member)
		var member_steam_name: String = Steam.getFriendPersonaName(member_steam_id)
		lobby_members.append({"steam_id": member_steam_id, "steam_name": member_steam_name})


func _on_lobby_joined(this_lobby_id: int, _permissions: int, _locked: bool, response: int) -> void:
	if response == Steam.CHAT_ROOM_ENTER_RESPONSE_SUCCESS:
		lobby_id = this_lobby_id
		get_lobby_members()
		make_p2p_handshake()


func _on_lobby_chat_update(_lobby_id: int, _change_id: int, _making_change_id: int, _chat_state: int) -> void:
	get_lobby_members()
