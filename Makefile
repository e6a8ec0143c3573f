# make run   the main job: a tour of the examples
# make test  the tests
# Each sets up what it needs in .venv, from Python 3.11 or newer with its venv module.

.PHONY: run test test-slow lint types format docs benchmark clean

VENV := .venv
PEERS_VENV := .venv-benchmark
BIN := $(VENV)/bin
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)

run: $(VENV)/.ready
	@$(BIN)/python examples/tour.py

test: $(VENV)/.ready
	@$(BIN)/python -m pytest -q

test-slow: $(VENV)/.ready
	@$(BIN)/python -m pytest -q -m slow

lint: $(VENV)/.lint
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

types: $(VENV)/.lint
	@$(BIN)/mypy --strict autograd nn

format: $(VENV)/.lint
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

docs: $(VENV)/.ready
	@$(BIN)/python docs/generate.py
	@$(BIN)/python docs/derivations.py

# make benchmark WORKLOADS="w1 w3" REPEATS=3 PEERS="torch jax"   a part, printed only; PEERS=none needs no peers
benchmark: $(VENV)/.ready $(if $(filter none,$(PEERS)),,$(PEERS_VENV)/.ready)
	@$(BIN)/python -m tests.benchmarks --workloads "$(WORKLOADS)" --peers "$(PEERS)" \
		$(if $(REPEATS),--repeats $(REPEATS))

clean:
	rm -rf $(VENV) $(PEERS_VENV) output .pytest_cache .mypy_cache .ruff_cache .hypothesis

# A half-made environment is worse than none: whatever ends this early also removes it.
# Dependency groups need pip 25.1, newer than what some systems put into a new environment.
$(VENV)/.ready: pyproject.toml
	@test -n "$(PYTHON)" || { echo "chainrule needs Python 3.11 or newer, and none is on the PATH." >&2; exit 1; }
	@$(PYTHON) -c 'import ensurepip, venv' 2>/dev/null || { \
		echo "Python's venv module is missing here. Install it: sudo apt install python3-venv" >&2; exit 1; }
	@echo "Setting up $(VENV), once ..."
	@rm -rf $(VENV)
	@trap 'test -e $@ || rm -rf $(VENV)' EXIT; trap 'exit 130' HUP INT TERM; \
	$(PYTHON) -m venv $(VENV) && \
	$(BIN)/python -m pip install --quiet --upgrade 'pip>=25.1' && \
	$(BIN)/python -m pip install --quiet --editable '.[plot]' --group test && \
	touch $@

$(VENV)/.lint: $(VENV)/.ready
	@$(BIN)/python -m pip install --quiet --group lint
	@touch $@

# The peers' environment never holds chainrule: HIPS autograd has its import name.
$(PEERS_VENV)/.ready: pyproject.toml | $(VENV)/.ready
	@echo "Setting up $(PEERS_VENV) with the peers, once ..."
	@rm -rf $(PEERS_VENV)
	@trap 'test -e $@ || rm -rf $(PEERS_VENV)' EXIT; trap 'exit 130' HUP INT TERM; \
	$(PYTHON) -m venv $(PEERS_VENV) && \
	$(PEERS_VENV)/bin/python -m pip install --quiet --upgrade 'pip>=25.1' && \
	$(PEERS_VENV)/bin/python -m pip install --quiet --group benchmark && \
	touch $@
