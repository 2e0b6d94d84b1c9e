# `make` lists what there is. Every target makes the .venv it needs by itself.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
JOBS   ?= 3

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(VENV)/.done ## make the .venv from pyproject.toml and constraints.txt

$(VENV)/.done: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable '.[demo,geo,ldap,postgres,dev]'
	touch $@

demo: setup ## a pool on eight SSH hosts of this machine, its pages and the Prefect UI, until Ctrl-C
	$(BIN)/p2ppool demo

lint: setup ## style, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

# Whole files go to one worker, as their fixtures are dear, and in order, as the longest come first.
test: lint ## lint, then every test
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

bench: setup ## what the README claims, measured beside a peer
	$(BIN)/python -m benchmarks

clean: ## remove the .venv and caches
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache *.egg-info build

.PHONY: help setup demo lint test bench clean
