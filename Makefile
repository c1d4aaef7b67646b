# The five verbs. PYTHON is the interpreter to install into and run with.
PYTHON ?= python3

.PHONY: install test lint bench docs

install:  ## the library with all that tests and benchmarks need; compiles the kernels
	$(PYTHON) -m pip install --editable ".[dev,bench]"

test:
	$(PYTHON) -m pytest

lint:
	$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .
	$(PYTHON) -m mypy

# ARTICLES=PATH for more than the seeds, SETS="FOLDER ..." for judged sets.
ARTICLES ?= seeds
SPEED = indexing size queries page startup updates understand suggest
bench:
	for name in $(SPEED); do \
		$(PYTHON) benchmarks/$$name.py --articles $(ARTICLES) \
			--json benchmarks/results/$$name.json || exit 1; \
	done
	for name in relevance typed; do \
		$(PYTHON) benchmarks/$$name.py --articles $(ARTICLES) --titles 1000 \
			$(if $(SETS),--set $(SETS)) --json benchmarks/results/$$name.json || exit 1; \
	done

docs:  ## the documents are held to the code by tests
	$(PYTHON) -m pytest tests/test_readme.py
