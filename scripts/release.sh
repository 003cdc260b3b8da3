#!/usr/bin/env bash
# The program that gets installed and measured: build/pgo/krait, optimized across files (LTO) and by a
# profile (PGO) of this project's own programs. Four steps, each only when something changed: a build that
# counts (build/pgo-train), the training run, the build that uses the counts, and the program laid out anew by
# which branches it takes (scripts/layout.py).
#
# usage: scripts/release.sh [--retrain] [ninja options]
# Without --retrain an existing profile serves as long as it is younger than a week: counts of functions that
# changed since are ignored by the compiler, the others stay right.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
profile=$root/build/pgo-train/krait.profdata
retrain=
if [ "${1:-}" = --retrain ]; then
  retrain=1
  shift
fi

profdata=$(command -v llvm-profdata-19 || true)
if [ -z "$profdata" ]; then
  KRAIT_EXTRA_PACKAGES=llvm-19 scripts/bootstrap.sh
  profdata=$(command -v llvm-profdata-19) || { echo "release: llvm-profdata-19 is missing" >&2; exit 1; }
fi

if [ -n "$retrain" ] || [ ! -f "$profile" ] || [ -n "$(find "$profile" -mtime +7)" ]; then
  counts=$root/build/pgo-train/counts
  rm -rf "$counts"
  mkdir -p "$counts"
  # Tools that run during the build are instrumented, too: their counts go nowhere.
  LLVM_PROFILE_FILE=/dev/null scripts/build.sh pgo-train krait "$@"
  echo "release: training run"
  LLVM_PROFILE_FILE="$counts/%4m.profraw" bench/train.py --krait build/pgo-train/krait
  "$profdata" merge -o "$profile.new" "$counts"/*.profraw
  mv "$profile.new" "$profile"
  rm -rf "$counts"
fi
KRAIT_PGO=$profile scripts/build.sh pgo krait "$@"
scripts/layout.py build/pgo/krait
