#!/usr/bin/env bash
# Installs what building Krait needs on Debian 12, with the machine's apt, and only what is missing.
# Needs root or sudo for that; nothing at all (and some milliseconds) when everything is there.
set -euo pipefail

packages=(
  clang-19 clang-format-19 lld-19 libclang-rt-19-dev cmake ninja-build ccache git python3
  libgmp-dev libssl-dev zlib1g-dev libexpat1-dev libffi-dev libncurses-dev libgtest-dev libbenchmark-dev
  npm  # fetches the Unicode Character Database (scripts/fetch-ucd.sh)
  ${KRAIT_EXTRA_PACKAGES:-}
)

die() { printf 'bootstrap: %s\n' "$@" >&2; exit 1; }

[ "$(uname -s) $(uname -m)" = "Linux x86_64" ] || die "Krait builds on Linux x86-64; this is $(uname -sm)"

if ! command -v dpkg-query >/dev/null || ! command -v apt-get >/dev/null; then
  absent=()
  for tool in clang++-19 clang-format-19 ld.lld-19 cmake ninja python3; do
    command -v "$tool" >/dev/null || absent+=("$tool")
  done
  [ ${#absent[@]} -eq 0 ] && exit 0  # not Debian, but somebody has prepared it
  die "this is not Debian: cannot install by itself. Missing: ${absent[*]}" \
      "Needed besides: headers and libraries of GMP, OpenSSL, zlib, expat, libffi, ncurses, libmpdec, GoogleTest."
fi

# dpkg-query fails if it knows not all of them: that is what the list is for.
installed=" $( { dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' "${packages[@]}" 2>/dev/null || true; } |
              sed -n 's/^ii *//p' | tr '\n' ' ')"
missing=()
for package in "${packages[@]}"; do
  [[ $installed == *" $package "* ]] && continue
  # A tool of one's own (not Debian's) serves as well.
  case $package in
    python3 | cmake | ccache | git | npm) command -v "$package" >/dev/null && continue ;;
    ninja-build) command -v ninja >/dev/null && continue ;;
  esac
  missing+=("$package")
done
if [ ${#missing[@]} -gt 0 ]; then
  as_root=()
  if [ "$(id -u)" != 0 ]; then
    command -v sudo >/dev/null || die "not root and no sudo: let somebody install ${missing[*]}"
    as_root=(sudo)
  fi
  echo "bootstrap: installing ${missing[*]}"
  install=("${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends
           -o DPkg::Lock::Timeout=300 install "${missing[@]}")
  log=$(mktemp)
  trap 'rm -f "$log"' EXIT
  # The lists may be missing or old: only then they are fetched.
  if ! "${install[@]}" >"$log" 2>&1; then
    "${as_root[@]}" apt-get -qq update >>"$log" 2>&1 || true
    "${install[@]}" >"$log" 2>&1 || {
      tail -n 15 "$log" >&2
      die "apt-get cannot install ${missing[*]}: no network, or not Debian 12 or later?"
    }
  fi
fi

python3 -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
  die "python3 is $(python3 --version 2>&1), at least 3.11 is needed for the build's generators"
