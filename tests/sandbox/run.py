#!/usr/bin/env python3
"""Runs the attacks of this folder on the sandbox: see README.md.

usage: run.py [--seconds N] [--component]

N is how long the race goes on, in each way of resolving paths (default 1). With --component the programs are components,
which reach files through WASI 0.2. The environment names the tools, as for tests/wasi/run.py: WASMTIME, ZIG, WASM_AOT,
WASM_AOT_FLAGS, RUN, and for components, of which network.c is always one, WASM_TOOLS, ADAPTER and WIT, the directory of
the world `imports`.
"""

import argparse
import os
import pathlib
import re
import shlex
import subprocess
import sys
import tempfile

import network
import procfs

HERE = pathlib.Path(__file__).resolve().parent
DEFAULT_COMPILER = HERE.parent.parent / "target/release/wasm-aot"


def tool(variable, default):
    return shlex.split(os.environ.get(variable, default))


def compile_module(name, work, component, world=None):
    module = work / f"{name}.wasm"
    includes = ["-I", HERE / "../wasi", "-I", HERE / "../programs/src/component/sockets"]
    subprocess.run(tool("ZIG", "python-zig") + ["cc", "-target", "wasm32-wasi", "-O1", "-w", *includes,
                                                f"-DCOMPONENT={int(component)}", HERE / f"{name}.c", "-o", module],
                   check=True)
    if world:
        subprocess.run([*tool("WASM_TOOLS", "wasm-tools"), "component", "embed", os.environ["WIT"], module,
                        "--world", world, "-o", module], check=True)
    if component:
        adapter = f"wasi_snapshot_preview1={os.environ['ADAPTER']}"
        adapted = module.with_suffix(".component.wasm")
        subprocess.run([*tool("WASM_TOOLS", "wasm-tools"), "component", "new", module, "--adapt", adapter, "-o", adapted],
                       check=True)
        adapted.replace(module)
    return module


def make_root(root):
    """The directories that are granted (rw, ro), and what must stay as it is (outside, ro)."""
    for directory in ("rw/d", "rw/swap", "rw/deep/swap", "rw/mover/a", "ro/d", "outside/dir"):
        (root / directory).mkdir(parents=True)
    (root / "ro/f").write_text("for reading only\n")
    (root / "outside/secret").write_text("SECRET\n")
    (root / "outside/SECRET-name").write_text("SECRET\n")
    (root / "outside/dir/x").write_text("SECRET\n")
    links = {
        "l-abs": root / "outside/secret", "l-absdir": root / "outside", "l-up": "../outside/secret",
        "l-updir": "../outside", "l-chain": "l-chain2", "l-chain2": "d/../l-up", "l-dotdot": "..",
        "l-again": "../rw/f", "l-deep": "d/e/../../../outside", "l-loop": "l-loop", "l-root": "/proc/self/root",
        "l-cwd": "/proc/self/cwd", "l-fds": "/proc/self/fd", "l-null": "/dev/null", "l-zero": "/dev/zero",
        "l-new": "../outside/new", "l-newdir": "../outside", "inside-d": "d",
    }
    for name, target in links.items():
        (root / "rw" / name).symlink_to(target)
    os.mkfifo(root / "rw/fifo")
    # For the race: what is exchanged looks the same inside and outside, but for what it says.
    for where, up in (("rw/swap", "../outside/race"), ("rw/deep/swap", "../../outside/race")):
        (root / where / "data").write_text("inside")
        (root / where / "link").symlink_to("inside")
        (root / f"{where}-link").symlink_to(up)
    (root / "rw/file").write_text("inside")
    (root / "outside/race").mkdir()
    for name in ("data", "victim"):
        (root / "outside/race" / name).write_text("SECRET, and longer than what is inside\n")
    (root / "outside/race/link").symlink_to("SECRET")


def snapshot(root):
    """All that could have been changed of what must stay as it is. (Directories' times change by the race.)"""
    found = {}
    for directory in ("outside", "ro"):
        for path in sorted((root / directory).rglob("*")):
            name, status = str(path.relative_to(root)), path.lstat()
            if name.startswith("outside/mover"):
                continue
            kind = (status.st_mode, status.st_uid, status.st_gid)
            if path.is_symlink():
                found[name] = (*kind, os.readlink(path), status.st_mtime_ns)
            elif path.is_file():
                found[name] = (*kind, path.read_text(), status.st_mtime_ns, status.st_nlink)
            else:
                found[name] = kind
    return found


# What only wasmtime lets succeed: without following links, it ignores slashes and dots after a name. It shows files of
# procfs, but not what links there lead to.
WASMTIME_ALLOWS = r"stat-link \d [^/ ]+/\.?|.* 5 self/.*"


class Failure(Exception):
    pass


def grants(root):
    return [root / "rw", root / "ro", pathlib.Path("/proc")]


