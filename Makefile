# DW Simulator. `make demo` and `make test` each set up what they need.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
ROWS ?= 1
WORKERS ?= 2
WAREHOUSE ?= redshift
PACKAGES := schema_svc generator_svc loader_svc query_svc gateway dwsim_wire local_stack clients tests tools bench
PROTOS := $(shell find protos/dwsim -name "*.proto")
export PATH := $(CURDIR)/$(BIN):$(CURDIR)/build/go:$(PATH)
# tests and stacks start many processes: none compiles again what the one before it has compiled
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup demo up test test-faults test-slow bench bench-smoke fidelity lint format protos openapi golden clean

help: ## List all targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-12s %s\n", $$1, $$2}'

setup: $(VENV)/.dev ## Make the environment with everything for development

$(VENV)/.uv: pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
	  { echo "DW Simulator needs Python 3.11 or newer; $(PYTHON) is $$($(PYTHON) --version). Try: make PYTHON=python3.12 $(MAKECMDGOALS)"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@$(BIN)/python -m pip install -q --disable-pip-version-check -c constraints.txt uv
	@touch $@

$(VENV)/.stack: $(VENV)/.uv
	@echo "setting up ..."
	@$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python -c constraints.txt -e '.[stack]'
	@touch $@

$(VENV)/.dev: $(VENV)/.uv
	@echo "setting up for development ..."
	@$(BIN)/uv pip install -q --compile-bytecode --python $(BIN)/python -c constraints.txt -e '.[dev]'
	@touch $@ $(VENV)/.stack

demo: $(VENV)/.stack ## Turn a real DDL file into a queried warehouse; ROWS=0.01 scales it down, WAREHOUSE=sqlite
	@dw-sim demo --rows $(ROWS) --warehouse $(WAREHOUSE)

up: $(VENV)/.stack ## Start the mesh on this machine until Ctrl-C
	@dw-sim up --warehouse $(WAREHOUSE)

test: $(VENV)/.dev build/go build/web_tests ## Run all tests but the long fault runs; WORKERS=n in parallel
	@pytest -n $(WORKERS) --dist loadgroup -m "not faults and not slow" $(ARGS)

test-faults: $(VENV)/.dev ## Kill processes, fill disks, harm S3, cut connections, and count rows; FAULT_SEED=n repeats
	@pytest -m faults $(ARGS)

test-slow: $(VENV)/.dev ## Run the tests that take minutes
	@pytest -n $(WORKERS) --dist loadgroup -m slow $(ARGS)

bench: $(VENV)/.dev ## Measure beside the floor of each step; ARGS="generate query" takes some
	@python -m bench $(ARGS)

bench-smoke: $(VENV)/.dev ## Prove that the benchmarks run, on tiny sizes
	@python -m bench --smoke --results build/bench $(ARGS)

fidelity: $(VENV)/.dev ## Ask what the vendor's documentation promises; ARGS=--keep writes README's table
	@python -m tests.fidelity $(ARGS)

lint: $(VENV)/.dev build/googleapis build/go ## ruff, mypy, import-linter, buf lint, drift of stubs and OpenAPI
	ruff check $(PACKAGES)
	ruff format --check $(PACKAGES)
	mypy
	lint-imports --no-logo
	buf lint
	buf format --diff --exit-code protos
	python tools/check_stubs.py
	python tools/field_texts.py --check
	python tools/openapi.py --check

format: $(VENV)/.dev ## Format code and protos
	ruff check --fix $(PACKAGES)
	ruff format $(PACKAGES)
	buf format -w protos

build/googleapis: $(VENV)/.dev
	@python tools/copy_googleapis.py $@

protos: $(VENV)/.dev build/googleapis ## Generate the stubs in protos/python
	buf generate
	python tools/field_texts.py

openapi: $(VENV)/.dev build/googleapis build/go ## Generate the OpenAPI document of the REST paths
	python tools/openapi.py

build/go: tools/go/go.mod tools/go/go.sum | $(VENV)/.dev
	@echo "building grpcurl and the OpenAPI generator; about a minute, once ..."
	@GOTOOLCHAIN=local GOBIN=$(CURDIR)/$@ go -C tools/go install -trimpath -ldflags='-s -w' tool
	@touch $@

build/web_tests: tests/gateway_web/package-lock.json tests/gateway_web/buf.gen.yaml $(PROTOS) | build/googleapis
	@command -v npm >/dev/null || { echo "the tests of the web door need Node.js 20 or newer, with npm"; exit 1; }
	@npm --prefix tests/gateway_web ci --loglevel=error
	@buf generate --template tests/gateway_web/buf.gen.yaml
	@touch $@

golden: $(VENV)/.dev ## Rewrite the golden files; review their diff
	python -m tests.golden.rewrite

clean: ## Delete everything that was built or downloaded
	rm -rf $(VENV) build .demo tests/gateway_web/node_modules tests/gateway_web/gen .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
