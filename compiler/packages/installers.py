#!/usr/bin/env python3
"""Packs a distribution, as dist.sh lays it out, for the package managers of Python, Node.js and Debian.

    installers.py DIRECTORY VERSION OUT

writes OUT/wasm_aot-*.whl, OUT/wasm-aot-*.tgz (what people install), OUT/wasm-aot-SYSTEM-*.tgz (on which the former depends,
with the compiler) and OUT/wasm-aot_*.deb. The same distribution gives the same packages. Formats: the Python packaging
specifications (wheels, core metadata, platform tags), npm's package.json, deb(5).

The compiler must need nothing but glibc: of which version is read from the executable, and what it needs besides is an error.
"""

import base64
import gzip
import hashlib
import io
import json
import platform
import re
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

HERE = Path(__file__).resolve().parent
SUMMARY = "An ahead-of-time compiler from WebAssembly to small, self-contained native executables"
LICENSE = "Apache-2.0 WITH LLVM-exception OR MIT"
# Of each machine, by the name that the kernel has for it: Node.js's and Debian's.
MACHINES = {"x86_64": ("x64", "amd64"), "aarch64": ("arm64", "arm64")}
# What is part of glibc or, as libgcc_s, of every system that has it (PEP 599), without their versions.
PLATFORM_LIBRARIES = re.compile(r"lib(c|m|dl|rt|pthread|gcc_s)\.so\.\d+|ld-linux.*\.so\.\d+")


def needed_glibc(executable: Path) -> str:
    """The version of glibc that an ELF executable needs, such as `2.34`."""
    headers = subprocess.run(["objdump", "-p", executable], check=True, capture_output=True, text=True).stdout
    strangers = [name for name in re.findall(r"NEEDED +(\S+)", headers) if not PLATFORM_LIBRARIES.fullmatch(name)]
    if strangers:
        sys.exit(f"{executable} needs {', '.join(strangers)}, which isn't on every system")
    versions = [(int(major), int(minor)) for major, minor in re.findall(r"GLIBC_(\d+)\.(\d+)", headers)]
    return "{}.{}".format(*max(versions))


def tar_gz(entries: dict[str, tuple[bytes, int]], directories: bool = False) -> bytes:
    """An archive of files by their paths, with their modes; with `directories`, also of those that they are in."""
    plain = io.BytesIO()
    with tarfile.open(fileobj=plain, mode="w", format=tarfile.USTAR_FORMAT) as archive:
        seen = set()
        for path in sorted(entries):
            parents = [str(parent) for parent in reversed(Path(path).parents) if str(parent) != "."]
            for parent in parents if directories else []:
                if parent not in seen:
                    seen.add(parent)
                    folder = tarfile.TarInfo(f"./{parent}")
                    folder.type, folder.mode = tarfile.DIRTYPE, 0o755
                    archive.addfile(folder)
            contents, mode = entries[path]
            file = tarfile.TarInfo(f"./{path}" if directories else path)
            file.size, file.mode = len(contents), mode
            archive.addfile(file, io.BytesIO(contents))
    return gzip.compress(plain.getvalue(), 9, mtime=0)


def licences(directory: Path) -> dict[str, bytes]:
    names = ["LICENSE-APACHE", "LICENSE-MIT", "THIRD-PARTY-NOTICES.txt"]
    return {name: (directory / name).read_bytes() for name in names}


def wheel(directory: Path, version: str, machine: str, glibc: str, out: Path) -> Path:
    """A wheel whose script is the compiler."""
    tag = f"py3-none-manylinux_{glibc.replace('.', '_')}_{machine}"
    name = f"wasm_aot-{version}"
    texts = licences(directory)
    metadata = [
        "Metadata-Version: 2.4", "Name: wasm-aot", f"Version: {version}", f"Summary: {SUMMARY}",
        f"License-Expression: {LICENSE}", *(f"License-File: {file}" for file in texts),
        "Requires-Python: >=3.8", "Description-Content-Type: text/markdown", "",
        (directory / "README.md").read_text(),
    ]
    description = ["Wheel-Version: 1.0", "Generator: wasm-aot", "Root-Is-Purelib: false", f"Tag: {tag}", ""]
    entries = {f"wasm_aot/{file.name}": (file.read_bytes(), 0o644) for file in sorted((HERE / "wheel").glob("*.py"))}
    entries[f"{name}.data/scripts/wasm-aot"] = ((directory / "bin/wasm-aot").read_bytes(), 0o755)
    for file, text in texts.items():
        entries[f"{name}.dist-info/licenses/{file}"] = (text, 0o644)
    entries[f"{name}.dist-info/METADATA"] = ("\n".join(metadata).encode(), 0o644)
    entries[f"{name}.dist-info/WHEEL"] = ("\n".join(description).encode(), 0o644)
    record = []
    for path, (contents, _) in entries.items():
        digest = base64.urlsafe_b64encode(hashlib.sha256(contents).digest()).decode().rstrip("=")
        record.append(f"{path},sha256={digest},{len(contents)}\n")
    record.append(f"{name}.dist-info/RECORD,,\n")
    entries[f"{name}.dist-info/RECORD"] = ("".join(record).encode(), 0o644)
    file = out / f"{name}-{tag}.whl"
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive:
        for path, (contents, mode) in entries.items():
            info = zipfile.ZipInfo(path)
            info.compress_type, info.external_attr = zipfile.ZIP_DEFLATED, (0o100000 | mode) << 16
            archive.writestr(info, contents)
    return file


