# `make search` and `make test` set everything up on first use; a second call installs nothing.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11 python3.10; do \
	$$p -c 'import sys; sys.exit(not (3, 10) <= sys.version_info[:2] <= (3, 13))' 2>/dev/null && { echo $$p; break; }; done)
VENV := .venv
RUN := $(VENV)/bin/python
ARGS ?=

.PHONY: search test lint slow browser backends devices figures reports docs manual clean

search: $(VENV)/installed          ## find an instrument classifier on rendered audio; ARGS="..." adds arguments
	$(VENV)/bin/kerasinst search $(ARGS)

test: $(VENV)/installed lint       ## check style, imports and behaviour
	$(RUN) -m pytest $(ARGS)

lint: $(VENV)/installed
	$(VENV)/bin/ruff check .
	$(VENV)/bin/ruff format --check .
	$(VENV)/bin/lint-imports
	$(VENV)/bin/mypy

slow: $(VENV)/installed            ## the tests that take long
	$(RUN) -m pytest -m slow $(ARGS)

browser: $(VENV)/installed         ## the pages of reports in Chromium, which must be installed
	$(RUN) -m pytest -n 0 -m browser $(ARGS)

backends: $(VENV)/installed        ## JAX and PyTorch, which it installs (large): same pictures, trainings, weights
	$(RUN) -m pip install --quiet --disable-pip-version-check jax torch "keras-hub; python_version >= '3.11'"
	$(RUN) -m pytest -n 0 tests/backends.py tests/pretrained.py
	for backend in jax torch; do \
		KERAS_BACKEND=$$backend $(RUN) -m pytest tests/training/test_fit.py tests/training/test_augmentations.py \
			tests/training/test_losses.py tests/training/test_optimizers.py tests/networks tests/explanation tests/features/test_scaling.py \
			|| exit 1; done

devices: $(VENV)/installed         ## exported files in MediaPipe, which it installs (large)
	$(RUN) -m pip install --quiet --disable-pip-version-check -c requirements.txt "mediapipe>=1.2,<2"
	$(RUN) -m pytest -n 0 tests/devices.py

reports: $(VENV)/installed         ## the reports of the four studies, on rendered look-alikes
	$(RUN) -m experiments.reports $(ARGS)

figures: $(VENV)/installed         ## make the README's pictures from a fresh quickstart
	rm -rf runs/readme
	$(VENV)/bin/kerasinst search --run runs/readme
	cp runs/readme/figures/confusion.png reports/quickstart-confusion.png
	$(VENV)/bin/kerasinst prepare --show flute/maker-01-01.wav --run runs/readme
	cp runs/readme/maker-01-01-pictures.png reports/front-ends.png

docs: $(VENV)/installed            ## the manual, into site/ (needs Python 3.11 or later)
	$(RUN) -m pip install --quiet --disable-pip-version-check -c requirements.txt -r docs/requirements.txt
	NO_MKDOCS_2_WARNING=1 $(RUN) -m mkdocs build --strict --quiet

manual: docs                       ## run every command of the manual; ARGS="-k training" picks a page
	$(RUN) -m pytest -n 0 -m slow tests/test_manual.py $(ARGS)

clean:                             ## remove the virtual environment
	rm -rf $(VENV)

$(VENV)/installed: requirements.txt pyproject.toml
	@test -n "$(PYTHON)" || { echo "kerasinst needs Python 3.10 to 3.13: install one, or say make PYTHON=/path/to/python3"; exit 2; }
	$(PYTHON) -m venv $(VENV)
	$(RUN) -m pip install --quiet --disable-pip-version-check -r requirements.txt
	$(RUN) -m pip install --quiet --disable-pip-version-check --no-deps --editable .
	@touch $@
