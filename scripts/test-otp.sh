#!/usr/bin/env bash
# `npm run test:otp`: the interop tests against other releases of OTP, and those of Elixir against the
# Elixir of the same Debian. What cannot be had here is skipped, and said so.
#
#   npm run test:otp               every release: the installed one, 27 and 29
#   npm run test:otp -- 29         one, or several
set -uo pipefail
cd "$(dirname "$0")/.."
. scripts/packages.sh
. scripts/counts.sh
bash scripts/setup.sh --tests || exit 1

installed="$(erl -noinput -noshell -eval 'io:put_chars(erlang:system_info(otp_release)), halt().')"
releases=("$@")
[ "$#" -gt 0 ] || releases=("$installed" 27 29)

# `npm run test:all` adds what comes of this to its own.
[ -n "${BEAMLINK_KEEP_COUNTS:-}" ] || start_counts

for release in "${releases[@]}"; do
  if [ "$release" = "$installed" ]; then
    # Its Elixir is that of the installed tests, too.
    BEAMLINK_ERL=erl run_vitest "otp-$release" --project interop
    continue
  fi
  if ! program="$(bash scripts/otp.sh "$release")"; then
    say "skipped: OTP $release, since it cannot be had here (see above)"
    continue
  fi
  elixir="$(bash scripts/otp.sh "$release" elixir)" ||
    say "the Elixir beside OTP $release cannot be had here (see above): the installed one is tested"
  BEAMLINK_ERL="$program" BEAMLINK_ELIXIR="$elixir" run_vitest "otp-$release" --project interop
done
[ -n "${BEAMLINK_KEEP_COUNTS:-}" ] || total
