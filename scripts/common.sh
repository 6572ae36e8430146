# shellcheck shell=bash
# What the scripts beside it share; to be sourced. Sets ROOT, the repository's root folder.

ROOT="$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)"

say() { printf '%s: %s\n' "scripts/${0##*/}" "$*" >&2; }
die() { say "$*"; exit 1; }

# Makes sure that cargo can be called, also where the shell's profile has not been read.
need_cargo() {
  if ! command -v cargo >/dev/null && [[ -x ${CARGO_HOME:-$HOME/.cargo}/bin/cargo ]]; then
    PATH="${CARGO_HOME:-$HOME/.cargo}/bin:$PATH"
  fi
  command -v cargo >/dev/null || die "cargo is missing: install Rust (https://rustup.rs)"
}

# need_packages COMMAND=PACKAGE...: installs the Debian packages whose commands are missing. Fails, saying what is
# missing, where that cannot be done.
need_packages() {
  local pair missing=() as_root=() log
  for pair in "$@"; do
    # A user's PATH need not have the folders of the administrator's commands.
    PATH="$PATH:/usr/sbin:/sbin" command -v "${pair%%=*}" >/dev/null || missing+=("${pair#*=}")
  done
  ((${#missing[@]})) || return 0
  if ! command -v apt-get >/dev/null; then
    say "missing: ${missing[*]} (Debian's names; install them with this system's package manager)"
    return 1
  fi
  if ((EUID != 0)); then
    if ! command -v sudo >/dev/null || ! sudo -n true 2>/dev/null && [[ ! -t 0 ]]; then
      say "missing: ${missing[*]}; neither root nor sudo to install them with"
      return 1
    fi
    as_root=(sudo)
  fi
  say "installing ${missing[*]}"
  log="$(mktemp)"
  if ! {
    "${as_root[@]}" apt-get -q update &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -q -y --no-install-recommends install "${missing[@]}"
  } >"$log" 2>&1; then
    tail -n 20 "$log" >&2
    rm -f "$log"
    say "could not install: ${missing[*]}"
    return 1
  fi
  rm -f "$log"
}

# need_target TARGET: makes sure that Rust can compile for it.
need_target() {
  local sysroot
  sysroot="$(cd "$ROOT" && rustc --print sysroot)" || return 1
  [[ -d $sysroot/lib/rustlib/$1/lib ]] && return 0
  if ! command -v rustup >/dev/null; then
    say "Rust's standard library for $1 is missing, and there is no rustup to add it"
    return 1
  fi
  (cd "$ROOT" && rustup target add "$1") >&2 || { say "rustup cannot add the target $1"; return 1; }
}

# import_project GODOT FOLDER: lets Godot import a project that has the addon.
import_project() {
  local log
  # Godot may crash at the end of a headless import in which it met an extension for the first time (its issue 111048).
  mkdir -p "$2/.godot"
  [[ -f $2/.godot/extension_list.cfg ]] || echo "res://addons/samovar/samovar.gdextension" >"$2/.godot/extension_list.cfg"
  log="$(mktemp)"
  if ! "$1" --headless --path "$2" --import >"$log" 2>&1; then
    cat "$log" >&2
    rm -f "$log"
    die "Godot could not import the demo project"
  fi
  rm -f "$log"
}
