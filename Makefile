# The front door. Every target works alone on a fresh Debian 12 machine (as root or with sudo): it
# installs what is missing, fetches what it needs, builds, and costs seconds when nothing changed.
#
#   make run        build, then run examples/tour.py         make debug     build/debug/krait, with checks
#   make build      build/release/krait, in minutes          make asan      build/asan/krait, address + undefined
#   make test       build, run unit tests and programs       make regrtest  CPython's own tests (ARGS=...)
#   make release    build/pgo/krait, LTO and profile         make oracle    only fetch CPython 3.14
#   make bench      against CPython and PyPy (ARGS=...)      make format, make lint, make clean
#   make install PREFIX=DIR   a relocatable tree             make capi      extensions built from source, on both
#   make extensions compiled packages of PyPI, on both (ARGS=--own: the tests they ship)
#   make packages   packages of PyPI that are Python: the tests they ship
#   make compare    names, signatures and all stages of the front end beside the oracle's      make fuzz   libFuzzer on it
#   make leaks      CPython's tests, several times in one process: what is left after each (ARGS=...)

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := build
MAKEFLAGS += --no-print-directory

DEPS ?= $(CURDIR)/build/deps
PREFIX ?= $(CURDIR)/build/install
JOBS ?= $(shell nproc)
ARGS ?=
# The build that is installed and measured: release, or pgo once `make release` has made it.
BUILD ?= release
KRAIT := build/release/krait

export DEPS
export CCACHE_BASEDIR ?= $(CURDIR)
export CCACHE_NOHASHDIR ?= 1

.PHONY: run build release debug asan test regrtest leaks bench capi extensions packages compare fuzz oracle install format lint clean tools stdlib tests

run: build
	@$(KRAIT) examples/tour.py

build: tools stdlib
	@scripts/build.sh release krait -j $(JOBS)

release: tools stdlib
	@scripts/release.sh -j $(JOBS)

debug asan: tools stdlib
	@scripts/build.sh $@ krait -j $(JOBS)

tests: tools stdlib
	@scripts/build.sh release all -j $(JOBS)

test: tests
	@tests/run.py --build build/release -j $(JOBS) $(ARGS)

regrtest: build
	@scripts/fetch.sh testsuite
	@scripts/regrtest.py --python $(KRAIT) -j $(JOBS) $(ARGS)

leaks: build
	@scripts/fetch.sh oracle testsuite
	@scripts/leaks.py --python $(KRAIT) $(ARGS)

bench: build
	@scripts/fetch.sh oracle pypy
	@bench/run.py --krait build/$(BUILD)/krait $(ARGS)

capi: build
	@scripts/fetch.sh oracle headers
	@scripts/build.sh release libkrait -j $(JOBS)
	@python3 tests/capi/run.py

packages: build
	@scripts/fetch.sh oracle
	@scripts/packages.py $(ARGS)

extensions: build
	@scripts/fetch.sh oracle
	@scripts/extensions.py $(ARGS)

compare: build
	@scripts/fetch.sh oracle testsuite
	@python3 tools/compare/surface.py --krait $(KRAIT)
	@python3 tools/compare/all.py --krait $(KRAIT) $(ARGS)

fuzz: tools stdlib
	@scripts/fuzz.sh $(ARGS)

oracle: tools
	@scripts/fetch.sh oracle testsuite stdlib
	@echo "$(DEPS)/oracle/python3.14"

install: build
	@scripts/build.sh $(BUILD) libkrait -j $(JOBS)
	@cmake --install build/$(BUILD) --prefix "$(PREFIX)" | grep -v -e '-- Up-to-date' -e '-- Installing' || true
	@echo "installed in $(PREFIX)"

format: tools
	@git ls-files -z -- '*.cpp' '*.h' '*.c' | xargs -0 -r clang-format-19 -i

lint: tools
	@scripts/lint.sh

clean:
	@rm -rf build/release build/debug build/asan build/pgo build/pgo-train build/install build/bench

tools:
	@scripts/bootstrap.sh

stdlib:
	@scripts/fetch.sh stdlib mpdec pip
