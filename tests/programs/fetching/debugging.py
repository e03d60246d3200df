"""Programs with debug information, compiled without optimisation; and the same programs for the host, which tell what
debuggers should see.

The producers run in the directory of the source, whose path is in what they write.
"""

import pathlib
import shutil

from . import cache, registries
from .registries import run

REPOSITORY = pathlib.Path(__file__).resolve().parents[3]

# What clang needs to link for WASI.
WASI = [
    "wasm-ld-22", "/usr/lib/wasm32-wasi/crt1-command.o",
    "/usr/lib/llvm-22/lib/clang/22/lib/wasi/libclang_rt.builtins-wasm32.a",
]


def recipe(description: dict):
    """What makes, in an empty directory, `program.wasm` and what belongs to it; and what goes into that. A program for
    the host is called `host`."""
    source = REPOSITORY / description["source"]
    language = {".c": c, ".cpp": cpp, ".rs": rust, ".zig": zig, ".ts": assemblyscript}[source.suffix]
    make, key = language(source)

    def directory(path: pathlib.Path) -> None:
        path.mkdir()
        make(path)

    return directory, [*map(str, key), str(source), source]


def c(source: pathlib.Path):
    def make(path: pathlib.Path) -> None:
        words = [registries.zig(), "cc", "-target", "wasm32-wasi", "-g", "-O0", source.name, "-o", path / "program.wasm"]
        run(words, zig_environment(), cwd=source.parent)
        run([registries.command("clang-22"), "-g", "-O0", source.name, "-o", path / "host"], cwd=source.parent)

    return make, [registries.version("pypi", "ziglang")]


def cpp(source: pathlib.Path):
    def make(path: pathlib.Path) -> None:
        for package in [*WASI, "/usr/lib/llvm-22/lib/wasm32-wasi/libc++.a"]:
            registries.command(package)
        words = [registries.command("clang++-22"), "-g", "-O0", "-fno-exceptions", source.name, "-o"]
        run([*words, path / "program.wasm", "--target=wasm32-wasi"], cwd=source.parent)
        run([*words, path / "host"], cwd=source.parent)

    return make, [run([registries.command("clang-22"), "--version"])]


def rust(source: pathlib.Path):
    """The library is built, too, but its sources are Debian's: `modules.rust` says why."""
    compiler = registries.command("/usr/bin/rustc")

    def make(path: pathlib.Path) -> None:
        registries.command("/usr/lib/rustlib/src/rust/library/std/src/lib.rs")
        libc = pathlib.Path(registries.command("/usr/lib/wasm32-wasi/crt1-command.o")).parent
        project = path.parent / "project"
        project.mkdir()
        (project / "Cargo.toml").write_text(
            '[package]\nname = "program"\nversion = "0.0.0"\nedition = "2024"\n'
            f'[[bin]]\nname = "program"\npath = "{source}"\n[workspace]\n'
        )
        target = cache.root() / "rust-target-debug"
        env = {
            "CARGO_TARGET_DIR": str(target), "RUSTC": compiler, "RUSTC_BOOTSTRAP": "1",
            "RUSTFLAGS": None, "CARGO_ENCODED_RUSTFLAGS": None,
            "CARGO_TARGET_WASM32_WASIP1_LINKER": registries.command("wasm-ld-22"),
            "CARGO_TARGET_WASM32_WASIP1_RUSTFLAGS": f"-L native={libc}",
        }
        words = ["cargo", "build", "--quiet", "--target", "wasm32-wasip1", "-Zbuild-std=std,panic_abort"]
        registries.network(words, env, cwd=project)
        shutil.copy(target / "wasm32-wasip1" / "debug" / "program.wasm", path)
        run([compiler, "--edition=2024", "-g", "--crate-name=program", source.name, "-o", path / "host"], cwd=source.parent)

    return make, [run([compiler, "--version"])]


def zig(source: pathlib.Path):
    def make(path: pathlib.Path) -> None:
        for flags, output in ((["-target", "wasm32-wasi"], path / "program.wasm"), (["-fllvm"], path / "host")):
            words = [registries.zig(), "build-exe", "-ODebug", *flags, source.name, f"-femit-bin={output}"]
            run(words, zig_environment(), cwd=source.parent)

    return make, [registries.version("pypi", "ziglang")]


def assemblyscript(source: pathlib.Path):
    """With a source map in a file of its own, which the module names; there is no program for the host."""
    modules = registries.node_modules()

    def make(path: pathlib.Path) -> None:
        project = path.parent / "project"
        project.mkdir()
        (project / "node_modules").symlink_to(modules)
        shutil.copy(source, project / source.name)
        run([registries.command("node"), modules / "assemblyscript" / "bin" / "asc.js", source.name,
             "--config", "node_modules/@assemblyscript/wasi-shim/asconfig.json", "-O0", "--debug", "--sourceMap",
             "--outFile", "program.wasm"], cwd=project)
        for file in project.glob("program.wasm*"):
            shutil.move(file, path / file.name)

    return make, [str(modules)]


def zig_environment() -> dict:
    directory = str(cache.root() / "zig")
    return {"ZIG_GLOBAL_CACHE_DIR": directory, "ZIG_LOCAL_CACHE_DIR": directory}
