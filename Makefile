# Concord: `make help` lists what can be made. Needs Python 3.11+, make and the package registries; no root.
PYTHON ?= python3
PEOPLE ?= 300
PORT ?= 8000
SIZES ?= 1000 10000
MINUTES ?= 60
EVERY ?= 1
SETUP = $(PYTHON) scripts/setup_environment.py
BIN = .venv/bin

.DEFAULT_GOAL := help
.PHONY: help install demo test lint types contracts tests soak mutants lock clean

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

install:  ## .venv from the lock, with the `concord` command and the front-end assets
	@$(SETUP) install

demo: install  ## Northfield, a synthetic care system, on http://127.0.0.1:PORT (PEOPLE=300 PORT=8000; kept in .demo)
	@$(BIN)/concord demo --data .demo --people $(PEOPLE) --port $(PORT)

# One after another, so that the first thing wrong is the last thing on the screen.
test:  ## everything that a change must pass: lint, types, contracts, tests with a browser
	@$(SETUP) develop
	@$(SETUP) browser
	@$(MAKE) --no-print-directory lint
	@$(MAKE) --no-print-directory types
	@$(MAKE) --no-print-directory contracts
	@$(MAKE) --no-print-directory tests

lint:  ## layout and lint; `.venv/bin/ruff format` and `ruff check --fix` mend most of it
	@$(SETUP) develop
	@echo "== lint"
	@$(BIN)/ruff format --check --quiet . || { echo "lint: layout differs. To mend: $(BIN)/ruff format ."; exit 1; }
	@$(BIN)/ruff check . || { echo "lint: findings above. To mend: $(BIN)/ruff check --fix . and read pyproject.toml"; exit 1; }

types:  ## strict types
	@$(SETUP) develop
	@echo "== types"
	@$(BIN)/mypy || { echo "types: findings above. To mend: give each name its type; ask why before ignoring one"; exit 1; }

contracts:  ## layers and front doors
	@$(SETUP) develop
	@echo "== contracts"
	@$(BIN)/lint-imports --no-logo || { \
	  echo "contracts: a room is entered from below or past its front door. To mend: read docs/adr/0001"; exit 1; }

# A fixed seed of Python's hashes, since generated cases follow the order of sets; the soak takes what comes.
tests:  ## pytest on every core, without the long ones
	@$(SETUP) develop
	@echo "== tests"
	@PYTHONHASHSEED=0 $(BIN)/pytest -n auto

soak:  ## the long tests too, each law on many thousand cases, and figures as it grows (SIZES="1000 10000"), an hour of messages (MINUTES=60); in .soak
	@$(SETUP) develop
	@$(SETUP) browser
	@$(BIN)/pytest -n auto -m "soak or not soak" --hypothesis-profile=soak
	@$(BIN)/python benchmarks/scale.py .soak --sizes $(SIZES)
	@$(BIN)/python benchmarks/soak.py .soak --minutes $(MINUTES)

mutants:  ## change the rules of the decision one by one: which change no test notices (EVERY=1; hours)
	@$(SETUP) develop
	@$(BIN)/python -m tests.mutants --every $(EVERY)

lock:  ## resolve the pinned versions anew
	@$(SETUP) lock

clean:  ## remove what was made, the demo's data included
	rm -rf .venv .demo .soak node_modules build src/concord.egg-info src/concord/portals/ui/assets/nhsuk
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
