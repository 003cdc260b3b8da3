#!/usr/bin/env bash
# Fetches what Krait uses but does not contain, as Debian packages, and unpacks it below DEPS:
#
#   stdlib     CPython 3.14's library folder                       DEPS/stdlib/os.py
#   testsuite  its test package, inside the library folder         DEPS/testsuite/test -> ../stdlib/test
#   oracle     CPython 3.14 with every library it needs            DEPS/oracle/python3.14
#   pip        ensurepip with the pip that venv installs             DEPS/stdlib/ensurepip -> ../pip/ensurepip
#   headers    CPython 3.14's C headers, for building extensions            DEPS/headers/usr/include/python3.14
#   mpdec      libmpdec 2.5.1, decimal arithmetic                  DEPS/mpdec/libmpdec.a
#   pypy       PyPy, the second benchmark peer                     DEPS/pypy/pypy3
#
# usage: scripts/fetch.sh [--refresh] stdlib|testsuite|oracle|headers|mpdec|pypy ...
# DEPS (environment) is where things go; build/deps of the checkout unless set.
#
# apt does the work, and checks the signatures, with a sources file, lists and a cache of our own:
# the machine's apt configuration is read (mirror, proxy) and never changed. What is there already
# costs nothing: a stamp in DEPS/.stamps says from which recipe and to which place it was unpacked.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
deps=${DEPS:-$here/build/deps}
recipe=1                # raise when what is unpacked, or how, changes
suites=(sid forky)      # the first that has the packages serves
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
triplet=x86_64-linux-gnu

die() { echo "fetch: $*" >&2; exit 1; }
say() { echo "fetch: $*"; }

# --- apt, to ourselves ---------------------------------------------------------------------------

mirror() {  # the machine's own Debian mirror
  local uri
  uri=$( { sed -n 's/^URIs:[[:space:]]*//p' /etc/apt/sources.list.d/*.sources;
           sed -n 's/^deb[[:space:]]\+\(\[[^]]*\][[:space:]]*\)\?\([^[:space:]]*\).*/\2/p' \
             /etc/apt/sources.list /etc/apt/sources.list.d/*.list; } 2>/dev/null |
         tr ' ' '\n' | grep -m1 -E '/debian/?$' || true)
  echo "${uri:-http://deb.debian.org/debian}"
}

prepare_apt() {
  [ "$(uname -m)" = x86_64 ] || die "only x86-64 is supported, this machine is $(uname -m)"
  command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
    die "needs apt-get and dpkg-deb (Debian); on another distribution set KRAIT_STDLIB to the library folder of a CPython 3.14"
  [ -r $keyring ] || die "$keyring is missing: install the package debian-archive-keyring"
  apt=$deps/.apt
  mkdir -p "$apt"/{conf.d,none,state/lists/partial,cache/archives/partial}
  : >"$apt/status"  # an empty dpkg database: every dependency is resolved, libc included
  cp -f /etc/apt/apt.conf.d/* "$apt/conf.d/" 2>/dev/null || true
  cat >"$apt/conf.d/99krait" <<CONF
#clear APT::Update::Pre-Invoke;
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear DPkg::Pre-Install-Pkgs;
#clear DPkg::Post-Invoke;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::DEP-11-icons-small;
#clear Acquire::IndexTargets::deb::DEP-11-icons;
#clear Acquire::IndexTargets::deb::DEP-11-icons-large;
Dir::Etc::SourceList "$apt/krait.sources";
Dir::Etc::SourceParts "$apt/none";
Dir::Etc::PreferencesParts "$apt/none";
Dir::Etc::Preferences "$apt/none/preferences";
Dir::State "$apt/state";
Dir::State::Lists "$apt/state/lists";
Dir::State::status "$apt/status";
Dir::Cache "$apt/cache";
Dir::Log "$apt/cache";
APT::Sandbox::User "root";
APT::Install-Recommends "false";
APT::Install-Suggests "false";
APT::Architecture "amd64";
APT::Architectures { "amd64"; };
Acquire::Languages "none";
Acquire::Retries "3";
Acquire::http::Timeout "30";
Debug::NoLocking "true";
CONF
  echo "Dir::Etc::Parts \"$apt/conf.d\";" >"$apt/apt.conf"
  export APT_CONFIG=$apt/apt.conf
}

# use_suite SUITE: writes the sources file; fetches the lists unless ours are less than a day old.
use_suite() {
  printf 'Types: deb\nURIs: %s\nSuites: %s\nComponents: main\nSigned-By: %s\n' \
    "$(mirror)" "$1" "$keyring" >"$apt/krait.sources.new"
  if cmp -s "$apt/krait.sources.new" "$apt/krait.sources" && [ -z "$refresh" ] &&
     [ -n "$(find "$apt/lists-fetched" -mmin -1440 2>/dev/null)" ]; then
    return 0
  fi
  mv "$apt/krait.sources.new" "$apt/krait.sources"
  rm -f "$apt/lists-fetched"
  say "fetching the package lists of Debian $1"
  # --error-on=any: a mirror out of reach is only a warning to a plain update.
  if ! apt-get -qq --error-on=any update 2>"$apt/errors"; then
    # A mirror that is behind (a snapshot, a cache) serves as well: its signature is checked as ever.
    grep -q 'is expired' "$apt/errors" || { cat "$apt/errors" >&2; return 1; }
    say "$(mirror) has not been updated for a while: its lists of $1 are taken as they are"
    apt-get -qq --error-on=any -o Acquire::Check-Valid-Until=false update || return 1
  fi
  touch "$apt/lists-fetched"
}

# packages NAME...: downloads them with all they depend on; their files in ${debs[@]}.
packages() {
  local suite list
  for suite in "${suites[@]}"; do
    use_suite "$suite" || continue
    if list=$(apt-get -qq -y --print-uris install "$@" 2>"$apt/errors"); then
      say "downloading $* (and what they need)"
      apt-get -qq -y --download-only install "$@" >/dev/null || continue
      # what is in the cache already is not printed: ask again as if the cache were empty
      list=$(apt-get -qq -y -o Dir::Cache::archives="$apt/none" --print-uris install "$@")
      mapfile -t debs < <(cut -d' ' -f2 <<<"$list" | sed "s|^|$apt/cache/archives/|")
      return 0
    fi
    cat "$apt/errors" >&2
  done
  die "cannot fetch $*: no network, or the mirror $(mirror) has neither of: ${suites[*]}"
}

# unpack DIR: the files of ${debs[@]} into DIR.
unpack() {
  local deb
  mkdir -p "$1"
  for deb in "${debs[@]}"; do dpkg-deb -x "$deb" "$1" || die "cannot unpack $deb"; done
}

# --- the four things -----------------------------------------------------------------------------

# replace NEW NAME: puts the finished folder NEW at DEPS/NAME. The old one goes only now.
replace() {
  rm -rf "$deps/.old-$2"
  if [ -e "$deps/$2" ]; then mv "$deps/$2" "$deps/.old-$2"; fi
  mv "$1" "$deps/$2"
  rm -rf "$deps/.old-$2"
}

only() {  # only REGEX: keeps of ${debs[@]} what matches
  local deb kept=()
  for deb in "${debs[@]}"; do if [[ ${deb##*/} =~ $1 ]]; then kept+=("$deb"); fi; done
  debs=("${kept[@]}")
}

