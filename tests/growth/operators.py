"""Constructs that are repeated inside of functions: see `constructs.py`."""

from encode import ANYREF, EXNREF, F64, I32, I64, V128, Module, call, const, s, u, vec, with_start

from constructs import DROP, END, construct

BLOCK, LOOP, IF = b"\x02", b"\x03", b"\x04"
EMPTY = b"\x40"
ZERO = {I32: const(0), F64: b"\x44" + bytes(8), V128: b"\xfd\x0c" + bytes(16)}


def opaque(code: bytes, ty: int = I32, count: int = 1, module: Module | None = None) -> bytes:
    """A module that runs the code with locals whose values can't be known, and keeps what becomes of the first."""
    module = module or Module()
    module.add(6, bytes([ty, 1]) + ZERO[ty] + END)
    read = b"".join(b"\x23\0\x21" + u(i) for i in range(count))
    return with_start(module, read + code + b"\x20\0\x24\0", [(count, ty)])


# ---------------------------------------------------------------- locals and operands


@construct("locals of a function, each written and read", 10_000)
def locals_(n):
    code = b"".join(const(i) + b"\x21" + u(i) for i in range(n)) + b"".join(b"\x20" + u(i) + DROP for i in range(n))
    return opaque(code, count=n)


@construct("functions with 50,000 locals that nothing uses", 100)
def unused_locals(n):
    m = Module()
    ty = m.type()
    for _ in range(n):
        m.func(ty, b"", [(50_000, I32)])
    return with_start(m, b"".join(call(i) for i in range(n)))


@construct("locals that are written in a loop", 500)
def loop_locals(n):
    step = b"".join(b"\x20" + u(i) + const(1) + b"\x6a\x21" + u(i) for i in range(n))
    return opaque(LOOP + EMPTY + step + b"\x20\0\x0d\0" + END, count=n)


@construct("loops in each other that write as many locals", 60)
def nested_loop_locals(n):
    step = b"".join(b"\x20" + u(i) + const(1) + b"\x6a\x21" + u(i) + b"\x20" + u(i) + b"\x0d\0" + END for i in range(n))
    return opaque((LOOP + EMPTY) * n + step, count=n)


@construct("operands on the stack at once", 10_000)
def deep_stack(n):
    code = (b"\x20\0" + const(1) + b"\x6a") * n + b"\x6a" * (n - 1) + b"\x21\0"
    return opaque(code)


@construct("operands on the stack, in a block that is left with them", 500)
def block_operands(n):
    m = Module()
    ty = m.type([], [I32] * n)
    code = BLOCK + s(ty) + const(1) * n + END + DROP * n
    return with_start(m, code)


@construct("a sum of additions", 50_000)
def additions(n):
    return opaque(b"\x20\0" + (b"\x20\0\x6a") * n + b"\x21\0")


@construct("selects, each of the one before", 10_000)
def selects(n):
    return opaque(b"\x20\0" + b"".join(const(i) + b"\x20\0\x1b" for i in range(n)) + b"\x21\0")


@construct("accesses of a memory", 20_000)
def accesses(n):
    m = Module()
    m.add(5, b"\0\x01")
    code = b"".join(const(0) + b"\x20\0\x36\x02" + u(4 * (i % 1000)) for i in range(n))
    return opaque(code, module=m)


def with_memory() -> Module:
    module = Module()
    module.add(5, b"\0\x01")
    return module


LOAD_BYTE = b"\x2d\0\0"


@construct("accesses at sums of an index and constants", 10_000)
def accesses_at_sums(n):
    code = b"".join(b"\x20\0" + const(4 * i) + b"\x6a" + LOAD_BYTE + DROP for i in range(n))
    return opaque(code, module=with_memory())


@construct("accesses at sums of indices, each of all before", 10_000)
def accesses_at_nested_sums(n):
    code = (b"\x20\0\x20\x01\x6a\x22\0" + LOAD_BYTE + b"\x21\x02") * n
    return opaque(code, count=3, module=with_memory())


@construct("masks of locals that ifs write", 1_000)
def masks(n):
    code = (b"\x20\0" + IF + EMPTY + b"\x20\x01" + LOAD_BYTE + b"\x21\x01" + END) * n
    code += (b"\x20\x01" + const(255) + b"\x71\x21\x01") * n
    return opaque(code + b"\x20\x01\x21\0", count=2, module=with_memory())


@construct("divisions", 10_000)
def divisions(n):
    return opaque(b"\x20\0" + (b"\x20\0\x6d") * n + b"\x21\0")


@construct("vector constants", 5_000)
def vectors(n):
    code = b"\x20\0" + b"".join(b"\xfd\x0c" + i.to_bytes(16, "little") + b"\xfd\x51" for i in range(n)) + b"\x21\0"
    return opaque(code, V128)


@construct("conversions of floats", 5_000)
def floats(n):
    return opaque(b"\x20\0" + b"\xb0\xb9" * n + b"\x21\0", F64)


@construct("operators that can't be reached", 500_000)
def dead_code(n):
    return with_start(Module(), b"\0" + (const(1) + DROP) * n)


