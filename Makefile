# The commands of this project. up, preview, refresh, destroy and outputs are always the rehearsal: the real Pulumi engine
# on this machine, no account. Only `deploy` and `preflight` work on a real account.

STACK ?= dev
ADDRESS ?= http://127.0.0.1:8080
KUBERNETES ?= simulated
PYTHON := .venv/bin/python
HELM = $(shell $(PYTHON) -c "from rehearsal.helm_binary import find_or_fetch_helm; print(find_or_fetch_helm())")
CACHE := $(or $(XDG_CACHE_HOME),$(HOME)/.cache)/fastorder
ACTIONLINT_VERSION := 1.7.12
ACTIONLINT := $(CACHE)/actionlint-$(ACTIONLINT_VERSION)/actionlint
WAS := workloads/was/target/fastorder-was.jar
APT_PACKAGES := workloads/apt-packages.txt
PACKAGES := $(wildcard __main__.py model components bootstrap policy rehearsal operations functions tests)

.DEFAULT_GOAL := help
.PHONY: help setup up preview refresh destroy outputs first-day report cost drift sarif was app load rebalance comparison startup images packages tools test test-clusters test-failover test-images test-versions lint types check snapshots diagram bench-policy bench-clusters preflight deploy clean

help: ## Show this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

setup: .venv/.installed ## Install the Python environment (quick when nothing changed)

.venv/.installed: requirements-dev.txt
	@echo "installing the Python environment" >&2
	@if command -v uv >/dev/null; then \
	  uv venv --quiet --allow-existing --python '>=3.11' .venv && \
	  uv pip install --quiet --python $(PYTHON) --require-hashes -r $<; \
	else \
	  python3 -m venv .venv && \
	  $(PYTHON) -m pip install --quiet --disable-pip-version-check --require-hashes -r $<; \
	fi
	@touch $@

up: setup ## Deploy STACK=dev|stg|prod into the rehearsal, policy pack on
preview: setup ## Show what `up` would change
refresh: setup ## Take what changed outside into the stack's state
destroy: setup ## Delete what the rehearsal of the stack made
outputs: setup ## Print the stack's outputs

up preview refresh destroy outputs:
	@$(PYTHON) -m rehearsal $@ --stack $(STACK) --kubernetes $(KUBERNETES)

first-day: setup ## Rehearse the first day of STACK=dev|prod on a new account, by the documents' own commands
	@$(PYTHON) -m rehearsal.first_day --stack $(STACK)

EVENTS = .rehearsal/$(STACK)-$@.jsonl
REHEARSE = @$(PYTHON) -m rehearsal --stack $(STACK) --kubernetes $(KUBERNETES) --events $(EVENTS)

report: setup ## Write the comment on a pull request: changes, policies and cost of STACK's next update
	$(REHEARSE) preview >&2 || true
	@$(PYTHON) -m operations.report $(EVENTS) --stack $(STACK)

cost: setup ## Print what STACK costs a month, from the lower to the upper end of what scales
	$(REHEARSE) preview >&2 || true
	@$(PYTHON) -m operations.cost $(EVENTS) --stack $(STACK)

drift: setup ## Tell what was changed in the rehearsal's cloud behind Pulumi's back
	$(REHEARSE) drift >&2 || true
	@$(PYTHON) -m operations.drift $(EVENTS) --stack $(STACK)

sarif: setup ## Deploy STACK into the rehearsal whatever the pack says, and write its findings to .rehearsal/STACK.sarif
	@$(PYTHON) -m rehearsal up --stack $(STACK) --no-policy >&2
	@$(PYTHON) -m rehearsal export --stack $(STACK) > .rehearsal/$(STACK).json
	@$(PYTHON) -m policy check .rehearsal/$(STACK).json --format sarif > .rehearsal/$(STACK).sarif

was: $(WAS) ## Build the three services' artefact with its own tests (quick when nothing changed)

$(WAS): workloads/was/pom.xml $(shell find workloads/was/src -type f)
	mvn --quiet --batch-mode --file workloads/was package
	@touch $@

app: packages setup was ## Run the three tiers on this machine and print the page's address
	@$(PYTHON) -m operations.app --helm $(HELM)

load: setup ## Run JMeter's plan against ADDRESS, a running `make app` by default; LOAD="--model open --rate 20"
	@$(PYTHON) -m operations.load.jmeter $(ADDRESS) $(LOAD)

