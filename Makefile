# For people and for CI. Every target sets up what it needs, says so, and reuses it the next time.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: help demo test test-all lint format bench bench-check clean

help: ## list the targets
	@grep -hE '^[a-z-]+:.*##' Makefile | sed 's/:.*##/:/' | column -t -s:

# The stamp is newer than what the package is built from when the environment is up to date.
$(VENV)/.base: pyproject.toml hatch_build.py $(wildcard cleaner/*/*.pyx cleaner/*/*.pxd)
	@echo "setting up $(VENV): the package, editable; it reads all its rules once, which takes a while"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "cleaner needs Python 3.11 or newer; name one: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e .
	@$(BIN)/python -m compileall -q cleaner  # as an install does that is not editable
	@touch $@

$(VENV)/.dev: $(VENV)/.base
	@echo "adding what tests need"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check -e '.[dev]'
	@touch $@

demo: $(VENV)/.base ## clean the seed documents into build/demo and show what was removed
	@echo "cleaning seeds/ into build/demo/"
	@rm -rf build/demo
	@$(BIN)/cleaner run seeds build/demo --annotate --overwrite
	@for file in seeds/*.txt; do case $$file in *.expected.txt) ;; *) echo; echo "== $$file"; $(BIN)/cleaner explain $$file --removed;; esac; done

test: $(VENV)/.dev ## run the tests
	@$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder

test-all: $(VENV)/.dev ## run the long tests too
	@$(BIN)/python -m pytest -m '' --hypothesis-profile=random

lint: $(VENV)/.dev ## ruff, the layout of rules, and mypy
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/cleaner rules format --check rules
	@$(BIN)/mypy

format: $(VENV)/.dev ## format the source and the rules
	@$(BIN)/ruff check --fix --quiet .
	@$(BIN)/ruff format --quiet .
	@$(BIN)/cleaner rules format rules

bench: $(VENV)/.bench ## measure the engine against other cleaners
	@$(BIN)/python -m benchmarks.bench --write

bench-check: $(VENV)/.bench ## fail if a promised ratio is missed
	@$(BIN)/python -m benchmarks.bench --check

$(VENV)/.bench: $(VENV)/.dev
	@echo "adding what the benchmarks compare with"
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check justext
	@touch $@

clean: ## remove what was built
	rm -rf build dist cleaner/*/*.so cleaner/_prebuilt $(VENV)/.base .mypy_cache .ruff_cache .pytest_cache .hypothesis
