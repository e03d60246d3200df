# What interpreted programs do: calls, attributes, strings, dictionaries, sorting, big integers,
# regular expressions, JSON and hashing.
import collections, hashlib, json, re

def fib(n): return n if n < 2 else fib(n - 1) + fib(n - 2)
print(fib(22))

class Vector:
    __slots__ = ("x", "y")
    def __init__(self, x, y): self.x, self.y = x, y
    def __add__(self, other): return Vector(self.x + other.x, self.y + other.y)
total = Vector(0.0, 0.0)
for i in range(60000): total = total + Vector(i * 0.5, -i)
print(total.x, total.y)

words = [f"w{(i * 7919) % 1009:x}" for i in range(60000)]
counts = collections.Counter(words)
print(counts.most_common(3), len("".join(sorted(words))))
text = json.dumps([{"id": i, "name": w, "tags": [w, str(i)]} for i, w in enumerate(words[:5000])])
print(len(text), sum(len(item["name"]) for item in json.loads(text)))
print(len(re.findall(r'"name": "w([0-9a-f]+)"', text)), hashlib.sha256(text.encode() * 5).hexdigest())
print(sum(int(c) for c in str(3 ** 9000)[:4000]), pow(3, 10 ** 60, 10 ** 40 + 1))
sieve = bytearray([1]) * 300000
for i in range(2, 548):
    if sieve[i]: sieve[i * i::i] = bytes(len(range(i * i, 300000, i)))
print(sum(sieve) - 2, sum(x * x % 7 for x in range(150000)))
