extends RefCounted
## Turns values into what JSON can carry, and the harness's arguments into values.


## A value as JSON can carry it: byte arrays become {size, md5, hex}, keys become strings.
static func plain(value: Variant) -> Variant:
	match typeof(value):
		TYPE_PACKED_BYTE_ARRAY:
			return describe_bytes(value as PackedByteArray)
		TYPE_ARRAY, TYPE_PACKED_INT32_ARRAY, TYPE_PACKED_INT64_ARRAY, TYPE_PACKED_STRING_ARRAY:
			var list: Array = []
			for item: Variant in value:
				list.append(plain(item))
			return list
		TYPE_DICTIONARY:
			var source: Dictionary = value
			var copy: Dictionary = {}
			for key: Variant in source:
				copy[str(key)] = plain(source[key])
			return copy
		TYPE_NIL, TYPE_BOOL, TYPE_INT, TYPE_FLOAT, TYPE_STRING:
			return value
	return str(value)


## What a test needs to know of bytes: how many, their MD5, and the first 64 in hexadecimal.
static func describe_bytes(bytes: PackedByteArray) -> Dictionary:
	var context := HashingContext.new()
	var md5 := ""
	if context.start(HashingContext.HASH_MD5) == OK:
		if bytes.size() > 0:
			context.update(bytes)
		md5 = context.finish().hex_encode()
	return {"size": bytes.size(), "md5": md5, "hex": bytes.slice(0, 64).hex_encode()}


## The opposite way: {"__bytes": {size, seed}} and {"__bytes": {text}} become byte arrays.
static func from_harness(value: Variant) -> Variant:
	if value is Array:
		var list: Array = []
		for item: Variant in value as Array:
			list.append(from_harness(item))
		return list
	if value is Dictionary:
		var source: Dictionary = value
		if source.has("__bytes"):
			var recipe: Dictionary = source["__bytes"]
			if recipe.has("text"):
				return str(recipe["text"]).to_utf8_buffer()
			return pattern(int(str(recipe["size"])), int(str(recipe["seed"])))
		var copy: Dictionary = {}
		for key: Variant in source:
			copy[key] = from_harness(source[key])
		return copy
	return value


## `size` bytes with a period of 251, which no power of two hides, starting at `seed`.
static func pattern(size: int, seed_value: int) -> PackedByteArray:
	var bytes := PackedByteArray()
	for index: int in mini(size, 251):
		bytes.append((index * 7 + seed_value) & 0xff)
	while bytes.size() < size and bytes.size() > 0:
		bytes.append_array(bytes.slice(0, mini(bytes.size(), size - bytes.size())))
	return bytes