rebalance: setup was ## Measure how AJP connections spread after a roll-out and when a zone is lost
	@$(PYTHON) -m operations.load.rebalance --helm $(HELM)

comparison: setup was ## Compare mod_jk with the two proxy modules and a node asked directly
	@$(PYTHON) -m operations.load.comparison --helm $(HELM)

startup: setup was ## Measure how long a WAS node takes until it is ready, and its CPU time
	@$(PYTHON) -m operations.load.startup --helm $(HELM)

images test-images: APT_PACKAGES := operations/images/apt-packages.txt

images: packages setup ## Build both images without a container engine and run them as a cluster would (needs root)
	@$(PYTHON) -m operations.images --helm $(HELM)

packages: ## Install the Debian packages that `make app` and `make test` need (needs root)
	@missing=$$(for name in $$(cat $(APT_PACKAGES)); do \
	  dpkg-query --show --showformat '$${db:Status-Status}' $$name 2>/dev/null | grep -qx installed || printf ' %s' $$name; done); \
	if [ -z "$$missing" ]; then exit 0; fi; \
	if [ "$$(id -u)" != 0 ]; then echo "missing Debian packages, install them as root:$$missing" >&2; exit 1; fi; \
	apt-get update -q && apt-get install -qy --no-install-recommends $$missing

tools: setup ## Find or build the engine, Helm and, with KUBERNETES=real, the control plane
	@$(PYTHON) -m rehearsal tools --kubernetes $(KUBERNETES)

test: packages setup tools was ## Run the tests
	$(PYTHON) -m pytest -n 2 --dist loadfile

test-clusters: setup ## Run the tests on real Kubernetes API servers (builds the control plane once)
	@$(PYTHON) -m rehearsal tools --kubernetes real
	$(PYTHON) -m pytest -n 2 --dist loadfile -m clusters tests/engine

test-failover: packages setup was ## Kill and roll the tiers under load, and compare every acknowledged order with the table
	$(PYTHON) -m pytest -m failover tests/workloads/tiers

test-images: packages setup ## Build and run both images as a test (needs root)
	$(PYTHON) -m pytest -m images tests/workloads/test_images.py

test-versions: setup ## Run the charts in every Kubernetes version that is offered (builds each once)
	FASTORDER_VERSIONS=1.36,1.35 $(PYTHON) -m pytest tests/engine/test_real_kubernetes_versions.py -m clusters

lint: setup $(ACTIONLINT) ## Check style, formatting, the direction of imports and the workflows
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/lint-imports
	.venv/bin/check-jsonschema --builtin-schema vendor.github-workflows .github/workflows/*.yml
	.venv/bin/check-jsonschema --builtin-schema vendor.github-actions .github/actions/*/action.yml
	$(ACTIONLINT) .github/workflows/*.yml
	.venv/bin/zizmor --offline --quiet --min-severity medium .github

$(ACTIONLINT):
	GOBIN=$(@D) GOFLAGS= go install github.com/rhysd/actionlint/cmd/actionlint@v$(ACTIONLINT_VERSION)

types: setup ## Check types
	.venv/bin/pyright $(PACKAGES)

check: lint types test ## Everything that CI checks

snapshots: setup ## Rewrite the committed resource graphs in tests/engine/snapshots
	UPDATE_SNAPSHOTS=1 $(PYTHON) -m pytest tests/engine -q -k graph_of_the_plan

diagram: setup ## Redraw the picture in docs/architecture from the rehearsal's dev stack (run `make up` first)
	@$(PYTHON) -m rehearsal export --stack dev | $(PYTHON) -m operations.diagram docs/architecture/README.md

bench-policy: setup ## Measure the policy pack's CPU time beside an empty pack and AWSGuard
	@$(PYTHON) -m policy bench

bench-clusters: setup ## Measure how long two real API servers take to be ready, and their memory
	@$(PYTHON) -m rehearsal.controlplane.bench

preflight: setup ## Ask STACK's real account whether it is ready for a deployment; reads it and changes nothing
	@$(PYTHON) -m operations.preflight --stack $(STACK)

deploy: setup ## Deploy STACK to its real account, behind guard checks; DEPLOY=--yes where nobody can answer
	$(PYTHON) -m operations.deploy_guard --stack $(STACK)
	pulumi up --stack $(STACK) --policy-pack policy $(DEPLOY)

clean: ## Forget all rehearsals and caches of this checkout
	rm -rf .rehearsal .pytest_cache .ruff_cache .hypothesis .import_linter_cache
