"""A command of WASI 0.3 in Python: copies standard input to standard output in capitals, and counts lines on standard error,
by asynchronous streams."""

import asyncio

import wit_world
from wit_world import exports
from wit_world.imports import stderr, stdin, stdout


async def write(to, parts: list) -> None:
    writer, reader = wit_world.byte_stream()
    ended = to.write_via_stream(reader)
    with writer:
        for part in parts:
            await writer.write_all(part)
    await ended.read()


class Run(exports.Run):
    async def run(self) -> None:
        reader, ended = stdin.read_via_stream()
        parts = []
        with reader:
            while not reader.writer_dropped:
                parts.append(await reader.read(1000))
        await ended.read()
        data = b"".join(parts)
        lines = f"{len(data.splitlines())} lines, {len(data)} bytes\n".encode()
        await asyncio.gather(write(stdout, [data.upper(), b"the end\n"]), write(stderr, [lines]))