# ---------------------------------------------------------------- control flow


def nested(kind: bytes, n: int, inner: bytes = b"") -> bytes:
    return kind * n + inner + END * n


@construct("blocks in each other", 20_000)
def blocks(n):
    return opaque(nested(BLOCK + EMPTY, n, b"\x20\0\x0d" + u(n - 1)))


@construct("blocks in each other, each branched to", 5_000)
def blocks_branched(n):
    inner = b"".join(b"\x20\0\x0d" + u(i) for i in range(n))
    return opaque(nested(BLOCK + EMPTY, n, inner))


@construct("blocks after each other", 50_000)
def block_sequence(n):
    return opaque((BLOCK + EMPTY + b"\x20\0\x0d\0" + END) * n)


@construct("blocks with 500 results in each other", 100)
def block_results(n):
    m = Module()
    ty = m.type([], [I32] * 500)
    code = (BLOCK + s(ty)) * n + const(1) * 500 + (b"\x20\0\x0d\0" + END) * n + DROP * 500
    return opaque(code, module=m)


@construct("branches with 500 operands", 200)
def wide_branches(n):
    m = Module()
    ty = m.type([], [I32] * 500)
    code = BLOCK + s(ty) + const(1) * 500 + b"\x20\0\x0d\0" * n + END + DROP * 500
    return opaque(code, module=m)


@construct("loops in each other", 2_000)
def loops(n):
    return opaque(LOOP * 0 + (LOOP + EMPTY) * n + (b"\x20\0\x0d\0" + END) * n)


@construct("loops after each other", 10_000)
def loop_sequence(n):
    return opaque((LOOP + EMPTY + b"\x20\0\x0d\0" + END) * n)


def counted(n, body: bytes) -> bytes:
    """A loop whose counter is local n."""
    step = b"\x20" + u(n) + const(4) + b"\x6a\x22" + u(n) + const(4096) + b"\x49\x0d\0"
    return const(0) + b"\x21" + u(n) + LOOP + EMPTY + body + step + END


@construct("loops after each other, each with an access at a sum", 5_000)
def counted_loops(n):
    body = b"\x20\0\x20\x01\x6a" + LOAD_BYTE + DROP
    return opaque(counted(1, body) * n, count=2, module=with_memory())


@construct("loops in each other, with as many accesses at sums", 200)
def nested_counted_loops(n):
    code = b""
    for i in reversed(range(1, n + 1)):
        code = counted(i, b"\x20\0\x20" + u(i) + b"\x6a" + LOAD_BYTE + DROP + code)
    return opaque(code, count=n + 1, module=with_memory())


@construct("counters of a loop, with an access at each", 500)
def many_counters(n):
    read = b"".join(b"\x20" + u(i) + LOAD_BYTE + DROP for i in range(1, n + 1))
    step = b"".join(b"\x20" + u(i) + const(4) + b"\x6a\x21" + u(i) for i in range(1, n + 1))
    return opaque(LOOP + EMPTY + read + step + b"\x20\x01\x0d\0" + END, count=n + 1, module=with_memory())


@construct("targets of a loop's br_table, each with a pointer in memory", 500)
def interpreter(n):
    step = b"\x20\0\x20\0\x28\x02\0" + const(4) + b"\x6a\x36\x02\0\x0c"
    cases = b"".join(END + step + u(i) for i in reversed(range(n)))
    table = b"\x20\0\x28\x02\0\x28\x02\0\x0e" + vec(u(i) for i in range(n)) + u(0)
    return opaque(LOOP + EMPTY + (BLOCK + EMPTY) * n + table + cases + END, module=with_memory())


@construct("ifs in each other", 10_000)
def ifs(n):
    return opaque(nested(b"\x20\0" + IF + EMPTY, n))


@construct("ifs after each other, each writing a local", 10_000)
def if_sequence(n):
    code = (b"\x20\0" + IF + EMPTY + b"\x20\0" + const(3) + b"\x6c\x21\0" + END) * n
    return opaque(code)


@construct("elses in each other", 5_000)
def elses(n):
    return opaque((b"\x20\0" + IF + EMPTY + b"\x05") * n + END * n)


@construct("targets of a br_table", 100_000)
def br_table_targets(n):
    code = BLOCK + EMPTY + b"\x20\0\x0e" + vec([u(0)] * n) + u(0) + END
    return opaque(code)


@construct("blocks that are targets of a br_table", 5_000)
def br_table_blocks(n):
    code = (BLOCK + EMPTY) * n + b"\x20\0\x0e" + vec(u(i) for i in range(n - 1)) + u(0) + END * n
    return opaque(code)


@construct("targets of a br_table with 500 operands", 500)
def br_table_operands(n):
    m = Module()
    ty = m.type([], [I32] * 500)
    code = BLOCK + s(ty) + const(1) * 500 + b"\x20\0\x0e" + vec([u(0)] * n) + u(0) + END + DROP * 500
    return opaque(code, module=m)