# The library as packaged carries a few links to places outside it (/etc): useless here.
drop_dangling() { find "$1" -xtype l -delete; }

get_stdlib() {
  packages libpython3.14-minimal libpython3.14-stdlib
  only '^libpython3\.14-(minimal|stdlib)_'
  unpack "$tmp/root"
  drop_dangling "$tmp/root/usr/lib/python3.14"
  rm -f "$tmp/root/usr/lib/python3.14/sitecustomize.py"
  [ -f "$tmp/root/usr/lib/python3.14/os.py" ] || die "the packages hold no usr/lib/python3.14/os.py"
  if [ -d "$deps/stdlib/test" ] && [ ! -L "$deps/stdlib/test" ]; then
    rm -rf "$tmp/root/usr/lib/python3.14/test"
    mv "$deps/stdlib/test" "$tmp/root/usr/lib/python3.14/test"
  fi
  replace "$tmp/root/usr/lib/python3.14" stdlib
  place_testsuite
  link_pip
}

# The suite itself lies in the library, not a link to it: some tests compare the path by which they were imported
# with the one of the folder they run in.
place_testsuite() {
  local suite=$deps/testsuite/test
  if [ -d "$suite" ] && [ ! -L "$suite" ] && [ -d "$deps/stdlib" ]; then
    rm -rf "$deps/stdlib/test"
    mv "$suite" "$deps/stdlib/test"
    ln -s ../stdlib/test "$suite"
  fi
}

get_testsuite() {
  packages libpython3.14-minimal libpython3.14-stdlib libpython3.14-testsuite
  only '^libpython3\.14-(minimal|stdlib|testsuite)_'
  unpack "$tmp/root"
  drop_dangling "$tmp/root/usr/lib/python3.14/test"
  mkdir "$tmp/testsuite"
  mv "$tmp/root/usr/lib/python3.14/test" "$tmp/testsuite/test"
  replace "$tmp/testsuite" testsuite
  place_testsuite
}

# Debian keeps ensurepip out of the library, and its wheel in a folder of the machine: here it lies where
# CPython itself has it.
get_pip() {
  packages python3.14-venv python3-pip-whl
  only '^(python3\.14-venv|python3-pip-whl)_'
  unpack "$tmp/root"
  mkdir "$tmp/pip"
  mv "$tmp/root/usr/lib/python3.14/ensurepip" "$tmp/pip/ensurepip"
  mkdir -p "$tmp/pip/ensurepip/_bundled"
  mv "$tmp"/root/usr/share/python-wheels/pip-*.whl "$tmp/pip/ensurepip/_bundled/"
  # Nor is this Debian's own Python, for which it refuses to work, or else takes the pip of another one.
  sed -i -e 's/^_pkg_dir = .*/& and None/' -e 's/^\( *\)_ensurepip_is_disabled_in_debian_for_system()$/\1pass/' \
    "$tmp/pip/ensurepip/__init__.py"
  replace "$tmp/pip" pip
  link_pip
}

