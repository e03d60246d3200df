"""Runs a program with its standard streams connected to something, as a test's line `streams:` says.

    pipe      input with contents, after which it ends
    waiting   input on which nothing comes
    file      all three are files; the input is at its third byte
    null      all three are /dev/null
    broken    both outputs are pipes that nobody reads
    full      both outputs are /dev/full
    terminal  all three are one terminal, which doesn't echo
    closed    none is open
"""

import os
import pty
import subprocess
import termios


def run(mode, command, contents, directory, **options):
    """The completed process. What it wrote to a terminal counts as standard output."""
    return globals()[mode](command, contents, directory, {"timeout": 120, **options})


def pipe(command, contents, directory, options):
    return subprocess.run(command, input=contents, capture_output=True, **options)


def waiting(command, contents, directory, options):
    reader, writer = os.pipe()
    try:
        return subprocess.run(command, stdin=reader, capture_output=True, **options)
    finally:
        os.close(reader), os.close(writer)


def file(command, contents, directory, options):
    names = [directory / name for name in ("stdin", "stdout", "stderr")]
    names[0].write_bytes(contents)
    with open(names[0], "rb") as stdin, open(names[1], "wb") as stdout, open(names[2], "wb") as stderr:
        os.lseek(stdin.fileno(), 2, os.SEEK_SET)
        done = subprocess.run(command, stdin=stdin, stdout=stdout, stderr=stderr, **options)
    done.stdout, done.stderr = names[1].read_bytes(), names[2].read_bytes()
    return done


def null(command, contents, directory, options):
    nothing = subprocess.DEVNULL
    done = subprocess.run(command, stdin=nothing, stdout=nothing, stderr=nothing, **options)
    done.stdout, done.stderr = b"", b""
    return done


def broken(command, contents, directory, options):
    reader, writer = os.pipe()
    os.close(reader)
    try:
        return written_to(writer, command, contents, options)
    finally:
        os.close(writer)


def full(command, contents, directory, options):
    with open("/dev/full", "wb") as output:
        return written_to(output, command, contents, options)


def written_to(output, command, contents, options):
    done = subprocess.run(command, input=contents, stdout=output, stderr=output, **options)
    done.stdout, done.stderr = b"", b""
    return done


def terminal(command, contents, directory, options):
    ours, theirs = pty.openpty()
    attributes = termios.tcgetattr(theirs)
    attributes[1] &= ~termios.OPOST
    attributes[3] &= ~termios.ECHO
    termios.tcsetattr(theirs, termios.TCSANOW, attributes)
    # The end of the input, at the start of a line.
    os.write(ours, contents + b"\n\x04")
    done = subprocess.run(command, stdin=theirs, stdout=theirs, stderr=theirs, **options)
    os.close(theirs)
    done.stdout, done.stderr = b"".join(iter(lambda: read_some(ours), b"")), b""
    os.close(ours)
    return done


def read_some(fd):
    try:
        return os.read(fd, 65536)
    except OSError:
        # The other side of the terminal is closed.
        return b""


def closed(command, contents, directory, options):
    command = ["sh", "-c", 'exec "$@" <&- >&- 2>&-', "sh", *command]
    done = subprocess.run(command, **options)
    done.stdout, done.stderr = b"", b""
    return done
