extends Node
## Measures the round trip of a reliable P2P packet between two games, in frames and microseconds.
##
## One game calls `start`, the other echoes. Packets go over channel 7 and carry a number.

const CHANNEL: int = 7

var echo: bool = true
var times_us: Array = []
var frames: Array = []

var _peer: int = 0
var _wanted: int = 0
var _sent_at_us: int = 0
var _sent_in_frame: int = 0


## Sends `count` packets to `peer`, one after the other; `done` answers when all came back.
func start(peer: int, count: int) -> void:
	echo = false
	_peer = peer
	_wanted = count
	_send()


func done() -> bool:
	return _wanted > 0 and times_us.size() >= _wanted


func _send() -> void:
	var packet := PackedByteArray()
	packet.resize(64)
	packet.encode_u32(0, times_us.size())
	_sent_at_us = Time.get_ticks_usec()
	_sent_in_frame = Engine.get_process_frames()
	Steam.sendP2PPacket(_peer, packet, Steam.P2P_SEND_RELIABLE, CHANNEL)


func _process(_delta: float) -> void:
	while Steam.getAvailableP2PPacketSize(CHANNEL) > 0:
		var packet: Dictionary = Steam.readP2PPacket(2000, CHANNEL)
		var sender: int = packet["remote_steam_id"]
		var data: PackedByteArray = packet["data"]
		if echo:
			Steam.sendP2PPacket(sender, data, Steam.P2P_SEND_RELIABLE, CHANNEL)
		elif data.decode_u32(0) == times_us.size():
			times_us.append(Time.get_ticks_usec() - _sent_at_us)
			frames.append(Engine.get_process_frames() - _sent_in_frame)
			if done():
				print("TEST ping_done {}")
			else:
				_send()
