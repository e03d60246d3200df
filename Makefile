# One target for each thing that a person does: `make help` lists them.

CARGO ?= cargo
TEST := $(CARGO) test --release -p wasm-aot-tests
# Targets for Linux whose programs take an emulator here.
CROSS := $(shell awk -F '"' '/^name = .*-linux"/ && !/x86_64/ { print $$2 }' compiler/targets.toml)

# What guards x86-64, with a quick look at the other targets. Each part is a target below; `!` marks those that the others
# need.
PARTS := tools! build! build-tests! lint unit spec filetests components wait dns cli debug macho shared mutation differential programs server services wasi sandbox libraries packages
# Every instruction set, every suite.
MORE_PARTS := spec-all components-all mutation-all differential-all filetests-all programs-all server-all wasi-all \
	sandbox-all libraries-all fuzz-target hosts-windows hosts-macos hosts-packages old-kernel library

# Cranelift's register allocation is checked, too.
REGALLOC := WASM_AOT_TEST_REGALLOC=1

# Incremental builds of our crates, without optimisation; dependencies are those of a release.
UNOPTIMISED := $(foreach crate,wasm-aot wasm-aot-abi wasm-aot-tests,--config profile.release.package.$(crate).opt-level=0)
QUICK = CARGO_INCREMENTAL=1 $(CARGO) $(1) --release --workspace $(UNOPTIMISED)

.PHONY: help build shipped demo check test test-all wast fuzz bench growth server-load targets gc-soak bless runtimes dist fmt \
	lint tidy clean build-tests tools $(patsubst %!,%,$(PARTS)) $(MORE_PARTS)

.DEFAULT_GOAL := build

help: ## What there is to make
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/^([a-z-]+):.*## /\1\t/' | sort | expand -t 20

# As a part of the workspace: alone it would have other features of its dependencies, and `make test` would compile them all
# again.
build: ## The compiler, with the runtime library for every target that can be built here
	@runtimes=$$(runtime-support/build.sh --prepare all) && \
		{ [ -z "$$runtimes" ] || echo "beside the compiler, the runtimes for $$runtimes (50 s of CPU each)"; } && \
		WASM_AOT_RUNTIMES="$$runtimes" $(CARGO) build --release --workspace --bin wasm-aot

demo: build ## Compile a real program to native code and run it
	examples/demo.sh

check: ## After an edit, in less than a minute: format, tidiness, types, unit tests, filetests, some of the specification
	$(CARGO) fmt --all --check
	tests/lint/tidy.py
	$(call QUICK,test) --lib
	$(call QUICK,test) --test filetests
	$(call QUICK,test) --test spec -- wasm-3.0/br_table wasm-3.0/call_indirect wasm-3.0/conversions wasm-3.0/memory_grow \
		gc/struct exceptions/try_table simd/simd_lane own/table64 own/wasmtime-11753
	$(call QUICK,build) --bin wasm-aot
	$(call QUICK,test) --test programs -- hello-write
	@echo "target/release/wasm-aot isn't optimised now: \`make build\` makes the real one again"

test: ## Everything that guards x86-64, and a quick look at the other targets
	@tests/parts.sh $(PARTS)

test-all: ## Every instruction set, every suite
	@tests/parts.sh $(PARTS) $(MORE_PARTS)

FEATURES ?= all
wast: ## Run .wast files, of any project: make wast FILES="a.wast folder" [FEATURES=all,-gc] [FLAGS="--target T ..."]
	$(CARGO) run --release -p wasm-aot-tests --bin wast -- --features $(FEATURES) $(FLAGS) $(FILES)

FUZZ_MODULES ?= 50000
FUZZ_GC_MODULES ?= 20000

fuzz: tools build ## Random modules against wasmtime, for long. See tests/fuzz for the fuzzer of the translator
	WASM_AOT_DIFFERENTIAL_MODULES=$(FUZZ_MODULES) WASM_AOT_DIFFERENTIAL_GC_MODULES=$(FUZZ_GC_MODULES) \
		$(TEST) --test differential

shipped: build ## The compiler as it is shipped, in target/shipped: optimised as a whole, which takes minutes
	$(CARGO) build --profile shipped --workspace --bin wasm-aot

bench: export WASM_AOT ?= $(CURDIR)/target/shipped/wasm-aot
bench: shipped ## Compare with wasmtime, clang and gcc; a picture goes to target/bench/bench.svg
	$(CARGO) run --release -p wasm-aot-tests --bin bench -- --json target/bench/bench.json --picture target/bench/bench.svg
	tests/bench/libraries/run.sh

growth: build ## How compile time, memory and output grow with each construct of a module, beside wasmtime: see docs/limits.md
	python3 tests/growth/measure.py

server-load: build ## A file server with 200 clients for a minute, natively and under wasmtime by turns
	$(CARGO) run --release -p wasm-aot-tests --bin server-load

targets: build ## hello, SQLite and CPython for every target: sizes, times, and whether builds are the same
	$(CARGO) run --release -p wasm-aot-tests --bin targets

gc-soak: build ## A random graph for minutes under several limits of the garbage-collected heap: its memory is constant
	$(CARGO) run --release -p wasm-aot-tests --bin gc-soak

bless: build ## Rewrite the expected output of the filetests
	WASM_AOT_BLESS=1 $(TEST) --test filetests

runtimes: ## The runtime library for every target; rebuild the compiler afterwards
	runtime-support/build.sh all

dist: shipped ## A release, in target/dist, with packages for pip, npm and apt
	compiler/dist.sh target/shipped/wasm-aot

