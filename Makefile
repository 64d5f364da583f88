# Every target is the script of that name in scripts/: a machine without make runs those.
# Arguments go in ARGS: make test ARGS='tests/kernel -k chain'
.PHONY: help run test check bench faults docs lock setup

help: ## Print this list
	@awk -F ': *## *' '/^[a-z]+: *## / { printf "make %-8s %s\n", $$1, $$2 }' Makefile

run: ## Set up and start the demo
test: ## Set up and run everything: the checks, then all tests in their short form
check: ## Lint, type-check, check the imports, and let Hardpoint check this repository
bench: ## Measure Hardpoint against its peers and write the benchmark page
faults: ## Run the fault tests in full: kills, full disks, tampering, mutated inputs
docs: ## Write the generated reference pages (ARGS=--check only compares)
lock: ## Resolve the dependencies again into requirements.lock (needs uv)
setup: ## Make the environment in .venv, or bring it up to date

run test check bench faults docs lock setup:
	@scripts/$@ $(ARGS)
