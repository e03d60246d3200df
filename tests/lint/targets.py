#!/usr/bin/env python3
"""Whether README's tables have each target of compiler/targets.toml, with the status that stands there."""

import pathlib
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TABLE = "compiler/targets.toml"


def main() -> int:
    targets = tomllib.loads((ROOT / TABLE).read_text())["target"]
    rows = [line for line in (ROOT / "README.md").read_text().splitlines() if line.startswith("| ")]
    problems = []
    for target in targets:
        name, status = target["name"], target["status"]
        if f"| {name} | {status} |" not in rows:
            problems.append(f"no row `| {name} | {status} |`")
        if not any(row.startswith(f"| {name} |") and row.count("|") == 5 for row in rows):
            problems.append(f"no row with the sizes of programs for {name}")
    for problem in problems:
        print(f"README.md: {problem}, as {TABLE} has it")
    print(f"README.md: {len(targets)} targets of {TABLE}, {len(problems)} problems")
    return 1 if problems else 0


sys.exit(main())
