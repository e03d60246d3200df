#!/usr/bin/env python3
"""Circles of files among Rust sources: prints each strongly connected component of the graph of files, by the paths that
they name (`use crate::...`, `super::...`, and paths in expressions), and fails if there is one.

A path leads to the file where its item is defined: what a module re-exports (`pub use`) is followed. So a `mod.rs` that
only declares modules and re-exports from them is part of no circle. Methods are not paths: an `impl` may be in any file.

    circles.py [--edges] [SOURCE...]     default: compiler/src

Not runtime-support/src: there a module has another file on each system and architecture (`cfg_attr(..., path = ...)`), so it
has a graph for each target; here a module is one file, and those with a `path` are left out.
"""

import re
import sys
from pathlib import Path

import sources

ITEM = re.compile(r"^\s*(?:pub(?:\([^)]*\))?\s+)?(?:unsafe\s+|const\s+|async\s+|extern\s+)*"
                  r"(?:fn|struct|enum|trait|type|const|static|union|macro_rules!)\s+(\w+)", re.M)
MODULE = re.compile(r"^\s*((?:#\[[^\n]*\]\s*)*)(?:pub(?:\([^)]*\))?\s+)?mod\s+(\w+)\s*;", re.M)
REEXPORT = re.compile(r"^\s*pub(?:\([^)]*\))?\s+use\s+([^;]+);", re.M)


def leaves(tree):
    """The paths of a `use` tree, each (segments, name that it gets)."""
    tree = re.sub(r"\s+", " ", tree).strip()
    found, depth, part, parts = [], 0, "", []
    brace = tree.find("{")
    if brace < 0:
        path, _, name = tree.partition(" as ")
        segments = [segment.strip() for segment in path.split("::") if segment.strip()]
        return [(segments, name.strip() or (segments[-1] if segments else ""))]
    prefix = [segment.strip() for segment in tree[:brace].split("::") if segment.strip()]
    for character in tree[brace + 1 : tree.rfind("}")]:
        depth += (character == "{") - (character == "}")
        if character == "," and depth == 0:
            parts.append(part)
            part = ""
        else:
            part += character
    for part in parts + [part]:
        for segments, name in leaves(part) if part.strip() else []:
            if segments == ["self"]:
                segments, name = [], name if name != "self" else prefix[-1]
            found.append((prefix + segments, name))
    return found


class Crate:
    def __init__(self, root):
        self.root = root
        self.files = {}  # module path -> file
        self.text = {}
        self.items = {}
        self.exports = {}  # module path -> {name: segments}, names of `pub use`
        self.globs = {}
        self.scan((), root / "lib.rs", root)

    def scan(self, module, file, directory):
        text = sources.product(file)
        self.files[module], self.text[module] = file, text
        self.items[module] = set(ITEM.findall(text))
        exports, globs = {}, []
        for tree in REEXPORT.findall(text):
            for segments, name in leaves(tree):
                if segments[-1:] == ["*"]:
                    globs.append(segments[:-1])
                else:
                    exports[name] = segments
        self.exports[module], self.globs[module] = exports, globs
        for attributes, name in MODULE.findall(text):
            if "cfg(test)" in attributes:
                continue
            named = re.search(r"path\s*=", attributes)
            for candidate in (directory / f"{name}.rs", directory / name / "mod.rs"):
                if candidate.exists() and not named:
                    self.scan(module + (name,), candidate, directory / name)

    def resolve(self, module, segments, seen=()):
        """The module that defines what the path names, as seen in `module`; none if it is of another crate."""
        segments = list(segments)
        at = module
        if segments[0] == "crate":
            at, segments = (), segments[1:]
        elif segments[0] == "self":
            segments = segments[1:]
        elif segments[0] != "super" and module + (segments[0],) not in self.files:
            return None
        while segments and segments[0] == "super":
            at, segments = at[:-1], segments[1:]
        while segments and at + (segments[0],) in self.files:
            at, segments = at + (segments[0],), segments[1:]
        if not segments or segments[0] in self.items[at] or (at, segments[0]) in seen:
            return at
        seen += ((at, segments[0]),)
        if segments[0] in self.exports[at]:
            return self.resolve(at, self.exports[at][segments[0]] + segments[1:], seen) or at
        for glob in self.globs[at]:
            inside = self.resolve(at, glob)
            if inside is not None and segments[0] in self.items[inside]:
                return inside
        return at

    def edges(self):
        graph = {module: set() for module in self.files}
        for module, text in self.text.items():
            exported = {tuple(segments) for segments in self.exports[module].values()}
            paths = []
            for tree in re.findall(r"\buse\s+([^;]*);", text):
                paths += [segments for segments, _ in leaves(tree) if segments]
            rest = re.sub(r"\buse\s+[^;]*;", "", text)
            paths += [path.split("::") for path in re.findall(r"\b(?:crate|super)(?:::\w+)+", rest)]
            paths += [path.split("::") for path in re.findall(r"(?<![\w:])\w+(?:::\w+)+", rest)
                      if module + (path.split("::")[0],) in self.files]
            for segments in paths:
                if tuple(segments) in exported:
                    continue
                target = self.resolve(module, [s for s in segments if s != "*"])
                if target is not None and target != module:
                    graph[module].add(target)
        return graph


def components(graph):
    """Strongly connected components of more than one node (Tarjan)."""
    index, low, stack, on_stack, found = {}, {}, [], set(), []

    def visit(node):
        index[node] = low[node] = len(index)
        stack.append(node)
        on_stack.add(node)
        for target in sorted(graph[node]):
            if target not in index:
                visit(target)
                low[node] = min(low[node], low[target])
            elif target in on_stack:
                low[node] = min(low[node], index[target])
        if low[node] == index[node]:
            component = []
            while not component or component[-1] != node:
                component.append(stack.pop())
                on_stack.discard(component[-1])
            if len(component) > 1:
                found.append(sorted(component))

    sys.setrecursionlimit(10_000)
    for node in sorted(graph):
        if node not in index:
            visit(node)
    return found


def main():
    arguments = [argument for argument in sys.argv[1:] if argument != "--edges"]
    default = Path(__file__).resolve().parents[2] / "compiler/src"
    circles = 0
    for root in [Path(argument) for argument in arguments] or [default]:
        crate = Crate(root)
        graph = crate.edges()
        shown = lambda module: str(crate.files[module].relative_to(root))
        if "--edges" in sys.argv:
            for module, targets in sorted(graph.items()):
                print(shown(module), "->", ", ".join(sorted(map(shown, targets))))
        for component in components(graph):
            circles += 1
            print("a circle of files:")
            for module in component:
                inside = sorted(shown(target) for target in graph[module] if target in component)
                print(f"  {shown(module)} -> {', '.join(inside)}")
    if circles:
        sys.exit(1)


if __name__ == "__main__":
    main()
