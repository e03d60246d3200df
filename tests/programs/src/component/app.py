"""A command in Python: `app.wasm text|files|sockets`, with its findings on standard output."""

import json
import os
import re
import socket
import sys

from wit_world import exports


def text(arguments: list) -> None:
    print("arguments:", arguments)
    print("environment:", sorted(f"{name}={value}" for name, value in os.environ.items()))
    source = sys.stdin.read()
    words = re.findall(r"[^\W\d_]+", source.lower())
    counts = {word: words.count(word) for word in sorted(set(words))}
    common = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:5]
    document = json.dumps({"words": len(words), "common": common, "ünï": [1.5, None, True]}, ensure_ascii=False)
    print(document)
    assert json.loads(document)["ünï"] == [1.5, None, True]
    print(re.sub(r"(\w+)@(\w+)", r"\2 at \1", "user@host"), f"{2 ** 200:,}", f"{1 / 3:.17g}")
    print("an error", file=sys.stderr)


def files(root: str) -> None:
    for number in range(40):
        directory = f"{root}/tree/{number % 4}"
        os.makedirs(directory, exist_ok=True)
        with open(f"{directory}/{number}.txt", "w") as file:
            file.write(f"file {number}\n" * number)
    os.rename(f"{root}/tree/1/1.txt", f"{root}/tree/moved.txt")
    os.remove(f"{root}/tree/2/2.txt")
    with open(f"{root}/tree/3/3.txt", "a") as file:
        file.write("appended\n")
    with open(f"{root}/tree/3/39.txt", "r+b") as file:
        file.seek(100)
        file.write(b"in the middle")
        file.truncate(200)
    for path, directories, names in os.walk(root):
        directories.sort()
        for name in sorted(names):
            full = os.path.join(path, name)
            print(full, os.stat(full).st_size)
    for wrong in ["missing", "tree/0/0.txt/below", "../outside.txt", "/etc/passwd"]:
        try:
            open(os.path.join(root, wrong)).read()
            print(wrong, "was read")
        except OSError as error:
            print(wrong, type(error).__name__)


def sockets() -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        with socket.socket() as client:
            client.connect(listener.getsockname())
            server, address = listener.accept()
            with server:
                print("peer:", address == client.getsockname())
                # Both ends are in one thread: no more than the system's buffers hold.
                client.sendall(bytes(range(256)) * 128)
                client.shutdown(socket.SHUT_WR)
                received = b"".join(iter(lambda: server.recv(10_000), b""))
                print("server received", len(received), received == bytes(range(256)) * 128)
                server.sendall(b"thanks for " + str(len(received)).encode())
                server.shutdown(socket.SHUT_WR)
                print("client received", b"".join(iter(lambda: client.recv(100), b"")))
    with socket.socket() as client:
        try:
            client.connect(("127.0.0.1", 1))
            print("connected")
        except OSError as error:
            print("port 1:", type(error).__name__)


class Run(exports.Run):
    def run(self) -> None:
        match sys.argv[1:]:
            case ["text", *arguments]:
                text(arguments)
            case ["files", root]:
                files(root)
            case ["sockets"]:
                sockets()
            case ["error"]:
                raise RuntimeError("as asked")
            case _:
                sys.exit(2)
