#!/usr/bin/env python3
"""Runs the WASI tests of this folder: see README.md.

usage: run.py [--compiler WASM-AOT | --no-native] [--bundle] [--component] [--bless] [TEST...]

The environment names the tools: WASMTIME (default `wasmtime`), WASMTIME_SOCKETS (one that has the
sockets of preview 1, as versions up to 44 do), ZIG (default `python-zig`, may have
arguments), RUST_MODULES (the compiled tests in Rust, as NAME=PATH with spaces between; without it, they
aren't run), WASM_AOT (default the release build of this repository), WASM_AOT_FLAGS (for every
build), RUN (put before every native executable, e.g. `qemu-aarch64`), and for components WASM_TOOLS, ADAPTER (the one of
preview 1 for commands) and WIT (a folder with a world `imports`).
"""

import argparse
import difflib
import os
import pathlib
import re
import shlex
import socket
import subprocess
import sys
import tempfile

import streams

HERE = pathlib.Path(__file__).resolve().parent
DEFAULT_COMPILER = HERE.parent.parent / "target/release/wasm-aot"

# What programs see of the environment: emulators need it.
ENVIRONMENT = ["PATH", "HOME", "XDG_CACHE_HOME", "WASM_AOT_WINEPREFIX"]


def tool(variable, default):
    return shlex.split(os.environ.get(variable, default))


def target():
    """The name of the target that WASM_AOT_FLAGS asks for, else this machine's."""
    flags = tool("WASM_AOT_FLAGS", "")
    return flags[flags.index("--target") + 1] if "--target" in flags else f"{os.uname().machine}-linux"


ON_WINDOWS = target().endswith("-windows")


def rust_modules():
    """The compiled test for each name."""
    return dict(item.split("=", 1) for item in tool("RUST_MODULES", ""))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def is_trap(done):
    """Wasmtime ends with 134 for WebAssembly's own traps, but 1 for those of host functions."""
    native = done.returncode == 134 and b"wasm trap: " in done.stderr
    return native or done.returncode in (1, 134) and b"error while executing at wasm backtrace" in done.stderr


def wasi2_version():
    world = pathlib.Path(os.environ["WIT"]) / "root.wit"
    return re.search(r"wasi:filesystem/types@([\d.]+)", world.read_text())[1]


