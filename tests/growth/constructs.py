"""Every construct of a module that can be repeated: for each a function that makes a module of it, and a size.

Everything is reachable, so that nothing is dropped before it is compiled. `DROP` after an expression keeps the operand
stack low; where depth is what is repeated, it isn't used.
"""

from encode import (
    ANYREF, EXTERNREF, F64, FUNCREF, I32, I64, V128, Module, call, const, elements, functype, s, segment, text, u, vec,
    with_start,
)

DROP = b"\x1a"
END = b"\x0b"

# (name, size, function)
CONSTRUCTS = []


def construct(name: str, size: int):
    def register(make):
        CONSTRUCTS.append((name, size, make))
        return make

    return register


def distinct_type(index: int) -> list[int]:
    """Parameters that no other index has."""
    types = [I32, I64, 0x7D, F64]
    return [types[index >> 2 * digit & 3] for digit in range(10)]


# ---------------------------------------------------------------- types


@construct("function types", 20_000)
def function_types(n):
    m = Module()
    for i in range(n):
        m.type(distinct_type(i))
    return with_start(m, b"")


@construct("equal function types", 40_000)
def equal_types(n):
    m = Module()
    for _ in range(n):
        m.type([I32], [I32])
    return with_start(m, b"")


@construct("types with 1000 parameters and results", 400)
def wide_types(n):
    m = Module()
    for i in range(n):
        m.type(distinct_type(i) + [I32] * 990, [I32] * 1000)
    return with_start(m, b"")


@construct("recursion groups", 20_000)
def recursion_groups(n):
    m = Module()
    for i in range(n):
        m.add(1, b"\x4e\x02" + b"\x5f\x01" + b"\x63" + s(2 * i + 1) + b"\0" + b"\x5e" + b"\x63" + s(2 * i) + b"\0")
    ty = len(m.sections[1]) * 2
    m.add(1, functype())
    m.start(m.func(ty, b""))
    return m.encode()


@construct("types of one recursion group", 40_000)
def recursion_group(n):
    m = Module()
    m.add(1, b"\x4e" + vec(b"\x5f\x01\x63" + s((i + 1) % n) + b"\0" for i in range(n)))
    m.add(1, functype())
    m.start(m.func(n, b""))
    return m.encode()


@construct("chains of 60 subtypes", 500)
def subtypes(n):
    m = Module()
    for chain in range(n):
        for depth in range(60):
            index = chain * 60 + depth
            supertype = u(0) if depth == 0 else u(1) + u(index - 1)
            m.add(1, b"\x50" + supertype + b"\x5f" + vec([bytes([I32, 0])] * (depth + 1)))
    return with_start(m, b"")


@construct("structures of 1000 fields, made and read", 200)
def fields(n):
    m = Module()
    code = b""
    for i in range(n):
        m.add(1, b"\x5f" + vec([bytes([I32 if k != i else I64, 1]) for k in range(1000)]))
        code += b"\xfb\x01" + u(i) + b"\xfb\x02" + u(i) + u(999) + DROP
    return with_start(m, code)


# ---------------------------------------------------------------- imports, functions, exports


@construct("imported functions, called", 10_000)
def imports(n):
    m = Module()
    ty = m.type()
    for i in range(n):
        m.add(2, text("env") + text(f"f{i}") + b"\0" + u(ty))
    return with_start(m, b"".join(call(i) for i in range(n)), imported=n)


@construct("functions, called by one", 10_000)
def functions(n):
    m = Module()
    ty = m.type()
    for _ in range(n):
        m.func(ty, b"")
    return with_start(m, b"".join(call(i) for i in range(n)))


@construct("functions, each called by the one before", 10_000)
def function_chain(n):
    m = Module()
    ty = m.type()
    for i in range(n - 1):
        m.func(ty, call(i + 1))
    m.func(ty, b"")
    m.start(0)
    return m.encode()


@construct("tail calls, each of the function before", 10_000)
def tail_chain(n):
    m = Module()
    ty = m.type()
    for i in range(n - 1):
        m.func(ty, b"\x12" + u(i + 1))
    m.func(ty, b"")
    m.start(0)
    return m.encode()


@construct("exports", 40_000)
def exports(n):
    m = Module()
    ty = m.type()
    index = m.func(ty, b"")
    for i in range(n):
        m.export(f"export{i}", 0, index)
    m.start(index)
    return m.encode()


@construct("calls with 1000 arguments and results", 100)
def wide_calls(n):
    m = Module()
    wide = m.type([I32] * 1000, [I32] * 1000)
    m.func(wide, b"".join(b"\x20" + u(i) for i in range(1000)))
    return with_start(m, const(1) * 1000 + call(0) * n + DROP * 1000)


# ---------------------------------------------------------------- globals, constant expressions


@construct("globals, written", 10_000)
def globals_(n):
    m = Module()
    for i in range(n):
        m.add(6, bytes([I32, 1]) + const(i) + END)
    return with_start(m, b"".join(const(1) + b"\x24" + u(i) for i in range(n)))


