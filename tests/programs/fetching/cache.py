"""The cache of everything that is fetched or built, outside the repository.

An entry is a file or a directory whose name says exactly what it is: a package and its version, or
a module and the hash of all that went into building it. So an entry never changes, and one that
exists is complete: it is made under a temporary name and renamed when it is finished. Deleting the
cache, or any entry of it, is always safe.
"""

import contextlib
import fcntl
import hashlib
import os
import pathlib
import shutil
import tempfile


class FetchError(Exception):
    """Something could not be fetched or built; the message says what and why."""


def root() -> pathlib.Path:
    """The directory of the cache."""
    base = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    path = pathlib.Path(base) / "wasm-aot-tests"
    path.mkdir(parents=True, exist_ok=True)
    return path


@contextlib.contextmanager
def lock():
    """Held while entries are made, so that two fetchers don't do the same work at once."""
    with open(root() / "lock", "w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def entry(kind: str, name: str, make) -> pathlib.Path:
    """The entry `kind/name`, made by `make(path)` if it isn't there.

    `make` creates a file or a directory at the path it is given, which doesn't exist before.
    """
    final = root() / kind / name
    if final.exists():
        return final
    final.parent.mkdir(parents=True, exist_ok=True)
    scratch = pathlib.Path(tempfile.mkdtemp(prefix="tmp-", dir=root()))
    try:
        made = scratch / final.name
        make(made)
        os.rename(made, final)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return final


def sweep() -> None:
    """Removes what an interrupted run left behind. Call it with the lock held."""
    for path in root().glob("tmp-*"):
        shutil.rmtree(path, ignore_errors=True)


def digest(*parts) -> str:
    """A short hash of strings, and of the names and contents of files and directories."""
    hasher = hashlib.sha256()

    def add(data: bytes) -> None:
        hasher.update(len(data).to_bytes(8, "little"))
        hasher.update(data)

    for part in parts:
        if isinstance(part, pathlib.Path):
            files = [part] if part.is_file() else sorted(p for p in part.rglob("*") if p.is_file())
            for file in files:
                add(str(file.relative_to(part.parent)).encode())
                add(file.read_bytes())
        else:
            add(str(part).encode())
    return hasher.hexdigest()[:16]
