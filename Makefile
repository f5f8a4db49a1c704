# `make` says what there is. dev.py does the work, with the standard library alone.
PYTHON ?= python3
ARGS ?=

help:
	@$(PYTHON) dev.py

setup run test test-clients test-all lint bench wheels constraints readme matrix compat-report model-report clean:
	@$(PYTHON) dev.py $@ $(ARGS)

.PHONY: help setup run test test-clients test-all lint bench wheels constraints readme matrix compat-report model-report clean
