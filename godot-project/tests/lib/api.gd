extends RefCounted
## What the tests of GodotSteam's API share: reading files, counting what is not as it has to be.

const CLASS := "Steam"
const TYPES: Dictionary = {
	"void": TYPE_NIL,
	"Variant": TYPE_NIL,
	"bool": TYPE_BOOL,
	"int": TYPE_INT,
	"float": TYPE_FLOAT,
	"String": TYPE_STRING,
	"Array": TYPE_ARRAY,
	"Dictionary": TYPE_DICTIONARY,
	"PackedByteArray": TYPE_PACKED_BYTE_ARRAY,
	"PackedInt32Array": TYPE_PACKED_INT32_ARRAY,
	"PackedInt64Array": TYPE_PACKED_INT64_ARRAY,
	"PackedFloat64Array": TYPE_PACKED_FLOAT64_ARRAY,
}
const USAGE_KINDS: int = PROPERTY_USAGE_CLASS_IS_ENUM | PROPERTY_USAGE_CLASS_IS_BITFIELD | PROPERTY_USAGE_NIL_IS_VARIANT

var failures: int = 0
var checks: int = 0


## A file of JSON. Godot's own parser makes a fraction of every number; this one does not.
func read(path: String) -> Dictionary:
	var value: Variant = str_to_var(FileAccess.get_file_as_string(path))
	if value is Dictionary:
		return value
	same("reading %s" % path, type_string(typeof(value)), "Dictionary")
	return {}


## Counts a check, and prints it if it failed.
func same(what: String, found: Variant, wanted: Variant) -> void:
	checks += 1
	if typeof(found) != typeof(wanted) or found != wanted:
		failures += 1
		print("FAIL %s: %s, wanted %s" % [what, var_to_str(found), var_to_str(wanted)])


## Says that everything since `failures_before` was as it has to be.
func report(what: String, failures_before: int) -> void:
	if failures == failures_before:
		print("PASS ", what)


## Ends the program; with exit status 0 if nothing failed.
func finish(tree: SceneTree) -> void:
	print("%d checks, %d failures" % [checks, failures])
	if failures == 0:
		print("SAMOVAR-TEST OK")
	tree.quit(mini(failures, 1))


## The entries of a list, by their name.
static func by_name(list: Array) -> Dictionary:
	var result: Dictionary = {}
	for entry: Dictionary in list:
		result[str(entry["name"])] = entry
	return result


## The entries of one kind in all parts of the API: "methods", "signals".
static func all(api: Dictionary, kind: String) -> Array:
	var entries: Array = []
	for part: Dictionary in (api["classes"] as Dictionary).values():
		entries.append_array(part[kind] as Array)
	return entries


## The entries of one kind in all parts of the API that are kept by their name: "enums", "constants".
static func all_named(api: Dictionary, kind: String) -> Dictionary:
	var entries: Dictionary = {}
	for part: Dictionary in (api["classes"] as Dictionary).values():
		entries.merge(part[kind] as Dictionary)
	return entries


## An argument or a result as it is compared: name, type, enum, and of what kind Godot is told it is. A typed array is
## none of GodotSteam's.
static func bound(info: Dictionary) -> Array:
	var usage: int = info["usage"]
	# A name that is a keyword of Rust's has this before it.
	var shown: String = str(info["name"]).trim_prefix("r#")
	var of: String = "of " + str(info["hint_string"]) if info["hint"] == PROPERTY_HINT_ARRAY_TYPE else ""
	return [shown, info["type"], str(info["class_name"]) + of, usage & USAGE_KINDS]


## The same of what a file says: `word` is the enum's, "P2PSend" or "bitfield::FriendFlags", or empty.
static func wanted(name: String, type: String, word: String) -> Array:
	var usage: int = PROPERTY_USAGE_NIL_IS_VARIANT if type == "Variant" else 0
	var number: int = TYPES.get(type, -1)
	if word.is_empty() or number != TYPE_INT:
		return [name, number, "", usage]
	if word.begins_with("bitfield::"):
		return [name, number, "Steam." + word.trim_prefix("bitfield::"), PROPERTY_USAGE_CLASS_IS_BITFIELD]
	return [name, number, "Steam." + word, PROPERTY_USAGE_CLASS_IS_ENUM]
