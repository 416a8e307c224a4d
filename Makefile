# Needs python3 (3.11 to 3.13, with venv and pip) and make, nothing else. Everything is set up in .venv.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name) 2>/dev/null)))
BIN := .venv/bin
READY := .venv/.ready

.DEFAULT_GOAL := help
.PHONY: help run test check lint bench mutate up clean

help: ## show this help
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

run: $(READY) ## set up, then go from real purchases to segments (Complete Journey sample)
	@$(BIN)/microseg run --sample

test: $(READY) ## set up, then run every test
	@$(BIN)/python -m pytest --numprocesses 3 --no-loadscope-reorder

lint: $(READY) ## ruff and mypy --strict
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

check: lint test ## lint, then test

bench: $(READY) ## measure; results go to benchmarks/results
	@$(BIN)/python -m benchmarks

MUTATE ?= model/
PART ?= *
MUTANTS := $(subst /,.,$(patsubst %/,%,$(MUTATE:.py=))).*__mutmut_$(PART)
mutate: $(READY) ## break the code in MUTATE=model/drift.py (default model/, hours) and see if a test notices
	@rm -rf mutants/tests
	@$(BIN)/mutmut run --max-children 1 '$(MUTANTS)'
	@$(BIN)/python -m benchmarks.mutants --survivors '$(MUTANTS)'

up: $(READY) ## start a local Prefect server with all deployments and a worker; Ctrl-C stops them
	@$(BIN)/microseg up

clean: ## remove the environment and caches; the data in microseg-data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "python3 was not found: install Python 3.11, 3.12 or 3.13"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "$(PYTHON) is $$($(PYTHON) -V): Python 3.11, 3.12 or 3.13 is needed; set PYTHON=..."; exit 1; }
	@echo "setting up .venv (once; about two minutes, most of it TensorFlow) ..."
	@# A .venv without pip is what Python leaves when it is killed, or lacks its venv module.
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv || \
		{ echo "$(PYTHON) cannot make a virtual environment: install its venv module (Debian: python3-venv)"; exit 1; }
	@test -x $(BIN)/uv || $(BIN)/python -m pip install --quiet --disable-pip-version-check uv
	@# The certificates of the system, as pip takes them: a bank's network often has one of its own.
	@UV_SYSTEM_CERTS=true VIRTUAL_ENV=.venv $(BIN)/uv pip sync --quiet --compile-bytecode --require-hashes requirements.lock
	@UV_SYSTEM_CERTS=true VIRTUAL_ENV=.venv $(BIN)/uv pip install --quiet --no-deps --no-build-isolation --editable .
	@touch $(READY)
