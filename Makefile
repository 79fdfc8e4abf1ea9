# Two commands do everything: `make run` and `make test`. `make help` lists the rest.

SHELL := /bin/sh
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/flask --app wsgi
TRANSLATION := portal/translations/en/LC_MESSAGES/messages.mo

.DEFAULT_GOAL := help
.PHONY: help run test check bench translations clean

help: ## Say what each command does
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z]+):.*## /  make \1\t/' | expand -t 22

run: $(VENV)/.run $(TRANSLATION) ## Everything, then the site on http://127.0.0.1:8000 (PORT, PORTAL_DATA_DIR)
	@deploy/install-missing --optional fonts
	@exec $(FLASK) serve

test: $(VENV)/.test $(TRANSLATION) ## Everything it needs, then every test
	@deploy/install-missing fonts chromium postgresql redis-server
	@exec $(BIN)/python -m pytest -n 2 --dist loadgroup

check: $(VENV)/.test ## Lint (with its security rules), types, the floors of the house, what it stands on
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/python -m tests.house.packages

bench: $(VENV)/.test $(TRANSLATION) ## The ratios of docs/performance.md, measured now
	@exec $(BIN)/python -m bench

translations: $(VENV)/.test ## Collect the sentences of the pages into the English catalogue
	@mkdir -p var
	PYTHONPATH=. $(BIN)/pybabel -q extract -F portal/translations/babel.cfg -k Refusal -k NotValid -k NotThere -k AlreadyDone -k NotAllowed -k WindowNotOpen -k Frozen -k TooMany -k Unreadable -k WrittenElsewhere -k NoKey -k received_within:3 -k one_line:3 -o var/messages.pot --no-location --sort-output .
	$(BIN)/pybabel -q update -i var/messages.pot -d portal/translations -l en --no-fuzzy-matching --ignore-obsolete -w 120

clean: ## Remove the environment; the data under var/ stays
	rm -rf $(VENV)

$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "Install Python 3.11 first."; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11))' || { echo "Python 3.11 is needed; say where it is with PYTHON=…"; exit 1; }
	@$(PYTHON) -m venv $(VENV)

$(VENV)/.run: requirements.txt $(VENV)/bin/python
	@echo "Installing what the portal runs on …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r requirements.txt
	@touch $@

$(VENV)/.test: tests/requirements.txt requirements-distributed.txt $(VENV)/.run
	@echo "Installing what the tests need …"
	@$(BIN)/python -m pip install -q --disable-pip-version-check -r tests/requirements.txt
	@touch $@

%.mo: %.po $(VENV)/.run
	@$(BIN)/pybabel -q compile -i $< -o $@ -l en