class Way:
    """A way to run the program."""

    def __init__(self, name, prefix, native, pipe):
        """`pipe`: whether opening a pipe can be asked not to wait for somebody to open the other end."""
        self.name, self.prefix, self.native, self.pipe = name, prefix, native, pipe

    def run(self, work, module, arguments=()):
        """Its output, after checking that it ended well and changed nothing that it may not."""
        root = pathlib.Path(tempfile.mkdtemp(dir=work))
        make_root(root)
        if not self.pipe:
            (root / "rw/fifo").unlink()
        rw, ro, proc = grants(root)
        read_only = ":ro" if self.native else ""
        dirs = ["--dir", f"{rw}::/", "--dir", f"{ro}::/ro{read_only}", "--dir", f"{proc}::/proc"]
        if self.native:
            program = root / "program"
            command = [*tool("WASM_AOT", str(DEFAULT_COMPILER)), "build", "--quiet", module, *dirs, "-o", program]
            subprocess.run(command + tool("WASM_AOT_FLAGS", ""), check=True)
            command = [*self.prefix, *tool("RUN", ""), program, *arguments]
        else:
            command = [*self.prefix, "run", *dirs, module, *arguments]
        before = snapshot(root)
        swapper = None
        if module.stem == "race":
            swapper = subprocess.Popen([sys.executable, HERE / "swap.py", root], stdout=subprocess.PIPE)
            swapper.stdout.readline()
        try:
            done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                  timeout=600)
        finally:
            if swapper:
                ended = swapper.poll() is not None
                swapper.kill()
                swapper.wait()
        output = done.stdout.decode(errors="replace")
        lines = output.splitlines()
        problems = [f"{before}\n  {line}" for before, line in zip(["", *lines], lines)
                    if self.native and "ESCAPE" in line or "broken" in line]
        if done.returncode != 0:
            problems.append(f"exit code {done.returncode}: {done.stderr.decode(errors='replace')}")
        if "attempts: " not in output:
            problems.append("it didn't come to its end")
        if swapper and ended:
            problems.append("nothing was exchanged any more")
        after = snapshot(root)
        if self.native or swapper:
            problems += [f"{name}: was {before.get(name)}, is {after.get(name)}"
                         for name in sorted({*before, *after}) if before.get(name) != after.get(name)]
        if problems:
            raise Failure("\n".join(problems[:20]))
        return output


def results(output):
    """What was attempted, with its result; not in the directory for reading only, nor with the pipe, which
    wasmtime doesn't have, nor the process's own descriptors, which are others there."""
    lines = re.findall(r"^(.*) = (\w+)$", output, re.M)
    return [(what, result) for what, result in lines if not re.search(r" 4 |^ro-|-across| fifo| 5 self/fd/", what)]


def compare(name, output, other_name, other):
    """How many attempts had the same result; fails if one succeeded and the other was refused."""
    ours, theirs = results(output), results(other)
    if [what for what, _ in ours] != [what for what, _ in theirs]:
        raise Failure(f"{name} and {other_name} made different attempts")
    differ, allowed = {}, 0
    for (what, result), (_, other_result) in zip(ours, theirs):
        if (result == "SUCCESS") != (other_result == "SUCCESS"):
            if other_name != "wasmtime" or not re.fullmatch(WASMTIME_ALLOWS, what):
                raise Failure(f"{what}: {name} says {result}, {other_name} {other_result}")
            allowed += 1
        if result != other_result:
            differ.setdefault((result, other_result), []).append(what)
    same = len(ours) - sum(map(len, differ.values()))
    print(f"{name} and {other_name}: {len(ours) - allowed} of {len(ours)} attempts with the same outcome, {same} "
          "with the same number")
    for (result, other_result), whats in sorted(differ.items(), key=lambda item: -len(item[1])):
        print(f"  {len(whats):>5} {result} and {other_result}, e.g. {whats[0]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--component", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as work:
        work = pathlib.Path(work)
        filtered = work / "old-kernel"
        subprocess.run(tool("ZIG", "python-zig") + ["cc", "-O1", HERE / "old-kernel.c", "-o", filtered], check=True)
        attack, race = (compile_module(name, work, options.component) for name in ("attack", "race"))
        # WASI 0.2 has no flag for that, and wasmtime ignores the one of preview 1.
        pipe = not options.component
        ways = [Way("openat2", [], True, pipe), Way("walk", [filtered], True, pipe)]
        few = Way("walk, 40 descriptors", ["sh", "-c", 'ulimit -n 40; exec "$@"', "sh", filtered], True, pipe)
        reference = Way("wasmtime", tool("WASMTIME", "wasmtime"), False, False)
        try:
            outputs = {}
            for way in [*ways, few, reference]:
                outputs[way.name] = output = way.run(work, attack)
                refused = sum(result != "SUCCESS" for _, result in re.findall(r"^(.*) = (\w+)$", output, re.M))
                print(f"{way.name:<20} attack: {re.findall('attempts: .*', output)[0]}, refused: {refused}"
                      f"{', escapes: 0' if way.native else ''}")
            for other in ("walk", "wasmtime"):
                compare("openat2", outputs["openat2"], other, outputs[other])
            for way in ways:
                output = way.run(work, race, [str(options.seconds)])
                print(f"{way.name:<20} race, {options.seconds} s: {re.findall('attempts: .*', output)[0]}")
            flags = tool("WASM_AOT_FLAGS", "")
            if any(flag.endswith("-macos") for flag in flags):
                print("procfs: not run, as macOS has none")
            else:
                build = [*tool("WASM_AOT", str(DEFAULT_COMPILER)), "build", "--quiet", *flags]
                # Always a component.
                module = compile_module("network", work, True, "imports")
                problems = network.run_all(module, work, build, tool("RUN", ""))
                if problems:
                    raise Failure("\n".join(problems[:20]))
                module = compile_module("procfs", work, options.component)
                problems = procfs.run_all(ways, module, build, tool("RUN", ""), options.seconds)
                if problems:
                    raise Failure("\n".join(problems[:20]))
        except Failure as failure:
            print(f"FAILED: {failure}")
            return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
