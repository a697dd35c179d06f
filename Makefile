# make run: the menu; make test: linters, types and tests; make setup: the environment alone;
# make models: trains the models in weight_output/ anew;
# make bench: the speed beside other libraries.
PYTHON ?= python3
ENVIRONMENT := .venv
BIN := $(ENVIRONMENT)/bin

.PHONY: run test lint setup models bench

run: $(ENVIRONMENT)/ready
	$(BIN)/python main.py

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