@construct("globals, each the value of the one before", 40_000)
def global_chain(n):
    m = Module()
    m.add(6, bytes([I32, 0]) + const(7) + END)
    for i in range(n - 1):
        m.add(6, bytes([I32, 0]) + b"\x23" + u(i) + END)
    return with_start(m, b"\x23" + u(n - 1) + DROP)


@construct("operators of a constant expression", 200_000)
def constant_expression(n):
    m = Module()
    m.add(6, bytes([I32, 0]) + const(0) + (const(1) + b"\x6a") * n + END)
    return with_start(m, b"\x23\0" + DROP)


@construct("globals that are objects", 2_000)
def object_globals(n):
    m = Module()
    m.add(1, b"\x5f\x01" + bytes([I32, 1]))
    for _ in range(n):
        m.add(6, bytes([ANYREF, 1]) + const(5) + b"\xfb\0\0" + END)
    return with_start(m, b"")


# ---------------------------------------------------------------- tables


def called_table(m: Module, size: bytes, segments=()) -> bytes:
    """A table of functions () -> (), called through once."""
    ty = m.type()
    m.func(ty, b"")
    m.add(4, bytes([FUNCREF]) + size)
    for item in segments:
        m.add(9, item)
    m.start(m.func(ty, const(0) + b"\x11" + u(ty) + b"\0"))
    return m.encode()


@construct("elements of a table, null", 5_000_000)
def null_table(n):
    return called_table(Module(), b"\0" + u(n))


@construct("elements of a table, null but the last", 5_000_000)
def sparse_table(n):
    return called_table(Module(), b"\0" + u(n), [elements(n - 1, [0])])


@construct("elements of a table, one function", 5_000_000)
def filled_table(n):
    m = Module()
    ty = m.type()
    m.func(ty, b"")
    m.add(4, b"\x40\0" + bytes([FUNCREF]) + b"\0" + u(n) + b"\xd2\0" + END)
    m.start(m.func(ty, const(0) + b"\x11" + u(ty) + b"\0"))
    return m.encode()


@construct("tables of 8000 elements, called through", 40)
def tables(n):
    m = Module()
    ty = m.type()
    for _ in range(n):
        m.add(4, bytes([FUNCREF]) + b"\0" + u(8000))
    m.start(m.func(ty, b"".join(const(0) + b"\x11" + u(ty) + u(i) for i in range(n))))
    return m.encode()


@construct("elements of a segment", 100_000)
def segment_elements(n):
    return called_table(Module(), b"\0" + u(n), [elements(0, [0] * n)])


@construct("element segments, side by side", 20_000)
def element_segments(n):
    return called_table(Module(), b"\0" + u(n), [elements(i, [0]) for i in range(n)])


@construct("element segments, far from each other", 20_000)
def far_element_segments(n):
    return called_table(Module(), b"\0" + u(n * 200), [elements(i * 200, [0]) for i in range(n)])


@construct("element segments of a table that is written", 5_000)
def written_table(n):
    m = Module()
    ty = m.type()
    m.func(ty, b"")
    m.add(4, bytes([FUNCREF]) + b"\0" + u(n))
    for i in range(n):
        m.add(9, elements(i, [0]))
    m.start(m.func(ty, const(0) + b"\xd0\x70\x26\0"))
    return m.encode()


@construct("passive element segments, used", 5_000)
def passive_elements(n):
    m = Module()
    ty = m.type()
    m.func(ty, b"")
    m.add(4, bytes([FUNCREF]) + b"\0" + u(1))
    for _ in range(n):
        m.add(9, b"\x01\0" + vec([u(0)]))
    use = b"".join(const(0) + const(0) + const(1) + b"\xfc\x0c" + u(i) + b"\0" for i in range(n))
    m.start(m.func(ty, use))
    return m.encode()


@construct("passive element segments of objects, used", 1_000)
def object_segments(n):
    m = Module()
    m.add(1, b"\x5f\x01" + bytes([I32, 1]))
    ty = m.type()
    m.add(4, bytes([ANYREF]) + b"\0" + u(1))
    for _ in range(n):
        m.add(9, b"\x05" + bytes([ANYREF]) + vec([const(5) + b"\xfb\0\0" + END]))
    use = b"".join(const(0) + const(0) + const(1) + b"\xfc\x0c" + u(i) + b"\0" for i in range(n))
    m.start(m.func(ty, use))
    return m.encode()


@construct("tables of 8 elements, called through", 5_000)
def many_tables(n):
    m = Module()
    ty = m.type()
    for _ in range(n):
        m.add(4, bytes([FUNCREF]) + b"\0" + u(8))
    m.start(m.func(ty, b"".join(const(0) + b"\x11" + u(ty) + u(i) for i in range(n))))
    return m.encode()


