#!/usr/bin/env bash
# Every path that README.md and docs/ name in `...` has to exist (placeholders in capitals or with * are left out).
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
status=0
for file in README.md docs/*.md; do
  while read -r path; do
    [ -e "$path" ] || { echo "$file names $path, which is not there"; status=1; }
  done < <(grep -oE '`(src|docs|tests|tools|scripts|bench|cmake|examples)/[^` ]+`' "$file" | tr -d '`' | grep -vE '[*<:{]|NAME|,')
done
exit $status
