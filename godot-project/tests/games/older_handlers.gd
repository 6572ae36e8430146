extends Node
## Handlers as older games have them: of network_messages_session_failed they take the reason alone.

## Which handler was called, and what with.
var calls: Array[Array] = []
var _lambda: Callable


func _ready() -> void:
	Steam.network_messages_session_failed.connect(_on_failed_4_8)
	Steam.network_messages_session_failed.connect(_on_failed_4_20)
	Steam.network_messages_session_failed.connect(_on_failed_once, CONNECT_ONE_SHOT)
	Steam.network_messages_session_failed.connect(_on_failed_later, CONNECT_DEFERRED)
	_lambda = func(reason: int) -> void: calls.append(["lambda", reason])
	Steam.network_messages_session_failed.connect(_lambda)
	Steam.network_messages_session_failed.connect(_on_failed_rest)
	for i: int in 2:
		Steam.network_messages_session_failed.connect(_on_failed_counted, CONNECT_REFERENCE_COUNTED)
	_wait()


func connected() -> Array[bool]:
	var of: Array[Callable] = [
		_on_failed_4_8, _on_failed_4_20, _on_failed_once, _on_failed_later, _lambda, _on_failed_rest, _on_failed_counted
	]
	var result: Array[bool] = []
	for callable: Callable in of:
		result.append(Steam.network_messages_session_failed.is_connected(callable))
	return result


func disconnect_all() -> void:
	var counted: Array[Callable] = [_on_failed_counted, _on_failed_counted]
	for callable: Callable in [_on_failed_4_8, _on_failed_4_20, _on_failed_later, _lambda, _on_failed_rest] + counted:
		Steam.network_messages_session_failed.disconnect(callable)


func _wait() -> void:
	var arguments: Array = await Steam.network_messages_session_failed
	calls.append(["await", arguments.size()])


func _on_failed_4_8(reason: int) -> void:
	calls.append(["4.8", reason])


func _on_failed_4_20(reason: int, user: int, state: int, text: String) -> void:
	calls.append(["4.20", reason, user, state, not text.is_empty()])


func _on_failed_once(reason: int) -> void:
	calls.append(["once", reason])


func _on_failed_later(reason: int) -> void:
	calls.append(["later", reason])


func _on_failed_rest(reason: int, ...rest: Array) -> void:
	calls.append(["rest", reason, rest.size()])


func _on_failed_counted(reason: int) -> void:
	calls.append(["counted", reason])
