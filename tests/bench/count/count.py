#!/usr/bin/env python3
"""Counts the instructions that a program for Linux executes, through qemu's user-mode emulators and `blocks.c`.

    count.py PROGRAM ARGUMENT... [< INPUT]        a program, and its functions that execute most
    count.py --function NAME PROGRAM ...          with the counts of each instruction of the functions of that name
    count.py --bench lua-data,sqlite              programs of the benchmark, ours and clang's
    count.py --bench short --compiler OLD --compiler NEW     before and after; flags can be in it: "NEW -C no-carry"
    count.py --bench all --target aarch64-linux   for another instruction set

Unlike times, counts are the same in each run, whatever else the machine does. What was counted is kept beside the modules in
the tests' cache, by what the executable, its arguments and its input contain.

Columns: `frame` are the instructions with an operand in the stack frame, which are spills but for variables that have their
address taken; `move` copy a register to another, `extend` are those that only clear the upper half of a register.
"""

import argparse
import hashlib
import json
import math
import re
import shlex
import subprocess
import sys
import tempfile
import tomllib
from collections import Counter, defaultdict
from pathlib import Path

HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parents[2]
sys.dont_write_bytecode = True
sys.path.insert(0, str(REPOSITORY / "tests/programs"))

from fetching import cache  # noqa: E402

# Few seconds each: what `--bench short` counts.
SHORT = "lua-data lua-calls sqlite core sha256 floyd-warshall component-javascript".split()
EMULATORS = {62: "qemu-x86_64", 183: "qemu-aarch64", 243: "qemu-riscv64", 22: "qemu-s390x"}
COLUMNS = ["frame", "move", "extend", "address", "jump", "branch", "call", "push"]


class Unavailable(Exception):
    """Why nothing can be counted."""


def plugin() -> Path:
    """The compiled plug-in."""
    source = HERE / "blocks.c"

    def make(path: Path) -> None:
        run(["gcc", "-O2", "-shared", "-fPIC", "-fvisibility=hidden", "-o", path, source])

    return cache.entry("counts", f"blocks-{digest(source.read_bytes())}.so", make)


def run(command: list) -> None:
    try:
        subprocess.run(command, check=True)
    except (OSError, subprocess.CalledProcessError) as error:
        raise Unavailable(str(error)) from error


def digest(*parts: bytes) -> str:
    state = hashlib.sha256()
    for part in parts:
        state.update(len(part).to_bytes(8, "little") + part)
    return state.hexdigest()[:24]


def emulator(program: Path) -> str:
    """The emulator for an executable."""
    header = program.read_bytes()[:20]
    if header[:4] != b"\x7fELF":
        raise Unavailable(f"{program} is no ELF executable")
    machine = int.from_bytes(header[18:20], "little" if header[5] == 1 else "big")
    return EMULATORS.get(machine) or "qemu"


def execute(program: Path, arguments: list[str], data: bytes) -> Path:
    """Runs a program, unless that has been done before. The result is what the plug-in has written."""
    name = emulator(program)
    library = plugin()

    def make(path: Path) -> None:
        cpu = ["-cpu", "max"] if name == "qemu-x86_64" else []
        command = [name, *cpu, "-plugin", f"{library},out={path}", program, *arguments]
        try:
            done = subprocess.run(command, input=data, capture_output=True, check=False)
        except FileNotFoundError as missing:
            raise Unavailable(f"{name} isn't installed (Debian's package qemu-user)") from missing
        if done.returncode != 0 or not path.exists():
            raise Unavailable(f"{program} ended with {done.returncode}: {done.stderr.decode(errors='replace')[-500:]}")

    key = digest(program.read_bytes(), "\0".join(arguments).encode(), data, library.name.encode())
    return cache.entry("counts", f"{key}.txt", make)


class Counts:
    """What a program has executed: for each address the executions, the function and the text."""

    def __init__(self, path: Path):
        self.lines: dict[int, tuple[int, str, str]] = {}
        executions = 0
        with open(path, encoding="utf-8", errors="replace") as file:
            self.total = int(file.readline().split()[1])
            for line in file:
                if line.startswith("block "):
                    executions = int(line.split()[2])
                    continue
                address, symbol, text = line.rstrip("\n").split("\t", 2)
                before = self.lines.get(int(address, 16), (0,))[0]
                self.lines[int(address, 16)] = (before + executions, symbol, text.replace("\t", " "))
        frames = {symbol for _, symbol, text in self.lines.values() if text == "movq %rsp, %rbp"}
        self.functions: dict[str, Counter] = defaultdict(Counter)
        for executions, symbol, text in self.lines.values():
            function = self.functions[symbol]
            function["total"] += executions
            for column in kinds(text, symbol in frames):
                function[column] += executions
        self.all = sum(self.functions.values(), Counter())


