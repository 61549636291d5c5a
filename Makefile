# Everything from set-up to release, for Debian 12 with git and Rust. Set-up runs by itself where it is needed.

SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

CARGO := $(or $(shell command -v cargo),$(HOME)/.cargo/bin/cargo)
# Cargo finds rustc and its own plug-ins through PATH.
export PATH := $(patsubst %/,%,$(dir $(CARGO))):$(PATH)

# Models beyond the embedded ones, where a folder of them lies beside the checkout.
ifneq ($(wildcard ../shared/models/.),)
export GREENLANE_MODEL_MIRROR ?= $(abspath ../shared/models)
endif

# FFmpeg tells of every damaged packet on standard error; what matters is counted and reported by greenlane itself.
export OPENCV_FFMPEG_LOGLEVEL ?= -8

VIDEO ?=
OUT ?= demo-out
LOOPS ?= 0

.PHONY: help
help: ## This list
	@sed -nE 's/^([a-z-]+):.*## (.*)/  make \1\t\2/p' $(MAKEFILE_LIST) | expand -t 20
	@echo
	@echo '  make demo VIDEO=file|rtsp://...|/dev/video0   the demo on your own source'

.PHONY: setup
setup: ## What build and demo need: packages, ONNX Runtime, footage (the first time with network)
	@scripts/rust.sh
	@scripts/packages.sh build
	@scripts/onnxruntime.sh
	@scripts/footage.sh

.PHONY: setup-test
setup-test: setup ## That, and what the tests need: RTSP server, Chromium, Python client, cargo-deny
	@scripts/packages.sh test
	@scripts/python.sh test
	@scripts/tools.sh

.PHONY: demo
demo: setup ## Footage through edge, centre and console, live; prints the console's address; results in OUT (demo-out)
	$(CARGO) run --release --locked -- demo $(if $(VIDEO),'$(VIDEO)') --out '$(OUT)'

.PHONY: demo-hall
demo-hall: setup ## The four cameras of the rendered hall again and again until Ctrl-C; LOOPS=1 once, with pictures
	$(CARGO) run --release --locked -- demo --config config/rendered-hall.toml --loops '$(LOOPS)' --out '$(OUT)'

.PHONY: build
build: setup ## The release binary
	$(CARGO) build --release --locked

.PHONY: test
test: setup-test ## Everything CI checks: format, lints, architecture, tests, docs, licences
	@scripts/test.sh

.PHONY: fmt
fmt: ## Formats the sources
	$(CARGO) fmt --all

.PHONY: lint
lint: setup ## Clippy, with default features and with none
	@scripts/test.sh format lint-core lint

.PHONY: doc
doc: setup ## The crate's documentation
	@scripts/test.sh doc

.PHONY: deny
deny: setup-test ## Licences, bans, sources and known vulnerabilities of the dependencies (the last needs GitHub)
	@scripts/test.sh deny advisories

.PHONY: bench
bench: setup ## The benchmarks
	$(CARGO) bench --locked

.PHONY: hall
hall: ## Renders tests/fixtures/hall anew: four films of one hall, with their truth
	@scripts/renders.sh hall

.PHONY: clean
clean: ## Removes what was built; what set-up fetched stays
	$(CARGO) clean
	rm -rf '$(OUT)'

.PHONY: distclean
distclean: clean ## And what set-up put into the cache
	cd "$${XDG_CACHE_HOME:-$$HOME/.cache}/greenlane" && rm -rf onnxruntime footage venv tools renders renders-venv
