# Posthouse. `make` alone lists the targets.
GO        ?= go
BIN       := bin/posthouse
VERSION   := $(shell git describe --tags --always --dirty 2>/dev/null || echo unknown)
LDFLAGS   := -X main.version=$(VERSION)
export CGO_ENABLED ?= 0
# The race detector does not watch the translated C of SQLite: its memory lies outside of Go's heap, which
# is all that the detector sees, and its locks are below the driver's, which stays watched. A third of the time.
UNWATCHED := $(foreach p,modernc.org/sqlite/lib modernc.org/libc/... modernc.org/memory,-gcflags=$(p)=-race=false)

.DEFAULT_GOAL := help

help: ## list the targets
	@awk -F':.*## ' '/^[a-z-]+:.*## /{printf "  make %-14s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

build: ## build bin/posthouse
	$(GO) build -ldflags '$(LDFLAGS)' -o $(BIN) ./cmd/posthouse

run: build ## build and start on loopback, data under ./data
	./$(BIN) serve

setup: ## install what the tests need (Debian packages)
	scripts/setup

test: setup build lint ## the whole suite, set-up included
	$(GO) run ./test/withpostgres env CGO_ENABLED=1 \
		$(GO) test -race $(UNWATCHED) -vet=off -shuffle=on -count=1 -timeout 30m ./... # lint has vetted

lint: ## gofmt, vet, staticcheck
	scripts/lint

docs: build ## write the reference pages that are generated from code
	scripts/docs

tour: build ## replay the tours of README and docs against fresh servers
	$(GO) run ./test/tour

fuzz: ## run every fuzz target for FUZZTIME (default 1m)
	scripts/fuzz $(or $(FUZZTIME),1m)

kill-loop: build ## 200 times kill -9 in the middle of a delivery load, then verify
	$(GO) run ./test/killloop -kills 200

bench: build ## measure against Postfix with Dovecot and write docs/benchmarks.md
	$(GO) run ./test/bench

clean: ## remove what was built (never ./data)
	rm -rf bin

.PHONY: help build run setup test lint docs tour fuzz kill-loop bench clean