link_pip() {
  if [ -d "$deps/pip/ensurepip" ] && [ -d "$deps/stdlib" ]; then
    rm -rf "$deps/stdlib/ensurepip"
    ln -s ../pip/ensurepip "$deps/stdlib/ensurepip"
  fi
}

# relink NAME FILE: makes a program unpacked for DEPS/NAME start by itself (sys.executable has to work in
# subprocesses): loader and libraries are those beside it, not the machine's older ones.
relink() {
  local lib=$deps/$1/usr/lib/$triplet
  python3 "$here/scripts/relink.py" "$tmp/root/$2" "$lib/ld-linux-x86-64.so.2" "$lib"
}

# program NAME ENTRY TARGET: puts the tree in place with DEPS/NAME/ENTRY, which runs TARGET of it.
program() {
  printf '#!/bin/sh\nexec "%s/%s/%s" "$@"\n' "$deps" "$1" "$3" >"$tmp/root/$2"
  chmod +x "$tmp/root/$2"
  replace "$tmp/root" "$1"
  "$deps/$1/$2" -c 'import sys, ssl, sqlite3, ctypes, subprocess
subprocess.run([sys.executable, "-c", "print(end=str())"], check=True)' ||
    die "$1 is unpacked in $deps/$1 but does not run"
  say "$1 is $("$deps/$1/$2" -c 'import sys; print(sys.version.replace(chr(10), " "))')"
}

get_oracle() {
  packages python3.14 libpython3.14-testsuite libgcc-s1
  unpack "$tmp/root"
  rm -f "$tmp/root/usr/lib/python3.14/sitecustomize.py"
  relink oracle usr/bin/python3.14
  program oracle python3.14 usr/bin/python3.14
}

get_headers() {
  packages libpython3.14-dev
  only '^libpython3\.14-dev_'
  unpack "$tmp/root"
  [ -f "$tmp/root/usr/include/python3.14/Python.h" ] || die "the package holds no Python.h"
  # Debian's pyconfig.h asks for the one of the machine's kind below /usr/include: here there is one kind only.
  cp "$tmp/root/usr/include/$triplet/python3.14/pyconfig.h" "$tmp/root/usr/include/python3.14/pyconfig.h"
  replace "$tmp/root" headers
}

# The version that CPython 3.14 carries with it; Debian 12 has no package of it. The one of Debian 11 is
# compiled for an older libc, and only its header and static library are used.
get_mpdec() {
  local suite deb
  for suite in bullseye; do
    use_suite "$suite" || continue
    say "downloading libmpdec-dev"
    (cd "$tmp" && apt-get -qq download libmpdec-dev >/dev/null) || continue
    deb=$(find "$tmp" -name 'libmpdec-dev_*.deb')
    dpkg-deb -x "$deb" "$tmp/root" || continue
    mkdir "$tmp/mpdec"
    mv "$tmp/root/usr/include/$triplet/mpdecimal.h" "$tmp/root/usr/lib/$triplet/libmpdec.a" \
       "$tmp/root/usr/share/doc/libmpdec-dev/copyright" "$tmp/mpdec/" || continue
    replace "$tmp/mpdec" mpdec
    return 0
  done
  die "cannot fetch libmpdec-dev: no network, or the mirror $(mirror) has it no longer"
}

get_pypy() {
  packages pypy3 libgcc-s1 libstdc++6
  unpack "$tmp/root"
  local real
  real=$(readlink -f "$tmp/root/usr/bin/pypy3")
  relink pypy "${real#"$(readlink -f "$tmp/root")"/}"
  program pypy pypy3 usr/bin/pypy3
}

# --- the front -----------------------------------------------------------------------------------

refresh=
wanted=()
for arg in "$@"; do
  case $arg in
    --refresh) refresh=1 ;;
    stdlib|testsuite|oracle|pip|headers|mpdec|pypy) wanted+=("$arg") ;;
    *) die "unknown argument '$arg' (stdlib, testsuite, oracle, pip, headers, mpdec, pypy, --refresh)" ;;
  esac
done
[ ${#wanted[@]} -gt 0 ] || die "say what to fetch: stdlib, testsuite, oracle, pip, headers, mpdec, pypy"

mkdir -p "$deps/.stamps"
deps=$(cd "$deps" && pwd -P)
exec 9>"$deps/.lock"
flock 9
trap 'rm -rf "$deps/.new"' EXIT
for name in "${wanted[@]}"; do
  stamp=$deps/.stamps/$name
  if [ -z "$refresh" ] && [ -e "$deps/$name" ] && [ "$(cat "$stamp" 2>/dev/null)" = "$recipe $deps" ]; then
    continue
  fi
  [ -n "${apt:-}" ] || prepare_apt
  rm -f "$stamp"
  tmp=$deps/.new
  rm -rf "$tmp"
  mkdir -p "$tmp"
  "get_$name"
  echo "$recipe $deps" >"$stamp"
done
place_testsuite  # also where it was fetched when it still lay the other way round
