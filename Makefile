define HELP
make run      opens the menu; makes the environment where it is missing
make test     linters, types and tests
make setup    the environment .venv alone
make models   trains the models that ship anew; ARGS="MODEL" for one of them
make bench    speed beside other libraries; BENCH and ARGS choose what
make clean    removes environments and caches, and nothing that somebody made
endef
export HELP

PYTHON ?= python3
ENVIRONMENT := .venv
BIN := $(ENVIRONMENT)/bin

.PHONY: run test lint setup models bench help clean

# Ctrl-C in the menu is no error of make's: the shell waits for the menu, whose status is then 130.
run: $(ENVIRONMENT)/ready
	@trap : INT; $(BIN)/python main.py || [ $$? -eq 130 ]

help:
	@echo "$$HELP"

test: $(ENVIRONMENT)/ready-dev lint
	$(BIN)/python -m pytest

lint: $(ENVIRONMENT)/ready-dev
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy

setup: $(ENVIRONMENT)/ready

models: $(ENVIRONMENT)/ready
	$(BIN)/python -m menu.make_models $(ARGS)

# PyTorch's CPU build has its own index; where that is out of reach, set TORCH to what pip should install instead.
TORCH ?= torch --index-url https://download.pytorch.org/whl/cpu
# BENCH names one of them, or some, and ARGS what it is given.
BENCH ?= training accuracy vectorization growth layers
bench: benchmarks/requirements.txt
	$(PYTHON) -m venv .venv-bench
	.venv-bench/bin/python -m pip install $(TORCH)
	.venv-bench/bin/python -m pip install --requirement benchmarks/requirements.txt
	for name in $(BENCH); do .venv-bench/bin/python -m benchmarks.$$name $(ARGS) || exit 1; done

$(ENVIRONMENT)/ready: requirements.txt
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 10) and 'Python 3.10 or later is needed, this is ' + sys.version)"
	$(PYTHON) -m venv $(ENVIRONMENT)
	$(BIN)/python -m pip install --requirement requirements.txt
	touch $@

$(ENVIRONMENT)/ready-dev: requirements-dev.txt $(ENVIRONMENT)/ready
	$(BIN)/python -m pip install --requirement requirements-dev.txt
	touch $@

clean:
	rm -rf $(ENVIRONMENT) .venv-bench .mypy_cache .pytest_cache .ruff_cache .hypothesis .coverage htmlcov
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
