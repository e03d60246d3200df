#!/usr/bin/env python3
"""Measures how compile time, memory and output grow with every construct of a module, beside wasmtime.

    measure.py [--compiler PATH] [--wasmtime PATH] [--out FILE] [--limit SECONDS] [WORD...]

Builds a module of size n and one of size 2n for each construct whose name has all WORDs, and prints a table in Markdown:
CPU time, peak memory and output at 2n, and in parentheses what they are a multiple of: those at n. 2 is linear; 4 is
quadratic. What the compiler takes for an empty module is subtracted first. A module that takes longer than the limit is
given up and shown as `> SECONDS`. Timings are no tests: the exit code is 1 only if a module isn't built.
"""

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

sys.dont_write_bytecode = True
import constructs  # noqa: E402
import operators  # noqa: E402, F401
from encode import Module, with_start  # noqa: E402

REPOSITORY = Path(__file__).resolve().parents[2]
FEATURES = "gc,exceptions,function-references,tail-call,multi-memory,memory64,extended-const,simd"
WASMTIME = ["compile", "-W", ",".join(f"{name}=y" for name in FEATURES.split(","))]
AOT = ["build", "-q", "--strip", "--trap-unknown-imports"]


class Run:
    """What one compilation took: seconds, bytes of memory, bytes of output."""

    def __init__(self, seconds: float, memory: int, output: int):
        self.values = (seconds, memory, output)


def compile_module(command: list[str], module: Path, output: Path, limit: float) -> Run | str:
    """Compiles; what it took, or why there is nothing to say."""
    output.unlink(missing_ok=True)

    def limits():
        resource.setrlimit(resource.RLIMIT_CPU, (int(limit) + 1, int(limit) + 2))

    with tempfile.TemporaryFile() as errors:
        child = subprocess.Popen(
            [*command, str(module), "-o", str(output)], stdout=subprocess.DEVNULL, stderr=errors, preexec_fn=limits
        )
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
        errors.seek(0)
        message = errors.read().decode(errors="replace").strip()
    if child.returncode in (-24, -9):
        return f"> {limit:.0f} s"
    if child.returncode != 0:
        return "error: " + " ".join(message.split())[:200]
    return Run(usage.ru_utime + usage.ru_stime, usage.ru_maxrss << 10, output.stat().st_size)


def write_module(make, n: int, path: Path):
    """Writes a module in a process of its own: what a process has had of memory, its children are said to have, too."""
    child = os.fork()
    if child == 0:
        path.write_bytes(make(n))
        os._exit(0)
    _, status = os.waitpid(child, 0)
    if status != 0:
        sys.exit(f"measure.py: {make.__name__} makes no module")


def show(value: float, kind: str) -> str:
    if kind == "time":
        return f"{value * 1000:.0f} ms" if value < 10 else f"{value:.0f} s"
    if value < 10 << 10:
        return f"{value:.0f} B"
    return f"{value / 1024:.0f} KiB" if value < 10 << 20 else f"{value / (1 << 20):.0f} MiB"


# Less than that is noise, and has no factor.
NOISE = (0.020, 4 << 20, 4 << 10)


def cells(base: Run, small: Run | str, large: Run | str) -> list[str]:
    if isinstance(large, str):
        return [large.split(":")[0], "", ""]
    out = []
    for index, kind in enumerate(("time", "memory", "output")):
        least = base.values[index]
        value = large.values[index] - least
        cell = show(max(value, 0), kind)
        if isinstance(small, Run):
            before = small.values[index] - least
            if before >= NOISE[index]:
                cell += f" ({value / before:.1f})"
        out.append(cell)
    return out


def fetch_wasmtime() -> str:
    """Path of the wasmtime that the program tests use."""
    fetch = [sys.executable, str(REPOSITORY / "tests/programs/fetch.py"), "--tool", "wasmtime", "hello"]
    tool = json.loads(subprocess.run(fetch, check=True, stdout=subprocess.PIPE).stdout)["tools"]["wasmtime"]
    return tool["path"] if "path" in tool else sys.exit(f"measure.py: there is no wasmtime: {tool['error']}")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compiler", default=str(REPOSITORY / "target/release/wasm-aot"))
    parser.add_argument("--wasmtime", help="its path, or `none`; by default that of the program tests")
    parser.add_argument("--out", type=Path, help="write the table there, too")
    parser.add_argument("--limit", type=float, default=60, help="seconds of CPU for one module")
    parser.add_argument("--keep", type=Path, help="a directory for the modules")
    parser.add_argument("word", nargs="*")
    options = parser.parse_args()
    commands = {"wasm-aot": [options.compiler, *AOT]}
    if options.wasmtime != "none":
        commands["wasmtime"] = [options.wasmtime or fetch_wasmtime(), *WASMTIME]
    header = ["construct", "2n", "module", "time", "memory", "output"]
    header += ["wasmtime: time", "memory", "output"] if "wasmtime" in commands else []
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    print("\n".join(lines), flush=True)
    failed = False
    with tempfile.TemporaryDirectory() as scratch:
        module, output = Path(scratch, "module.wasm"), Path(scratch, "output")
        module.write_bytes(with_start(Module(), b""))
        bases = {name: compile_module(command, module, output, options.limit) for name, command in commands.items()}
        for name, base in bases.items():
            if isinstance(base, str):
                sys.exit(f"measure.py: {name} doesn't compile an empty module: {base}")
        for name, size, make in constructs.CONSTRUCTS:
            if not all(word in name for word in options.word):
                continue
            rows = {}
            for n in (size, 2 * size):
                write_module(make, n, module)
                if options.keep:
                    options.keep.mkdir(parents=True, exist_ok=True)
                    shutil.copy(module, Path(options.keep, f"{make.__name__}-{n}.wasm"))
                for compiler, command in commands.items():
                    rows[compiler, n] = compile_module(command, module, output, options.limit)
            cell = [name, f"{2 * size:,}", show(module.stat().st_size, "module")]
            for compiler in commands:
                small, large = rows[compiler, size], rows[compiler, 2 * size]
                cell += cells(bases[compiler], small, large)
                for row in (small, large):
                    if isinstance(row, str) and row.startswith("error"):
                        print(f"measure.py: {name}: {compiler}: {row}", file=sys.stderr)
                        failed |= compiler == "wasm-aot"
            lines.append("| " + " | ".join(cell) + " |")
            print(lines[-1], flush=True)
    if options.out:
        options.out.write_text("\n".join(lines) + "\n")
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
