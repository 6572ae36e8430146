class_name Avatars
extends Node
## Players' pictures: asks Steam for each once, and keeps them.

signal loaded(steam_id: int)

var _pictures: Dictionary[int, Texture2D] = {}


func _ready() -> void:
	Steam.avatar_loaded.connect(_on_avatar_loaded)


## The picture of a user; null the first time, until [signal loaded].
func picture_of(user: int) -> Texture2D:
	if not _pictures.has(user):
		_pictures[user] = null
		Steam.getPlayerAvatar(Steam.AVATAR_MEDIUM, user)
	return _pictures[user]


func _on_avatar_loaded(user: int, size: int, rgba: PackedByteArray) -> void:
	if size <= 0 or rgba.size() != size * size * 4:
		return
	var image := Image.create_from_data(size, size, false, Image.FORMAT_RGBA8, rgba)
	image.generate_mipmaps()
	_pictures[user] = ImageTexture.create_from_image(image)
	loaded.emit(user)
