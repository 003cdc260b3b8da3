#!/usr/bin/env bash
# usage: scripts/build.sh release|debug|asan TARGET [ninja options]
# Configures build/PRESET once (CMake itself notices later changes but for those of the preset), then builds TARGET.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
preset=$1
shift
deps=${DEPS:-$PWD/build/deps}
library=${KRAIT_STDLIB:-$deps/stdlib}
[ -f "$library/os.py" ] || { echo "build: $library is no library folder of CPython 3.14" >&2; exit 1; }
if [ ! -f "build/$preset/build.ninja" ] || [ CMakePresets.json -nt "build/$preset/build.ninja" ] ||
   ! grep -qsxF "KRAIT_STDLIB:PATH=$library" "build/$preset/CMakeCache.txt"; then
  cmake --preset "$preset" -DKRAIT_STDLIB="$library" -DKRAIT_MPDEC="$deps/mpdec" --log-level=WARNING >/dev/null
fi
# Where sysconfig says that the C headers are, from the place of the program; scripts/fetch.sh headers brings them.
mkdir -p build/include
ln -sfn "$deps/headers/usr/include/python3.14" build/include/python3.14
ninja -C "build/$preset" --quiet "$@"
# What tools read of an installation, for the one that the source tree is.
library=build/lib/python3.14
if [ "$preset" = release ] && [ -x build/release/krait ] && [ ! -f "$library/config-3.14-x86_64-linux-gnu/Makefile" ]; then
  mkdir -p "$library"
  build/release/krait -I scripts/describe.py "$library"
fi
