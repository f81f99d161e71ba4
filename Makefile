# Every target does its own set-up. `make help` lists them.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
NODE := node_modules/.bin/node
BIOME := node_modules/.bin/biome
LAB ?= dev
NODES ?= 3
export LAB NODES

.PHONY: help setup demo test lint verify generate bench image release lab-up lab-load lab-down clean

help: ## what can be made here
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup:
	@scripts/setup

demo: setup ## the whole story on a real cluster: from git to a curl (KEEP=1 leaves it running)
	@$(NODE) demo/main.ts

test: setup ## every test; ends with one line: N passed, N failed
	@$(NODE) scripts/test.ts $(ONLY)

lint: setup ## formatting, rules (purity of src/core among them) and types
	@$(BIOME) check --error-on-warnings .
	@node_modules/.bin/tsc

generate: setup ## what is made from the sources: CRDs, diagrams, documents
	@$(NODE) scripts/generate.ts

verify: setup generate ## generate, format, lint; fails where the tree is then dirty
	@$(BIOME) check --write --error-on-warnings . >/dev/null
	@node_modules/.bin/tsc
	@git diff --exit-code --stat && test -z "$$(git status --porcelain)" || { echo 'verify: the tree is dirty: commit what was generated' >&2; git status --short >&2; exit 1; }

bench: setup ## measure beside the peer and the floor; writes bench/out/results.json
	@$(NODE) bench/main.ts $(ONLY)

image: setup ## Berth's own image as an OCI archive in dist/
	@$(NODE) image/build.ts

release: setup ## all that a release consists of in dist/release/ (VERSION=, IMAGE=)
	@$(NODE) release/main.ts $(if $(VERSION),--version $(VERSION)) $(if $(IMAGE),--image $(IMAGE))

lab-up: setup ## a real cluster with Berth in it (LAB=name, NODES=n); prints its KUBECONFIG
	@bin/lab up

lab-load: setup ## rebuild the image and roll it out in the running lab
	@bin/lab load

lab-down: setup ## end the lab and leave nothing
	@bin/lab down

clean: ## remove what was built in this checkout
	@rm -rf node_modules dist bench/out
