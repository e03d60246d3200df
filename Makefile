# One target for each thing that a person does.

CARGO ?= cargo
CROSS := aarch64-linux riscv64-linux s390x-linux
TEST := $(CARGO) test --release -p wasm-aot-tests

# Cranelift's register allocation is checked, too.
REGALLOC := WASM_AOT_TEST_REGALLOC=1

.PHONY: build demo test test-all fuzz unit bench growth server-load targets gc-soak bless runtimes dist fmt lint tools clean

# As a part of the workspace: alone it would have other features of its dependencies, and `make test` would compile them all
# again.
build: ## The compiler, with the runtime library for every target that can be built here
	@runtimes=$$(runtime-support/build.sh --prepare all) && \
		{ [ -z "$$runtimes" ] || echo "beside the compiler, the runtimes for $$runtimes (40 s of CPU each)"; } && \
		WASM_AOT_RUNTIMES="$$runtimes" $(CARGO) build --release --workspace --bin wasm-aot

demo: build ## Compile a real program to native code and run it
	examples/demo.sh

test: tools runtimes lint unit ## Everything that guards x86-64, and a quick look at the other targets
	$(CARGO) build --release --workspace
	$(TEST) --test spec
	$(TEST) --test filetests
	$(TEST) --test wait
	$(TEST) --test cli
	$(TEST) --test macho
	$(TEST) --test mutation
	$(TEST) --test differential
	$(TEST) --test programs
	$(TEST) --test server
	tests/wasi/run.sh
	tests/sandbox/run.sh
	tests/hosts/package.sh --list

test-all: test ## Every instruction set, every suite
	$(REGALLOC) $(TEST) --test spec -- --all-configurations
	$(REGALLOC) $(TEST) --test mutation
	$(REGALLOC) WASM_AOT_DIFFERENTIAL_MODULES=10000 WASM_AOT_DIFFERENTIAL_GC_MODULES=2000 $(TEST) --test differential
	$(REGALLOC) WASM_AOT_TEST_TARGETS=all $(TEST) --test filetests
	WASM_AOT_TEST_FLAGS=--check-codegen WASM_AOT_TEST_TARGETS=all $(TEST) --test programs
	WASM_AOT_TEST_TARGETS=all $(TEST) --test server
	for isa in $(CROSS:-linux=); do \
		RUN=qemu-$$isa WASM_AOT_FLAGS="--target $$isa-linux" tests/wasi/run.sh || exit 1; \
		RUN=qemu-$$isa WASM_AOT_FLAGS="--target $$isa-linux" tests/sandbox/run.sh || exit 1; \
	done
	for isa in x86_64 aarch64; do \
		RUN=$(CURDIR)/tests/macho/run.sh WASM_AOT_FLAGS="--target $$isa-macos" tests/wasi/run.sh || exit 1; \
		RUN=$(CURDIR)/tests/macho/run.sh WASM_AOT_FLAGS="--target $$isa-macos" tests/sandbox/run.sh || exit 1; \
	done
	RUN=$(CURDIR)/tests/wine.sh WASM_AOT_FLAGS="--target x86_64-windows" tests/wasi/run.sh
	tests/hosts/windows.sh
	tests/hosts/macos.sh
	tests/hosts/package.sh
	tests/sandbox/run.sh --seconds 30
	tests/wasi/run.sh --bundle
	cc -O1 tests/sandbox/old-kernel.c -o target/old-kernel
	RUN=$(CURDIR)/target/old-kernel tests/wasi/run.sh

FUZZ_MODULES ?= 50000
FUZZ_GC_MODULES ?= 20000

fuzz: tools build ## Random modules against wasmtime, for long. See tests/fuzz for the fuzzer of the translator
	WASM_AOT_DIFFERENTIAL_MODULES=$(FUZZ_MODULES) WASM_AOT_DIFFERENTIAL_GC_MODULES=$(FUZZ_GC_MODULES) \
		$(TEST) --test differential

unit:
	$(CARGO) test --release --workspace --lib

bench: build ## Compare with wasmtime, clang and gcc
	$(CARGO) run --release -p wasm-aot-tests --bin bench

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

tools: ## What the tests need from the registries, into a cache outside the repository
	python3 tests/programs/fetch.py > /dev/null

runtimes: ## The runtime library for every target; rebuild the compiler afterwards
	runtime-support/build.sh all

dist: build ## A release, in target/dist
	compiler/dist.sh

fmt:
	$(CARGO) fmt --all
	cd runtime-support && $(CARGO) fmt
	cd tests/fuzz && $(CARGO) fmt

lint:
	$(CARGO) fmt --all --check
	cd runtime-support && $(CARGO) fmt --check
	$(CARGO) clippy --release --workspace --all-targets -- -D warnings
	cd runtime-support && $(CARGO) clippy --release --target-dir ../target/runtime-lint -- -D warnings
	runtime-support/build.sh --check-unsupported
	cd tests/fuzz && $(CARGO) fmt --check && \
		$(CARGO) clippy --release --locked --no-default-features --target-dir ../../target -- -D warnings
	tests/lint/deny.sh
	python3 tests/lint/targets.py
	compiler/notices.py --check

clean:
	$(CARGO) clean
