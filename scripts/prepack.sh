#!/usr/bin/env bash
# What npm runs before it packs or publishes: a fresh dist/, prebuilds/ of every platform, and the lists
# of what they are made of. npm runs `postpack` afterwards, which takes all but dist/ away again.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
bash scripts/prebuilds.sh
rm -rf prebuilds
quietly bash scripts/dist.sh
mkdir prebuilds
cp -R .cache/prebuilds/*-*/ prebuilds/
node scripts/sbom.mjs . .cache/prebuilds/*.parts
