#!/usr/bin/env bash
# What a script can see in the sources: format, syntax, size, leftovers. Prints one line per finding.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
found=0

mapfile -t sources < <(git ls-files -- '*.cpp' '*.h' '*.c')
mapfile -t python < <(git ls-files -- '*.py' | grep -vE '^tests/(programs|modules|cli)/|^tests/unit/.*/data/')
mapfile -t shell < <(git ls-files -- '*.sh' .ci/run)

format() { [ ${#sources[@]} -eq 0 ] || clang-format-19 --dry-run -Werror "${sources[@]}"; }
python_syntax() { python3 -c 'import ast, sys
for name in sys.argv[1:]: ast.parse(open(name, encoding="utf-8").read(), name)' "${python[@]}"; }
shell_syntax() { local f status=0; for f in "${shell[@]}"; do bash -n "$f" || status=1; done; return $status; }
size() {
  local long
  long=$(wc -l "${sources[@]}" /dev/null | awk '$2 != "total" && $1 > 1500 { print $2 ": " $1 " lines" }')
  [ -z "$long" ] || { echo "$long"; return 1; }
}
endings() { ! git grep -nIE '[[:space:]]+$' -- '*.cpp' '*.h' '*.def' '*.cmake' 'CMakeLists.txt' '*.sh' 'scripts/*.py'; }

for one in \
  "format (make format mends it):format" "python syntax:python_syntax" "shell syntax:shell_syntax" \
  "documentation:scripts/check-docs.sh" "longer than 1,500 lines:size" "white space at line ends:endings"; do
  output=$("${one##*:}" 2>&1) && continue
  found=1
  { echo "${one%:*}"; head -n 40 <<<"$output"; } | sed 's/^/lint: /'
done
exit $found
