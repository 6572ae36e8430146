extends Control
## The round trip to the peer that is farthest, over the last seconds, and the traffic. Godot's debugger draws the same, under
## Monitors.

const SECONDS := 10.0
const EVERY := 0.1

var _round_trips: PackedFloat64Array = []
var _since := 0.0


func _process(delta: float) -> void:
	_since += delta
	if _since < EVERY:
		return
	_since = 0.0
	_round_trips.append(_round_trip_ms())
	if _round_trips.size() > SECONDS / EVERY:
		_round_trips.remove_at(0)
	queue_redraw()


func _round_trip_ms() -> float:
	var peer := multiplayer.multiplayer_peer
	if peer is SteamMultiplayerPeer:
		return Performance.get_custom_monitor(&"samovar/round_trip_ms")
	if peer is ENetMultiplayerPeer and not multiplayer.is_server():
		var host := (peer as ENetMultiplayerPeer).get_peer(1)
		return host.get_statistic(ENetPacketPeer.PEER_ROUND_TRIP_TIME) if host != null else 0.0
	return 0.0


func _draw() -> void:
	draw_rect(Rect2(Vector2.ZERO, size), Color(0, 0, 0, 0.4))
	if _round_trips.size() < 2:
		return
	var most := 10.0
	for value in _round_trips:
		most = maxf(most, value)
	var line: PackedVector2Array = []
	for index in _round_trips.size():
		var across := index * EVERY / SECONDS * size.x
		line.append(Vector2(across, size.y - _round_trips[index] / most * (size.y - 18.0)))
	draw_polyline(line, Color.ORANGE, 1.5)
	var text := "%.1f ms of at most %.0f" % [_round_trips[-1], most]
	if multiplayer.multiplayer_peer is SteamMultiplayerPeer:
		var sent: float = Performance.get_custom_monitor(&"samovar/bytes_out_per_second")
		text += ", %.1f KB/s out" % (sent / 1000.0)
	draw_string(ThemeDB.fallback_font, Vector2(6, 14), text, HORIZONTAL_ALIGNMENT_LEFT, -1, 12)