def npm(directory: Path, version: str, machine: str, out: Path) -> list[Path]:
    """The package of this system, and the one that people install, which depends on those of all systems that are in `out`."""
    system = f"linux-{MACHINES[machine][0]}-gnu"
    common = {"version": version, "description": SUMMARY, "license": LICENSE}
    files = {f"package/{name}": (text, 0o644) for name, text in licences(directory).items()}

    def pack(package: dict, contents: dict[str, tuple[bytes, int]], name: str) -> Path:
        text = (json.dumps(package, indent=2) + "\n").encode()
        file = out / f"{name}-{version}.tgz"
        file.write_bytes(tar_gz({"package/package.json": (text, 0o644), **files, **contents}))
        return file

    of_system = {
        "name": f"@wasm-aot/{system}", **common, "os": ["linux"], "cpu": [MACHINES[machine][0]], "libc": ["glibc"],
        "preferUnplugged": True, "files": ["wasm-aot"],
    }
    compiler = {"package/wasm-aot": ((directory / "bin/wasm-aot").read_bytes(), 0o755)}
    packed = [pack(of_system, compiler, f"wasm-aot-{system}")]
    systems = sorted(file.name[len("wasm-aot-"):-len(f"-{version}.tgz")] for file in out.glob(f"wasm-aot-*-gnu-{version}.tgz"))
    for_people = {
        "name": "wasm-aot", **common, "bin": {"wasm-aot": "wasm-aot.js"}, "files": ["wasm-aot.js"], "engines": {"node": ">=16"},
        "optionalDependencies": {f"@wasm-aot/{system}": version for system in systems},
    }
    launcher = {
        "package/wasm-aot.js": ((HERE / "npm/wasm-aot.js").read_bytes(), 0o755),
        "package/README.md": ((directory / "README.md").read_bytes(), 0o644),
    }
    return [*packed, pack(for_people, launcher, "wasm-aot")]


def deb(directory: Path, version: str, machine: str, glibc: str, out: Path) -> Path:
    """A package for Debian and what is like it."""
    compressed = lambda path: gzip.compress(path.read_bytes(), 9, mtime=0)
    files = {"usr/bin/wasm-aot": ((directory / "bin/wasm-aot").read_bytes(), 0o755)}
    for page in sorted((directory / "share/man/man1").iterdir()):
        files[f"usr/share/man/man1/{page.name}.gz"] = (compressed(page), 0o644)
    # Where Debian has them, and where the distribution does.
    for there, here in {
        "usr/share/bash-completion/completions/wasm-aot": "share/bash-completion/completions/wasm-aot",
        "usr/share/zsh/vendor-completions/_wasm-aot": "share/zsh/site-functions/_wasm-aot",
        "usr/share/fish/vendor_completions.d/wasm-aot.fish": "share/fish/vendor_completions.d/wasm-aot.fish",
        "usr/share/pkgconfig/wasm-aot.pc": "share/pkgconfig/wasm-aot.pc",
        "usr/lib/cmake/WasmAot/WasmAotConfig.cmake": "lib/cmake/WasmAot/WasmAotConfig.cmake",
        "usr/lib/cmake/WasmAot/WasmAotConfigVersion.cmake": "lib/cmake/WasmAot/WasmAotConfigVersion.cmake",
    }.items():
        files[there] = ((directory / here).read_bytes(), 0o644)
    files["usr/share/doc/wasm-aot/copyright"] = (b"\n".join(licences(directory).values()), 0o644)
    files["usr/share/doc/wasm-aot/changelog.gz"] = (compressed(directory / "CHANGELOG.md"), 0o644)
    control = [
        "Package: wasm-aot", f"Version: {version}", f"Architecture: {MACHINES[machine][1]}",
        "Maintainer: The wasm-aot developers <wasm-aot@example.invalid>", "Section: devel", "Priority: optional",
        f"Depends: libc6 (>= {glibc}), libgcc-s1", "Suggests: lld",
        f"Installed-Size: {sum(-(-len(contents) // 1024) for contents, _ in files.values())}",
        f"Description: {SUMMARY[0].lower()}{SUMMARY[1:]}",
        " It makes programs of modules and components, for Linux, Windows and macOS, without",
        " a C compiler, a linker or an engine. A program reaches only what it was granted.", "",
    ]
    sums = "".join(f"{hashlib.md5(contents).hexdigest()}  {path}\n" for path, (contents, _) in sorted(files.items()))
    parts = {
        "debian-binary": b"2.0\n",
        "control.tar.gz": tar_gz({"control": ("\n".join(control).encode(), 0o644), "md5sums": (sums.encode(), 0o644)}, True),
        "data.tar.gz": tar_gz(files, True),
    }
    archive = b"!<arch>\n"
    for name, contents in parts.items():
        archive += f"{name:<16}{0:<12}{0:<6}{0:<6}{100644:<8}{len(contents):<10}`\n".encode()
        archive += contents + b"\n" * (len(contents) % 2)
    file = out / f"wasm-aot_{version}_{MACHINES[machine][1]}.deb"
    file.write_bytes(archive)
    return file


def main() -> None:
    directory, version, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    machine = platform.machine()
    if platform.system() != "Linux" or machine not in MACHINES:
        print(f"no packages for {platform.system()} on {machine}: wheels, npm packages and .deb are for Linux on {', '.join(MACHINES)}")
        return
    glibc = needed_glibc(directory / "bin/wasm-aot")
    packages = [
        wheel(directory, version, machine, glibc, out),
        *npm(directory, version, machine, out),
        deb(directory, version, machine, glibc, out),
    ]
    for package in packages:
        print(f"{package}: {package.stat().st_size} bytes")


main()
