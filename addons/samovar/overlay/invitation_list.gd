extends VBoxContainer
## The invitations that wait, the newest first.

signal accepted(invitation: Invitation)
signal dismissed(invitation: Invitation)

const Invitation := preload("res://addons/samovar/overlay/invitation.gd")
const InvitationRow := preload("res://addons/samovar/overlay/invitation_row.gd")
const ROW: PackedScene = preload("res://addons/samovar/overlay/invitation_row.tscn")
const Invitations := preload("res://addons/samovar/overlay/invitations.gd")
const Pictures := preload("res://addons/samovar/overlay/pictures.gd")

var _rows: Dictionary[Invitation, InvitationRow] = {}


## Shows what waits.
func show_invitations(invitations: Invitations, pictures: Pictures) -> void:
	for shown: Invitation in _rows.keys():
		if not shown in invitations.waiting:
			_rows[shown].queue_free()
			remove_child(_rows[shown])
			_rows.erase(shown)
	for invitation: Invitation in invitations.waiting:
		if not _rows.has(invitation):
			_rows[invitation] = _new_row()
		move_child(_rows[invitation], 0)
		_rows[invitation].show_invitation(invitation, pictures)


## What the first row accepts with; null if there is none.
func first_button() -> Button:
	for child: Node in get_children():
		var row := child as InvitationRow
		if row:
			return row.accept_button()
	return null


func _new_row() -> InvitationRow:
	var row: InvitationRow = ROW.instantiate()
	row.accepted.connect(accepted.emit)
	row.dismissed.connect(dismissed.emit)
	add_child(row)
	return row
