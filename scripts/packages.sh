# Sourced by the other scripts: says what goes on, becomes root where it must, installs by apt what
# is missing. Nothing here runs by itself.

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }

fail() {
  printf 'beamlink: %s\n' "$*" >&2
  exit 1
}

# quietly COMMAND…: what it prints goes to a log, and is shown only when it fails.
quietly() {
  local log=.cache/last-step.log
  mkdir -p .cache
  "$@" >"$log" 2>&1 </dev/null || {
    tail -n 60 "$log" >&2
    fail "this failed, its output is above: $*"
  }
}

# Makes sure that `as_root` will work, or fails with what to run instead. A password is asked for on
# the terminal, if there is one.
need_root() {
  [ "$(id -u)" != 0 ] || return 0
  command -v sudo >/dev/null || fail "this needs root, and there is no sudo. As root: $*"
  sudo -n true 2>/dev/null || sudo -v ||
    fail "this needs root, and sudo cannot ask for a password here. As root: $*"
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Prints the packages that are missing, out of lines `package probe`. A probe is a command, or a
# path (with wildcards) that exists once the package is there; so an Erlang or a compiler that did
# not come by apt is good, too.
missing_packages() {
  local package probe
  while read -r package probe; do
    case "$probe" in
      '') ;;
      /*) compgen -G "$probe" >/dev/null || echo "$package" ;;
      *) command -v "$probe" >/dev/null || echo "$package" ;;
    esac
  done
}

# Installs what `missing_packages` finds on its input.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  [ "${#missing[@]}" -gt 0 ] || return 0
  command -v apt-get >/dev/null ||
    fail "missing: ${missing[*]} (Debian's names). There is no apt-get here; install them by hand."
  need_root "apt-get install ${missing[*]}"
  say "installing ${missing[*]}"
  quietly apt_get update -qq
  quietly apt_get install -y -qq --no-install-recommends "${missing[@]}"
}

# The same for what some tests can do without: they skip and say so where it cannot be had.
install_optional_packages() {
  local missing
  mapfile -t missing < <(missing_packages)
  [ "${#missing[@]}" -gt 0 ] || return 0
  if command -v apt-get >/dev/null && { [ "$(id -u)" = 0 ] || sudo -n true 2>/dev/null; }; then
    say "installing ${missing[*]}"
    mkdir -p .cache
    {
      apt_get update -qq && apt_get install -y -qq --no-install-recommends "${missing[@]}"
    } >.cache/optional-packages.log 2>&1 </dev/null && return 0
  fi
  say "cannot install ${missing[*]}; the tests that need them will be skipped"
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@"
}
