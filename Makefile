# Needs Python 3.11 or newer and make; everything else is fetched into .venv.
PYTHON ?= python3
PORT ?= 8501
DEMO ?= 1
JOBS ?= 2
PY := .venv/bin/python
SOURCES := $(wildcard app.py core pages tests bench)

.PHONY: run test check bench clean

run: .venv/.installed
	$(PY) -m core serve --port $(PORT) $(if $(filter 0,$(DEMO)),--no-demo,--demo)

test: .venv/.installed-dev
	$(PY) -m tests.prepare
	$(PY) -m pytest -n $(JOBS)

check: .venv/.installed-dev
	$(PY) -m ruff format --check $(SOURCES)
	$(PY) -m ruff check $(SOURCES)
	$(PY) -m mypy $(SOURCES)

bench: .venv/.installed-dev
	$(PY) -m bench

clean:
	rm -rf .venv .pytest_cache .mypy_cache .ruff_cache .hypothesis

# The stamps keep a second run from installing again; a changed requirements file outdates them.
.venv/.installed: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "Grid Command needs Python 3.11 or newer and '$(PYTHON)' is not: install one, or name one as in 'make $(MAKECMDGOALS) PYTHON=python3.12'." >&2; exit 1; }
	@$(PYTHON) -m venv .venv || { \
	  echo "'$(PYTHON) -m venv' failed: on Debian or Ubuntu install python3-venv, then run make again." >&2; exit 1; }
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	@touch $@

.venv/.installed-dev: requirements-dev.txt .venv/.installed
	$(PY) -m pip install --quiet --disable-pip-version-check -r requirements-dev.txt
	@touch $@
