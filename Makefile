# Two commands are all a fresh machine needs: `make demo` and `make test`. `make help` lists the rest.
# PYTHON=python3.12 builds .venv with another interpreter; ARGS="..." is handed on to the command.

PYTHON ?= python3
ARGS ?=
VENV := .venv
BIN := $(VENV)/bin
CHROMIUM_PACKAGES := chromium fonts-noto-cjk
UV_VERSION := 0.13.8
# Only folders that are there: a checkout may lack optional ones.
SOURCES = $(wildcard gateway connectors policies mocks tests benchmarks)

export PIP_DISABLE_PIP_VERSION_CHECK := 1
export PIP_ROOT_USER_ACTION := ignore
# -qq: a reader who asked for a demo is told of errors only.
PIP := $(BIN)/python -m pip -qq
INSTALL_LOCKED := $(PIP) install --require-hashes
INSTALL_CHECKOUT := $(PIP) install --no-deps --no-build-isolation --editable .

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help demo mocks test chromium screenshots check format bench build lock clean

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z]+:.*## / {printf "  make %-11s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

demo: $(VENV)/.demo ## run the gateway and its mock line systems on this machine (ARGS="--port 8080")
	@$(BIN)/community-cloud demo $(ARGS)

mocks: $(VENV)/.demo ## run the mock line systems alone
	@$(BIN)/community-cloud mocks $(ARGS)

test: $(VENV)/.dev chromium ## run every test (ARGS="tests/unit -k name")
	@$(BIN)/python -m pytest $(ARGS)

# The browser tests drive the distribution's own Chromium; root on Debian or Ubuntu gets it here, others are told.
chromium:
	@[ -x /usr/bin/chromium ] || { \
	  if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
	    echo 'Installing chromium for the browser tests ...'; \
	    { apt-get -qq update && DEBIAN_FRONTEND=noninteractive \
	      apt-get -qq install -y --no-install-recommends $(CHROMIUM_PACKAGES); } >/dev/null 2>&1; \
	  fi; \
	  [ -x /usr/bin/chromium ] || \
	    echo 'BROWSER TESTS WILL BE SKIPPED: install the packages $(CHROMIUM_PACKAGES)' >&2; }

screenshots: $(VENV)/.dev chromium ## take pictures of every page into build/screenshots/ (ARGS="person found")
	@$(BIN)/python -m tests.browser.screenshots $(ARGS)

check: $(VENV)/.dev ## format, lint, types and import rules
	@$(BIN)/ruff format --check --quiet --output-format concise $(SOURCES) || { echo 'Not formatted: run "make format".' >&2; exit 1; }
	@$(BIN)/ruff check --quiet $(SOURCES)
	@$(BIN)/mypy $(SOURCES)
	@$(BIN)/lint-imports --no-logo

format: $(VENV)/.dev ## format the code and sort its imports
	@$(BIN)/ruff check --quiet --select I --fix $(SOURCES)
	@$(BIN)/ruff format $(SOURCES)

# The peers live in an environment of their own inside ours, so that `make clean` takes them along.
bench: $(VENV)/.dev $(if $(PEERS),$(VENV)/peers/.made) ## measure speed (PEERS=1: FastAPI with httpx beside it; ARGS="--quick")
	@$(BIN)/python -m benchmarks $(ARGS)

build: $(VENV)/.dev ## build the wheel and the source archive into dist/
	@$(BIN)/python -m build --no-isolation --outdir dist .

# uv lives in a folder of its own for the length of this command; --universal keeps one lock good for every
# platform. What stands in a lock stays: pass ARGS=--upgrade for newer versions.
lock: ## write the lock files anew from pyproject.toml (ARGS=--upgrade for newer versions)
	@set -e; tools=$$(mktemp -d); trap 'rm -rf "$$tools"' EXIT; \
	$(PYTHON) -m venv "$$tools"; "$$tools/bin/pip" -qq install uv==$(UV_VERSION); \
	pin() { "$$tools/bin/uv" pip compile --quiet --generate-hashes --no-header \
	  --universal --python-version 3.11 $(ARGS) "$$@"; }; \
	pin pyproject.toml -o requirements.lock; \
	"$$tools/bin/python" -c 'import tomllib; print(*tomllib.load(open("pyproject.toml", "rb"))["build-system"]["requires"], sep="\n")' \
	  | pin --no-annotate --constraint requirements.lock - -o requirements-build.lock; \
	pin --extra dev --constraint requirements.lock --constraint requirements-build.lock pyproject.toml \
	  -o requirements-dev.lock; \
	if grep -n '://' requirements*.lock; then echo 'A lock file holds an address.' >&2; exit 1; fi

clean: ## remove the environment and everything built
	@rm -rf $(VENV) build dist .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis

# Stamps: each says "the environment holds what this lock lists and points at this checkout".
$(VENV)/.made:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || { \
	  echo 'Python 3.11 or newer is needed, as $(PYTHON). Choose another with: make PYTHON=/path/to/python3' >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
	  echo 'This Python lacks its venv module. On Debian or Ubuntu: apt-get install python3-venv' >&2; exit 1; }
	@$(PYTHON) -m venv $(VENV)
	@touch $@

$(VENV)/.demo: $(VENV)/.made requirements.lock requirements-build.lock pyproject.toml
	@echo 'Installing into $(VENV) (a minute on the first run) ...'
	@$(INSTALL_LOCKED) -r requirements.lock -r requirements-build.lock
	@$(INSTALL_CHECKOUT)
	@touch $@

$(VENV)/peers/.made: benchmarks/peers/requirements.lock
	@$(PYTHON) -m venv $(VENV)/peers
	@$(VENV)/peers/bin/python -m pip -qq install --require-hashes -r $<
	@touch $@

# The development lock holds everything the demo needs, at the same versions: it serves both.
$(VENV)/.dev: $(VENV)/.made requirements.lock requirements-build.lock requirements-dev.lock pyproject.toml
	@echo 'Installing into $(VENV) (a minute on the first run) ...'
	@$(INSTALL_LOCKED) -r requirements-dev.lock
	@$(INSTALL_CHECKOUT)
	@touch $(VENV)/.demo $@
