# Everything one does in this repository. `make` alone lists the targets.
#
# Each target makes the environment .venv by itself when there is none, when pyproject.toml has
# changed since, and when it is broken: see scripts/venv. Choose the Python of a new one with
# `make PYTHON=python3.12 test`.

PYTHON ?=
ARGS ?=
export PYTHON
# Hundreds of short processes run here: their modules are compiled once, into folders that git ignores, whatever the shell says.
unexport PYTHONDONTWRITEBYTECODE

BIN := .venv/bin
# Each of these files says what .venv holds: the package alone, or the tools for working on it too.
RUN := .venv/.installed
DEV := .venv/.installed-dev
BENCH := .venv/.installed-bench
LOWEST := .venv-lowest/.installed

# A process a core runs the tests, and one more, for some wait for a browser or for other processes; those of one file stay
# together. In the order of their names: xdist's own, by the number of tests, leaves the few that take longest to the end.
SPREAD := -n $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1) --dist loadfile --no-loadscope-reorder
# What depends on whether the kernels are compiled. Compiled ones give NumPy's bits, which tests/laws/test_compiled.py sees to,
# so that few tests tell whether all goes without them.
ENGINE := tests/unit/nn tests/laws/test_gradients.py tests/laws/test_layers.py tests/laws/test_losses.py tests/parity/test_lbfgs.py

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:  # the static checks come before the tests, whose summary is the last thing shown
.PHONY: run quick studio bench test test-numpy peers fuzz kill-test check lint format docs pages coverage test-lowest test-pythons test-wheel clean help

# An environment whose Python is gone, or which came along when the folder was copied or moved,
# counts as not made, however new its files are.
whole = $(shell test "$$(cat $(1)/.made-for 2>&1)" = "$(CURDIR)" && $(1)/bin/python -c "" 2>&1 && echo yes)
ifneq ($(call whole,.venv),yes)
.PHONY: $(RUN) $(DEV) $(BENCH)
endif
ifneq ($(call whole,.venv-lowest),yes)
.PHONY: $(LOWEST)
endif

# Both end with a command that works as it stands, and say how it gets shorter: see say_what_next in cli/following.py.
run: $(RUN)  ## Reproduce the whole assignment and write its report to runs/assignment (options: ARGS="...")
	$(BIN)/glassnet reproduce all --out runs/assignment $(ARGS)

quick: $(RUN)  ## The same on part of the data, in runs/assignment-quick: does it work here?
	$(BIN)/glassnet reproduce all --quick --out runs/assignment-quick $(ARGS)

studio: $(RUN)  ## Watch a network learn MNIST, in the browser (other data, lessons: ARGS="--data moons")
	$(BIN)/glassnet studio $(ARGS)

bench: $(BENCH)  ## Time everything beside the peers that are installed, into runs/benchmarks (options: ARGS="...")
	$(BIN)/python benchmarks/suite.py --json runs/benchmarks/all.json --picture runs/benchmarks/all.png $(ARGS)

test: $(DEV)  ## Run the tests and the examples of the docstrings (options for pytest: ARGS="...")
	$(BIN)/python -m pytest $(SPREAD) $(ARGS)

test-numpy: $(DEV)  ## The engine's tests with NumPy's own kernels, as if Numba were not installed
	GLASSNET_FAST=0 $(BIN)/python -m pytest $(SPREAD) $(ENGINE) $(ARGS)

peers: $(DEV)  ## 10,000 random parameters and data beside scikit-learn's (one case: ARGS="--first 12 --cases 1")
	PYTHONPATH=tests/support $(BIN)/python -m beside_sklearn $(ARGS)

FUZZ ?= 100000

fuzz: $(DEV)  ## Try 100,000 damaged inputs on every reader, or as many as FUZZ=N says; a run that was stopped goes on (options: ARGS="...")
	$(BIN)/python tests/hostile --inputs $(FUZZ) $(ARGS)

KILLS ?= 300

kill-test: $(DEV)  ## Kill the whole assignment, in its quick form, 300 times or KILLS=N; one that was stopped goes on (options: ARGS="...")
	$(BIN)/python tests/hostile/kills.py --kills $(KILLS) $(ARGS)

check: lint test-wheel docs test-numpy test  ## Everything that must hold before a commit: lint, then the tests

coverage: $(DEV)  ## Run the tests, tell which branches they leave out, and fail when they are too many
	$(BIN)/python -m pytest $(SPREAD) --cov --cov-report=term:skip-covered --cov-report=html $(ARGS)

lint: $(DEV)  ## The static checks: format, style, types, and which module may import which
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

docs: $(DEV)  ## Build the site, build/site/index.html, without a network; it fails on a warning or a dead link
	$(BIN)/python -m sphinx -W --keep-going -q docs build/site $(ARGS)
	@echo "The site is build/site/index.html"

pages: $(DEV)  ## Write the pages that come from the code: docs/cli.md, and the checks of docs/doctor.md
	$(BIN)/python scripts/write_docs.py

format: $(DEV)  ## Format the code and mend what can be mended
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

test-lowest: $(LOWEST)  ## Run the tests with the lowest version allowed of every dependency
	.venv-lowest/bin/python -m pytest $(SPREAD) $(ARGS)

test-pythons:  ## Run the tests with each supported Python that is found here
	sh scripts/test-pythons $(SPREAD) $(ARGS)

test-wheel: $(DEV)  ## Build sdist and wheel, install the wheel alone into an empty environment and try it out
	sh scripts/test-wheel

clean:  ## Remove the environments and the caches; what is in runs/ stays
	rm -rf .venv .venv-* .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis .coverage* htmlcov build dist docs/gallery docs/reference/api docs/sg_execution_times.rst
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +

help:  ## List the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/make \1|\2/p' Makefile | while IFS='|' read -r name does; do \
	  printf '  %-20s%s\n' "$$name" "$$does"; done

$(RUN): pyproject.toml
	@sh scripts/venv .venv ".[fast,studio]"
	@touch $@

$(DEV): pyproject.toml
	@sh scripts/venv .venv ".[dev]"
	@touch $(RUN) $@

$(BENCH): pyproject.toml
	@sh scripts/venv .venv ".[bench]"
	@touch $(RUN) $@

$(LOWEST): pyproject.toml
	@sh scripts/venv .venv-lowest ".[test]" lowest-direct
	@touch $@
