#!/usr/bin/env bash
# Makes dist/ anew: the types by tsc, the JavaScript by bundle.mjs. Until both are done, the old one stays.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf .cache/dist
npx --no-install tsc -p tsconfig.json --emitDeclarationOnly --outDir .cache/dist
node scripts/bundle.mjs .cache/dist
rm -rf dist
mv .cache/dist dist
