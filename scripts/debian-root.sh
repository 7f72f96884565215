# Sourced by what needs another Debian than the running one: makes it in a folder with debootstrap,
# from the mirror that apt already uses, and runs programs in it. The network is shared.

# The mirror of the running Debian, as apt knows it.
debian_mirror() {
  # shellcheck disable=SC2016  # the fields are apt's
  apt-get indextargets --format '$(ORIGIN) $(COMPONENT) $(CODENAME) $(REPO_URI)' \
    'Identifier: Packages' |
    awk -v codename="$(. /etc/os-release && echo "$VERSION_CODENAME")" \
      '$1 == "Debian" && $2 == "main" && $3 == codename { print $4; exit }'
}

# make_debian_root SUITE FOLDER PACKAGES [OPTION…]: PACKAGES are separated by commas. Made anew.
make_debian_root() {
  local suite="$1" folder="$2" packages="$3"
  shift 3
  command -v apt-get >/dev/null || fail "Debian's $suite is had with apt's mirror, and apt-get is not here"
  need_root "apt-get install debootstrap, then $0 again"
  echo 'debootstrap /usr/sbin/debootstrap' | install_packages
  [ -n "$(debian_mirror)" ] || quietly apt_get update -qq
  as_root rm -rf "$folder" "$folder.part"
  mkdir -p "$(dirname "$folder")"
  as_root /usr/sbin/debootstrap --variant=minbase --include="$packages" "$@" \
    "$suite" "$folder.part" "$(debian_mirror)" >"$folder.log" 2>&1 </dev/null ||
    fail "debootstrap failed: $(tail -n 2 "$folder.log")"
  as_root mv "$folder.part" "$folder"
}

# Prints the lines of a shell script that run its arguments in the root FOLDER. chroot is root's; a
# user may be root in a namespace of their own. `exec` keeps the process id.
enter_root() {
  cat <<LINES
if [ "\$(id -u)" = 0 ]; then exec chroot '$1' "\$@"; fi
exec unshare --map-root-user chroot '$1' "\$@"
LINES
}
