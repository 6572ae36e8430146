class_name Packets
## Packets as bytes: a dictionary, as Godot writes it, compressed with gzip.
##
## What comes out of [method decode] is safe to read: the fields that its kind of packet needs are there and of
## the right type, whatever a peer has sent.

## The largest packet that is taken apart, in bytes, after decompression. A peer could send a few bytes that
## inflate to gigabytes.
const MAX_BYTES: int = 64 * 1024

## The kinds of packets, by the value under "message", and the fields of each.
const FIELDS: Dictionary[String, Dictionary] = {
	"handshake": {"from": TYPE_INT, "answer": TYPE_BOOL},
	"ping": {"number": TYPE_INT},
	"pong": {"number": TYPE_INT},
	"note": {"text": TYPE_STRING, "reliable": TYPE_BOOL},
	"challenge": {"game": TYPE_INT, "starts": TYPE_INT},
	"accept": {"game": TYPE_INT},
	"decline": {"game": TYPE_INT},
	"move": {"game": TYPE_INT, "turn": TYPE_INT, "cell": TYPE_INT},
	"resign": {"game": TYPE_INT},
}


## The bytes of a packet.
static func encode(packet: Dictionary) -> PackedByteArray:
	return var_to_bytes(packet).compress(FileAccess.COMPRESSION_GZIP)


## The packet in the bytes; empty if they hold none, or one that no demo would send.
static func decode(data: PackedByteArray) -> Dictionary:
	if not _starts_like_gzip(data):
		return {}
	var bytes: PackedByteArray = data.decompress_dynamic(MAX_BYTES, FileAccess.COMPRESSION_GZIP)
	if bytes.is_empty() or not _starts_like_dictionary(bytes):
		return {}
	# Never bytes_to_var_with_objects() on what a peer has sent: objects bring their code along.
	var value: Variant = bytes_to_var(bytes)
	if typeof(value) != TYPE_DICTIONARY:
		return {}
	var packet: Dictionary = value
	return packet if _is_sound(packet) else {}


static func _starts_like_gzip(data: PackedByteArray) -> bool:
	return data.size() >= 18 and data[0] == 0x1f and data[1] == 0x8b


static func _starts_like_dictionary(bytes: PackedByteArray) -> bool:
	return bytes.size() >= 8 and bytes.decode_u16(0) == TYPE_DICTIONARY


static func _is_sound(packet: Dictionary) -> bool:
	var kind: Variant = packet.get("message")
	if typeof(kind) != TYPE_STRING or not FIELDS.has(kind):
		return false
	var fields: Dictionary = FIELDS[kind]
	for field: String in fields:
		if typeof(packet.get(field)) != fields[field]:
			return false
	return true
