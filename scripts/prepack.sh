#!/usr/bin/env bash
# What npm runs before it packs or publishes: a fresh dist/ and prebuilds/ of every platform. npm runs
# `postpack` afterwards, which takes prebuilds/ away again.
set -euo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
bash scripts/prebuilds.sh
rm -rf .cache/dist prebuilds
quietly npx --no-install tsc -p tsconfig.json --outDir .cache/dist
rm -rf dist
mv .cache/dist dist
mkdir prebuilds
cp -R .cache/prebuilds/*-*/ prebuilds/
