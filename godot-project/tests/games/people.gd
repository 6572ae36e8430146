extends Node
## What the harness cannot say in JSON: tickets in full, and images.


## A new ticket for a user, or 0 for anybody: its handle, how long its buffer is, and its bytes in hexadecimal.
func ticket(recipient: int) -> Dictionary:
	var made: Dictionary = Steam.getAuthSessionTicket(recipient)
	var buffer: PackedByteArray = made["buffer"]
	var size: int = made["size"]
	return {"id": made["id"], "room": buffer.size(), "hex": buffer.slice(0, size).hex_encode()}


## Begins a session with a ticket in hexadecimal, with room behind it as GodotSteam's buffers have.
func begin(hex: String, user: int) -> int:
	var buffer: PackedByteArray = hex.hex_decode()
	var size: int = buffer.size()
	buffer.resize(1024)
	return Steam.beginAuthSession(buffer, size, user)


## Gives the user a picture of one colour, or with none the generated one.
func set_avatar(width: int, height: int, colour: String) -> bool:
	if colour.is_empty():
		return Samovar.set_avatar(null)
	var image := Image.create_empty(width, height, true, Image.FORMAT_RGB8)
	image.fill(Color.html(colour))
	return Samovar.set_avatar(image)