@construct("signatures of calls through a table of as many functions", 3_000)
def signatures(n):
    m = Module()
    for i in range(n):
        m.type([], distinct_type(i))
        m.func(i, b"\0")
    ty = m.type()
    m.add(4, bytes([FUNCREF]) + b"\0" + u(n))
    m.add(9, elements(0, range(n)))
    code = b"".join(const(0) + b"\x11" + u(i) + b"\0" + DROP * 10 for i in range(n))
    m.start(m.func(ty, code))
    return m.encode()


@construct("signatures of calls through a large table of nulls", 2_000)
def signatures_of_nulls(n):
    m = Module()
    for i in range(n):
        m.type([], distinct_type(i))
    ty = m.type()
    m.add(4, bytes([FUNCREF]) + b"\0" + u(10_000_000))
    code = b"".join(const(0) + b"\x11" + u(i) + b"\0" + DROP * 10 for i in range(n))
    m.start(m.func(ty, code))
    return m.encode()


# ---------------------------------------------------------------- memories


@construct("memories, accessed", 40)
def memories(n):
    m = Module()
    for _ in range(n):
        m.add(5, b"\0\x01")
    return with_start(m, b"".join(const(0) + b"\x28\x42" + u(i) + u(0) + DROP for i in range(n)))


@construct("data segments of 16 bytes, side by side", 20_000)
def data_segments(n):
    m = Module()
    m.add(5, b"\0" + u(n * 16 // 65536 + 1))
    for i in range(n):
        m.add(11, segment(16 * i, b"x" * 16))
    return with_start(m, b"")


@construct("data segments of a byte, in pages side by side", 15_000)
def adjacent_pages(n):
    m = Module()
    m.add(5, b"\0" + u(n * 4096 // 65536 + 1))
    for i in range(n):
        m.add(11, segment(4096 * i, b"x"))
    return with_start(m, b"")


@construct("data segments of a byte, in every other page", 15_000)
def far_pages(n):
    m = Module()
    m.add(5, b"\0" + u(n * 8192 // 65536 + 1))
    for i in range(n):
        m.add(11, segment(8192 * i, b"x"))
    return with_start(m, b"")


@construct("data segments over each other", 20_000)
def overlapping(n):
    m = Module()
    m.add(5, b"\0\x01")
    for _ in range(n):
        m.add(11, segment(0, b"x" * 16))
    return with_start(m, b"")


@construct("data segments that don't fit", 5_000)
def late_data(n):
    m = Module()
    m.add(5, b"\0\x01")
    for _ in range(n):
        m.add(11, segment(65535, b"xx"))
    return with_start(m, b"")


@construct("bytes of a data segment", 8_000_000)
def data_bytes(n):
    m = Module()
    m.add(5, b"\0" + u(n // 65536 + 1))
    m.add(11, segment(0, bytes(range(1, 251)) * (n // 250)))
    return with_start(m, b"")


@construct("passive data segments, used", 5_000)
def passive_data(n):
    m = Module()
    m.add(5, b"\0\x01")
    for _ in range(n):
        m.add(11, b"\x01" + text(b"x"))
    use = b"".join(const(0) + const(0) + const(1) + b"\xfc\x08" + u(i) + b"\0" for i in range(n))
    return with_start(m, use)


# ---------------------------------------------------------------- names and other custom sections


def named(names) -> bytes:
    names = list(names)
    m = Module()
    ty = m.type()
    for _ in names:
        m.func(ty, b"")
    m.start(m.func(ty, b"".join(call(i) for i in range(len(names)))))
    functions = vec(u(i) + text(name) for i, name in enumerate(names))
    m.custom.append(("name", b"\x01" + u(len(functions)) + functions))
    return m.encode()


@construct("names of functions", 5_000)
def names(n):
    return named(f"name_of_function_{i}" for i in range(n))


@construct("bytes of a name", 1_000_000)
def long_name(n):
    return named(["x" * n])


@construct("C++ names whose text is 30 times as long", 1_000)
def cpp_names(n):
    return named(f"_Z1f200{'x' * 196}{i:04}" + "S_" * 29 for i in range(n))


@construct("Rust names whose text is 20 times as long", 1_000)
def rust_names(n):
    return named(f"_RINvC1a1fNtC1a200{'x' * 196}{i:04}" + "B7_" * 29 + "E" for i in range(n))


@construct("C++ names that are wrong at their end", 2_000)
def wrong_names(n):
    return named(f"_Z4f{i % 1000:03}IX" + "dl" * 10 for i in range(n))


@construct("custom sections", 40_000)
def custom_sections(n):
    m = Module()
    m.custom = [(f"custom{i}", b"contents") for i in range(n)]
    return with_start(m, b"")


@construct("branch hints", 20_000)
def branch_hints(n):
    m = Module()
    # `i32.const 0; if; end`, n times, the first operator at offset 1 of the body.
    hints = b"".join(u(3 + 5 * i) + b"\x01\0" for i in range(n))
    m.custom_before_code.append(("metadata.code.branch_hint", u(1) + u(0) + u(n) + hints))
    return with_start(m, (const(0) + b"\x04\x40\x0b") * n)
