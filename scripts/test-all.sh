#!/usr/bin/env bash
# `npm run test:all`: `npm test`, then what takes longer: the interop tests against the other releases
# of OTP, the package as it is published and the example with RabbitMQ (test/release), and the C++ tests
# with musl.
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
. scripts/counts.sh
BEAMLINK_FUZZ_SECONDS=60 bash scripts/test.sh || true
bash scripts/sanitized-tests.sh
# `npm test` has been at the installed one.
BEAMLINK_KEEP_COUNTS=1 bash scripts/test-otp.sh 27 29
say 'ten million atoms of peers, and a million monitors'
BEAMLINK_LONG=1 run_vitest hostile --project lifecycle hostile-memory
run_vitest faults --project faults
echo 'qemu-user-static qemu-aarch64-static' | install_optional_packages
run_vitest release --project release
status=0
bash scripts/musl-tests.sh || status=$?
record musl "$((status == 0))" "$((status != 0))" "$status"
total
