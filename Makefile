# Two commands set everything up on a machine with Python 3.11, pip and make: `make demo` and `make test`.

PYTHON ?= python3
BIN = .venv/bin

.PHONY: demo test check audit pictures clean

demo: .venv/khabar
	$(BIN)/khabar index corpus
	$(BIN)/khabar search "سبب الحريق الذى اندلع فى العباره" -k 3
	$(BIN)/khabar search "who leads the inquiry into the ferry fire" -k 3

test: .venv/dev check
	$(BIN)/python -m pytest -n auto --dist loadgroup

check: .venv/dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

# Known vulnerabilities of what is installed here, in exactly these versions; builds of them (torch +cpu) count as they
# are released. Asks the network, and fails where the registry does not answer for each of them.
audit: .venv/dev
	$(BIN)/python -m pip freeze --exclude-editable | sed 's/+[^ ]*$$//' > .venv/installed.txt
	$(BIN)/pip-audit --strict --requirement .venv/installed.txt --no-deps --disable-pip

# The pictures in docs/, from what Khabar prints and serves of corpus/.
pictures: .venv/dev
	$(BIN)/python -m docs.pictures

.venv/khabar: pyproject.toml
	$(PYTHON) -m venv .venv
	$(BIN)/python -m pip install --quiet --editable .
	touch $@

# The extra `models` runs sentence-transformers; without this torch, a build for GPUs of several GB would be fetched.
.venv/dev: .venv/khabar
	$(BIN)/python -m pip install --quiet torch==2.13.0 --editable '.[dev,evaluate,fetch,mcp,milvus,models,parquet,pdf,serve,warc,watch,xlsx]'
	touch $@

clean:
	rm -rf .venv .khabar
