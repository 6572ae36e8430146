extends SceneTree
## How long Godot takes to load Samovar and to register everything. Run by scripts/bench load, in a project whose extension is
## not loaded by itself; prints `LOAD` and microseconds.


func _initialize() -> void:
	var before: int = Time.get_ticks_usec()
	var status: GDExtensionManager.LoadStatus = GDExtensionManager.load_extension("res://samovar.gdextension")
	var taken_us: int = Time.get_ticks_usec() - before
	if status == GDExtensionManager.LOAD_STATUS_OK and ClassDB.class_has_method("Steam", "uploadLeaderboardScore"):
		print("LOAD %d" % taken_us)
	quit()
