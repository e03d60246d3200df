"""Rules about the documents: what they name is there."""

import re
import tomllib

from sources import ROOT

DOCUMENTS = sorted(
    path
    for path in ROOT.rglob("*.md")
    if not {"target", "vendor", "node_modules"} & set(path.relative_to(ROOT).parts)
)
# Those are of other projects, or of the reader's machine.
NOT_OURS = re.compile(r"^(~|/)|NAME|^(file|packed)/$|\.\.\.|^(mach_loader|ubc_subr|mach_o/)")
# The ends of all paths of files and folders: a document may leave out where a path begins, but names nothing else before its end.
ENDS = {
    "/".join(parts[start:])
    for folder in ("compiler", "runtime-support", "linker-scripts", "tests", "docs", "examples")
    for path in [ROOT / folder, *(ROOT / folder).rglob("*")]
    if not {"target", "node_modules", "__pycache__"} & set(parts := path.relative_to(ROOT).parts)
    for start in range(len(parts))
}


def name(path) -> str:
    return path.relative_to(ROOT).as_posix()


def prose(path) -> list:
    """The lines of a document with their numbers."""
    return list(enumerate(path.read_text().splitlines(), 1))


def exists(document, target: str) -> bool:
    target = target.split("#")[0].rstrip("/")
    return not target or target in ENDS or (document.parent / target).exists() or (ROOT / target).exists()


def links():
    """Files that documents link to or name are there"""
    for document in DOCUMENTS:
        if document.name == "CHANGELOG.md":
            continue
        for number, text in prose(document):
            for target in re.findall(r"\]\((?!https?:)([^)#]+)", text):
                if not (document.parent / target).exists():
                    yield f"{name(document)}:{number}: the link to {target} leads nowhere"
            named = re.findall(r"`([\w./-]+\.(?:rs|md|sh|py|toml|ld|def|tbd|wat|c))`", text)
            named += re.findall(r"`([\w.-]+/(?:[\w.-]+/)*)`", text)
            for target in named:
                if not NOT_OURS.search(target) and not exists(document, target):
                    yield f"{name(document)}:{number}: there is no {target}"


def identifiers():
    """Names of the code that ARCHITECTURE.md and docs/ quote are in the code"""
    folders = ("compiler/src", "runtime-support/src", "runtime-support/abi/src", "tests/src")
    source = "\n".join(path.read_text() for folder in folders for path in sorted((ROOT / folder).rglob("*.rs")))
    words = set(re.findall(r"\w+", source))
    for document in [ROOT / "ARCHITECTURE.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for number, text in prose(document):
            for quoted in re.findall(r"`((?:\w+::)+\w+)`", text):
                for word in quoted.split("::"):
                    if word not in words and word not in {"wasm_aot_abi", "abi"}:
                        yield f"{name(document)}:{number}: there is no {word} ({quoted})"


def make_targets():
    """Targets of make that documents name are in the Makefile"""
    makefile = (ROOT / "Makefile").read_text()
    known = {word for row in re.findall(r"^([a-z][\w -]*):", makefile, re.M) for word in row.split()}
    for document in DOCUMENTS:
        for number, text in prose(document):
            for target in re.findall(r"(?:`|^    )make ([a-z][a-z-]*)", text):
                if target not in known:
                    yield f"{name(document)}:{number}: the Makefile has no target `{target}`"


def flags():
    """Options and variables that README.md names are in the sources"""
    source = "\n".join(path.read_text() for path in sorted((ROOT / "compiler/src").rglob("*.rs")))
    source += "\n".join(path.read_text() for path in sorted((ROOT / "runtime-support/src").rglob("*.rs")))
    readme = (ROOT / "README.md").read_text()
    # Of other programs.
    others = {"--locked", "--release", "--cross-file", "--manifest-path", "--target-dir", "--disable-x", "--no-default-features"}
    for flag in sorted(set(re.findall(r"(?<![\w-])--[a-z][a-z0-9-]+", readme)) - others):
        word = flag[2:]
        if f'"{word}"' not in source and flag not in source and not re.search(rf"\b{word.replace('-', '_')}\b", source):
            yield f"README.md: there is no option {flag}"
    for variable in sorted(set(re.findall(r"\bWASM_AOT_[A-Z_]+", readme))):
        if variable not in source:
            yield f"README.md: nothing reads {variable}"


def versions():
    """CHANGELOG.md has the version of the workspace, or what is to become the next one"""
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
    if len(set(headings)) != len(headings):
        yield "CHANGELOG.md: a version has two headings"
    if not headings or not (headings[0].startswith("Unreleased") or headings[0].split()[0] == workspace):
        yield f"CHANGELOG.md: the first heading is neither Unreleased nor {workspace}"
    if workspace not in {heading.split()[0].strip("[]") for heading in headings}:
        yield f"CHANGELOG.md: there is nothing about {workspace}, the version of Cargo.toml"


def test_folders():
    """The table of tests in docs/testing.md has each folder of the tests"""
    document = ROOT / "docs/testing.md"
    if not document.exists():
        return
    rows = [row for row in document.read_text().splitlines() if row.startswith("| `")]
    named = {word.rstrip("/") for row in rows for word in re.findall(r"`([\w./-]+)`", row.split("|")[1])}
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir()} - {"src", "tests", "target"}
    folders |= {f"src/{path.name}" for path in (ROOT / "tests/src").iterdir() if path.is_dir()} - {"src/bin"}
    folders = {folder for folder in folders if not folder.endswith("__pycache__")}
    for folder in sorted(folders - named):
        yield f"docs/testing.md: the table has no row of tests/{folder}"
    for folder in sorted(named):
        if not (ROOT / "tests" / folder).exists():
            yield f"docs/testing.md: there is no tests/{folder}"


CHECKS = [links, identifiers, make_targets, flags, versions, test_folders]
