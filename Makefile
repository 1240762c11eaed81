# The verbs of this repository. Every one that needs the environment makes it first.
.DEFAULT_GOAL := help
.NOTPARALLEL:
SHELL := /bin/sh
BIN := .venv/bin
PYTEST := $(BIN)/python -m pytest --durations=10
SCRIPT ?=
PROFILES ?=
ONLY ?=
TIMES ?=
CALLS ?=
SIP_CALLS ?=
SEED ?=
PROMETHEUS ?=
HOURS ?=
RUNBOOK ?=
REHEARSED := $(if $(PROFILES),FRONTDESK_REHEARSAL_PROFILES="$(PROFILES)")

.PHONY: help setup call test unit integration e2e lint format bench faults soak soak-faults up down dashboards dashboard docs clips lock clean

help: ## list these verbs
	@awk -F ':.*## ' '/^[a-z0-9-]+:.*## / {printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: ## have everything a call needs on this machine (done by the others too)
	@setup/run

call: setup ## one real phone call, shown live; SCRIPT= a name in rehearsal/scripts/ or a path, PROFILES= a folder of yours
	@$(REHEARSED) $(BIN)/python -m rehearsal call $(if $(SCRIPT),"$(SCRIPT)")

test: setup lint unit integration e2e ## everything CI runs

unit: setup ## pure tests, no sockets
	$(PYTEST) -n 2 tests/unit

# They wait more than they compute: more of them at once than there are cores.
integration: setup ## tests against local servers
	$(PYTEST) -n 4 --dist loadfile tests/integration

# A test waits its turn on the floor, behind calls that others have begun: its time is not only its own.
e2e: setup ## real SIP calls through the whole stack
	@$(PYTEST) -o timeout=300 tests/e2e; e2e=$$?; [ $$e2e -eq 1 ] || exit $$e2e; \
	echo "AGAIN, one call at a time, what FAILED; what fails no more was too much for this machine:"; \
	E2E_CALLS_AT_ONCE=1 $(PYTEST) tests/e2e --last-failed -o timeout=600

lint: setup ## ruff, mypy, the import contracts and the declared packages
	$(BIN)/ruff check
	$(BIN)/ruff format --check
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/deptry .

format: setup ## let ruff rewrite what it can
	$(BIN)/ruff check --fix
	$(BIN)/ruff format

bench: setup ## measure calls from the caller's leg: JSON with targets and whether they are met
	@$(BIN)/python -m bench

faults: setup ## break everything once while somebody is on the phone; a table (about 11 min); ONLY= one row
	@$(BIN)/python -m rehearsal faults $(if $(ONLY),--only "$(ONLY)")

soak: setup ## 1,000 short calls of text and 60 by SIP, and the record of each (20 to 25 min); CALLS=, SIP_CALLS=, SEED=
	@$(BIN)/python -m rehearsal soak $(if $(CALLS),--calls $(CALLS)) $(if $(SIP_CALLS),--sip-calls $(SIP_CALLS)) $(if $(SEED),--seed $(SEED))

soak-faults: setup ## the five worst faults 30 times each, at other moments (about an hour); TIMES=, SEED=
	@$(BIN)/python -m rehearsal soak-faults $(if $(TIMES),--times $(TIMES)) $(if $(SEED),--seed $(SEED))

up: setup ## start the stack and leave it running; prints what to dial; PROFILES= a folder of yours
	@$(REHEARSED) $(BIN)/python -m rehearsal up

down: setup ## end the stack that `make up` left running
	@$(BIN)/python -m rehearsal down

docs: setup ## write docs/settings.md and docs/metrics.md from the code
	@$(BIN)/python docs/reference.py

dashboards: setup ## write dashboards/grafana/ and dashboards/rules/ from the panels and promises
	@$(BIN)/python -m dashboards generate $(if $(RUNBOOK),--runbook "$(RUNBOOK)")

dashboard: setup ## draw the dashboards on one page: a simulated hour, or PROMETHEUS=http://... with HOURS=
	@$(BIN)/python -m dashboards draw $(if $(PROMETHEUS),--prometheus "$(PROMETHEUS)") $(if $(HOURS),--hours "$(HOURS)")

clips: setup ## speak the worker's fixed clips anew
	@$(BIN)/python -m rehearsal clips

lock: setup ## renew requirements.lock and the pins of set-up
	@setup/run lock

clean: ## remove everything set-up and runs have made; refused while a stack is up
	@setup/run clean
