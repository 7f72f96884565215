#!/usr/bin/env bash
# `npm run check`: format, lint and types, of TypeScript and of C++. Runs all of it and fails when
# any part has something to say. `CHECK_FILES="a.cc b.cc"` limits clang-tidy to these files.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
bash scripts/setup.sh --tests || exit 1

failed=0
part() {
  say "$1"
  shift
  "$@" || failed=1
}

native_files() { find native -name '*.cc' -o -name '*.h'; }

format() { native_files | xargs clang-format-14 --dry-run -Werror; }

# The flags of binding.gyp, so that no build is needed first.
tidy() {
  local node_headers addon_api
  node_headers="$(node -p 'path.join(path.dirname(path.dirname(fs.realpathSync(process.execPath))), "include/node")')"
  addon_api="$(node -p 'require("node-addon-api").include_dir')"
  local files="${CHECK_FILES:-$(find native -name '*.cc')}"
  printf '%s\n' $files | xargs -P "$(nproc)" -n 2 sh -c '
    headers=$1 api=$2; shift 2
    clang-tidy-14 --quiet "$@" -- -std=c++20 -Wall -Wextra -pthread -Inative \
      -isystem "$headers" -isystem "$api" -DNAPI_VERSION=8 -DNAPI_DISABLE_CPP_EXCEPTIONS \
      -DNODE_ADDON_API_DISABLE_DEPRECATED -DNODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS \
      2>/dev/null' tidy "$node_headers" "$addon_api"
}

part 'biome' npx --no-install biome ci .
part 'types of lib' npx --no-install tsc --noEmit -p tsconfig.json
part 'types of test' npx --no-install tsc --noEmit -p tsconfig.test.json
part 'clang-format' format
part 'clang-tidy' tidy
exit "$failed"
