@tool
extends EditorPlugin
## Writes down what the editor's help says of a class, as it shows it, into the folder SAMOVAR_TEST_HELP.
##
## The editor makes its help in the background when it starts for the first time, and has that of extensions from the
## second time on: without SAMOVAR_TEST_HELP this waits until that is done.

const CLASSES: Array[String] = ["Steam", "Samovar", "SteamMultiplayerPeer", "SteamPacketPeer"]
const FRAMES: int = 30
const ATTEMPTS: int = 1000


func _enter_tree() -> void:
	_run.call_deferred()


func _run() -> void:
	await _frames()
	var folder: String = OS.get_environment("SAMOVAR_TEST_HELP")
	if folder.is_empty():
		for _attempt: int in ATTEMPTS:
			if _is_there():
				break
			await _frames()
	else:
		for shown: String in CLASSES:
			EditorInterface.get_script_editor().goto_help("class_name:" + shown)
			await _frames()
			_write(folder, shown)
	await _frames()
	print("SAMOVAR-TEST OK")
	get_tree().quit()


func _frames() -> void:
	for _frame: int in FRAMES:
		await get_tree().process_frame


## Whether the editor has made its help.
func _is_there() -> bool:
	for file: String in DirAccess.get_files_at(EditorInterface.get_editor_paths().get_cache_dir()):
		if file.begins_with("editor_doc_cache"):
			return true
	return false


func _write(folder: String, shown: String) -> void:
	for help: Node in EditorInterface.get_script_editor().find_children("*", "EditorHelp", true, false):
		if help.name != shown:
			continue
		for text: RichTextLabel in help.find_children("*", "RichTextLabel", true, false):
			var file := FileAccess.open(folder.path_join(shown + ".txt"), FileAccess.WRITE)
			file.store_string(text.get_parsed_text())
			return
