extends Node
## Users' pictures: asks Steam for each once, and keeps those used last.

## A picture has come.
signal changed(user: int)

## Pictures kept; a large one takes 180 KB with its mipmaps, a small one 22 KB.
const LIMIT: int = 192
## The sizes that are asked for, by pixels.
const SIZES: Dictionary[int, int] = {64: Steam.AVATAR_MEDIUM, 184: Steam.AVATAR_LARGE}
const BLANK := Color("433529")

# By _key_of(), the one used last at the end; null while it is on its way.
var _kept: Dictionary[String, Texture2D] = {}
# Shown in place of those.
var _nothing: Texture2D


func _ready() -> void:
	var image := Image.create_empty(4, 4, true, Image.FORMAT_RGBA8)
	image.fill(BLANK)
	image.generate_mipmaps()
	_nothing = ImageTexture.create_from_image(image)
	Steam.avatar_loaded.connect(_on_avatar_loaded)
	Steam.persona_state_change.connect(_on_persona_state_change)


## A user's picture, [param size] a [enum Steam.AvatarSizes]; a blank one until [signal changed].
func picture_of(user: int, size: int) -> Texture2D:
	var key := _key_of(user, size)
	var picture: Texture2D = _kept.get(key)
	var known := _kept.erase(key)
	_kept[key] = picture
	if not known:
		if _kept.size() > LIMIT:
			_kept.erase(_kept.keys()[0])
		Steam.getPlayerAvatar(size, user)
	return picture if picture else _nothing


func _on_avatar_loaded(user: int, pixels: int, rgba: PackedByteArray) -> void:
	# The game may have asked for others.
	if not SIZES.has(pixels) or rgba.size() != pixels * pixels * 4:
		return
	var key := _key_of(user, SIZES[pixels])
	if not _kept.has(key):
		return
	var image := Image.create_from_data(pixels, pixels, false, Image.FORMAT_RGBA8, rgba)
	image.generate_mipmaps()
	_kept[key] = ImageTexture.create_from_image(image)
	changed.emit(user)


# The old picture stays until the new one is there.
func _on_persona_state_change(user: int, flags: int) -> void:
	if flags & Steam.PERSONA_CHANGE_AVATAR:
		for pixels: int in SIZES:
			if _kept.has(_key_of(user, SIZES[pixels])):
				Steam.getPlayerAvatar(SIZES[pixels], user)


static func _key_of(user: int, size: int) -> String:
	return "%d %d" % [user, size]
