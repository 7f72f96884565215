# Sourced by the other scripts: says what goes on, becomes root where it must, installs by apt what
# is missing. Nothing here runs by itself.

say() { printf '\033[1m==>\033[0m %s\n' "$*" >&2; }

fail() {
  printf 'beamlink: %s\n' "$*" >&2
  exit 1
}

# Runs a command as root, or fails with what to type instead.
as_root() {
  if [ "$(id -u)" = 0 ]; then
    "$@"
  elif ! command -v sudo >/dev/null; then
    fail "this needs root and there is no sudo. Run as root: $*"
  elif [ -t 0 ]; then
    sudo "$@"
  else
    sudo -n "$@" || fail "sudo asks for a password and nobody is there to type it. Run as root: $*"
  fi
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
  say "installing ${missing[*]}"
  apt_get update -qq || fail "apt-get update failed"
  apt_get install -y -qq --no-install-recommends "${missing[@]}" ||
    fail "apt-get could not install ${missing[*]}"
}

apt_get() {
  as_root env DEBIAN_FRONTEND=noninteractive apt-get "$@" </dev/null >&2
}
