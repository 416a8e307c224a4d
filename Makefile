# Needs python3 (3.11 to 3.13, with venv and pip) and make, nothing else. Everything is set up in .venv.
PYTHON ?= $(firstword $(foreach name,python3.11 python3.12 python3.13 python3,$(shell command -v $(name) 2>/dev/null)))
BIN := .venv/bin
# Two stamps: what production needs, and the tools of development on top of it.
READY := .venv/.ready
DEV_READY := .venv/.ready-dev
# What a test without a marker is: fast, pure, and without a warehouse (markers in pyproject.toml).
QUICK := not (warehouse or flow or e2e or postgres or browser or training)
# The lake plans and commits with a great many small allocations: where glibc keeps more freed ones at hand for each
# thread, a night of few rows takes a tenth less processor time, in a few MiB more. Other systems do not look at it.
export GLIBC_TUNABLES ?= glibc.malloc.tcache_count=2000
# `make test COVER=1` prints the coverage of all workers; processes that the tests start are not counted.
COVERAGE := $(if $(COVER),--cov --cov-report=term:skip-covered)

# The certificates of the system, as pip takes them: a bank's network often has one of its own.
UV := UV_SYSTEM_CERTS=true VIRTUAL_ENV=.venv $(BIN)/uv pip
SYNC := $(UV) sync --quiet --compile-bytecode --require-hashes
EDITABLE := $(UV) install --quiet --no-deps --no-build-isolation --editable .
COMPILE := $(UV) compile --quiet --universal --python-version 3.11 --generate-hashes --no-header --no-annotate --no-emit-index-url

.DEFAULT_GOAL := help
.PHONY: help run quick test check lint docs pictures dictionary bench cluster-demo mutate sample up lock audit clean

help: ## show this help
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 14

run: $(READY) ## set up, then go from real purchases to segments (Complete Journey sample)
	@$(BIN)/microseg run --sample

quick: lint ## in less than a minute: lint, types, doctests and the tests without a marker
	@$(BIN)/python -m pytest --quiet --numprocesses 2 --hypothesis-profile quick -m "$(QUICK)"

test: $(DEV_READY) ## set up, then run every test (COVER=1: and print the coverage)
	@$(BIN)/python -m pytest --numprocesses 3 --no-loadscope-reorder $(COVERAGE)

lint: $(DEV_READY) ## ruff and mypy --strict
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

check: lint test ## lint, then test

docs: $(DEV_READY) ## the docs as a site, in build/docs; a link that leads nowhere stops it
	@NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build
	@echo "open build/docs/index.html"

bench: $(DEV_READY) ## measure; results go to benchmarks/results
	@$(BIN)/python -m benchmarks $(BENCH)

# One of them: make bench-nights BENCH="--size 1k 6k 26k"; the names are those of python -m benchmarks --help.
bench-%: $(DEV_READY)
	@$(BIN)/python -m benchmarks $* $(BENCH)

CUSTOMERS ?= 26000
cluster-demo: $(DEV_READY) ## a night on PostgreSQL, an object store and Dask workers beside one of a single process (CUSTOMERS=26000)
	@$(BIN)/python -m benchmarks.cluster_demo --customers $(CUSTOMERS)

MUTATE ?= model/
PART ?= *
MUTANTS := $(subst /,.,$(patsubst %/,%,$(MUTATE:.py=))).*__mutmut_$(PART)
mutate: $(DEV_READY) ## break MUTATE=model/drift.py (default model/, hours; PART: a sample) and see if a test notices
	@rm -rf mutants/tests
	@$(BIN)/mutmut run --max-children 1 '$(MUTANTS)'
	@$(BIN)/python -m benchmarks.mutants --survivors '$(MUTANTS)'

SAMPLE ?= 60
SEED ?= 1
sample: $(DEV_READY) ## SAMPLE=60 mutants of tasks/ and expectations/ drawn by SEED=1, warehouse tests too (an hour or more)
	@$(BIN)/python -m benchmarks.sampled_mutants --sample $(SAMPLE) --seed $(SEED)

pictures: $(DEV_READY) ## the pictures of the docs anew, from made-up pages (needs chromium)
	@mkdir -p docs/images
	@$(BIN)/python -m pytest --quiet -k test_pictures_for_the_docs tests/tasks/report/test_page_in_browser.py
	@for name in report-segments report-map report-hierarchy customer-why; do cp test-output/$$name.png docs/images/; done

dictionary: $(READY) ## write docs/data-dictionary.md anew, from the contracts of what is published
	@$(BIN)/microseg contract docs --out docs/data-dictionary.md

up: $(READY) ## start a local Prefect server with all deployments and a worker; Ctrl-C stops them
	@$(BIN)/microseg up

audit: $(DEV_READY) ## look both locks up in the advisories of the package index (needs the internet)
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip --requirement requirements.lock --requirement requirements-uv.lock
	@$(BIN)/pip-audit --strict --require-hashes --disable-pip --requirement requirements-dev.lock

lock: $(DEV_READY) ## work out the locks again; versions stay as they are unless pyproject.toml forbids them
	@$(COMPILE) --output-file requirements.lock pyproject.toml
	@for extra in dev cluster; do \
		$(COMPILE) --extra $$extra --constraint requirements.lock --output-file requirements-$$extra.lock pyproject.toml \
			$$(sed -nE 's/^([a-zA-Z0-9._-]+)==.*/--no-emit-package \1/p' requirements.lock | sort -u); done
	@echo uv | $(COMPILE) --output-file requirements-uv.lock -

clean: ## remove the environment and caches; the data in microseg-data stays
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .hypothesis mutants build *.egg-info
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

$(READY): requirements.lock requirements-uv.lock pyproject.toml
	@test -n "$(PYTHON)" || { echo "python3 was not found: install Python 3.11, 3.12 or 3.13"; exit 1; }
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || \
		{ echo "$(PYTHON) is $$($(PYTHON) -V): Python 3.11, 3.12 or 3.13 is needed; set PYTHON=..."; exit 1; }
	@echo "setting up .venv (once; about two minutes, most of it TensorFlow) ..."
	@# A .venv without pip is what Python leaves when it is killed, or lacks its venv module.
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv --clear .venv || \
		{ echo "$(PYTHON) cannot make a virtual environment: install its venv module (Debian: python3-venv)"; exit 1; }
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --requirement requirements-uv.lock
	@$(SYNC) requirements.lock
	@$(EDITABLE)
	@touch $(READY)

$(DEV_READY): $(READY) requirements-dev.lock
	@$(SYNC) requirements.lock requirements-dev.lock
	@$(EDITABLE)
	@touch $(DEV_READY)
