# tvarr: two commands to remember, `make run` and `make test`. Both set up all they need.

PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
DEMO   := .demo

.DEFAULT_GOAL := help
.PHONY: help run test check test-slow bench fuzz lock docs clean tools

help: ## show this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F':.*## ' '{printf "  make %-10s %s\n", $$1, $$2}'

run: $(VENV)/.run ## start tvarr on the demonstration: no network, no account needed
	@$(BIN)/tvarr demo --data $(DEMO)

test: $(VENV)/.dev tools check ## all checks, then all tests but the slow ones
	$(BIN)/pytest --numprocesses 2 --dist worksteal

check: $(VENV)/.dev ## format, lint, types, and the layers of the house
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

test-slow: $(VENV)/.dev tools ## the long ones: many kills, large inputs
	$(BIN)/pytest -m slow --timeout 1800

bench: $(VENV)/.dev tools ## measure against floors on the same files; writes docs/benchmarks.md
	$(BIN)/python -m tests.bench

fuzz: $(VENV)/.dev ## ten minutes of random sentences; writes docs/fuzzing.md
	$(BIN)/python -m tests.expression.fuzz

lock: | $(VENV)/bin/python ## choose the versions of all dependencies anew
	$(BIN)/python -m pip install -q uv
	$(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-header \
	  pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --upgrade --universal --generate-hashes --no-emit-index-url --no-header \
	  pyproject.toml --group dev -c requirements.lock -o requirements-dev.lock

clean: ## remove the virtual environment and the demonstration's data
	rm -rf $(VENV) $(DEMO) .mypy_cache .pytest_cache .ruff_cache .import_linter_cache .hypothesis .bench

$(VENV)/bin/python:
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' \
	  || { echo "tvarr needs Python 3.11 or newer; say which with: make PYTHON=python3.12 ..."; exit 1; }
	$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@

$(VENV)/.dev: requirements-dev.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements-dev.lock
	$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps -e .
	@touch $@ $(VENV)/.run

# Programs that some tests use. Where they cannot be installed, those tests say so and are skipped.
tools:
	@sh tests/install-tools.sh
