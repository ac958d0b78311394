# Everything runs in .venv, which the first target that needs it makes with the newest Python from 3.11 on.
# All paths are relative, so that the folder's own path may hold spaces.

.DEFAULT_GOAL := help
.PHONY: help demo test check lint bench clean
SHELL := /bin/sh

PYTHONS := python3.14 python3.13 python3.12 python3.11 python3 python
# One more than processors, because many tests wait for processes of their own.
WORKERS = $$(($$(nproc) + 1))
PIP := .venv/bin/python -m pip --disable-pip-version-check --quiet

help: ## show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-6s %s\n", $$1, $$2 }' Makefile
	@echo
	@echo 'ARGS="..." goes to the command behind demo, test, check and bench:'
	@echo '  make demo ARGS="--port 9000 --members 1000 --data DIR"'

demo: .venv/installed ## PostgreSQL, Valkey, a made-up book of business and the gateway on 127.0.0.1:8270
	@.venv/bin/edi-gateway demo $(ARGS)

test: .venv/installed-dev ## all tests, on real PostgreSQL and Valkey that they start themselves
	@.venv/bin/python -m pytest --numprocesses $(WORKERS) --dist loadfile --no-loadscope-reorder $(ARGS)

check: lint ## lint, and the tests that are quick and need no server
	@.venv/bin/python -m pytest --quiet --numprocesses auto --dist loadfile -m "not store and not slow" $(ARGS)

lint: .venv/installed-dev ## style, format and types
	@.venv/bin/python -m ruff check .
	@.venv/bin/python -m ruff format --check .
	@.venv/bin/python -m mypy

bench: .venv/installed-dev ## how long each part takes, the check beside pyx12, and how much HTTP carries
	@.venv/bin/python -m pytest benchmarks --benchmark-enable --benchmark-only --benchmark-columns=min,median,ops
	@.venv/bin/python -m benchmarks.conformance
	@.venv/bin/python -m benchmarks.realtime $(ARGS)

clean: ## remove .venv and whatever else was made, but no demo's data (.edi-gateway)
	rm -rf .venv build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .hypothesis .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +

.venv/installed: .venv/bin/python pyproject.toml
	@echo "installing into .venv" >&2
	@$(PIP) install --editable .
	@touch $@

.venv/installed-dev: .venv/bin/python pyproject.toml
	@echo "installing into .venv, with the tools for development" >&2
	@$(PIP) install --editable ".[dev]"
	@touch .venv/installed $@

.venv/bin/python:
	@for python in $(PYTHONS); do \
		"$$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null || continue; \
		"$$python" -c 'import ensurepip, venv' 2>/dev/null || { without_venv="$$python"; continue; }; \
		echo "making .venv with $$python" >&2; \
		exec "$$python" -m venv --clear .venv; \
	done; \
	if [ -n "$$without_venv" ]; then \
		echo "$$without_venv lacks its venv module (on Debian and Ubuntu: apt-get install python3-venv)" >&2; \
	else \
		echo "Python 3.11 or newer is needed, and none of these is it: $(PYTHONS)" >&2; \
	fi; \
	exit 1
