extends RefCounted
## An invitation to a lobby, or to a user's game.

const People := preload("res://addons/samovar/overlay/people.gd")

## Who invites.
var inviter: int = 0
## The lobby; 0 where it is the game.
var lobby: int = 0
## What the game needs to join, where it is no lobby.
var connect_string: String = ""


## What it invites to, for the user to read.
func text() -> String:
	if lobby == 0:
		return "invites you to play"
	var name := People.lobby_name(lobby)
	return "invites you to “%s”" % name if name != "" else "invites you to a lobby"
