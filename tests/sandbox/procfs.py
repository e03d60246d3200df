#!/usr/bin/env python3
"""What a program that was granted procfs can reach of it: procfs.c, in every way of resolving paths, with bundles, with
`--native`, and where a procfs and parts of one are mounted elsewhere.

usage (of run.py only): procfs.py LINK TARGET TARGET

exchanges a symbolic link for ever.
"""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

# What is mounted in `rw`, if this user may: the name says what procfs.c expects of it.
MOUNTS = {
    "whole": ["-t", "proc", "proc"],
    "whole-bound": ["--bind", "/proc"],
    "process-one": ["--bind", "/proc/1"],
    "process-parent": ["--bind", "/proc/PARENT"],
    "part": ["--bind", "/proc/1/fd"],
    "part-sys": ["--bind", "/proc/sys"],
    "file": ["--bind", "/proc/1/environ"],
    "file-mem": ["--bind", "/proc/PARENT/mem"],
}
BELOW_MOUNTS = ["part/0", "part/../part/0", "part-sys/kernel/core_pattern"]


def names():
    """Paths of what the directory of a process has, two levels deep."""
    own = pathlib.Path("/proc/self")
    found = []
    for entry in sorted(os.listdir(own)):
        found.append(entry)
        if entry in ("cwd", "root", "task") or not (own / entry).is_dir():
            continue
        found += [f"{entry}/{below}" for below in sorted(os.listdir(own / entry))[:20]]
    return found


def make(work, flags):
    rw = work / "rw"
    rw.mkdir(parents=True)
    (rw / "f").write_text("inside\n")
    (rw / "names").write_text("\n".join(names()) + "\n")
    bases = []
    if "--bundle" in flags:
        bundle = work / "bundle"
        bundle.mkdir()
        for name, target in {"bundled-self": "proc/self", "bundled-one": "proc/1", "bundled-fd": "proc/self/fd",
                             "bundled-mem": "proc/self/mem"}.items():
            (bundle / name).symlink_to(target)
            bases.append(name)
    return rw, bases


def may_mount():
    return subprocess.run(["unshare", "--mount", "true"], stderr=subprocess.DEVNULL).returncode == 0


def mounting(rw, bases):
    """A prefix that mounts what is to be in `rw` before it runs the rest."""
    commands = []
    for name, options in MOUNTS.items():
        if name.startswith("file"):
            (rw / name).write_text("")
        else:
            (rw / name).mkdir()
        options = [option.replace("PARENT", str(os.getpid())) for option in options]
        commands.append(f"mount {' '.join(options)} {rw / name}")
    bases += [*MOUNTS, *BELOW_MOUNTS]
    return ["unshare", "--mount", "sh", "-ec", "; ".join(commands) + '; exec "$@"', "sh"]


def attack(way, module, build, run, flags, seconds, work):
    """Runs the program; the number of attempts, and how it describes the race. `build` and `run` start commands."""
    rw, bases = make(work, flags)
    program = work / "program"
    dirs = ["--dir", f"{rw}::rw", "--dir", "/proc", "--dir", "/"]
    if "--native" in flags:
        dirs = []
    if "--bundle" in flags:
        flags = ["--bundle", f"{work / 'bundle'}::/"]
    subprocess.run([*build, module, *dirs, *flags, "-o", program], check=True)
    mounts = mounting(rw, bases) if may_mount() else []
    up = "../" * (len(rw.parts) - 1)
    link, targets = rw / "swap", [up + "proc/cpuinfo", up + "proc/self/environ", up + f"proc/{os.getpid()}/mem"]
    swapper = subprocess.Popen([sys.executable, __file__, link, *targets], stdout=subprocess.PIPE)
    swapper.stdout.readline()
    try:
        done = subprocess.run([*mounts, *way.prefix, *run, program, str(seconds), str(os.getpid()), str(rw)[1:], *bases],
                              cwd=rw, env={**os.environ, "SECRET": "SECRET"}, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=600)
    finally:
        ended = swapper.poll() is not None
        swapper.kill()
        swapper.wait()
    output = done.stdout.decode(errors="replace")
    problems = re.findall("^(?:ESCAPE|broken): .*", output, re.M)
    if done.returncode != 0:
        problems.append(f"exit code {done.returncode}: {done.stderr.decode(errors='replace')}")
    if ended:
        problems.append("nothing was exchanged any more")
    ends = re.findall(r"^race: (.*)\nattempts: (\d+), refused: (\d+)$", output, re.M)
    if not ends:
        problems.append("it didn't come to its end")
    return problems, ends


def refused_grants(module, build, run, work):
    """Directories of processes aren't granted at all."""
    problems = []
    program = work / "grants"
    subprocess.run([*build, module, "-o", program], check=True)
    for path in ("/proc/self", "/proc/1", "/proc/self/fd", "/proc/self/task", "/proc/thread-self", "/proc/sys", "/proc/net"):
        done = subprocess.run([*run, program], env={"WASM_AOT_DIRS": f"{path}::/"},
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode != 1 or b"of a procfs only the root directory can be granted" not in done.stderr:
            problems.append(f"granting {path}: exit code {done.returncode}, {done.stderr.decode(errors='replace')}")
    # What a link of procfs leads to is no part of it.
    done = subprocess.run([*run, program], env={"WASM_AOT_DIRS": "/proc/self/cwd::/"}, cwd=work, stderr=subprocess.PIPE,
                          stdout=subprocess.PIPE)
    if b"can't open" in done.stderr:
        problems.append(f"granting /proc/self/cwd: {done.stderr.decode(errors='replace')}")
    return problems


def run_all(ways, module, build, run, seconds):
    """Problems, after printing what was attempted."""
    if not may_mount():
        print("procfs in other places: not run, as this user can't mount anything")
        if os.environ.get("CI") == "true":
            return ["procfs in other places wasn't tested"]
    problems = []
    for way in ways:
        for name, flags in (("", []), (" with bundles", ["--bundle"]), (" with --native", ["--native"])):
            with tempfile.TemporaryDirectory() as work:
                found, ends = attack(way, module, build, run, flags, seconds, pathlib.Path(work))
                problems += [f"{way.name}{name}: {problem}" for problem in found]
            for race, attempts, refused in ends:
                print(f"{way.name + name:<24} procfs: attempts: {attempts}, refused: {refused}, "
                      f"escapes: {len([problem for problem in found if 'ESCAPE' in problem])}; race: {race}")
    with tempfile.TemporaryDirectory() as work:
        problems += refused_grants(module, build, run, pathlib.Path(work))
    return problems


def swap(link, targets):
    print("swapping", flush=True)
    while True:
        for target in targets:
            os.symlink(target, f"{link}.new")
            os.replace(f"{link}.new", link)


if __name__ == "__main__":
    swap(sys.argv[1], sys.argv[2:])
