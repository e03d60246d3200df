#!/usr/bin/env python3
"""Third-party notices: the licences of all that is inside the compiler and inside the executables that it makes.

    notices.py FILE     writes them
    notices.py --check  writes nothing; exit code 1 if something has no licence text

Crates come from `cargo metadata`, for the target TARGET (by default this machine's), without what runs only while the
compiler is built. The texts are those in the crates' sources, each once; a crate that ships none gets the text of its
licence with its authors.
"""

import hashlib
import json
import os
import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FILE_NAME = re.compile(r"^(licen[cs]e|copyright|notice|unlicense)", re.IGNORECASE)
OURS = {"wasm-aot", "wasm-aot-abi", "wasm-aot-runtime", "wasm-aot-runtimes"}
NOT_BUILT = {".git", "benches", "bindings", "doc", "docs", "examples", "suite", "target", "test", "tests"}
HEADER = """Third-party notices of wasm-aot

The compiler contains the following crates, and the libraries in C that some of them bring. What is marked with a *
is also in part in the executables that it makes. Sources: https://crates.io/crates/NAME/VERSION, unchanged but for
what has "(changed)", whose source is in compiler/vendor of wasm-aot's. The source form of what is under the Mozilla
Public License is available there, too. Both also contain parts of the Rust standard library, by the Rust Project
Developers, under MIT OR Apache-2.0{std}.
"""


def output(*command) -> str:
    return subprocess.run(command, cwd=ROOT, check=True, stdout=subprocess.PIPE, text=True).stdout


def linked(manifest: str, name: str, triple: str) -> list:
    """The packages of others that are linked into a package."""
    metadata = json.loads(
        output("cargo", "metadata", "--format-version=1", "--locked", "--manifest-path", manifest,
               "--filter-platform", triple)
    )
    packages = {package["id"]: package for package in metadata["packages"]}
    nodes = {node["id"]: node for node in metadata["resolve"]["nodes"]}
    waiting = [package["id"] for package in packages.values() if package["name"] == name]
    found = set()
    while waiting:
        package = waiting.pop()
        runs_in_rustc = any("proc-macro" in target["kind"] for target in packages[package]["targets"])
        if package in found or runs_in_rustc:
            continue
        found.add(package)
        for dependency in nodes[package]["deps"]:
            if any(kind["kind"] is None for kind in dependency["dep_kinds"]):
                waiting.append(dependency["pkg"])
    return [packages[package] for package in found if packages[package]["name"] not in OURS]


def shipped_texts(package: dict) -> list:
    """The licence files of a crate and of what it bundles."""
    crate = pathlib.Path(package["manifest_path"]).parent
    texts = []
    for directory, names, files in os.walk(crate):
        names[:] = sorted(name for name in names if name not in NOT_BUILT)
        for name in sorted(files):
            if FILE_NAME.match(name) and not name.endswith((".rs", ".html")):
                texts.append((pathlib.Path(directory) / name).read_text(errors="replace"))
    return texts


def standard_text(package: dict) -> str | None:
    """The text of the licence of a crate that ships none."""
    choices = re.split(r" OR |/", package["license"] or "")
    if "MIT" in choices:
        by = ", ".join(package["authors"]) or f"the authors of {package['name']}"
        lines = (ROOT / "LICENSE-MIT").read_text().splitlines(keepends=True)
        return "".join(f"Copyright (c) {by}\n" if line.startswith("Copyright") else line for line in lines)
    if any(choice.strip().startswith("Apache-2.0") for choice in choices):
        return (ROOT / "LICENSE-APACHE").read_text()
    return None


def key(text: str) -> str:
    """The same for texts that differ in white space only."""
    return hashlib.sha256(" ".join(text.split()).encode()).hexdigest()


def notices(triple: str) -> tuple:
    """The text, and the names of the crates without a licence."""
    # The runtime is for all targets: linux-raw-sys, say, is in executables for Linux.
    runtime = linked("runtime-support/Cargo.toml", "wasm-aot-runtime", "x86_64-unknown-linux-musl")
    in_executables = {package["id"] for package in runtime}
    packages = {package["id"]: package for package in linked("Cargo.toml", "wasm-aot", triple) + runtime}
    texts, rows, missing = {}, [], []
    for package in sorted(packages.values(), key=lambda package: (package["name"], package["version"])):
        found = shipped_texts(package) or [text for text in [standard_text(package)] if text]
        if not found:
            missing.append(f"{package['name']} {package['version']} ({package['license']})")
        numbers = sorted({list(texts).index(k) + 1 for text in found if texts.setdefault(k := key(text), text)})
        name = package["name"] + ("*" if package["id"] in in_executables else "")
        version = package["version"] + ("" if package["source"] else " (changed)")
        rows.append(f"{name} {version}, {package['license']}: {', '.join(map(str, numbers))}")
    sysroot = pathlib.Path(output("rustc", "--print", "sysroot").strip())
    std = ", see COPYRIGHT-library.html" if (sysroot / "share/doc/rust/COPYRIGHT-library.html").exists() else ""
    parts = [HEADER.format(std=std), "\n".join(rows) + "\n"]
    for number, text in enumerate(texts.values(), 1):
        parts.append(f"{'-' * 100}\n{number}\n\n{text.strip()}\n")
    return "\n".join(parts), missing


def main() -> None:
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    triple = os.environ.get("TARGET") or output("rustc", "--print", "host-tuple").strip()
    text, missing = notices(triple)
    if missing:
        sys.exit("notices.py: no licence text of " + ", ".join(missing))
    if sys.argv[1] != "--check":
        pathlib.Path(sys.argv[1]).write_text(text)


if __name__ == "__main__":
    main()
