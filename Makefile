# Two commands for a newcomer: `make lab` opens the course, `make test` runs every check.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
export ABKIT_PROGRESS ?= 0
export JUPYTER_PLATFORM_DIRS ?= 1
# One test worker a core.
WORKERS ?= $(shell nproc 2>/dev/null || sysctl -n hw.ncpu 2>/dev/null || echo 2)
# ABKIT_COVERAGE=1 (set in CI) counts the lines of abkit/ that the tests run, and fails below the floor.
COVER := $(if $(ABKIT_COVERAGE),--cov=abkit --cov-report=term:skip-covered --cov-fail-under=97)

.PHONY: lab env test check quick coverage test-lowest hooks docs test-browser engines test-engines notebooks pages handouts bench mutants clean

lab: env
	@$(BIN)/abkit doctor
	@ABKIT_PROGRESS=1 $(BIN)/abkit lab $(ARGS)

env: $(VENV)/.lab-done

$(VENV)/.lab-done: pyproject.toml constraints.txt
	@$(MAKE) --no-print-directory install EXTRAS=lab,data
	@touch $@

$(VENV)/.test-done: pyproject.toml constraints.txt
	@$(MAKE) --no-print-directory install EXTRAS=lab,data,handouts,test
	@touch $@ $(VENV)/.lab-done

$(VENV)/.engines-done: pyproject.toml constraints.txt
	@$(MAKE) --no-print-directory install EXTRAS=lab,data,handouts,test,engines
	@touch $@ $(VENV)/.test-done $(VENV)/.lab-done

.PHONY: install
install:
	@$(PYTHON) -c 'import sys; sys.exit(0 if sys.version_info >= (3, 11) else "abkit needs Python 3.11 or newer, and `$(PYTHON)` is %d.%d: run  make PYTHON=python3.12 lab" % sys.version_info[:2])'
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || { rm -rf $(VENV); $(PYTHON) -m venv $(VENV); } || \
		{ echo "Could not make $(VENV): install your system's python3-venv package and run the command again."; exit 1; }
	@echo "Installing abkit into $(VENV) (once; one to five minutes) ..."
	@$(BIN)/python tools/install.py $(VENV)/pip.log -c constraints.txt -e '.[$(EXTRAS)]'

test: $(VENV)/.test-done
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/python tools/check_pairs.py
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --no-loadscope-reorder -m "not browser and not engines" $(COVER)
	$(BIN)/python -m pytest --doctest-modules abkit
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile --nbval --nbval-current-env --nbval-sanitize-with tests/nbval.cfg notebooks

check: test

# Half a minute before a commit: format, lint, types, layout, and the tests of what changed since main.
quick: $(VENV)/.test-done
	$(BIN)/ruff format --check -q .
	$(BIN)/ruff check -q .
	$(BIN)/mypy
	$(BIN)/python tools/changed_tests.py | xargs timeout 120 $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not browser and not engines"

# The tests with the lines of abkit/ that none of them runs.
coverage: $(VENV)/.test-done
	$(BIN)/python -m pytest -n $(WORKERS) --dist loadfile -m "not browser and not engines" --cov=abkit --cov-report=term-missing:skip-covered

# The tests on the lowest versions that pyproject.toml allows, in an environment of their own (a few minutes, by hand).
test-lowest: .venv-lowest/.done
	.venv-lowest/bin/python -m pytest -n $(WORKERS) --dist loadfile -m "not browser and not engines" --ignore tests/test_notebooks.py

.venv-lowest/.done: pyproject.toml tools/lowest_versions.py
	$(PYTHON) -m venv .venv-lowest
	$(PYTHON) tools/lowest_versions.py > .venv-lowest/constraints.txt
	.venv-lowest/bin/python -m pip install -q --disable-pip-version-check -c .venv-lowest/constraints.txt -e '.[lab,data,handouts,test]'
	@touch $@

# Once in a clone: every commit is checked as `make quick` checks it, without the tests.
hooks: $(VENV)/.test-done
	$(BIN)/pre-commit install

# The reference of all public names, from their docstrings: build/docs/index.html needs no network.
docs: $(VENV)/.test-done
	$(BIN)/python tools/make_docs.py

test-browser: $(VENV)/.test-done
	$(BIN)/python -m pytest -m browser tests/browser

engines: $(VENV)/.engines-done

# PostgreSQL and Spark start for the tests only; by hand, one that is not installed is skipped, in CI it fails.
test-engines: engines
	$(BIN)/python -m pytest -m engines -rs tests/engines

notebooks: $(VENV)/.test-done
	$(BIN)/python tools/build_notebooks.py $(ARGS)
	$(BIN)/python tools/make_pages.py

# Map, glossary and the links between notebooks, without running a kernel.
pages: $(VENV)/.test-done
	$(BIN)/python tools/make_pages.py

# Such as `make handouts ARGS=07`, or `make handouts ARGS="07 --edition teacher"`: a PDF and one offline HTML file.
handouts: $(VENV)/.test-done
	$(BIN)/python tools/make_handouts.py $(ARGS)

# Peers that do not live beside our pins have an environment of their own; without it their rows say so.
.venv-peers/.done-2:
	@$(PYTHON) -m venv .venv-peers && .venv-peers/bin/python -m pip install -q --disable-pip-version-check \
		spotify-confidence==4.1.0 river==0.26.1 cluster-experiments==0.31.0 tea-tasting==1.14.0 pyarrow_hotfix rich duckdb polars pyarrow >.venv-peers/pip.log 2>&1 \
		&& touch $@ || { rm -rf .venv-peers; echo "The peers could not be installed: their rows are left out."; }

bench: $(VENV)/.test-done .venv-peers/.done-2
	$(BIN)/python bench/run.py $(ARGS)

# Cosmic Ray has an environment of its own; it reads which lines each test runs, and the tests run in ours.
.venv-mutants/.done-1:
	@$(BIN)/python -m venv .venv-mutants && .venv-mutants/bin/python -m pip install -q --disable-pip-version-check \
		cosmic-ray==8.7.0 coverage==7.17.5 >.venv-mutants/pip.log 2>&1 && touch $@ || \
		{ tail -n 3 .venv-mutants/pip.log; rm -rf .venv-mutants; exit 1; }

# Half an hour, not part of `make test`: plants 150 faults in abkit, one at a time, and counts how many are seen.
# Such as `make mutants ARGS="--seed 2 --map"`: another sample, and a new map after a change of the tests.
mutants: $(VENV)/.test-done .venv-mutants/.done-1
	.venv-mutants/bin/python tools/mutants.py --workers $(WORKERS) $(ARGS)

clean:
	rm -rf $(VENV) .venv-peers .venv-lowest .venv-mutants screenshots build handouts
