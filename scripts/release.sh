#!/usr/bin/env bash
# The program that gets installed and measured: build/pgo/krait, optimized across files (LTO) and by a
# profile (PGO) of this project's own programs. Three steps, each only when something changed: a build that
# counts (build/pgo-train), the training run, the build that uses the counts.
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

# cmake/link.order names functions as the sources do; optimizing across files adds a suffix to those that are local
# to a file and used from another after all. Linked once, the program tells the suffixes; linking again is quick.
order=build/pgo/link.order
mkdir -p build/pgo
[ -f $order ] || cp cmake/link.order $order
KRAIT_PGO=$profile scripts/build.sh pgo krait "$@"
nm build/pgo/krait | awk '
  FILENAME == "-" { if (split($3, part, ".llvm.") == 2) full[part[1]] = full[part[1]] $3 "\n"; next }
  { printf "%s\n%s", $1, full[$1] }' - cmake/link.order >$order.new
if cmp -s $order.new $order; then
  rm $order.new
else
  mv $order.new $order
  KRAIT_PGO=$profile scripts/build.sh pgo krait "$@"
fi
