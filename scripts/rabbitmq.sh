#!/usr/bin/env bash
# Makes Debian's RabbitMQ ready without installing it, so that no service of it starts, and prints the
# folder of its programs. What it needs of Erlang is installed by apt. Kept in the user's cache.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh

cache="${XDG_CACHE_HOME:-$HOME/.cache}/beamlink/rabbitmq"

# The applications of Erlang that it starts.
erlang_packages() {
  local application
  for application in crypto eldap inets mnesia os-mon parsetools public-key runtime-tools ssl \
    syntax-tools tools xmerl; do
    echo "erlang-$application /usr/lib/erlang/lib/${application//-/_}-*/ebin/*.app"
  done
}

fetch() {
  command -v apt-get >/dev/null || fail "RabbitMQ is had with apt, and apt-get is not here"
  say 'fetching RabbitMQ'
  [ -n "$(apt-cache madison rabbitmq-server)" ] || quietly apt_get update -qq
  local folder
  folder="$(mktemp -d)"
  chmod 755 "$folder"
  (cd "$folder" && apt-get download -qq rabbitmq-server >&2 </dev/null) ||
    fail 'apt-get could not download rabbitmq-server'
  rm -rf "$cache"
  mkdir -p "$cache"
  dpkg-deb --extract "$folder"/rabbitmq-server_*.deb "$cache"
  rm -rf "$folder"
}

programs() { compgen -G "$cache/usr/lib/rabbitmq/lib/rabbitmq_server-*/sbin" | tail -n 1; }

erlang_packages | install_packages
[ -n "$(programs)" ] || fetch
programs
