# Nothing needs make: each target is a line or two that can be typed as well.
SHELL := bash
.SHELLFLAGS := -o pipefail -c
.DEFAULT_GOAL := help
.PHONY: build test lint golden bench cover tools check help

build: ## both programs, into bin/
	go build -o bin/ ./cmd/...

test: ## all tests
	go test ./...

lint: ## gofmt, vet, staticcheck, and which package may import which
	find . -name '*.go' -not -path '*/testdata/*' -not -path '*/node_modules/*' -exec gofmt -d {} +
	go vet ./...
	go run ./internal/toolchain/build staticcheck && tools/bin/staticcheck ./...
	go test ./internal/imports

golden: ## rewrite the golden files, to be read in the diff
	OBSGEN_UPDATE=1 go test ./...

bench: ## all benchmarks, into bench.out; compare two of these with tools/bin/benchstat
	go test -run='^$$' -bench=. -benchmem -count=6 ./... | tee bench.out

cover: ## which share of the statements the tests run
	go test -coverpkg=./... -coverprofile=cover.out ./... && go tool cover -func=cover.out | tail -n 1

tools: ## promtool, staticcheck and benchstat, as tools/go.mod pins them, into tools/bin/
	go run ./internal/toolchain/build

check: ## all that CI runs
	.ci/run

help: ## this list
	@awk -F ':.*## ' '/^[a-z]+:.*## / { printf "make %-8s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)
