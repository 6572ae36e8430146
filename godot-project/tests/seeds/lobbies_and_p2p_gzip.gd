extends "res://tests/seeds/lobbies_and_p2p.gd"
## The tutorial's second versions of two functions: the same packets, compressed with gzip.


func _send_P2P_Packet(target: int, packet_data: Dictionary) -> void:
	# Set the send_type and channel
	var SEND_TYPE: int = PACKET_SEND_TYPE
	var CHANNEL: int = 0

	# Create a data array to send the data through
	var DATA: PackedByteArray
	# Compress the PackedByteArray we create from our dictionary  using the GZIP compression method
	var COMPRESSED_DATA: PackedByteArray = var_to_bytes(packet_data).compress(FileAccess.COMPRESSION_GZIP)
	DATA.append_array(COMPRESSED_DATA)

	# If sending a packet to everyone
	if target == 0:
		# If there is more than one user, send packets
		if LOBBY_MEMBERS.size() > 1:
			# Loop through all members that aren't you
			for MEMBER in LOBBY_MEMBERS:
				if MEMBER['steam_id'] != STEAM_ID:
					Steam.sendP2PPacket(MEMBER['steam_id'], DATA, SEND_TYPE, CHANNEL)
	# Else send it to someone specific
	else:
		Steam.sendP2PPacket(target, DATA, SEND_TYPE, CHANNEL)


func _read_P2P_Packet() -> void:
	var PACKET_SIZE: int = Steam.getAvailableP2PPacketSize(0)

	# There is a packet
	if PACKET_SIZE > 0:
		var PACKET: Dictionary = Steam.readP2PPacket(PACKET_SIZE, 0)

		if PACKET.is_empty() or PACKET == null:
			print("WARNING: read an empty packet with non-zero size!")

		# Get the remote user's ID
		var _PACKET_SENDER: int = PACKET['steam_id_remote']

		# Make the packet data readable
		var PACKET_CODE: PackedByteArray = PACKET['data']
		# Decompress the array before turning it into a useable dictionary
		var READABLE: Dictionary = bytes_to_var(PACKET_CODE.decompress_dynamic(-1, FileAccess.COMPRESSION_GZIP))

		# Print the packet to output
		print("Packet: "+str(READABLE))

		# Append logic here to deal with packet data
