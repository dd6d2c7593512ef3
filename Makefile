# The only entry to remember. `make` alone lists the targets.

CARGO ?= cargo
PURE  := asterisk calls domain exports firewall generations names nodes routing times traffic
IO    := tokio|sqlx|redis|axum|hyper|reqwest|mio
# One warning more than yesterday is an error here, not a line that scrolls by.
STRICT := -D warnings

.DEFAULT_GOAL := help
.PHONY: help run test test-slow check fmt-check lint layers lab bench fuzz deb provision build

help: ## list the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

run: ## build, fill an embedded database with the article's carriers, serve, and print a question to try
	$(CARGO) build --quiet --package dialplane
	target/debug/dialplane example serve

build:
	$(CARGO) build --workspace --all-targets

provision: ## make the root folders the tests need: two Asterisks, SIPp, databases (once; cached)
	tests/provision

test: provision build ## every test, real Asterisk and databases included
	$(CARGO) test --workspace

test-slow: provision build ## the same with the big counts
	PROPTEST_CASES=1000000 DIALPLANE_NUMBERS=1000000 DIALPLANE_SLOW=1 $(CARGO) test --workspace
	$(CARGO) test --package journal --test journal -- --ignored --test-threads 1

check: fmt-check lint layers ## the cheap checks: form, lints, who may import whom

fmt-check:
	$(CARGO) fmt --all --check

lint:
	$(CARGO) clippy --workspace --all-targets --quiet -- $(STRICT)

layers: ## fail if a pure crate can reach a runtime or a driver
	@for crate in $(PURE); do \
		if $(CARGO) tree --quiet --package $$crate --edges normal --prefix none | grep -E '^($(IO)) '; then \
			echo "$$crate is pure and must not reach the crates above"; exit 1; \
		fi; \
	done; echo "layers: $(PURE) reach no runtime and no driver"

lab: provision build ## leave the laboratory running and print how to place a call in it
	$(CARGO) run --quiet --package scenarios --bin lab

bench: ## measure what docs/benchmarks.md claims
	$(CARGO) bench --package routing --bench decide
	$(CARGO) bench --package routing --bench advance
	$(CARGO) bench --package firewall --bench export
	$(CARGO) bench --package routing --bench recognise
	$(CARGO) bench --package asterisk --bench ami
	$(CARGO) bench --package calls --bench assemble
	tests/peers/run
	$(CARGO) bench --package router --bench answer
	$(CARGO) bench --package router --bench http
	$(CARGO) bench --package router --bench agi
	tests/provision --bench
	$(CARGO) build --profile bench --package dialplane
	$(CARGO) bench --package scenarios --bench generations
	$(CARGO) bench --package scenarios --bench calls_written
	$(CARGO) bench --package scenarios --bench traffic
	$(CARGO) bench --package scenarios --bench call_lists
	$(CARGO) bench --package scenarios --bench collector -- 60
	$(CARGO) bench --package scenarios --bench exports

FUZZ_SECONDS ?= 600
fuzz: ## look for bytes that break codec or assembler (needs cargo-fuzz and a nightly toolchain)
	cd fuzz && for target in codec assembler; do \
		mkdir -p corpus/$$target; \
		$(CARGO) +nightly fuzz run $$target corpus/$$target ../tests/fixtures/ami/ast16 ../tests/fixtures/ami/ast22 \
			-- -max_total_time=$(FUZZ_SECONDS) -max_len=16384 || exit 1; \
	done

deb: ## make a Debian package of this release in target/
	$(CARGO) build --release --package dialplane
	deploy/debian/build target/release/dialplane target