class Test:
    """A C or Rust file and what its first comment lines say."""

    def __init__(self, source, preview0=False, component=False):
        self.calls_wasi2 = '#include "raw2.h"' in source.read_text()
        self.component = component or self.calls_wasi2
        self.name = f"{source.stem}-preview0" if preview0 else source.stem
        self.preview0 = preview0
        self.source = source
        lines = dict(re.findall(r"^// ([\w-]+): (.*)$", source.read_text(), re.M))
        self.args = shlex.split(lines.get("args", ""))
        self.env = [re.sub("%20", " ", item) for item in lines.get("env", "").split()]
        self.stdin = lines.get("stdin", "").replace("|", "\n").encode()
        self.grants = lines.get("grants", "/").split()
        self.peer = lines.get("peer")
        self.port = free_port() if self.peer else None
        self.also = lines.get("also", "").split()
        # The functions that the expected run uses.
        self.reference = self
        if preview0 and "preview1-expected" in self.also:
            self.reference = Test(source)
        self.streams = lines.get("streams", "").split()
        self.cases = self.streams or [str(case) for case in range(int(lines.get("cases", 0)))]
        self.expected_file = source.with_name(f"{self.name}.expected")
        # Why it isn't compared with wasmtime.
        self.alone = lines.get("alone")
        # Why it is compared with what it does on Linux itself.
        self.linux = lines.get("linux")
        if ON_WINDOWS and "windows" in lines:
            self.alone = lines["windows"]
            self.expected_file = source.with_name(f"{self.name}.windows.expected")
        # Why it isn't run there at all.
        self.skipped = lines.get("not-windows") if ON_WINDOWS else None
        if component:
            without = "the adapter has no sockets" if self.peer else lines.get("not-component")
            self.skipped = self.skipped or self.alone or without
        if self.expected_file.exists() != bool(self.alone):
            sys.exit(f"{source}: a file of what is expected and a line `// alone: REASON` go together")

    def dirs(self, host):
        return [flag for guest in self.grants for flag in ("--dir", f"{host}::{guest}")]

    def envs(self):
        return [flag for item in self.env for flag in ("--env", item)]

    def compile(self, work):
        module = work / f"{self.name}.wasm"
        if module.exists():
            return module
        if self.source.suffix == ".rs":
            return pathlib.Path(rust_modules()[self.name])
        zig = tool("ZIG", "python-zig") + ["cc", "-target", "wasm32-wasi", "-O1", "-w"]
        zig += ["-DPREVIEW0"] if self.preview0 else []
        zig += [f'-DWASI2="{wasi2_version()}"'] if self.calls_wasi2 else []
        subprocess.run(zig + [self.source, "-o", module], check=True)
        return self.adapted(module) if self.component else module

    def adapted(self, module):
        """The component that the module becomes, in its place."""
        tools = tool("WASM_TOOLS", "wasm-tools") + ["component"]
        if self.calls_wasi2:
            embed = [*tools, "embed", "--world", "imports", os.environ["WIT"], module, "-o", module]
            subprocess.run(embed, check=True)
        new = [*tools, "new", module, "--adapt", os.environ["ADAPTER"], "-o", module]
        subprocess.run(new, check=True)
        return module

    def listen(self):
        return ["--tcplisten", f"127.0.0.1:{self.port}"] if self.peer else []

    def run(self, command, host):
        """What the program wrote, how it ended and what its peer said; and its standard error."""
        host.mkdir()
        if not self.cases:
            return self.run_once(command, host)
        runs = [self.run_once([*command, case], host, case if self.streams else "pipe") for case in self.cases]
        return "".join(output for output, _ in runs), b"".join(errors for _, errors in runs)

    def run_once(self, command, host, mode="pipe"):
        if self.peer:
            peer = subprocess.Popen([sys.executable, "-B", HERE / self.peer, str(self.port)],
                                    stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        env = {name: os.environ[name] for name in ENVIRONMENT if name in os.environ}
        done = streams.run(mode, command, self.stdin, host.parent, env=env)
        end = "trap" if is_trap(done) else f"exit code {done.returncode}"
        output = done.stdout.decode(errors="replace") + f"{end}\n"
        report = host / "report"
        if report.exists():
            output += report.read_text(errors="replace")
        if self.peer:
            output += "peer:\n" + peer.communicate(timeout=60)[0].decode(errors="replace")
        return output, done.stderr

    def expected(self, work):
        module = self.reference.compile(work)
        if self.expected_file.exists():
            return self.expected_file.read_text()
        host = work / f"{self.name}.reference"
        if self.linux:
            program = work / f"{self.name}.linux"
            subprocess.run(tool("ZIG", "python-zig") + ["cc", "-O1", "-w", self.source, "-o", program], check=True)
            host.mkdir()
            done = subprocess.run([program], cwd=host, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
            return done.stdout.decode(errors="replace") + f"exit code {done.returncode}\n"
        sockets = ["-S", f"preview2=n,tcplisten=127.0.0.1:{self.port}"] if self.peer else []
        # Newer versions limit how much data a call may move.
        unlimited = [] if self.peer else ["-S", "hostcall-fuel=1000000000000"]
        flags = [*self.dirs(host), *self.envs(), *sockets, *unlimited]
        which = "WASMTIME_SOCKETS" if self.peer else "WASMTIME"
        command = tool(which, "wasmtime") + ["run", *flags, module]
        return self.run(command + self.args, host)[0]

    def actual(self, compiler, module, work, bundle):
        host, program = work / f"{self.name}.native", work / self.name
        flags = tool("WASM_AOT_FLAGS", "") + self.dirs(host) + self.envs() + self.listen()
        if bundle:
            empty = work / "bundle"
            empty.mkdir()
            flags += ["--bundle", f"{empty}::/"]
        subprocess.run([compiler, "build", "--quiet", module, *flags, "-o", program], check=True)
        return self.run(tool("RUN", "") + [program, *self.args], host)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--compiler", default=os.environ.get("WASM_AOT", DEFAULT_COMPILER))
    parser.add_argument("--no-native", action="store_true", help="print what wasmtime does")
    parser.add_argument("--bundle", action="store_true", help="with an empty bundle below the directory")
    parser.add_argument("--component", action="store_true", help="as components, with the adapter for preview 1")
    parser.add_argument("--bless", action="store_true", help="write NAME.expected from the native run")
    parser.add_argument("names", nargs="*", metavar="TEST")
    options = parser.parse_args()
    failed = passed = runs = 0
    tests = [Test(source, component=options.component) for source in sorted(HERE.glob("*.c"))]
    if not options.component:
        tests += [Test(HERE / f"rust/src/bin/{name}.rs") for name in sorted(rust_modules())]
        tests += [Test(test.source, preview0=True) for test in tests if "preview0" in test.also]
    for test in tests:
        if options.names and test.name not in options.names:
            continue
        if test.skipped:
            print(f"{test.name}: not run: {test.skipped}")
            continue
        with tempfile.TemporaryDirectory() as work:
            work = pathlib.Path(work)
            module = test.compile(work)
            if options.no_native:
                print(f"== {test.name}\n{test.expected(work)}", end="")
                continue
            try:
                actual, errors = test.actual(options.compiler, module, work, options.bundle)
            except subprocess.CalledProcessError:
                actual, errors = "not built\n", b""
            if options.bless and test.expected_file.exists():
                test.expected_file.write_text(actual)
            expected = test.expected(work)
        if actual == expected:
            print(f"{test.name}: ok")
            passed += 1
            runs += max(len(test.cases), 1)
            continue
        failed += 1
        print(f"{test.name}: FAILED")
        lines = difflib.unified_diff(expected.splitlines(), actual.splitlines(), "expected", "native",
                                     lineterm="", n=1)
        print("\n".join(list(lines)[:60]))
        sys.stdout.write(errors.decode(errors="replace"))
    if not options.no_native:
        print(f"{'target':<16} {'tests':>5} {'passed':>6} {'runs':>5}")
        name = target() + ("+bundle" if options.bundle else "") + ("+component" if options.component else "")
        print(f"{name:<16} {passed + failed:>5} {passed:>6} {runs:>5}")
        alone = [test for test in tests if test.alone and test.name in (options.names or [test.name])]
        print(f"of these not compared with wasmtime: {len(alone)}")
        for test in alone:
            print(f"  {test.name}: {test.alone}")
        linux = [test for test in tests if test.linux and not test.alone and test.name in (options.names or [test.name])]
        print(f"compared with Linux instead: {len(linux)}")
        for test in linux:
            print(f"  {test.name}: {test.linux}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
