# The pure Python and C parts of the standard library that programs use most.
import base64, binascii, bisect, collections, csv, datetime, decimal, fractions, functools, hashlib
import heapq, io, itertools, json, math, operator, random, re, statistics, string, struct, textwrap, zlib
import xml.etree.ElementTree as xml

print(json.dumps({"b": [1, 2.5, None, True], "a": {"ü": "\u20ac\n"}}, sort_keys=True, indent=1))
print(json.loads('{"x": [1e3, -0.0, "\\u00e9", 12345678901234567890]}'))
print(re.findall(r"(?P<key>\w+)\s*=\s*(\d+)(?!\d)", "a=1, bb = 22;ccc=333"))
print(re.sub(r"\b(\w)(\w*)\b", lambda m: m[1].upper() + m[2], "the quick brown fox"), re.split(r"[,;]\s*", "a, b;c"))
for name in ("md5", "sha1", "sha256", "sha512", "sha3_256", "blake2b"):
    print(name, hashlib.new(name, b"wasm" * 1000).hexdigest()[:40])
print(3**500 % 10**50, pow(7, 10**18, 10**9 + 7), math.factorial(60), (1 << 200) // 12345, math.isqrt(10**60))
print(decimal.Decimal(2).sqrt(decimal.Context(prec=50)), fractions.Fraction(355, 113) - fractions.Fraction(22, 7))
print(repr(0.1 + 0.2), 1e308 * 10, float("nan"), math.sin(1), math.gamma(5.5), round(2.675, 2), (0.1).hex())
print(struct.pack("<IHd", 7, 8, 0.5).hex(), base64.b64encode(bytes(range(20))), binascii.crc32(b"abc"), zlib.adler32(b"abc"))
packed = zlib.compress(b"abcabcabc" * 500, 9)
print(len(packed), zlib.decompress(packed) == b"abcabcabc" * 500)
print(collections.Counter("mississippi").most_common(), collections.deque([1, 2, 3], 2), list(itertools.permutations("abc"))[:3])
print(heapq.nsmallest(3, [5, 1, 4, 2]), bisect.bisect([1, 3, 5], 3), functools.reduce(operator.mul, range(1, 15)))
print(datetime.date(2026, 11, 21) - datetime.date(2000, 2, 29), datetime.datetime(2024, 2, 29, 12).isoformat())
generator = random.Random(42)
print(generator.random(), generator.randrange(10**20), generator.sample(range(100), 5), generator.gauss(0, 1))
print(statistics.mean([1, 2, 4]), statistics.stdev([1, 2, 4]), string.Template("$a-$b").substitute(a=1, b=2))
print(textwrap.fill("a long line that is wrapped at twenty columns", 20))
print(xml.tostring(xml.fromstring("<a x='1'><b>t</b></a>")), list(csv.reader(io.StringIO('a,"b,c"\n1,2'))))
print("Grüße %s {} %r".title().swapcase().lower() % ("x", "y"), f"{1234567.891:,.2f} {255:#x} {'mid':^9}|", "ß".casefold(), "a\u0301".encode())


class Base:
    def __init_subclass__(cls, **kw): print("subclass", cls.__name__, kw)
    def __matmul__(self, other): return "matmul"


class Derived(Base, flag=1):
    __slots__ = ("x",)


print(Derived() @ 3, [type(e).__name__ for e in (ZeroDivisionError(), OSError())])
try:
    1 / 0
except ZeroDivisionError as error:
    print("caught", error)
async def later(): return 5
try: later().send(None)
except StopIteration as stop: print("async", stop.value)
match {"kind": "point", "at": [1, 2]}:
    case {"kind": "point", "at": [x, y]}: print("match", x, y)
def deep(n): return 0 if n == 0 else 1 + deep(n - 1)
print("deep", deep(400))
print(sum(i * i for i in range(100000)), sorted(str(i) for i in range(12)), len({i % 7 for i in range(100)}))
