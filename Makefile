# Needs Python 3.11+, make and the package registry; sets up everything else in .venv.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
REVIEW ?= reviews/ketamine

.PHONY: help setup run site test test-all bench parity lint format lock clean

help:
	@echo "make run    build $(REVIEW) into site/ and serve it on a loopback address"
	@echo "make site   build it without serving"
	@echo "make test   run the tests          make test-all  with the long ones"
	@echo "make bench  ratios against peers   make lint      ruff, mypy, import-linter"
	@echo "make parity every result of metafor in ../shared/reference against ours"
	@echo "make lock   pin the dependencies anew in requirements.lock"

setup: $(VENV)/.installed

$(VENV)/.installed: requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Probatum needs Python 3.11 or newer; $(PYTHON) is older. Try: make PYTHON=python3.12 ..."; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV) (once; about a minute) ..."
	@$(BIN)/python -m pip install -q --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/python -m pip install -q --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $@

run: setup
	$(BIN)/probatum serve $(REVIEW) --out site

site: setup
	$(BIN)/probatum build $(REVIEW) --out site

test: setup
	$(BIN)/python -m pytest -m "not slow"

test-all: setup
	$(BIN)/python -m pytest

bench: setup
	$(BIN)/python -m benchmarks

parity: setup
	$(BIN)/python -m benchmarks.parity

lint: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: setup
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

# no index address is written; hashes are the wheels' own
lock:
	@$(PYTHON) -m venv $(VENV)-lock && $(VENV)-lock/bin/pip install -q uv
	$(VENV)-lock/bin/uv pip compile -q --universal --python-version 3.11 --extra dev --generate-hashes \
	  --no-emit-index-url --no-header --no-annotate pyproject.toml -o requirements.lock
	@rm -rf $(VENV)-lock

clean:
	rm -rf $(VENV) site build dist .pytest_cache .ruff_cache .mypy_cache .hypothesis
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
