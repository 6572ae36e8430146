# shellcheck shell=bash
# Two windows of the demo, left and right, on a virtual display, and a hand to use them; to be sourced after common.sh.

readonly PROJECT="$ROOT/godot-project" ARTEFACTS="$ROOT/artefacts"
readonly WIDTH=1152 HEIGHT=648 GAP=16
readonly PATIENCE=30 # seconds that a line may take to show

die() {
  say "$*"
  for side in left right; do
    if [[ -s $WORK/$side.log ]]; then
      say "the last lines of the $side window:"
      grep -v '^LAYOUT' "$WORK/$side.log" | tail -n 15 >&2
    fi
  done
  exit 1
}

declare -A PIDS=() ORIGIN=()
WORK=''
stop_all() {
  local status=$?
  for pid in "${PIDS[@]}"; do
    kill "$pid" 2>/dev/null || true
  done
  wait 2>/dev/null || true
  [[ -z $WORK ]] || rm -rf "$WORK"
  exit "$status"
}

start_display() {
  local i
  Xvfb -displayfd 3 -screen 0 "$((2 * WIDTH + GAP))x${HEIGHT}x24" -nolisten tcp 3>"$WORK/display" 2>"$WORK/xvfb.log" &
  PIDS[display]=$!
  for ((i = 0; i < 100; i++)); do
    if [[ -s $WORK/display ]]; then
      DISPLAY=":$(<"$WORK/display")"
      export DISPLAY
      return
    fi
    sleep 0.1
  done
  die "Xvfb did not start: $(cat "$WORK/xvfb.log")"
}

# start_window SIDE X ARGUMENTS...: the demo, its left edge at X, as a user named like the side.
start_window() {
  local side=$1 x=$2
  shift 2
  ORIGIN[$side]=$x
  : >"$WORK/$side.log"
  # No WAYLAND_DISPLAY, or the windows would open on the desktop of whoever runs this.
  env -u WAYLAND_DISPLAY SAMOVAR_DATA_DIR="$WORK/data" \
    "$GODOT_PROGRAM" --path "$PROJECT" --audio-driver Dummy --resolution "${WIDTH}x$HEIGHT" --position "$x,0" \
    -- "--samovar-profile=$side" --print-layout "--screenshot=$WORK/$side.png" "$@" >"$WORK/$side.log" 2>&1 &
  PIDS[$side]=$!
}

# Looks for everything that is needed, and starts the display and the two windows.
start_windows() {
  local tool side
  for tool in Xvfb xdotool; do
    if ! command -v "$tool" >/dev/null; then
      say "$tool is missing: apt-get install xvfb xdotool"
      exit 3
    fi
  done
  if [[ ! -e $PROJECT/addons/samovar/samovar.gdextension ]] || ! compgen -G "$ROOT/addons/samovar/bin/*/*" >/dev/null; then
    say "the addon is not built: run scripts/build"
    exit 1
  fi
  WORK="$(mktemp -d)"
  trap stop_all EXIT
  mkdir -p "$ARTEFACTS" "$WORK/data"
  GODOT_PROGRAM="$("$ROOT/scripts/godot" --with-display --path-only)"
  import_project "$GODOT_PROGRAM" "$PROJECT"

  start_display
  for side in left right; do
    : >"$WORK/$side.remote"
    start_window "$side" "$([[ $side == left ]] && echo 0 || echo $((WIDTH + GAP)))" "--remote=$WORK/$side.remote"
    wait_line "$side" '^LAYOUT end'
  done
}

# wait_line SIDE PATTERN [COUNT]: until the window has printed COUNT lines like this.
wait_line() {
  local side=$1 pattern=$2 count=${3:-1} i
  for ((i = 0; i < PATIENCE * 10; i++)); do
    if (($(grep -cE "$pattern" "$WORK/$side.log" || true) >= count)); then
      return
    fi
    kill -0 "${PIDS[$side]}" 2>/dev/null || die "the $side window is gone while waiting for: $pattern"
    sleep 0.1
  done
  die "the $side window did not show: $pattern"
}