fmt: ## Format all Rust code
	$(CARGO) fmt --all
	cd runtime-support && $(CARGO) fmt
	cd tests/fuzz && $(CARGO) fmt

lint: tidy ## Formatting, clippy, documentation, licences and advisories, whether the fuzzer's Cargo.lock fits
	$(CARGO) fmt --all --check
	cd runtime-support && $(CARGO) fmt --check
	cd tests/fuzz && $(CARGO) fmt --check
	cd tests/fuzz && $(CARGO) metadata --locked --format-version 1 > /dev/null
	$(CARGO) clippy --release --workspace --all-targets -- -D warnings
	RUSTDOCFLAGS="-D warnings -A rustdoc::private-intra-doc-links" $(CARGO) doc --release -p wasm-aot -p wasm-aot-abi -p wasm-aot-tests --no-deps --document-private-items
	cd runtime-support && $(CARGO) clippy --release --target-dir ../target/runtime-lint --features servers -- -D warnings
	cd runtime-support && $(CARGO) clippy --release --target-dir ../target/runtime-lint --features libraries -- -D warnings
	cd runtime-support && $(CARGO) check --release --target-dir ../target/runtime-lint --features modules
	runtime-support/build.sh --check-unsupported
	tests/lint/deny.sh
	compiler/notices.py --check

tidy: ## What the documents say of the code's structure, without building anything
	tests/lint/tidy.py

clean:
	$(CARGO) clean

# The parts of `make test`.

tools: ## What the tests need from the registries, into a cache outside the repository
	python3 tests/programs/fetch.py --tests > /dev/null

# All at once, so that no processor waits for the linker. The runtimes are those that `make build` has built; here it is an
# error if one is missing.
build-tests:
	runtime-support/build.sh all
	$(CARGO) test --release --workspace --no-run

unit:
	$(CARGO) test --release --workspace --lib
	$(CARGO) test --release --workspace --doc

spec filetests components wait dns cli debug macho shared mutation differential programs server services:
	$(TEST) --test $@

wasi:
	tests/wasi/run.sh

sandbox:
	tests/sandbox/run.sh
	tests/sandbox/run.sh --component

libraries: build-tests
	$(TEST) --test libraries
	tests/libraries/texts.sh
	tests/libraries/wrappers.sh
	tests/libraries/build-systems.sh
	tests/embedding/run.sh

# And of `make test-all`.

spec-all:
	$(REGALLOC) $(TEST) --test spec -- --all-configurations

components-all:
	WASM_AOT_TEST_TARGETS=all $(TEST) --test components

mutation-all:
	$(REGALLOC) $(TEST) --test mutation

differential-all:
	$(REGALLOC) WASM_AOT_DIFFERENTIAL_MODULES=10000 WASM_AOT_DIFFERENTIAL_GC_MODULES=2000 WASM_AOT_DIFFERENTIAL_LOOPS=5000 $(TEST) --test differential

filetests-all:
	$(REGALLOC) WASM_AOT_TEST_TARGETS=all $(TEST) --test filetests

programs-all:
	python3 tests/programs/fetch.py > /dev/null
	WASM_AOT_TEST_FLAGS=--check-codegen WASM_AOT_TEST_TARGETS=all $(TEST) --test programs

server-all:
	WASM_AOT_TEST_TARGETS=all $(TEST) --test server

wasi-all:
	for isa in $(CROSS:-linux=); do \
		RUN=qemu-$$isa WASM_AOT_FLAGS="--target $$isa-linux" tests/wasi/run.sh || exit 1; \
	done
	for isa in x86_64 aarch64; do \
		RUN=$(CURDIR)/tests/macho/run.sh WASM_AOT_FLAGS="--target $$isa-macos" tests/wasi/run.sh || exit 1; \
	done
	RUN=$(CURDIR)/tests/wine.sh WASM_AOT_FLAGS="--target x86_64-windows" tests/wasi/run.sh
	tests/wasi/run.sh --bundle

sandbox-all:
	for isa in $(CROSS:-linux=); do \
		for component in "" --component; do \
			RUN=qemu-$$isa WASM_AOT_FLAGS="--target $$isa-linux" tests/sandbox/run.sh $$component || exit 1; \
		done; \
	done
	for isa in x86_64 aarch64; do \
		RUN=$(CURDIR)/tests/macho/run.sh WASM_AOT_FLAGS="--target $$isa-macos" tests/sandbox/run.sh || exit 1; \
	done
	tests/sandbox/run.sh --seconds 30

libraries-all:
	WASM_AOT_TEST_TARGETS=all $(TEST) --test libraries
	tests/embedding/run.sh $(CROSS)

fuzz-target:
	cd tests/fuzz && $(CARGO) clippy --release --locked --no-default-features --target-dir ../../target -- -D warnings

# What would be published; `hosts-packages` installs from the crates.
packages:
	tests/hosts/package.sh --list
	tests/hosts/installers.sh

hosts-packages:
	tests/hosts/package.sh

# The compiler as a library, without the command line and what only that needs; in a build script.
library:
	$(CARGO) clippy --release -p wasm-aot --lib --no-default-features --target-dir target/library -- -D warnings
	tests/libraries/build-systems.sh --cargo

hosts-windows:
	tests/hosts/windows.sh

hosts-macos:
	tests/hosts/macos.sh

old-kernel:
	cc -O1 tests/sandbox/old-kernel.c -o target/old-kernel
	RUN=$(CURDIR)/target/old-kernel tests/wasi/run.sh
