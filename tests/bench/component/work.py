"""What an application in Python does: objects, dictionaries, text, numbers."""

import json
import re

from wit_world import exports


class Node:
    def __init__(self, key: int) -> None:
        self.key, self.left, self.right = key, None, None

    def insert(self, key: int) -> None:
        node = self
        while True:
            side = "left" if key < node.key else "right"
            below = getattr(node, side)
            if below is None:
                setattr(node, side, Node(key))
                return
            node = below


def tree(count: int) -> int:
    root, key = Node(count // 2), 1
    for _ in range(count):
        key = key * 48271 % 2147483647
        root.insert(key)
    stack, depths = [(root, 0)], 0
    while stack:
        node, depth = stack.pop()
        depths += depth
        stack.extend((below, depth + 1) for below in (node.left, node.right) if below)
    return depths


def words(count: int) -> list:
    text = " ".join(f"word{index * 7919 % 613} and-{index % 37}" for index in range(count))
    counts: dict = {}
    for word in re.findall(r"\w+", text):
        counts[word] = counts.get(word, 0) + 1
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:3]


def records(count: int) -> int:
    document = [{"id": index, "name": f"name {index}", "values": [index / 3, index / 7]} for index in range(count)]
    return sum(len(item["name"]) for item in json.loads(json.dumps(document)))


def primes(limit: int) -> int:
    sieve = bytearray([1]) * limit
    for number in range(2, int(limit**0.5) + 1):
        if sieve[number]:
            sieve[number * number :: number] = bytes(len(range(number * number, limit, number)))
    return sum(sieve) - 2


class Run(exports.Run):
    def run(self) -> None:
        print(tree(30_000), words(40_000), records(15_000), primes(1_000_000))