# The control's rectangle in the newest complete layout.
rect() {
  awk -v name="$2" '
    /^LAYOUT end/ { found = here; here = "" }
    $1 == "LAYOUT" && $2 ~ "^" name "$" { here = $3 " " $4 " " $5 " " $6 }
    END { print found }' "$WORK/$1.log"
}

# click SIDE CONTROL: with the mouse, in the middle of it. CONTROL is a regular expression.
click() {
  local side=$1 control=$2 found='' before='' i x y w h
  for ((i = 0; i < PATIENCE * 4; i++)); do
    before=$found
    found="$(rect "$side" "$control")"
    # Twice the same: what has just appeared has come to rest.
    if [[ -n $found && $found == "$before" ]]; then
      read -r x y w h <<<"$found"
      xdotool mousemove "$((ORIGIN[$side] + x + w / 2))" "$((y + h / 2))"
      sleep 0.15
      xdotool click 1
      sleep 0.25
      return
    fi
    sleep 0.25
  done
  die "the $side window has no $control to click"
}

# focus SIDE: clicks where a click does nothing, and waits until keys go to the window.
focus() {
  local side=$1 i
  xdotool mousemove $((ORIGIN[$side] + WIDTH / 2)) 30 click 1
  for ((i = 0; i < PATIENCE * 10; i++)); do
    if xdotool getwindowfocus getwindowgeometry --shell 2>/dev/null | grep -qx "X=${ORIGIN[$side]}"; then
      return
    fi
    sleep 0.1
  done
  die "the $side window did not get the focus"
}

# choose SIDE CONTROL N: opens the menu and takes its Nth item with the keyboard.
choose() {
  # A window that only now gets the focus closes its menus.
  focus "$1"
  click "$1" "$2"
  local i
  for ((i = 0; i < $3; i++)); do
    xdotool key Down
    sleep 0.1
  done
  xdotool key Return
  sleep 0.3
}

# id_of SIDE: the Steam ID of the window's user.
id_of() { sed -nE 's/^DEMO .* has Steam ID ([0-9]+)$/\1/p' "$WORK/$1.log"; }

# fill SIDE CONTROL TEXT: clicks the field and types the text over what is there.
fill() {
  click "$1" "$2"
  xdotool key ctrl+a
  xdotool type --delay 15 "$3"
  sleep 0.2
}

# write SIDE CONTROL TEXT: the same, and Enter.
write() {
  fill "$@"
  xdotool key Return
  sleep 0.2
}

# remote SIDE WORD...: has the window press these buttons of a gamepad, or save its picture.
remote() {
  local side=$1
  shift
  printf '%s\n' "$@" >>"$WORK/$side.remote"
}

# has SIDE CONTROL: waits until the window has this control.
has() {
  local i
  for ((i = 0; i < PATIENCE * 4; i++)); do
    [[ -z $(rect "$@") ]] || return 0
    sleep 0.25
  done
  die "the $1 window has no $2"
}

# has_not SIDE CONTROL: waits until the window has none.
has_not() {
  local i
  for ((i = 0; i < PATIENCE * 4; i++)); do
    [[ -n $(rect "$@") ]] || return 0
    sleep 0.25
  done
  die "the $1 window still has $2"
}

# picture NAME: both windows into one file.
picture() {
  local side shots
  for side in left right; do
    shots=$(grep -c '^DEMO screenshot' "$WORK/$side.log" || true)
    remote "$side" picture
    wait_line "$side" '^DEMO screenshot' $((shots + 1))
  done
  # An empty project: this needs nothing of the demo, and no Steam.
  : >"$WORK/project.godot"
  "$GODOT_PROGRAM" --headless --path "$WORK" --script "$ROOT/scripts/side_by_side.gd" \
    -- "$WORK/left.png" "$WORK/right.png" "$ARTEFACTS/$1.png" "$GAP" >"$WORK/join.log" 2>&1 ||
    die "the pictures could not be put together: $(cat "$WORK/join.log")"
  say "artefacts/$1.png"
}

# No errors in either window.
check_errors() {
  ! grep -hE '^(SCRIPT )?ERROR|^WARNING' "$WORK"/{left,right}.log | grep -v 'V-Sync' || die "the windows printed errors"
}
