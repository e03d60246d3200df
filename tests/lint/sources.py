"""Rust sources as tidy.py looks at them: without comments and texts, and what they import."""

import functools
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOKEN = re.compile(
    r"""//[^\n]*|/\*(?:[^*]|\*(?!/))*\*/"""  # comments
    r"""|b?r(?P<hashes>\#*)"(?:.|\n)*?"(?P=hashes)|b?c?"(?:\\(?:.|\n)|[^"\\])*\""""  # texts
    r"""|b?'(?:\\.[^']*|[^'\\\n])'"""  # characters, not lifetimes
)
PATH = re.compile(r"(?<![\w:$])(?:crate|super|self)(?:\s*::\s*super)*\s*::\s*")
TEST_MODULE = re.compile(r"#\[cfg\((?:test|all\(test[^\n]*)\)\]\s*(?:#\[[^\n]*\]\s*)*mod \w+ \{")


@functools.cache
def code(path: pathlib.Path) -> str:
    """A file with blanks in the place of comments and texts: positions and lines stay."""
    return TOKEN.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), path.read_text())


@functools.cache
def product(path: pathlib.Path) -> str:
    """As that, without the unit tests in it."""
    text = code(path)
    while match := TEST_MODULE.search(text):
        end = closing(text, match.end() - 1) + 1
        text = text[: match.start()] + re.sub(r"[^\n]", " ", text[match.start() : end]) + text[end:]
    return text


def closing(text: str, opening: int) -> int:
    """Where the brace that is opened there is closed."""
    depth = 0
    for at in range(opening, len(text)):
        if text[at] == "{":
            depth += 1
        elif text[at] == "}":
            depth -= 1
            if depth == 0:
                return at
    return len(text)


def files(*folders: str) -> list:
    """All Rust files below these folders of the repository, but what others wrote."""
    found = []
    for folder in folders:
        found += (path for path in sorted((ROOT / folder).rglob("*.rs")))
    return [path for path in found if not {"vendor", "target"} & set(path.relative_to(ROOT).parts)]


def is_test(path: pathlib.Path) -> bool:
    return path.stem == "tests" or "tests" in path.parent.relative_to(ROOT).parts


class Crate:
    """The modules of a crate, by their paths: `("link", "pe")` is link/pe/mod.rs or link/pe.rs."""

    def __init__(self, source: str):
        self.source = ROOT / source
        self.modules = {self.module(path): path for path in files(source) if not is_test(path)}

    def module(self, path: pathlib.Path) -> tuple:
        parts = path.relative_to(self.source).with_suffix("").parts
        return () if parts in [("lib",)] else parts[:-1] if parts[-1] == "mod" else parts

    def imports(self, path: pathlib.Path) -> set:
        """The other files that a file names by a path, at any place of it."""
        here, text, found = self.module(path), product(path), set()
        for match in PATH.finditer(text):
            words = re.findall(r"\w+", match[0])
            base = () if words[0] == "crate" else here
            for word in words:
                base = base[:-1] if word == "super" else base
            for names in tree(text, match.end()):
                file = self.resolve(base + names)
                if file != path:
                    found.add(file)
        return found

    def resolve(self, names: tuple) -> pathlib.Path:
        """The file of the module that a path starts with."""
        while names not in self.modules and names:
            names = names[:-1]
        return self.modules[names]


def tree(text: str, at: int) -> list:
    """What a path goes on to, from there on: `a::{b, c::d}` are two."""
    if text[at : at + 1] == "{":
        end, items, depth, start = closing(text, at), [], 0, at + 1
        for here in range(at + 1, end + 1):
            if text[here] in "{}" and here != end:
                depth += 1 if text[here] == "{" else -1
            elif here == end or text[here] == "," and depth == 0:
                item = text[start:here]
                items += tree(item.strip() + " ", 0) if item.strip() else []
                start = here + 1
        return items
    match = re.compile(r"\s*(\w+)\s*(::\s*)?").match(text, at)
    if not match or match[1] == "self":
        return [()]
    if match[2] and re.match(r"[\w{]", text[match.end() : match.end() + 1]):
        return [(match[1], *rest) for rest in tree(text, match.end())]
    return [(match[1],)]
