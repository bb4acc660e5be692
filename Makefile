# Two commands matter: `make demo` and `make test`. Each sets up all that it needs.
# Paths are relative throughout, so that a checkout may lie in a folder with a space in its name.

PYTHON_IN := .venv/bin/python
# One more than there are cores: many tests wait for a server.
WORKERS := $(shell echo $$(( $$(getconf _NPROCESSORS_ONLN) + 1 )))

# Tests start hundreds of programs, each of which would compile itself, where this is set outside.
export PYTHONDONTWRITEBYTECODE =

.PHONY: help demo test test-long snowflake-contract snowflake-account image-test orchestrators dbt same-everywhere huge-bucket crowd fuzz torture endurance audit bench bench-long lint environment servers deploy-tools wheel release matrix lock clean
.NOTPARALLEL:

help:  ## show this list
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile

demo: environment  ## load sample drops into demo.duckdb, twice, and ask it three questions
	@$(PYTHON_IN) docs/demo.py

test: environment servers lint wheel  ## all checks and all tests, servers included
	@bash .ci/audit --or-say-so
	$(PYTHON_IN) -m pytest --numprocesses $(WORKERS) --dist loadgroup

test-long: environment servers  ## the tests that make test leaves out for the time they take
	FIREHOSE_MUST_RUN=$${FIREHOSE_MUST_RUN:-local} $(PYTHON_IN) -m pytest -m long --numprocesses $(WORKERS) --dist loadgroup

snowflake-contract: environment servers  ## the whole warehouse contract on the stand-in for Snowflake; some ten minutes
	WHOLE_CONTRACT=1 $(PYTHON_IN) -m pytest -m "" --timeout 3600 -k "snowflake-double or reads_drops or spellings" tests/contract tests/test_snowflake_grammar.py tests/end_to_end/test_external_spellings.py

snowflake-account: environment  ## the same, and more, on the account that FIREHOSE_SNOWFLAKE_URL names
	@[ -n "$$FIREHOSE_SNOWFLAKE_URL" ] || { echo "FIREHOSE_SNOWFLAKE_URL names no account: docs/snowflake.md" >&2; exit 2; }
	$(PYTHON_IN) -m pytest -m "" --timeout 3600 -k snowflake-account tests/contract tests/end_to_end/test_snowflake_account.py

image-test:  ## build the container image without an engine, and load drops in it; some minutes
	@bash .ci/image

orchestrators: environment  ## run the examples of docs/python.md in Airflow, Dagster and Prefect; some minutes
	@bash .ci/orchestrators

dbt: environment  ## models of all event types: built and tested by dbt on DuckDB, compiled for Snowflake
	@bash .ci/apart dbt
	WHOLE_DBT=1 FIREHOSE_MUST_RUN=dbt $(PYTHON_IN) -m pytest --durations 3 tests/test_dbt.py

same-everywhere: environment servers  ## load the same 500 drops from every kind of storage, and compare all tables
	FIREHOSE_SAME_DROPS=500 $(PYTHON_IN) -m pytest -m "" --durations 12 tests/end_to_end/test_same_everywhere.py

huge-bucket: environment servers  ## load 100,000 drops from a bucket, then 10 new ones; a quarter of an hour
	$(PYTHON_IN) -m tests.huge_bucket

crowd: environment servers  ## two and five loaders at once on one source, with kills, on DuckDB and Snowflake's double; ten minutes
	$(PYTHON_IN) -m tests.crowd $${CROWD_SECONDS:-120}

fuzz: environment  ## give readers of drops, schemas, configuration and URLs what nobody would write; ten minutes
	FUZZ_EXAMPLES=$${FUZZ_EXAMPLES:-20000} $(PYTHON_IN) -m pytest --durations 5 --timeout 3600 tests/fuzz

torture: environment servers  ## attack the command line, some hundred times, and write docs/torture.md; twenty minutes
	$(PYTHON_IN) -m tests.torture

endurance: environment  ## watch 240,000 drops come, on a clock that is wound forward; some hours
	ENDURANCE_DROPS=240000 $(PYTHON_IN) -m tests.torture --only endurance

audit: environment  ## look the pinned packages up among those with known weaknesses; 3 where that cannot be
	@bash .ci/audit

bench: environment servers  ## measure the loader beside raw DuckDB and its peers, within ten minutes
	$(PYTHON_IN) -m tests.benchmarks

bench-long: environment servers  ## the same with 10 million rows, tables of 50 million, and five runs of all
	$(PYTHON_IN) -m tests.benchmarks --long

lint: environment deploy-tools  ## the checks that run nothing: style, types, imports, SQL, dependencies, scripts
	.venv/bin/ruff check
	.venv/bin/ruff format --check
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/sqlfluff lint sql
	.venv/bin/deptry firehose_loader
	@if [ -e build/deploy-tools/installed ]; then \
		build/deploy-tools/bin/shellcheck $$(grep -rlE '^#!.*\bbash' .ci); \
	else echo "the scripts were not looked at: make deploy-tools brings shellcheck" >&2; fi

environment:  ## make or update .venv
	@bash .ci/environment

servers: environment  ## install the servers that the tests talk to
	@bash .ci/servers
	@bash .ci/npm-servers
	@bash .ci/apart snowflake-server
	@bash .ci/apart dbt
	@bash .ci/apart deploy-tools

deploy-tools: environment  # what checks deploy/ and the scripts: Helm, a parser of HCL, shellcheck
	@bash .ci/apart deploy-tools

wheel: environment  ## build the wheel and test it in an environment of its own
	@bash .ci/wheel

release: environment deploy-tools  ## build, try and describe what is published, into dist/; signs nothing
	@bash .ci/release

matrix: environment  ## try the supported versions of Python and DuckDB that this machine has
	@bash .ci/matrix

# Pins that still fit stay; to move them all: make lock UPGRADE=--upgrade
lock: environment  ## write constraints.txt from pyproject.toml, and the pins of the environments apart from .venv
	.venv/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 \
		--all-extras --group dev --generate-hashes --no-emit-index-url \
		--custom-compile-command "make lock" --output-file constraints.txt $(UPGRADE) pyproject.toml
	for name in snowflake-server dbt deploy-tools; do \
		.venv/bin/uv pip compile --quiet --no-config --universal --python-version 3.11 \
			--generate-hashes --no-emit-index-url --custom-compile-command "make lock" \
			--output-file .ci/$$name/requirements.txt $(UPGRADE) .ci/$$name/requirements.in \
			|| exit; \
	done

clean:  ## remove everything that make made
	rm -rf .venv build dist demo demo.duckdb demo.duckdb.wal
	rm -rf .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache
