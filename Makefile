# Thin names for the scripts; a machine without make calls the scripts.
.PHONY: demo test test-long lock lint

demo:
	./run

test:
	./test

test-long:
	./test --long

lock:
	scripts/lock

lint:
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