MOVE = re.compile(r"(mov[lq]? %\w+, %\w+|mov [xw]\d+, [xw]\d+)$")
EXTEND = re.compile(r"(?:movl %(\w+), %(\w+)|mov w(\d+), w(\d+))$")
FRAME = re.compile(r"\(%rsp[,)]|\[sp[,\]]|\[x29[,\]]")
POINTED = re.compile(r"\(%rbp[,)]")


def kinds(text: str, has_frame: bool) -> list[str]:
    """The columns in which an instruction counts. `%rbp` belongs to the frame only in functions that set it to `%rsp`."""
    name = text.split(" ", 1)[0]
    if name.startswith(("push", "pop")) or "x29, x30, [sp" in text:
        return ["push"]
    if name.startswith(("call", "ret")) or name in ("bl", "blr"):
        return ["call"]
    if name.startswith("jmp") or name in ("b", "br"):
        return ["jump"]
    if name.startswith("j") or name.startswith(("b.", "cb", "tb")):
        return ["branch"]
    if name.startswith("lea") or name in ("adr", "adrp"):
        return ["address"]
    if FRAME.search(text) or has_frame and POINTED.search(text):
        return ["frame"]
    if MOVE.match(text):
        same = EXTEND.match(text)
        is_extension = same and (same[1] == same[2] if same[1] else same[3] == same[4])
        return ["move", "extend"] if is_extension else ["move"]
    return []


def percent(part: int, whole: int) -> str:
    return f"{100 * part / max(whole, 1):.1f}"


def layout(rows: list[list[str]]) -> str:
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [row[0].ljust(widths[0])] + [cell.rjust(width) for cell, width in zip(row[1:], widths[1:])]
        lines.append("  ".join(cells).rstrip())
    return "\n".join(lines)


def show(counts: Counts, top: int, names: list[str]) -> None:
    """A program's functions, the first of them those that execute most."""
    rows = [["function", "instructions", "%"] + [f"{column} %" for column in COLUMNS]]
    ranked = sorted(counts.functions.items(), key=lambda item: (-item[1]["total"], item[0]))[:top]
    for name, function in [("(all)", counts.all), *ranked]:
        total = function["total"]
        shares = [percent(function[column], total) for column in COLUMNS]
        rows.append([name[:60] or "(no symbol)", f"{total:,}", percent(total, counts.total), *shares])
    print(layout(rows))
    for name in names:
        print(f"\n{name}")
        previous = None
        for address, (executions, symbol, text) in sorted(counts.lines.items()):
            if symbol == name:
                # A gap: code that was never executed.
                if previous is not None and address - previous > 15:
                    print("             ...")
                print(f"{executions:>14,} {address:x} {text}")
                previous = address


# The programs of the benchmark.


def program(name: str) -> dict:
    with open(REPOSITORY / f"tests/bench/programs/{name}.toml", "rb") as file:
        return tomllib.load(file)


def selected(which: str) -> list[str]:
    everything = sorted(path.stem for path in (REPOSITORY / "tests/bench/programs").glob("*.toml"))
    if which == "short":
        return SHORT
    if which == "all":
        return everything
    unknown = [name for name in which.split(",") if name not in everything]
    if unknown:
        raise Unavailable(f"no program of the benchmark: {', '.join(unknown)}")
    return which.split(",")


def fetched(modules: list[str]) -> dict:
    command = [sys.executable, REPOSITORY / "tests/programs/fetch.py", "--tool", "clang", *modules]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


