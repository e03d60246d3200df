# Exceptions through Python and C frames, and enough else to run most of the interpreter.
import sys


class Refused(ValueError):
    def __init__(self, depth):
        super().__init__("refused at depth %d" % depth)
        self.depth = depth


log = []


class Scope:
    def __init__(self, name):
        self.name = name

    def __enter__(self):
        log.append("enter " + self.name)
        return self

    def __exit__(self, kind, value, trace):
        log.append("exit %s %s" % (self.name, kind.__name__ if kind else None))
        return self.name == "swallows" and kind is KeyError


def descend(depth, limit):
    if depth == limit:
        raise Refused(depth)
    try:
        return descend(depth + 1, limit) + 1
    finally:
        if depth % 8 == 0:
            log.append("finally %d" % depth)


try:
    descend(0, 24)
except Refused as error:
    print("caught", error, error.depth, isinstance(error, ValueError))
print(log)
log.clear()

with Scope("outer"):
    with Scope("swallows"):
        {}["missing"]
    try:
        with Scope("inner"):
            [][1]
    except IndexError as error:
        log.append("index: " + str(error))
print(log)

# Exceptions that begin in C: in the compiler, in a callback of sort, in number parsing, in a generator.
for source in ("1 +", "x = = 2", "int('12z')", "10 // 0", "sorted([3, 'a', 1])", "''.no", "undefined",
               "[1, 2, 3].sort(key=lambda item: 1 // (item - 2))", "next(iter([]))", "bytes([999])"):
    try:
        exec(source)
        print("no error:", source)
    except Exception as error:
        print(type(error).__name__, "|", error, "|", source)


def numbers():
    total = 0
    while True:
        try:
            value = yield total
            total += value
        except ValueError as error:
            total = -1000
        except GeneratorExit:
            log.append("closed at %d" % total)
            raise


log.clear()
generator = numbers()
next(generator)
print([generator.send(n) for n in range(5)], generator.throw(ValueError("reset")), generator.send(7))
generator.close()
print(log)


def endless(n):
    return endless(n + 1) + 1


try:
    endless(0)
    print("not reached")
except RuntimeError as error:
    print("RuntimeError", error)

caught = 0
for i in range(20000):
    try:
        if i % 3 == 0:
            raise ValueError
        [][i]
    except (ValueError, IndexError):
        caught += 1
print("caught", caught)

sieve = bytearray([1] * 5000)
for i in range(2, 71):
    if sieve[i]:
        for j in range(i * i, 5000, i):
            sieve[j] = 0
print(sum(sieve) - 2, 3 ** 200 % 1000007, sorted("the quick brown fox".split(), key=len), "%.6f" % (2 ** 0.5))
words = {}
for word in "a b a c b a".split():
    words[word] = words.get(word, 0) + 1
print(sorted(words.items()), [x * y for x in range(4) for y in range(x)], {1, 2} | {3} == {3, 2, 1})
with open("/work/out.txt", "w") as file:
    for i in range(10):
        file.write("%d %s\n" % (i, i * "x"))
with open("/work/out.txt") as file:
    print(len(file.read()))
try:
    open("/work/none.txt")
except OSError as error:
    print("OSError", error)
sys.stderr.write("to stderr\n")
descend(0, 3)
