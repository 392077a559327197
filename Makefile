# make demo    run the shipped case of a dispute, check it; says which page to open
# make test    the tests            make test-slow   the ones that take minutes
# make lint    style, types, floors make docs        write the generated pages again
# make bench   the figures
#
# Each makes its own environment in .venv first, with the versions of constraints.txt.

.DEFAULT_GOAL := demo
.PHONY: demo test test-slow lint bench docs clean
.DELETE_ON_ERROR:

PYTHON := $(shell for p in python3.11 python3 python3.12 python3.13 python3.14; do \
	if command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null; \
	then echo $$p; break; fi; done)
READY := .venv/.ready
RUN := .venv/bin/python -m

demo: $(READY)
	@.venv/bin/tideover demo

test: $(READY)
	$(RUN) pytest -n 2

test-slow: $(READY)
	$(RUN) pytest -n 2 -m slow

lint: $(READY)
	$(RUN) ruff check .
	$(RUN) ruff format --check .
	$(RUN) mypy
	.venv/bin/lint-imports --no-logo

bench: $(READY)
	.venv/bin/python benchmarks/run.py

docs: $(READY)
	.venv/bin/python docs/generate.py

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "Tideover needs Python 3.11 or later. On Debian or Ubuntu: apt-get install python3 python3-venv" >&2; exit 1; }
	@test -x .venv/bin/pip || $(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { echo "$(PYTHON) cannot make an environment. On Debian or Ubuntu: apt-get install python3-venv" >&2; exit 1; }
	@echo "Making the environment in .venv (once; needs a Python package registry)"
	@test -x .venv/bin/pip || $(PYTHON) -m venv --clear .venv
	@.venv/bin/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

clean:
	rm -rf .venv build tideover-out tideover-out-network