def native(entry: dict, clang: str, target: str) -> Path | None:
    """What clang makes of a module's C, linked statically so that functions of the C library have names."""
    recipe = entry.get("native")
    if recipe is None or not all(source.endswith(".c") for source in recipe["sources"]):
        return None
    flags = ["-O3", "-ffp-contract=off", "-static", *recipe["flags"], *recipe["sources"], "-lm"]
    if target == "aarch64-linux":
        flags.insert(0, "--target=aarch64-linux-gnu")
    contents = [Path(source).read_bytes() for source in recipe["sources"]]
    name = f"native-{digest(clang.encode(), repr(flags).encode(), *contents)}"
    return cache.entry("counts", name, lambda path: run([clang, *flags, "-w", "-o", path]))


def build(compiler: str, target: str, module: str, directory: str) -> Path:
    """What a wasm-aot, given with flags, makes of a module."""
    output = Path(directory) / "program"
    words = shlex.split(compiler)
    run([words[0], "build", *words[1:], module, "-o", output, "-q", "--target", target])
    return output


def compare(names: list[str], compilers: list[str], target: str, with_native: bool) -> None:
    """Programs of the benchmark: ours by each compiler, and clang's."""
    programs = {name: program(name) for name in names}
    found = fetched(sorted({entry["module"] for entry in programs.values()}))
    clang = found["tools"]["clang"].get("path")
    rows = [["program", "built by", "instructions", "/ clang", "/ first", *[f"{column} %" for column in COLUMNS]]]
    ratios = defaultdict(lambda: defaultdict(list))
    for name, described in programs.items():
        entry = found["modules"][described["module"]]
        if "error" in entry:
            print(f"{name}: skipped: {entry['error']}", file=sys.stderr)
            continue
        arguments = described.get("count-args", described.get("args", []))
        data = b""
        if "stdin-file" in described:
            data = (REPOSITORY / described["stdin-file"]).read_bytes()
        made = []
        with tempfile.TemporaryDirectory() as directory:
            if with_native and clang:
                path = native(entry, clang, target)
                if path is not None:
                    made.append(("clang -O3", Counts(execute(path, arguments, data))))
            for number, compiler in enumerate(compilers, 1):
                path = build(compiler, target, entry["path"], directory)
                made.append((f"{number}", Counts(execute(path, arguments, data))))
        reference = made[0][1].total if made[0][0] == "clang -O3" else None
        first = next(counts.total for builder, counts in made if builder != "clang -O3")
        for builder, counts in made:
            to_clang = f"{counts.total / reference:.3f}" if reference else "-"
            to_first = f"{counts.total / first:.3f}" if builder != "clang -O3" else "-"
            shares = [percent(counts.all[column], counts.total) for column in COLUMNS]
            rows.append([name, builder, f"{counts.total:,}", to_clang, to_first, *shares])
            if builder != "clang -O3":
                ratios[builder]["first"].append(counts.total / first)
                if reference:
                    ratios[builder]["clang"].append(counts.total / reference)
    print(layout(rows))
    for number, compiler in enumerate(compilers, 1):
        means = [f"{mean(values):.4f} of {other} ({len(values)})" for other, values in ratios[f"{number}"].items()]
        print(f"{number}: {compiler}: geometric mean {', '.join(means)}")


def mean(ratios: list[float]) -> float:
    return math.exp(sum(map(math.log, ratios)) / len(ratios))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--top", type=int, default=15, help="the number of functions")
    parser.add_argument("--function", action="append", default=[], help="show the instructions of this function")
    parser.add_argument("--bench", metavar="NAMES", help="`short`, `all`, or names of tests/bench/programs with commas")
    parser.add_argument("--compiler", action="append", help="for --bench: a wasm-aot, with flags; several are compared")
    parser.add_argument("--target", default="x86_64-linux", choices=["x86_64-linux", "aarch64-linux"])
    parser.add_argument("--no-native", action="store_true", help="for --bench: without clang's programs")
    parser.add_argument("command", nargs=argparse.REMAINDER, metavar="PROGRAM ARGUMENT...")
    options = parser.parse_args()
    try:
        if options.bench:
            compilers = options.compiler or [str(REPOSITORY / "target/release/wasm-aot")]
            compare(selected(options.bench), compilers, options.target, not options.no_native)
            return
        if not options.command:
            parser.error("which program?")
        data = b"" if sys.stdin.isatty() else sys.stdin.buffer.read()
        path, *arguments = options.command
        show(Counts(execute(Path(path), arguments, data)), options.top, options.function)
    except Unavailable as reason:
        sys.exit(f"count.py: {reason}")


if __name__ == "__main__":
    main()
