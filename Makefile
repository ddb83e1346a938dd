# Works with GNU make 3.81 and later. All that is made stands in .venv*/, out/ and dist/.

# The first Python on this machine that is new enough; `make PYTHON=/path/to/python3.12` overrules it.
FOUND := $(shell for p in python3 python3.13 python3.12 python3.11 python; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { echo $$p; break; }; done)
PYTHON ?= $(FOUND)
VENV   ?= .venv
OUT    ?= out

BIN     := $(VENV)/bin
PIP     := $(BIN)/python -m pip --disable-pip-version-check
INSTALL := $(PIP) install --quiet -c constraints.txt
PINS    := pyproject.toml constraints.txt

.DEFAULT_GOAL := help
.PHONY: help demo test check lint format types layers bench truth notebook wheel constraints test-floors clean

help: ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-12s %s\n", $$1, $$2 }' Makefile

demo: $(VENV)/.has-demo ## audit the demonstration area, write the page and the tables to OUT=out
	$(BIN)/circle15 demo --out $(OUT)

test: $(VENV)/.has-test ## all tests; ARGS="-k snap -x" goes to pytest
	$(BIN)/python -m pytest $(ARGS)

check: lint types layers test ## every gate

lint: $(VENV)/.has-dev ## style rules and formatting
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .

format: $(VENV)/.has-dev ## mend what lint can mend by itself
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

types: $(VENV)/.has-dev ## mypy, strict
	$(BIN)/mypy

layers: $(VENV)/.has-dev ## which room may import which
	$(BIN)/lint-imports

bench: $(VENV)/.has-peers ## times beside those of peers; ARGS="--sizes 53k --jobs nearest"
	$(BIN)/python benchmarks/peers/run.py $(ARGS)

truth: $(VENV)/.has-test ## how many people each method puts on the wrong side; ARGS go to the command
	$(BIN)/python benchmarks/truth/run.py $(ARGS)

notebook: $(VENV)/.has-notebook ## open the notebooks in JupyterLab
	$(BIN)/jupyter lab notebooks

wheel: $(VENV)/.has-dev ## source archive and wheel, into dist/
	rm -rf dist
	$(BIN)/python -m build --outdir dist .

constraints: ## pin the newest versions of everything anew in constraints.txt
	rm -rf .venv-constraints
	$(MAKE) .venv-constraints/bin/python VENV=.venv-constraints
	.venv-constraints/bin/python -m pip install --quiet --upgrade setuptools ".[notebook,peers,test,dev]"
	@{ echo "# Made by \`make constraints\`: the versions that the tests ran with. Not to be edited by hand."; \
		.venv-constraints/bin/python -m pip freeze --all | grep -Ev '^(circle15|pip)[ =]' | LC_ALL=C sort -f; } > constraints.new
	@! grep -n '[@/]' constraints.new || { echo "A line is not name==version; constraints.txt stays as it was."; exit 1; }
	mv constraints.new constraints.txt
	rm -rf .venv-constraints

test-floors: ## the fast tests with the oldest versions that pyproject.toml allows
	rm -rf .venv-floors
	$(MAKE) .venv-floors/bin/python VENV=.venv-floors
	.venv-floors/bin/python -m pip install --quiet uv
	.venv-floors/bin/uv pip install --quiet --python .venv-floors/bin/python \
		--resolution lowest-direct -e ".[test]"
	.venv-floors/bin/python -m pytest -W default -m "not browser and not notebook and not slow" $(ARGS)

clean: ## remove environments, caches and outputs
	rm -rf .venv .venv-constraints .venv-floors out dist build
	rm -rf .pytest_cache .mypy_cache .ruff_cache .import_linter_cache .hypothesis
	find src tests benchmarks -type d -name __pycache__ -prune -exec rm -rf {} +

# A stamp for each set of packages: nothing is installed again until the pins change.
$(VENV)/.has-demo: $(VENV)/bin/python $(PINS)
	$(INSTALL) -e .
	@touch $@

$(VENV)/.has-%: $(VENV)/bin/python $(PINS)
	$(INSTALL) -e ".[$*]"
	@touch $@

# No prerequisite: a system's Python that changes must not throw the environment away.
$(VENV)/bin/python:
	@test -n "$(PYTHON)" || { echo "circle15 needs Python 3.11 or newer; none was found." \
		"Install one, or name it: make PYTHON=/path/to/python3.12 ..."; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
		echo "circle15 needs Python 3.11 or newer, and $(PYTHON) is not." \
		"Name another: make PYTHON=/path/to/python3.12 ..."; exit 1; }
	@"$(PYTHON)" -m venv $(VENV) || { rm -rf $(VENV); \
		echo "No environment could be made. On Debian and Ubuntu: apt install python3-venv"; exit 1; }
