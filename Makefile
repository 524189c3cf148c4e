# Concord: `make help` lists what can be made. Needs Python 3.11+, make and the package registries; no root.
PYTHON ?= python3
PEOPLE ?= 300
PORT ?= 8000
SIZES ?= 1000 10000
MINUTES ?= 60
CASES ?= 1000
EVERY ?= 1
SETUP = $(PYTHON) scripts/setup_environment.py
BIN = .venv/bin

.DEFAULT_GOAL := help
SOAKS = soak soak-decisions soak-feeds soak-worlds soak-timing soak-growth
.PHONY: $(SOAKS) help install demo test lint types contracts tests mutants lock clean

help:  ## what can be made
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-14s %s\n", $$1, $$2 }' Makefile

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

# Each theme begins no test after MINUTES; the same command goes on where it ended, as long as the code is the same.
SOAK = PYTHONHASHSEED=0 $(BIN)/pytest -p tests.soaking --minutes=$(MINUTES) -m soak

soak:  ## every theme below in order, each for MINUTES at most (MINUTES=60); in .soak. They take, on 2 quiet cores:
	@$(SETUP) develop
	@for theme in decisions feeds worlds timing growth; do $(MAKE) --no-print-directory soak-$$theme || exit 1; done

soak-decisions:  ## 20 min: two million decisions against the reference, each law on CASES (CASES=1000), odd requests
	@$(SETUP) develop
	@CASES=$(CASES) $(SOAK) -n auto -m "soak or not soak" --hypothesis-profile=soak tests/properties tests/conformance/test_fuzz.py

soak-feeds:  ## 15 min: everything three times in 400 orders, killed at every step, loads; then MINUTES of messages
	@$(SETUP) develop
	@$(SOAK) -n auto tests/faults tests/conformance/test_shared_loads.py tests/properties/test_*_in_every_order.py
	@$(BIN)/python benchmarks/soak.py .soak --minutes $(MINUTES)

soak-worlds:  ## 50 min: twin worlds asked the whole catalogue, many random ones among them, on both engines
	@$(SETUP) develop
	@$(SOAK) -n auto tests/twin_worlds/test_twin_worlds.py

soak-timing:  ## 80 min: whether the clock tells twin worlds apart, 2,000 pairs of a request; nothing else should run
	@$(SETUP) develop
	@$(SOAK) tests/twin_worlds/test_timing.py

soak-growth:  ## 10 min: the same figures at several sizes (SIZES="1000 10000"), and a comparison counted at the last
	@$(SETUP) develop
	@$(BIN)/python benchmarks/scale.py .soak --sizes $(SIZES)
	@$(BIN)/python benchmarks/counting.py .soak/$(lastword $(SIZES)) --people $(lastword $(SIZES))

mutants:  ## change the rules of the decision one by one: which change no test notices (EVERY=1; an hour)
	@$(SETUP) develop
	@PYTHONHASHSEED=0 $(BIN)/python -m tests.mutants --every $(EVERY)

lock:  ## resolve the pinned versions anew
	@$(SETUP) lock

clean:  ## remove what was made, the demo's data included
	rm -rf .venv .demo .soak node_modules build src/concord.egg-info src/concord/portals/ui/assets/nhsuk
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests scripts -name __pycache__ -type d -prune -exec rm -rf {} +
