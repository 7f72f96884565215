#!/usr/bin/env bash
# Makes a fresh clone ready: Debian packages, npm packages, the addon, the TypeScript build.
#
#   scripts/setup.sh            what building and running need
#   scripts/setup.sh --tests    and what `npm test` and `npm run check` need
#
# Does nothing that is done already: packages are probed, builds carry a hash of what they were
# made from.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
. scripts/made-from.sh

build_packages() {
  cat <<'LIST'
erlang-base erlc
g++ g++
make make
python3 python3
cmake cmake
doctest-dev /usr/include/doctest/doctest.h
LIST
  node scripts/native.mjs ei-library >/dev/null 2>&1 || echo 'erlang-dev /usr/lib/libei.a'
}

test_packages() {
  cat <<'LIST'
xz-utils xz
clang-14 clang++-14
libclang-rt-14-dev /usr/lib/llvm-14/lib/clang/14*/lib/linux/libclang_rt.fuzzer-*.a
libuv1-dev /usr/include/uv.h
clang-format-14 clang-format-14
clang-tidy-14 clang-tidy-14
elixir elixir
LIST
}

optional_test_packages() {
  cat <<'LIST'
kamailio kamailio
kamailio-erlang-modules /usr/lib/*/kamailio/modules/erlang.so
sipsak sipsak
iproute2 ip
faketime faketime
LIST
}

# The versions of package-lock.json. `npm ci` would ask for the optional packages of every other
# platform as well, which a mirror need not have. What has an addon (better-sqlite3) is built here,
# with the headers of the running Node: nothing is downloaded but npm packages.
npm_packages() {
  [ node_modules/.package-lock.json -nt package-lock.json ] && return
  say 'installing npm packages'
  local prefix
  prefix="$(dirname "$(dirname "$(node -p 'fs.realpathSync(process.execPath)')")")"
  [ -e "$prefix/include/node/node_api.h" ] && export npm_config_nodedir="$prefix"
  npm_config_build_from_source=true \
    quietly npm install --no-save --no-audit --no-fund --loglevel=error
  touch node_modules/.package-lock.json
}

build_addon() {
  local hash stamp=build/made-from
  hash="$(hash_of native binding.gyp scripts/native.mjs) $(node -p 'process.version + process.arch') ${BEAMLINK_EI_DIR:-}"
  up_to_date "$stamp" "$hash" build/Release/beamlink.node && return
  say 'building the addon (about a minute)'
  quietly node scripts/native.mjs build
  echo "$hash" >"$stamp"
}

build_typescript() {
  local hash stamp=.cache/dist-made-from
  hash="$(hash_of lib tsconfig.json package.json package-lock.json scripts/dist.sh scripts/bundle.mjs)"
  up_to_date "$stamp" "$hash" dist/index.js && return
  say 'building the TypeScript'
  quietly bash scripts/dist.sh
  echo "$hash" >"$stamp"
}

case "${1:-}" in
  '') build_packages | install_packages ;;
  --tests)
    { build_packages && test_packages; } | install_packages
    optional_test_packages | install_optional_packages
    ;;
  *) fail "setup.sh takes --tests or nothing, got $1" ;;
esac
npm_packages
build_addon
build_typescript
