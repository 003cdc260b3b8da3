#!/usr/bin/env bash
# usage: scripts/fuzz.sh [-t SECONDS] [FUZZER ...]
# Builds the fuzzers (tests/fuzz/NAME_fuzz.cpp, libFuzzer with ASan and UBSan) and runs one after the other, each for
# SECONDS (1200) from tests/fuzz/seeds/NAME. Findings and the grown corpus stay in build/fuzz-runs/NAME; the logs are
# build/fuzz-runs/NAME.log. Ends with a line for each fuzzer; exit status 1 when there was a finding.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
seconds=1200
if [ "${1:-}" = -t ]; then seconds=$2; shift 2; fi
fuzzers=("$@")
[ $# -gt 0 ] || fuzzers=(lexer parser compiler marshal pyc)
library=${KRAIT_STDLIB:-${DEPS:-$PWD/build/deps}/stdlib}
if [ ! -f build/fuzz/build.ninja ]; then
  cmake -G Ninja -S . -B build/fuzz -DCMAKE_BUILD_TYPE=Release -DKRAIT_FUZZ=ON -DKRAIT_TESTS=OFF \
    -DKRAIT_STDLIB="$library" --log-level=WARNING >/dev/null
fi
# The fuzzer of .pyc loading contains the whole runtime, which is built as for `make asan`.
if [ ! -f build/fuzz-runtime/build.ninja ]; then
  cmake --preset asan -B build/fuzz-runtime -DKRAIT_FUZZ=ON -DKRAIT_TESTS=OFF -DKRAIT_STDLIB="$library" \
    --log-level=WARNING >/dev/null
fi
status=0
for name in "${fuzzers[@]}"; do
  build=build/fuzz
  [ "$name" != pyc ] || build=build/fuzz-runtime
  ninja -C $build --quiet "fuzz_$name"
  runs=build/fuzz-runs/$name
  mkdir -p "$runs/corpus" "$runs/findings"
  if UBSAN_OPTIONS=print_stacktrace=1 ASAN_OPTIONS=detect_leaks=0 "$build/fuzz_$name" \
      -max_total_time="$seconds" -max_len=2048 -timeout=20 -rss_limit_mb=3000 -print_final_stats=1 \
      -artifact_prefix="$runs/findings/" "$runs/corpus" "tests/fuzz/seeds/$name" >"$runs.log" 2>&1; then
    verdict="no finding"
  else
    verdict="FINDING: $(grep -m1 -E 'ERROR|runtime error|panic|ALARM' "$runs.log" || tail -1 "$runs.log")"
    status=1
  fi
  executions=$(sed -n 's/^stat::number_of_executed_units: *//p' "$runs.log")
  echo "fuzz_$name: ${executions:-0} inputs in $seconds s, $verdict"
done
exit $status
