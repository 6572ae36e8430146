class_name ConnectLine
## The command line with which Steam starts a game into a lobby, and with which friends join it: "+connect_lobby ID".

const WORD := "+connect_lobby"


## The line for a lobby.
static func to_lobby(lobby: int) -> String:
	return "%s %d" % [WORD, lobby]


## Whether these words ask for a lobby. Others may stand before them.
static func asks(words: PackedStringArray) -> bool:
	return WORD in words


## The lobby that these words ask for, 0 for none.
static func lobby_in(words: PackedStringArray) -> int:
	var place := words.find(WORD)
	if place < 0 or place + 1 >= words.size() or not words[place + 1].is_valid_int():
		return 0
	return maxi(words[place + 1].to_int(), 0)
