"""wasm-aot, an ahead-of-time compiler from WebAssembly to native executables."""

import os
import sys
import sysconfig


def executable() -> str:
    """The path of the compiler that was installed with this package."""
    schemes = [None, "posix_user"]
    places = [sysconfig.get_path("scripts", scheme) if scheme else sysconfig.get_path("scripts") for scheme in schemes]
    # `pip install --target DIRECTORY`.
    places.append(os.path.join(os.path.dirname(os.path.dirname(os.path.abspath(__file__))), "bin"))
    for place in places:
        path = os.path.join(place, "wasm-aot")
        if os.path.isfile(path):
            return path
    raise FileNotFoundError(f"wasm-aot is in none of {', '.join(places)}: install the package again")


def main() -> None:
    """Becomes the compiler, with the arguments of this program."""
    path = executable()
    os.execv(path, [path, *sys.argv[1:]])
