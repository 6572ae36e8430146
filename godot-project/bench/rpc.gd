extends SceneTree
## What an RPC of Godot's own multiplayer costs over a transport: "samovar", "enet" or "offline". Run by scripts/bench rpc, in
## several processes: `client TRANSPORT FOLDER` for each peer, and `measure TRANSPORT PEERS FOLDER`, which prints lines of
## figures: CASE NANOSECONDS_OF_CPU RPCS_A_SECOND, and so on.

const RpcNode := preload("rpc_node.gd")

var _node: RpcNode


func _initialize() -> void:
	Engine.max_fps = 60
	var arguments := OS.get_cmdline_user_args()
	_node = RpcNode.new()
	_node.name = "Bench"
	root.add_child(_node)
	await process_frame
	var ended := false
	if arguments[0] == "client":
		ended = await _node.serve_as_client(arguments[1], arguments[2])
	else:
		ended = await _node.measure(arguments[1], arguments[2].to_int(), arguments[3])
	quit(0 if ended else 1)


func _process(_delta: float) -> bool:
	if Engine.has_singleton("Steam"):
		Steam.run_callbacks()
	return false
