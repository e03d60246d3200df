#!/usr/bin/env python3
"""What holds for the structure of the sources and for what the documents say of it: tidy.toml has the rules and the
exceptions, each with its reason. Builds nothing and takes a second or two. Exit code 1 if something doesn't hold; the
message says where the rule stands.

    tidy.py             checks
    tidy.py --bless     rewrites the last column of ARCHITECTURE.md's table of folders first
"""

import pathlib
import subprocess
import sys
import time

sys.dont_write_bytecode = True

import documents  # noqa: E402
import structure  # noqa: E402

HERE = pathlib.Path(__file__).resolve().parent


def main() -> int:
    start = time.monotonic()
    if sys.argv[1:] == ["--bless"]:
        structure.bless_arrows()
    problems = []
    for check in [*structure.CHECKS, *documents.CHECKS]:
        found = sorted(check())
        problems += found
        print(f"tidy: {(check.__doc__ or '').splitlines()[0].rstrip('.')}: {len(found) or 'no'} problems")
    # Checks that are programs of their own.
    for name in ["targets.py"]:
        if (HERE / name).exists() and subprocess.run([sys.executable, HERE / name]).returncode != 0:
            problems.append(f"tests/lint/{name} failed")
    for problem in problems:
        print(problem)
    print(f"tidy: {len(problems)} problems; {time.monotonic() - start:.1f} s")
    return 1 if problems else 0


sys.exit(main())
