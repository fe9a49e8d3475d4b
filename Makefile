# Every target does its own set-up, from a fresh clone on a machine with Python 3.11 or newer and make.

VENV ?= .venv
PYTHON ?=
# Most of a test is waiting for servers: three workers keep two processors busy.
PYTEST ?= -n 3 --dist worksteal
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check

.PHONY: test demo lint format servers plans other-plans matrix bench bench-mysql bench-mongodb bench-redis bench-stalls bench-scale docs clean
.DEFAULT_GOAL := test

# The tests of time run alone, afterwards. Which servers must have been used is counted over all the others.
test: lint servers
	$(BIN)/pytest $(PYTEST)
	AUDITOR_TEST_REQUIRE= $(BIN)/pytest -n 0 -m timing

# Every plan of the tests on every server version, not only on the oldest, the newest and one between.
plans: $(VENV)/.test servers
	AUDITOR_TEST_MATRIX=1 $(BIN)/pytest $(PYTEST) tests/test_plan_runs.py

# What `make plans` carries out and `make test` does not.
other-plans: $(VENV)/.test servers
	AUDITOR_TEST_MATRIX=others $(BIN)/pytest $(PYTEST) tests/test_plan_runs.py -k carried_out_again

# Every case file on every server version that it allows, not only on the newest; and rehearsals on all.
matrix: $(VENV)/.test servers
	AUDITOR_TEST_MATRIX=1 $(BIN)/pytest $(PYTEST) tests/test_cases.py
	AUDITOR_TEST_MATRIX=1 $(BIN)/pytest -n 0 -m timing tests/test_rehearsal_versions.py

demo: $(VENV)/.demo
	$(BIN)/auditor demo --output demo

lint: $(VENV)/.test
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy

format: $(VENV)/.test
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

servers: $(VENV)/.test
	$(BIN)/python -m tools.fetch_servers

bench: $(VENV)/.test
	$(BIN)/python -m benchmarks

bench-mysql: $(VENV)/.test servers
	$(BIN)/python -m benchmarks.mysql

bench-mongodb: $(VENV)/.test servers
	$(BIN)/python -m benchmarks.mongodb

bench-redis: $(VENV)/.test
	$(BIN)/python -m benchmarks.redis

bench-stalls: $(VENV)/.test servers
	$(BIN)/python -m benchmarks.stalls

bench-scale: $(VENV)/.test
	$(BIN)/python -m benchmarks.scale

docs: $(VENV)/.test
	$(BIN)/python -m tools.write_docs

clean:
	rm -rf $(VENV) .cache .mypy_cache .ruff_cache .pytest_cache .hypothesis demo auditor-report

$(BIN)/pip:
	tools/make-venv $(VENV) $(PYTHON)
	$(PIP) install --quiet --upgrade 'pip>=25.1'

$(VENV)/.test: pyproject.toml | $(BIN)/pip
	$(PIP) install --quiet --editable . --group test --group lint
	touch $@

$(VENV)/.demo: pyproject.toml | $(BIN)/pip
	$(PIP) install --quiet --editable '.[demo]'
	touch $@
