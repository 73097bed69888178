# Two commands do everything on a fresh Debian 12, as root or as a user with sudo:
#   make demo   installs, builds, gets a stock image, and bakes recipes/nog.toml
#   make test   installs, builds, and runs every test
SHELL := /bin/bash
# Where .setup/install puts Swift goes first: it does so only where the one that is found is too old.
export PATH := $(HOME)/.local/share/pibake-swift/usr/bin:$(PATH):/usr/sbin:/sbin

# For `pibake --version`.
export PIBAKE_COMMIT := $(shell git describe --always --dirty --abbrev=12 2> /dev/null)

FIXTURES := Tests/Fixtures
PIBAKE := .build/release/pibake
RECIPE ?= recipes/nog.toml
SECONDS ?= 60
TARGETS ?=
ROWS ?=

.PHONY: help build demo test boots lint format tools lite bench fuzz sweep clean

help:
	@sed -n '1,/^$$/s/^# \{0,1\}//p' Makefile
	@echo '  make build  the release binary, $(PIBAKE)'
	@echo '  make boots  the tests that start solo and nog from both stand-ins, twice each, in QEMU'
	@echo '  make lint   the format check; make format mends what it can'
	@echo '  make lite   builds the large stand-in image and times cold and warm bakes of it (half an hour at first)'
	@echo '  make bench  pibake beside its peers on the large stand-in, as root (an hour); ROWS="walk bake …" for some'
	@echo '  make fuzz   libFuzzer on every reader, SECONDS=60 each, TARGETS="ext4 fat table container recipe"'
	@echo '  make sweep  the mutation fuzzers of all readers, for minutes instead of seconds (PIBAKE_FUZZ_FACTOR, _SEED)'

tools:
	@.setup/install

build: tools
	swift build -c release --product pibake

# The genuine image where it can be reached; else a stand-in, built here from Debian's packages.
demo: build
	@.setup/demo $(PIBAKE) $(RECIPE)

# The whole, on the release build: units; the binary against the kernel, mtools and e2fsck; and boots in QEMU.
test: tools
	@$(FIXTURES)/install-tools.sh
	@.setup/test

# The boots alone, for who works on them.
boots: build
	@$(FIXTURES)/install-tools.sh
	swift test -c release --filter '^CommandTests\.BootTests'

lint:
	swift format lint --strict --recursive Sources Tests Package.swift
	@.setup/check-tree

format:
	swift format --in-place --recursive Sources Tests Package.swift

lite: build
	@$(FIXTURES)/install-tools.sh build
	@.setup/time-lite $(PIBAKE)

bench: build
	@$(FIXTURES)/install-tools.sh
	@Tests/Benchmarks/bench.sh $(PIBAKE) $(ROWS)

fuzz: tools
	@$(FIXTURES)/install-tools.sh
	@Tests/Fuzz/fuzz.sh $(SECONDS) $(TARGETS)

sweep: tools
	@$(FIXTURES)/install-tools.sh build
	PIBAKE_FUZZ_FACTOR=$${PIBAKE_FUZZ_FACTOR:-40} swift test -c release --filter 'Fuzz|Mutation|Hostile'

clean:
	rm -rf .build out
