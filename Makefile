# Every target sets up what it needs; the environment lives in .venv, nothing else is touched but system packages.
SHELL := /bin/bash
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PORT ?= 8000
STATIC := library_server/web/static
STYLESHEETS := "$(STATIC)/*.css" "$(STATIC)/styles/*.css"
NODE_TOOL := scripts/node node_modules
# compiled modules are kept, as where the library is installed: many tests start processes, and each would compile anew
unexport PYTHONDONTWRITEBYTECODE
IN_PARALLEL := -n 4 --dist loadfile --no-loadscope-reorder
STATIC_SOURCES := $(wildcard $(STATIC)/*.css $(STATIC)/*.js $(STATIC)/*.svg $(STATIC)/styles/*.css $(STATIC)/ebooks/*.js $(STATIC)/ebooks/*/*.js $(STATIC)/pdf/*.js $(STATIC)/pdf/*/*.js) $(wildcard scripts/*.mjs)

.PHONY: help run test test-long test-fast soak setup setup-test static format lint types docs bench lock clean catalogues schema coverage

help:
	@echo "make run         serve the sample collection on port $(PORT)"
	@echo "make test        the gate: formats, imports, types, tests with coverage, documentation"
	@echo "make test-long   the tests that take long: kills, full disks, films, drills; CI runs them after the gate"
	@echo "make coverage    the branches that all tests run, servers included"
	@echo "make test-fast   the tests that need no browser and no servers, in a minute or so"
	@echo "make lint types  formats and imports; types"
	@echo "make static      bundle and minify CSS and JavaScript"
	@echo "make format      format the code"
	@echo "make soak        10,000 examples a property, 500 injected faults: hours"
	@echo "make bench       the promises that have a number"
	@echo "make catalogues  bring the translations up to date"
	@echo "make schema      write the schema of new databases, after a migration was added"
	@echo "make lock        resolve the dependencies anew"
	@echo "make clean       remove what was installed and built"

run: setup
	$(BIN)/tianyuan demo --port $(PORT)

setup: .setup-run $(STATIC)/dist/manifest.json
setup-test: .setup-test $(STATIC)/dist/manifest.json
static: $(STATIC)/dist/manifest.json

.setup-run: requirements.lock package-lock.json pyproject.toml hatch_build.py $(wildcard library_server/translations/*/LC_MESSAGES/*.po)
	@scripts/system-packages ffmpeg:ffmpeg:ffmpeg prlimit:util-linux:util-linux espeak-ng:espeak-ng:espeak-ng fc-list:fontconfig:fontconfig @cjk-font:fonts-noto-cjk:fonts-noto-cjk
	@scripts/virtual-environment $(PYTHON) $(VENV) requirements.lock
	@scripts/browser-libraries $(BIN) --omit=dev
	@touch $@

# bundled and minified CSS and JavaScript, under hashed names
$(STATIC)/dist/manifest.json: $(STATIC_SOURCES) | .setup-run
	@scripts/node scripts/build-static.mjs

.setup-test: .setup-run requirements-dev.lock scripts/old-browsers.mjs
	@scripts/system-packages chromium:chromium:chromium mpv:mpv:mpv /usr/sbin/nginx:nginx-light:nginx systemd-analyze:systemd:systemd unshare:util-linux:util-linux heif-enc:libheif-examples:heif lowriter:libreoffice-writer:libreoffice loimpress:libreoffice-impress:libreoffice ddjvu:djvulibre-bin:djvulibre bsdtar:libarchive-tools:libarchive @postgresql-server:postgresql:postgresql
	@scripts/virtual-environment $(PYTHON) $(VENV) requirements-dev.lock
	@scripts/browser-libraries $(BIN)
	@scripts/node scripts/old-browsers.mjs
	@touch $@

# branches are counted over the tests without servers: counting makes Python 1.7 times as slow, and each child process
# begins later; `make coverage` counts them over all tests
test: setup-test
	@$(MAKE) --no-print-directory --output-sync --jobs=2 lint types
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest -n 3 -m "not server and not slow"
	$(BIN)/coverage combine -q
	$(BIN)/coverage report --fail-under=86
	$(BIN)/python -m pytest $(IN_PARALLEL) -m "(server or slow) and not long"
	$(BIN)/mkdocs build --strict -q

# kills, full disks, films, drills: what takes more than two seconds each; CI runs them after `make test`
test-long: setup-test
	$(BIN)/python -m pytest $(IN_PARALLEL) -m long

coverage: setup-test
	$(BIN)/coverage erase
	$(BIN)/coverage run -m pytest $(IN_PARALLEL)
	$(BIN)/coverage combine -q
	$(BIN)/coverage report

# without browser and servers, and without what takes more than a third of a second
test-fast: setup-test
	HYPOTHESIS_PROFILE=fast $(BIN)/python -m pytest -n auto -m "not server and not slow"

# what is drawn at random, drawn for hours: 10,000 examples a property, 500 faults
soak: setup-test
	HYPOTHESIS_PROFILE=soak $(BIN)/python -m pytest -m property --timeout=3600
	FAULTS=500 $(BIN)/python -m benchmarks fault_injection

format: setup-test
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .
	$(NODE_TOOL)/prettier/bin/prettier.cjs --write --log-level warn .
	$(NODE_TOOL)/stylelint/bin/stylelint.mjs --fix $(STYLESHEETS)
	$(BIN)/djlint library_server --reformat --quiet || $(BIN)/djlint library_server --check --quiet  # 1 where it changed a file

lint: setup-test
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/lint-imports
	$(NODE_TOOL)/prettier/bin/prettier.cjs --check --log-level warn .
	$(NODE_TOOL)/eslint/bin/eslint.js .
	$(NODE_TOOL)/stylelint/bin/stylelint.mjs $(STYLESHEETS)
	$(BIN)/djlint library_server --check --lint --quiet

types: setup-test
	$(BIN)/mypy

docs: setup-test
	$(BIN)/mkdocs build --strict -q

bench: setup-test
	$(BIN)/python -m benchmarks

catalogues: setup-test
	$(BIN)/pybabel -q extract -F babel.cfg -k _ --no-location --sort-output -o library_server/translations/messages.pot library_server ingest_tools storage_config
	$(BIN)/pybabel -q update -i library_server/translations/messages.pot -d library_server/translations -l en --no-fuzzy-matching
	@rm library_server/translations/messages.pot

schema: setup-test
	$(BIN)/python -c "from library_server.catalogue.migrations.new_database import write_schema; write_schema()"

lock:
	$(BIN)/pip install -q uv
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra ocr --extra postgresql pyproject.toml -o requirements.lock
	$(BIN)/uv pip compile -q --universal --generate-hashes --no-emit-index-url --no-header --python-version 3.11 --extra ocr --extra postgresql --extra dev pyproject.toml -o requirements-dev.lock

clean:
	rm -rf $(VENV) .old-browsers node_modules $(STATIC)/vendor $(STATIC)/dist .setup-run .setup-test dist site