@construct("br_tables", 5_000)
def br_tables(n):
    return opaque((BLOCK + EMPTY + b"\x20\0\x0e\x01\0\0" + END) * n)


# ---------------------------------------------------------------- exceptions


def thrower(m: Module, tags: int) -> int:
    """Tags without values and a function that throws the first; its type."""
    ty = m.type()
    for _ in range(tags):
        m.add(13, b"\0" + u(ty))
    m.func(ty, b"\x08\0")
    return ty


def clause(tag: int, label: int = 0) -> bytes:
    return b"\0" + u(tag) + u(label)


@construct("tags", 20_000)
def tags(n):
    m = Module()
    thrower(m, n)
    return with_start(m, b"")


@construct("throws", 5_000)
def throws(n):
    m = Module()
    thrower(m, 1)
    return opaque((b"\x20\0" + IF + EMPTY + b"\x08\0" + END) * n, module=m)


@construct("try_tables after each other", 3_000)
def try_sequence(n):
    m = Module()
    thrower(m, 1)
    one = BLOCK + EMPTY + b"\x1f\x40" + vec([clause(0)]) + call(0) + END + END
    return with_start(m, one * n)


@construct("try_tables in each other, of one tag, each with a call", 500)
def try_nested(n):
    m = Module()
    thrower(m, 1)
    return with_start(m, (BLOCK + EMPTY + b"\x1f\x40" + vec([clause(0)]) + call(0)) * n + END * (2 * n))


@construct("try_tables in each other, of as many tags, each with a call", 200)
def try_nested_tags(n):
    m = Module()
    thrower(m, n)
    code = b"".join(BLOCK + EMPTY + b"\x1f\x40" + vec([clause(i)]) + call(0) for i in range(n))
    return with_start(m, code + END * (2 * n))


@construct("clauses of a try_table", 5_000)
def clauses(n):
    m = Module()
    thrower(m, n)
    return with_start(m, BLOCK + EMPTY + b"\x1f\x40" + vec(clause(i) for i in range(n)) + call(0) + END + END)


@construct("calls in a try_table with as many clauses", 300)
def clauses_calls(n):
    m = Module()
    thrower(m, n)
    return with_start(m, BLOCK + EMPTY + b"\x1f\x40" + vec(clause(i) for i in range(n)) + call(0) * n + END + END)


@construct("calls in a try_table", 5_000)
def calls_in_try(n):
    m = Module()
    thrower(m, 1)
    return with_start(m, BLOCK + EMPTY + b"\x1f\x40" + vec([clause(0)]) + call(0) * n + END + END)


@construct("legacy try in each other, of one tag, each with a call", 500)
def legacy_nested(n):
    m = Module()
    thrower(m, 1)
    return with_start(m, (b"\x06\x40" + call(0)) * n + b"\x07\0\x0b" * n)


@construct("legacy try in each other, each with a call after it", 500)
def legacy_nested_after(n):
    m = Module()
    thrower(m, 1)
    return with_start(m, b"\x06\x40" * n + (call(0) + b"\x07\0\x0b") * n)


@construct("legacy try that delegate, in each other", 500)
def legacy_delegates(n):
    m = Module()
    thrower(m, 1)
    code = b"\x06\x40" + b"\x06\x40" * n + (call(0) + b"\x18\0") * n + b"\x07\0\x0b"
    return with_start(m, code)


# ---------------------------------------------------------------- calls and references


@construct("calls in a function", 20_000)
def calls(n):
    m = Module()
    ty = m.type()
    m.func(ty, b"")
    return with_start(m, call(0) * n)


@construct("values that live across as many calls", 300)
def values_across_calls(n):
    m = Module()
    unary, ty = m.type([], [I32]), m.type()
    m.func(unary, const(1))
    m.func(ty, b"")
    return with_start(m, call(0) * n + call(1) * n + DROP * n)


@construct("references that live across as many calls", 200)
def references_across_calls(n):
    m = Module()
    m.add(1, b"\x5f\x01" + bytes([I32, 1]))
    ty = m.type()
    m.func(ty, b"")
    return with_start(m, b"\xfb\x01\0" * n + call(0) * n + DROP * n)


@construct("references of functions", 5_000)
def function_references(n):
    m = Module()
    ty = m.type()
    for _ in range(n):
        m.func(ty, b"")
    m.add(9, b"\x03\0" + vec(u(i) for i in range(n)))
    return with_start(m, b"".join(b"\xd2" + u(i) + DROP for i in range(n)))


@construct("elements of array.new_fixed", 5_000)
def array_fixed(n):
    m = Module()
    m.add(1, b"\x5e" + bytes([I32, 1]))
    return with_start(m, const(1) * n + b"\xfb\x08\0" + u(n) + DROP)


@construct("casts", 5_000)
def casts(n):
    m = Module()
    m.add(1, b"\x5f\x01" + bytes([I32, 1]))
    code = b"\xfb\x01\0\x21\0" + b"\x20\0\xfb\x17\0\x21\0" * n
    return with_start(m, code, [(1, ANYREF)])
