"""Writes modules in the binary format: as much of it as `constructs.py` needs."""

I32, I64, F32, F64, V128, FUNCREF, EXTERNREF, EXNREF, ANYREF = 0x7F, 0x7E, 0x7D, 0x7C, 0x7B, 0x70, 0x6F, 0x69, 0x6E


def u(value: int) -> bytes:
    """Unsigned LEB128."""
    out = bytearray()
    while value > 127:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value)
    return bytes(out)


def s(value: int) -> bytes:
    """Signed LEB128."""
    out = bytearray()
    while not -64 <= value < 64:
        out.append(value & 127 | 128)
        value >>= 7
    out.append(value & 127)
    return bytes(out)


def vec(items) -> bytes:
    items = list(items)
    return u(len(items)) + b"".join(items)


def text(name: str | bytes) -> bytes:
    name = name.encode() if isinstance(name, str) else name
    return u(len(name)) + name


def functype(params=(), results=()) -> bytes:
    return b"\x60" + u(len(params)) + bytes(params) + u(len(results)) + bytes(results)


def body(code: bytes, local_groups=()) -> bytes:
    """A function body without its `end`. Groups of locals are (count, type)."""
    content = vec(u(count) + bytes([ty]) for count, ty in local_groups) + code + b"\x0b"
    return u(len(content)) + content


def const(value: int) -> bytes:
    return b"\x41" + s(value)


def call(index: int) -> bytes:
    return b"\x10" + u(index)


def segment(offset: int, data: bytes) -> bytes:
    """An active data segment of memory 0."""
    return b"\0" + const(offset) + b"\x0b" + text(data)


def elements(offset: int, funcs) -> bytes:
    """An active element segment of table 0."""
    return b"\0" + const(offset) + b"\x0b" + vec(u(func) for func in funcs)


class Module:
    """Sections by their numbers; each a list of encoded items."""

    # In the order of the file.
    ORDER = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11]

    def __init__(self):
        self.sections: dict[int, list[bytes]] = {}
        self.custom: list[tuple[str, bytes]] = []
        self.custom_before_code: list[tuple[str, bytes]] = []
        self.start_function: int | None = None

    def add(self, section: int, item: bytes) -> int:
        """Adds an item; its index among those of the section."""
        items = self.sections.setdefault(section, [])
        items.append(item)
        return len(items) - 1

    def type(self, params=(), results=()) -> int:
        return self.add(1, functype(params, results))

    def func(self, ty: int, code: bytes, local_groups=()) -> int:
        """A function; its index among the defined ones."""
        self.add(3, u(ty))
        return self.add(10, body(code, local_groups))

    def export(self, name: str, kind: int, index: int):
        self.add(7, text(name) + bytes([kind]) + u(index))

    def start(self, index: int):
        """What the program runs."""
        self.export("_start", 0, index)

    def encode(self) -> bytes:
        out = bytearray(b"\0asm\x01\0\0\0")

        def section(number: int, content: bytes):
            out.extend(bytes([number]) + u(len(content)) + content)

        for number in self.ORDER:
            if number == 10:
                for name, content in self.custom_before_code:
                    section(0, text(name) + content)
            if number == 8 and self.start_function is not None:
                section(8, u(self.start_function))
            elif number == 12 and 11 in self.sections:
                section(12, u(len(self.sections[11])))
            elif number in self.sections:
                section(number, vec(self.sections[number]))
        for name, content in self.custom:
            section(0, text(name) + content)
        return bytes(out)


def with_start(module: Module, code: bytes, local_groups=(), imported: int = 0) -> bytes:
    """The module with a function that the program runs."""
    ty = module.type()
    module.start(imported + module.func(ty, code, local_groups))
    return module.encode()
