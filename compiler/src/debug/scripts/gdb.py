"""gdb on executables of wasm-aot: pointers into linear memories, and the strings and vectors that are made of them.

    wasm-aot debugger-script gdb > wasm_aot_gdb.py
    source wasm_aot_gdb.py          in gdb, or in ~/.gdbinit

A pointer in a linear memory is an index of 32 or 64 bits. The debug information says `wasm_ptr<T>` there, a structure,
since gdb takes all pointers for native ones. With this script it is shown as the native pointer, and in C++ programs
`p->next->value`, `*p->next` and `p->items[2]` work. In other languages write `$native(p->next)->value`.
"""

import gdb
import gdb.xmethod

POINTER = "wasm_ptr<"
# A reference of C++ in memory.
REFERENCE = "wasm_ref<"
# The most bytes of a string that are read.
LONGEST = 10000


def plain(kind):
    """A type without typedefs, const and volatile."""
    return kind.strip_typedefs().unqualified()


def name_of(kind):
    return kind.tag or kind.name or ""


def is_pointer(kind):
    return kind.code == gdb.TYPE_CODE_STRUCT and name_of(kind).startswith((POINTER, REFERENCE))


def native(value):
    """The native pointer that a `wasm_ptr<T>` stands for; other values as they are."""
    kind = plain(value.type)
    if not is_pointer(kind):
        return value
    index = int(value["index"])
    symbol = gdb.lookup_static_symbol("wasm_memory") if index else None
    address = int(symbol.value()) + index if symbol else index
    return gdb.Value(address).cast(kind.template_argument(0).pointer())


def text(pointer, length):
    """Bytes in memory as text; gdb escapes and shortens it. The pointer is to a type of one byte."""
    if length == 0:
        return ""
    return pointer.lazy_string(encoding="utf-8", length=min(length, LONGEST))


def first_pointer(value):
    """The pointer in nested structures that are nothing but wrappers of one."""
    if is_pointer(plain(value.type)):
        return native(value)
    if plain(value.type).code != gdb.TYPE_CODE_STRUCT:
        return None
    for field in plain(value.type).fields():
        if hasattr(field, "bitpos") and field.type.sizeof > 0:
            found = first_pointer(value[field])
            if found is not None:
                return found
    return None


class Pointer:
    def __init__(self, value):
        self.value = value

    def to_string(self):
        return native(self.value).format_string()


class Reference(Pointer):
    def to_string(self):
        try:
            target = native(self.value)
            return f"@{int(target):#x}: {target.dereference().format_string()}"
        except gdb.MemoryError:
            return super().to_string()


class Text:
    def __init__(self, pointer, length):
        self.pointer, self.length = pointer, length

    def to_string(self):
        return text(self.pointer, self.length)

    def display_hint(self):
        return "string"


class Elements:
    def __init__(self, name, pointer, length):
        self.name, self.pointer, self.length = name, pointer, length

    def to_string(self):
        return f"{self.name} of length {self.length}"

    def children(self):
        for index in range(self.length):
            yield f"[{index}]", self.pointer[index]

    def display_hint(self):
        return "array"


def slice_of(value, name, pointer, length):
    """A pointer and a length, as `&str`, `&[T]` and Zig's slices are."""
    if not is_pointer(plain(value[pointer].type)):
        return None
    pointer, length = native(value[pointer]), int(value[length])
    if plain(pointer.type.target()).sizeof == 1 and name.endswith(("str", "u8")):
        return Text(pointer, length)
    return Elements(name, pointer, length)


def rust_vector(value, name):
    pointer = first_pointer(value["buf"])
    if pointer is None:
        return None
    element = plain(value.type).template_argument(0)
    return Elements(name.split("<")[0].rsplit("::")[-1], pointer.cast(element.pointer()), int(value["len"]))


def rust_string(value):
    pointer = first_pointer(value["vec"])
    return None if pointer is None else Text(pointer, int(value["vec"]["len"]))


def member(value, *names):
    """A member of a structure, or of an anonymous one in it; libc++ has moved its members."""
    fields = {field.name: field for field in plain(value.type).fields()}
    for name in names:
        if name in fields:
            return value[fields[name]]
    for field in fields.values():
        if not field.name or field.is_base_class:
            found = member(value[field], *names)
            if found is not None:
                return found
    return None


def cpp_string(value):
    representation = member(value, "__rep_", "__r_")
    if representation is None:
        return None
    if member(representation, "__value_") is not None:
        representation = member(representation, "__value_")
    long, short = representation["__l"], representation["__s"]
    pointer = long["__data_"]
    if not is_pointer(plain(pointer.type)):
        return None
    if int(member(short, "__is_long_")):
        return Text(native(pointer), int(long["__size_"]))
    return Text(short["__data_"][0].address, int(member(short, "__size_")))


def cpp_vector(value):
    begin, end = member(value, "__begin_"), member(value, "__end_")
    if begin is None or end is None or not is_pointer(plain(begin.type)):
        return None
    begin = native(begin)
    return Elements("std::vector", begin, int(native(end) - begin) if int(begin) else 0)


def printer(value):
    """What shows a value, if it isn't gdb itself."""
    kind = plain(value.type)
    if kind.code != gdb.TYPE_CODE_STRUCT:
        return None
    name = name_of(kind)
    try:
        if name.startswith(POINTER):
            return Pointer(value)
        if name.startswith(REFERENCE):
            return Reference(value)
        if name.startswith("&"):
            return slice_of(value, name, "data_ptr", "length")
        if name.startswith("["):
            return slice_of(value, name, "ptr", "len")
        if name == "alloc::string::String":
            return rust_string(value)
        if name.startswith("alloc::vec::Vec<"):
            return rust_vector(value, name)
        template, _, arguments = name.partition("<")
        if template.startswith("std::__") and template.endswith("::basic_string") and arguments.startswith("char,"):
            return cpp_string(value)
        if template.startswith("std::__") and template.endswith("::vector"):
            return cpp_vector(value)
    except (gdb.error, KeyError):
        # Another version of the library: gdb shows its members.
        return None
    return None


class Operator(gdb.xmethod.XMethodWorker):
    """`->`, `*` or `[]` of a `wasm_ptr<T>`."""

    def __init__(self, name, target):
        self.name, self.target = name, target

    def get_arg_types(self):
        return gdb.lookup_type("int") if self.name == "operator[]" else None

    def get_result_type(self, pointer, index=None):
        return self.target.pointer() if self.name == "operator->" else self.target

    def __call__(self, pointer, index=None):
        if pointer.type.code == gdb.TYPE_CODE_PTR:
            pointer = pointer.dereference()
        if self.name == "operator->":
            return native(pointer)
        return native(pointer)[index if self.name == "operator[]" else 0]


class Operators(gdb.xmethod.XMethodMatcher):
    def __init__(self):
        super().__init__("wasm-aot")
        self.methods = None

    def match(self, kind, name):
        if name in ("operator->", "operator*", "operator[]") and is_pointer(plain(kind)):
            return Operator(name, plain(kind).template_argument(0))
        return None


class Native(gdb.Function):
    """$native(POINTER): a pointer in a linear memory as a native one."""

    def __init__(self):
        super().__init__("native")

    def invoke(self, value):
        return native(value)


printer.name = "wasm-aot"
gdb.pretty_printers[:] = [printer] + [p for p in gdb.pretty_printers if getattr(p, "name", "") != "wasm-aot"]
gdb.xmethod.register_xmethod_matcher(None, Operators(), replace=True)
Native()
