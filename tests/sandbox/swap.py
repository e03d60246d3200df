"""Exchanges directories with symbolic links that lead out, and moves one out and back, until it is ended.

usage: swap.py ROOT, where ROOT has the directories rw and outside.
"""
import ctypes
import os
import sys

libc = ctypes.CDLL(None, use_errno=True)
AT_FDCWD, RENAME_EXCHANGE = -100, 2


def main():
    os.chdir(sys.argv[1])
    print("ready", flush=True)
    while True:
        for name in (b"rw/swap", b"rw/deep/swap"):
            if libc.renameat2(AT_FDCWD, name, AT_FDCWD, name + b"-link", RENAME_EXCHANGE):
                sys.exit(f"renameat2: {os.strerror(ctypes.get_errno())}")
        os.rename("rw/mover", "outside/mover")
        os.rename("outside/mover", "rw/mover")


main()
