# The contributor's table of contents. Needs python3 >= 3.11, git and make; everything else goes into .venv/.
PYTHON ?= python3
BIN := .venv/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check install --quiet
# pip installs with hashes first; our own package cannot be hashed, so it is the second step.
OWN := --no-build-isolation --no-deps --editable .
DJANGO := DJANGO_SETTINGS_MODULE=vertrauenskonto.site.settings $(BIN)/python -m django
PYTEST := $(BIN)/python -m pytest -n auto --dist worksteal

# Without kept bytecode every process that a test starts would compile the program again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo check test test-long coverage snap docs bench lock clean

help:
	@grep -E '^[a-z-]+:.*##' Makefile | sed 's/:.*## /\t/'

.venv/base: requirements/base.txt
	$(PYTHON) -m venv .venv
	$(PIP) --require-hashes --no-deps -r requirements/base.txt
	$(PIP) $(OWN)
	@touch $@

.venv/dev: .venv/base requirements/dev.txt
	$(PIP) --require-hashes --no-deps -r requirements/dev.txt
	@touch $@

.venv/spark: .venv/dev requirements/spark.txt
	$(PIP) --require-hashes --no-deps -r requirements/spark.txt
	@touch $@

setup: .venv/base ## put everything the program needs into .venv/

demo: .venv/base ## make a company up and show it in the browser; ends with Ctrl-C
	$(BIN)/vertrauenskonto demo

check: .venv/dev ## style, types, architecture, spelling, documents (about a minute)
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry src
	$(DJANGO) check --fail-level WARNING
	$(DJANGO) makemigrations --check --dry-run vertrauenskonto
	$(BIN)/codespell --skip "*/de/*,*/works-agreement.md" -L sie,ende README.md ARCHITECTURE.md CONTRIBUTING.md CHANGELOG.md docs/concepts docs/decisions docs/guides docs/tutorial
	$(BIN)/python tests/documents.py --check

test: .venv/dev ## the tests a change must pass; every branch of the core is taken (ten minutes)
	$(PYTEST) -m "not spark and not long" tests/core --cov --cov-report=
	$(BIN)/coverage report --include='src/vertrauenskonto/core/*' --fail-under=100
	$(PYTEST) -m "not spark and not long" --ignore tests/core

test-long: .venv/spark ## Spark, long random runs, memory, every page in every look, the shells before PostgreSQL (half an hour)
	$(BIN)/python -m pytest -m spark   # one process: each would start a JVM of its own
	HYPOTHESIS_PROFILE=long $(PYTEST) -m "not spark and not postgres" tests/core tests/engine/test_scoring.py
	$(PYTEST) -m "long and not spark"

coverage: .venv/dev ## which lines the tests never reach; they take twice as long under its eyes
	$(PYTEST) -m "not spark" --cov --cov-report=
	$(BIN)/coverage report --fail-under=90

snap: .venv/dev ## accept changed snapshots; read the diff before you commit it
	$(PYTEST) --snapshot-update -m "not spark and not long"

docs: .venv/base ## write the reference pages from the code
	$(BIN)/python tests/documents.py --write

bench: .venv/dev ## measure what the documents claim (minutes)
	$(BIN)/python -m bench

lock: .venv/dev ## resolve the newest allowed versions into requirements/
	./requirements/lock

clean:
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis
