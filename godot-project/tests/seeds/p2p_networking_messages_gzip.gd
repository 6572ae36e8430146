extends "res://tests/seeds/p2p_networking_messages.gd"
## The tutorial's second versions of two functions: the same messages, compressed with gzip.


func send_message(this_target: int, packet_data: Dictionary) -> void:
	# Set the send_type and channel
	var send_type: int = message_send_type
	var channel: int = 0

	# Create a data array to send the data through
	var this_data: PackedByteArray
	this_data.append_array(var_to_bytes(packet_data).compress(FileAccess.COMPRESSION_GZIP))

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


func read_messages() -> void:
	var messages: Array = Steam.receiveMessagesOnChannel(0, 1000)

	for message in messages:
		if message.is_empty() or message == null:
			print("WARNING: read an empty message with non-zero size!")
		else:
			# The page decodes first and decompresses second, which cannot work
			message.payload = bytes_to_var(message.payload.decompress_dynamic(-1, FileAccess.COMPRESSION_GZIP))
			# Get the remote user's ID
			var _message_sender: int = message['remote_steam_id']

			# Print the packet to output
			print("Message: %s" % message.payload)

			# Append logic here to deal with packet data
