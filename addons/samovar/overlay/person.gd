extends RefCounted
## A user as the overlay shows one.

## The Steam ID.
var id: int = 0
## The name; "…" while it is on its way.
var name: String = ""
## A [enum Steam.PersonaState].
var state: int = 0
## The lobby that the user is in, 0 outside of any.
var lobby: int = 0
## The rich presence "status".
var status: String = ""
## The rich presence "connect": what another needs to join the user's game.
var connect_string: String = ""
## When the local user last played with this one, in seconds of Unix time; 0 if that is not asked for.
var played_at: int = 0


## Whether the user is there at all.
func is_online() -> bool:
	return state != Steam.PERSONA_STATE_OFFLINE


## The state in a word.
func state_text() -> String:
	return text_of(state)


## The colour of the state.
func state_color() -> Color:
	return color_of(state)


## A [enum Steam.PersonaState] in a word.
static func text_of(persona_state: int) -> String:
	match persona_state:
		Steam.PERSONA_STATE_OFFLINE: return "Offline"
		Steam.PERSONA_STATE_BUSY: return "Busy"
		Steam.PERSONA_STATE_AWAY, Steam.PERSONA_STATE_SNOOZE: return "Away"
	return "Online"


## The colour of a [enum Steam.PersonaState].
static func color_of(persona_state: int) -> Color:
	match persona_state:
		Steam.PERSONA_STATE_OFFLINE: return Color("7d6e61")
		Steam.PERSONA_STATE_BUSY: return Color("ef7a6d")
		Steam.PERSONA_STATE_AWAY, Steam.PERSONA_STATE_SNOOZE: return Color("f0cf6b")
	return Color("93c47d")
