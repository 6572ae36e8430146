class_name Removal
## Taking members out of a lobby: Samovar's own. Steam cannot, so with GodotSteam the demo does without.

const SINGLETON := "Samovar"


## Whether members can be removed here.
static func is_possible() -> bool:
	return Engine.has_singleton(SINGLETON)


## Removes a member of a lobby that the local player owns; it may come back.
static func kick(lobby: int, user: int) -> bool:
	return _call("kick_lobby_member", lobby, user)


## Removes a member for as long as the lobby exists.
static func ban(lobby: int, user: int) -> bool:
	return _call("ban_lobby_member", lobby, user)


static func _call(method: StringName, lobby: int, user: int) -> bool:
	if not is_possible():
		return false
	var done: bool = Engine.get_singleton(SINGLETON).call(method, lobby, user)
	return done
