"""Rules about the sources: who may import whom, where the system and the target may be asked, lengths."""

import re
import tomllib

import circles
import sources
from sources import ROOT

RULES = tomllib.loads((ROOT / "tests/lint/tidy.toml").read_text())
OURS = ["compiler/src", "compiler/build", "runtime-support/src", "runtime-support/abi/src", "runtime-support/runtimes", "tests/src",
        "tests/tests", "tests/fuzz"]
ARCHITECTURE = ROOT / "ARCHITECTURE.md"


def name(path) -> str:
    return path.relative_to(ROOT).as_posix()


def line(text: str, at: int) -> int:
    return text.count("\n", 0, at) + 1


def arrow_table() -> list:
    """The rows of ARCHITECTURE.md's table of folders: the names in the first column, those in the last."""
    rows, inside = [], False
    for row in ARCHITECTURE.read_text().splitlines():
        if row.startswith("| Folder of `compiler/src`"):
            inside = True
        elif inside and row.startswith("| `"):
            cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", row)[1:-1]]
            names = [set(re.findall(r"`([\w/.]+)`", cell)) for cell in (cells[0], cells[-1])]
            rows.append(tuple({word.removesuffix("/").removesuffix(".rs") for word in words} for words in names))
        elif inside and not row.startswith("|"):
            break
    return rows


def top(crate, path) -> str:
    """The folder or file right below `src` that a file is of."""
    module = crate.module(path)
    return module[0] if module else "lib"


def imports_of_folders(crate) -> dict:
    """What each folder imports, with a file that does."""
    found = {}
    for path in crate.modules.values():
        for other in crate.imports(path):
            found.setdefault(top(crate, path), {}).setdefault(top(crate, other), name(path))
    return found


def bless_arrows() -> None:
    """Rewrites the last column of ARCHITECTURE.md's table of folders by what is imported."""
    found = imports_of_folders(sources.Crate("compiler/src"))
    text = ARCHITECTURE.read_text()
    for row in re.findall(r"^\| `[\w/.]+`.*\|$", text.split("| Folder of `compiler/src`")[1].split("\n\n")[0], re.M):
        cells = re.split(r"(?<!\\)\|", row)
        names = {word.removesuffix("/").removesuffix(".rs") for word in re.findall(r"`([\w/.]+)`", cells[1])}
        used = {other for each in names for other in found.get(each, {})} - names - {"lib"}
        cells[-2] = f" {', '.join(f'`{other}`' for other in sorted(used))} ".replace("  ", " ")
        text = text.replace(row, "|".join(cells))
    ARCHITECTURE.write_text(text)


def arrows():
    """Folders of the compiler import those that ARCHITECTURE.md says, and only such as stand above them"""
    crate = sources.Crate("compiler/src")
    found = imports_of_folders(crate)
    rows = arrow_table()
    above = set()
    for names, may in rows:
        used = {other: path for each in names for other, path in found.get(each, {}).items()}
        for other, path in used.items():
            if other not in may | names and other != "lib":
                yield f"{path}: imports `{other}`, which ARCHITECTURE.md's table doesn't have in the row of {sorted(names)}"
        for other in may - set(used):
            yield f"ARCHITECTURE.md: {sorted(names)} doesn't use `{other}`"
        for other in may - above - names:
            yield f"ARCHITECTURE.md: {sorted(names)} uses `{other}`, which isn't in a row above"
        above |= names
    known = set().union(*(names for names, _ in rows)) | {"lib", "main"}
    for missing in {top(crate, path) for path in crate.modules.values()} ^ known - {"lib", "main"}:
        if missing not in {"lib", "main"}:
            yield f"ARCHITECTURE.md: the table of folders and compiler/src differ in `{missing}`"


def excepted(rule: str, path) -> set:
    """The exceptions of a rule that are for the file, or for a folder that it is in."""
    exceptions = RULES[rule]["except"]
    return {key for key in exceptions if name(path) == key or key.endswith("/") and name(path).startswith(key)}


def matches(rule: str):
    """The places in product code where a rule's pattern stands, outside of its exceptions."""
    pattern, used = re.compile(RULES[rule]["pattern"]), set()
    exceptions = RULES[rule]["except"]
    for path in sources.files(*RULES[rule]["in"]):
        if sources.is_test(path):
            continue
        text = sources.product(path)
        if match := pattern.search(text):
            used |= excepted(rule, path)
            if not excepted(rule, path):
                found = " ".join(match[0].split())
                yield f"{name(path)}:{line(text, match.start())}: `{found}`: {RULES[rule]['why']} (tests/lint/tidy.toml)"
    for key in set(exceptions) - used:
        problem = "isn't needed" if (ROOT / key).exists() else "is for what isn't there"
        yield f"tests/lint/tidy.toml: the exception {key} of `{rule}` {problem}"


def no_circles():
    """No files of the compiler use each other in a circle, but for those of tidy.toml"""
    crate = circles.Crate(ROOT / "compiler/src")
    exceptions, used = RULES["circles"]["except"], set()
    for component in circles.components(crate.edges()):
        names = [name(crate.files[module]) for module in component]
        for key in exceptions:
            if all(any(file.startswith(start) for start in key.split()) for file in names):
                used.add(key)
                break
        else:
            yield f"a circle of files: {', '.join(names)} (tests/lint/circles.py shows it)"
    for key in set(exceptions) - used:
        yield f"tests/lint/tidy.toml: there is no circle any more in {key}"


def systems():
    """The system that code is compiled for is asked where tidy.toml says"""
    yield from matches("cfg-compiler")
    yield from matches("cfg-runtime")


def targets():
    """Matches on formats and architectures are where tidy.toml says"""
    yield from matches("formats")


def numbers():
    """Numbers of the system (O_*, errno, signals) are in the runtime's sys/"""
    yield from matches("numbers")


def beginning(code: str, at: int) -> int | None:
    """Where the body of a function begins whose name ends there, if it has one. In brackets, a `;` is part of a type."""
    depth = 0
    for match in re.compile(r"[][(){;]").finditer(code, at):
        depth += (match[0] in "([") - (match[0] in ")]")
        if depth == 0 and match[0] in "{;":
            return match.start() if match[0] == "{" else None
    return None


def lengths():
    """Files have less than 600 lines, functions less than 100, and each file begins by saying what it is"""
    limits = RULES["lengths"]
    for path in sources.files(*OURS):
        text = path.read_text()
        count = text.count("\n")
        if count >= limits["file"]:
            yield f"{name(path)}: {count} lines; files have less than {limits['file']}"
        if not text.startswith("//!") and not re.match(r"#!\[[^\n]*\]\n\n?//!", text):
            yield f"{name(path)}: doesn't begin with a `//!` paragraph"
        code = sources.code(path)
        for match in re.finditer(r"\bfn (\w+)", code):
            body = beginning(code, match.end())
            if body is None:
                continue
            length = line(code, sources.closing(code, body)) - line(code, match.start()) + 1
            if length >= limits["function"]:
                yield f"{name(path)}: `{match[1]}` has {length} lines; functions have less than {limits['function']}"


CHECKS = [arrows, no_circles, systems, targets, numbers, lengths]
