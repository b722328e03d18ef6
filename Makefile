.DELETE_ON_ERROR:
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*##/\t/'

demo: .venv/demo  ## train 200 signed quantum clients and open the report (about 3 minutes)
	$(BIN)/qfl run examples/quickstart/quickstart.toml

test: .venv/test  ## ruff, pyright, import-linter, pytest (under 10 minutes on 2 cores)
	$(BIN)/ruff check . && $(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	$(BIN)/pytest

bench: .venv/demo  ## print the speed ratios beside PennyLane and Ray
	$(BIN)/qfl bench vqc

clean:  ## remove the environment and every cache
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist

.venv/bin/python:
	$(PYTHON) -m venv .venv

.venv/demo: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) --editable .
	@touch $@

.venv/test: pyproject.toml constraints.txt | .venv/bin/python
	$(PIP) --editable '.[ray]' pytest pytest-xdist hypothesis beartype ruff pyright import-linter
	@touch $@ .venv/demo

.PHONY: help demo test bench clean
