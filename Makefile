# `make demo` and `make test` work from a clean clone: they make .venv and install the versions in constraints.txt there.
# Where packages come from is pip's own configuration; nothing here names an index.
.DELETE_ON_ERROR:
PYTHON ?= python3
BIN := .venv/bin
INSTALL := $(BIN)/python -m pip install --quiet --disable-pip-version-check --constraint constraints.txt
# the dependency groups of pyproject.toml, in words that every pip understands; a test compares them
TOOLS := pytest pytest-xdist hypothesis beartype hatchling dwave-system 'openqasm3[parser]' tensorboard mlflow-skinny wandb nbclient ipykernel dp-accounting mkdocs-material 'mkdocstrings[python]' ruff 'pyright[nodejs]' import-linter
RUN := examples/quickstart/quickstart.toml

help:  ## list the targets
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:[^#]*##/\t/'

demo: .venv/demo  ## train 200 signed quantum clients and print where their report is (under 4 minutes)
	@echo 'training: qfl run $(RUN)'
	@$(BIN)/qfl run $(RUN)

# tests start hundreds of processes, each of which would compile the library anew without the compiled files of those before
test: .venv/test  ## ruff, pyright, import-linter, pytest (15 to 25 minutes on 2 cores)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/pyright
	$(BIN)/lint-imports
	PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/pytest --numprocesses 2 --dist loadfile -m 'not deployment'

test-deploy: .venv/test  ## kill, cut and attack a deployment of real processes, fill disks and memory (under 35 minutes on 2 cores)
	PYTHONDONTWRITEBYTECODE= OMP_NUM_THREADS=1 $(BIN)/pytest -m deployment

# a folder of a study is dear and gets a tenth; of five run folders four are resumed and one is drawn
fuzz: .venv/test  ## try 100,000 mutants of every kind of file and message that strangers can write, 10,000 of each kind of study (QFL_FUZZ=N: another number; under 90 minutes on 2 cores)
	OMP_NUM_THREADS=1 TMPDIR=$(firstword $(wildcard /dev/shm) $(TMPDIR) /tmp) QFL_FUZZ=$${QFL_FUZZ:-100000} $(BIN)/pytest --numprocesses 2 tests/fuzz tests/arrays

bench: .venv/test  ## print the speed ratios beside PennyLane's own loops and beside Ray
	$(BIN)/qfl bench vqc
	$(BIN)/qfl bench star
	$(BIN)/qfl bench round

architecture: .venv/test  ## write the names that packages list, and draw docs/architecture.md from the code
	$(BIN)/python docs/names.py
	$(BIN)/python docs/draw.py

docs: .venv/test  ## build the site with tutorials and reference into site/, with no warning
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --strict --quiet

clean:  ## remove the environment and every cache; runs/ stays
	rm -rf .venv .pytest_cache .ruff_cache .hypothesis .import_linter_cache dist site

.venv/bin/python:
	@$(PYTHON) -c 'import sys; v = sys.version_info; v >= (3, 11) or sys.exit("make: %s is Python %d.%d, expected 3.11 or newer; give another with PYTHON=..." % (sys.executable, v[0], v[1]))'
	@echo 'making .venv with $(PYTHON)'
	@$(PYTHON) -m venv .venv

.venv/demo: pyproject.toml constraints.txt | .venv/bin/python
	@echo 'installing the project into .venv (a minute or two; torch is the largest part)'
	@$(INSTALL) --editable .
	@touch $@

.venv/test: pyproject.toml constraints.txt | .venv/bin/python
	@echo 'installing the project and its test tools into .venv (a minute or two; torch is the largest part)'
	@$(INSTALL) --editable '.[ray]' $(TOOLS)
	@touch $@ .venv/demo

.PHONY: help demo test test-deploy fuzz bench architecture docs clean
