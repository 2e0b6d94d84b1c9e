# `make` lists what there is. Every target makes the .venv it needs by itself.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
JOBS   ?= 3
IS_NEW_ENOUGH = @$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed: make PYTHON=python3.12" if sys.version_info < (3, 11) else 0)'

# Tests start hundreds of processes: where no bytecode is kept, as in many containers, each compiles everything.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help

help: ## list the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | awk -F'\t' '{printf "  make %-8s %s\n", $$1, $$2}'

setup: $(VENV)/.done ## make the .venv with all there is, from pyproject.toml and constraints.txt
	@echo 'Next: make demo, or . $(BIN)/activate && p2ppool --help'

# Two steps in one .venv: who only looks at the demo need not wait for what tests need.
$(VENV)/.demo: pyproject.toml constraints.txt
	$(IS_NEW_ENOUGH)
	@$(PYTHON) scripts/make-venv $(VENV) demo
	@touch $@

$(VENV)/.done: pyproject.toml constraints.txt
	$(IS_NEW_ENOUGH)
	@$(PYTHON) scripts/make-venv $(VENV) demo geo ldap postgres dev
	@touch $(VENV)/.demo $@

demo: $(VENV)/.demo ## a pool on eight SSH hosts of this machine, its pages and the Prefect UI, until Ctrl-C
	$(BIN)/p2ppool demo

lint: $(VENV)/.done ## style, types and the direction of imports
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

check: lint ## lint, then within two minutes what needs no servers, hosts or browser, on SQLite alone
	$(BIN)/pytest -n $(JOBS) --dist loadfile -m 'not postgresql and not root and not slow' tests/unit tests/flows

# Whole files go to one worker, as their fixtures are dear, and in order, as the longest come first.
test: lint ## lint, then every test
	$(BIN)/pytest -n $(JOBS) --dist loadfile --no-loadscope-reorder

bench: $(VENV)/.done ## what the README claims, measured beside a peer
	$(BIN)/python -m benchmarks

docs: $(VENV)/.done ## rewrite the generated parts of docs/
	scripts/document

# What only a release needs stands apart: it must not decide which versions the program gets.
$(VENV)-release/.done: constraints.txt
	$(IS_NEW_ENOUGH)
	@$(PYTHON) -m venv $(VENV)-release
	@$(VENV)-release/bin/pip --quiet --disable-pip-version-check install --constraint constraints.txt uv cyclonedx-bom
	@touch $@

lock: $(VENV)-release/.done ## rewrite requirements.txt: every package with the hashes of its files
	scripts/lock $(VENV)-release/bin/uv

sbom: $(VENV)-release/.done ## write bom.json: a bill of materials (CycloneDX) of requirements.txt
	@PYTHONWARNINGS=ignore $(VENV)-release/bin/cyclonedx-py requirements requirements.txt --pyproject pyproject.toml \
		--output-reproducible --output-file bom.json

clean: ## remove the .venv and caches
	rm -rf $(VENV) $(VENV)-release bom.json .mypy_cache .ruff_cache .pytest_cache *.egg-info build

.PHONY: help setup demo lint check test bench docs lock sbom clean
