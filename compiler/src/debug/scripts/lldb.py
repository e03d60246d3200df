"""lldb on executables of wasm-aot: pointers into linear memories, and the strings and vectors that are made of them.

    wasm-aot debugger-script lldb > wasm_aot_lldb.py
    command script import wasm_aot_lldb.py          in lldb, or in ~/.lldbinit

A pointer in a linear memory is an index of 32 or 64 bits. The debug information says `wasm_ptr<T>` there, a structure,
since lldb takes all pointers for native ones. With this script it is shown as the native pointer, and paths such as
`frame variable p->next->value` and `frame variable *p->next` go through it; `expression` takes native pointers only.
"""

import lldb

POINTER = "wasm_ptr<"
# A reference of C++ in memory.
REFERENCE = "wasm_ref<"
# The most bytes of a string that are read, and the most elements that are shown.
LONGEST, MOST = 10000, 256


def plain(kind):
    """A type without typedefs, const and volatile."""
    return kind.GetCanonicalType().GetUnqualifiedType()


def is_pointer(value):
    return (plain(value.GetType()).GetName() or "").startswith((POINTER, REFERENCE))


def integer(value):
    """An unsigned member."""
    data, error = value.GetData(), lldb.SBError()
    return data.GetUnsignedInt32(error, 0) if data.GetByteSize() == 4 else data.GetUnsignedInt64(error, 0)


def native(value):
    """The native address that a pointer has."""
    value = value.GetNonSyntheticValue()
    if not is_pointer(value):
        return value.GetValueAsUnsigned(0)
    index = integer(value)
    if index == 0:
        return 0
    memory = value.GetTarget().FindFirstGlobalVariable("wasm_memory")
    return memory.GetValueAsUnsigned(0) + index


def target_of(value):
    kind = plain(value.GetType())
    return kind.GetTemplateArgumentType(0) if is_pointer(value) else kind.GetPointeeType()


def member(value, *path):
    for name in path:
        value = value.GetNonSyntheticValue().GetChildMemberWithName(name)
    return value


def deep(value, *names):
    """A member of a structure, or of an anonymous one in it; libraries have moved their members."""
    value = value.GetNonSyntheticValue()
    for name in names:
        found = value.GetChildMemberWithName(name)
        if found.IsValid():
            return found
    for index in range(value.GetNumChildren()):
        child = value.GetChildAtIndex(index)
        if not child.GetName() or child.GetName() == child.GetTypeName():
            found = deep(child, *names)
            if found is not None:
                return found
    return None


def first_pointer(value):
    """The pointer in nested structures that are nothing but wrappers of one."""
    value = value.GetNonSyntheticValue()
    if is_pointer(value):
        return value
    for index in range(value.GetNumChildren()):
        found = first_pointer(value.GetChildAtIndex(index))
        if found is not None:
            return found
    return None


def text(value, address, length):
    if length == 0:
        return '""'
    error = lldb.SBError()
    read = value.GetProcess().ReadMemory(address, min(length, LONGEST), error)
    if not error.Success():
        return f"<{error.GetCString()}>"
    return '"' + read.decode(errors="replace").replace("\\", "\\\\").replace('"', '\\"') + '"'


class Pointer:
    """The target of a pointer, for `->` and `*`; it isn't listed with the value."""

    def __init__(self, value, _):
        self.value = value

    def update(self):
        return False

    def num_children(self):
        return 0

    def has_children(self):
        return True

    def get_child_index(self, name):
        return 0 if name == "$$dereference$$" else -1

    def get_child_at_index(self, index):
        if index != 0:
            return None
        return self.value.CreateValueFromAddress("*", native(self.value), target_of(self.value))


def pointer_summary(value, _):
    address = native(value)
    kind = plain(target_of(value.GetNonSyntheticValue()))
    if address and kind.GetName() == "char":
        error = lldb.SBError()
        read = value.GetProcess().ReadCStringFromMemory(address, LONGEST, error)
        if error.Success():
            return f'0x{address:x} "{read}"'
    if address and (plain(value.GetType()).GetName() or "").startswith(REFERENCE):
        target = value.CreateValueFromAddress("*", address, target_of(value.GetNonSyntheticValue()))
        shown = target.GetSummary() or target.GetValue()
        if shown:
            return f"0x{address:x}: {shown}"
    return f"0x{address:x}"


def parts(value):
    """The address, the length and the type of the elements of a slice or a vector."""
    value = value.GetNonSyntheticValue()
    name = plain(value.GetType()).GetName() or ""
    if name.startswith("&"):
        pointer = member(value, "data_ptr")
        return native(pointer), member(value, "length").GetValueAsUnsigned(0), target_of(pointer)
    if name.startswith("["):
        pointer = member(value, "ptr")
        return native(pointer), member(value, "len").GetValueAsUnsigned(0), target_of(pointer)
    if "vec::Vec<" in name:
        pointer, kind = first_pointer(member(value, "buf")), plain(value.GetType()).GetTemplateArgumentType(0)
        return native(pointer), member(value, "len").GetValueAsUnsigned(0), kind
    begin, end = deep(value, "__begin_"), deep(value, "__end_")
    kind = target_of(begin)
    return native(begin), (native(end) - native(begin)) // max(kind.GetByteSize(), 1), kind


class Elements:
    def __init__(self, value, _):
        self.value = value
        self.update()

    def update(self):
        try:
            self.address, self.length, self.kind = parts(self.value)
        except (AttributeError, TypeError):
            # Another version of the library.
            self.address, self.length, self.kind = 0, 0, None
        return False

    def num_children(self):
        return min(self.length, MOST)

    def has_children(self):
        return True

    def get_child_index(self, name):
        return int(name.strip("[]")) if name.strip("[]").isdigit() else -1

    def get_child_at_index(self, index):
        if not 0 <= index < self.length:
            return None
        address = self.address + index * self.kind.GetByteSize()
        return self.value.CreateValueFromAddress(f"[{index}]", address, self.kind)


def elements_summary(value, _):
    _, length, kind = parts(value)
    if kind.GetByteSize() == 1 and (kind.GetName() or "").endswith("u8") and length:
        return text(value, parts(value)[0], length)
    return f"size={length}"


def str_summary(value, _):
    return text(value, native(member(value, "data_ptr")), member(value, "length").GetValueAsUnsigned(0))


def rust_string_summary(value, _):
    vector = member(value, "vec")
    return text(value, native(first_pointer(vector)), member(vector, "len").GetValueAsUnsigned(0))


def cpp_string_summary(value, _):
    representation = deep(value, "__rep_", "__r_")
    representation = deep(representation, "__value_") or representation
    long, short = deep(representation, "__l"), deep(representation, "__s")
    if deep(short, "__is_long_").GetValueAsUnsigned(0):
        return text(value, native(deep(long, "__data_")), deep(long, "__size_").GetValueAsUnsigned(0))
    return text(value, deep(short, "__data_").GetLoadAddress(), deep(short, "__size_").GetValueAsUnsigned(0))


SUMMARIES = {
    f"^({POINTER}|{REFERENCE}).*>$": "pointer_summary",
    "^&(mut )?str$": "str_summary",
    r"^&(mut )?\[.*\]$": "elements_summary",
    r"^\[[^0-9]*\].+$": "elements_summary",
    "^(alloc::string::)?String$": "rust_string_summary",
    "^(alloc::vec::)?Vec<.*>$": "elements_summary",
    "^std::__[^:]*::basic_string<char, .*>$": "cpp_string_summary",
    "^std::__[^:]*::vector<.*>$": "elements_summary",
}
CHILDREN = {
    f"^({POINTER}|{REFERENCE}).*>$": "Pointer",
    r"^&(mut )?\[.*\]$": "Elements",
    r"^\[[^0-9]*\].+$": "Elements",
    "^(alloc::vec::)?Vec<.*>$": "Elements",
    "^std::__[^:]*::vector<.*>$": "Elements",
}


def __lldb_init_module(debugger, _):
    for pattern, function in SUMMARIES.items():
        expand = "-e" if function == "elements_summary" else ""
        debugger.HandleCommand(f"type summary add {expand} -x '{pattern}' -F {__name__}.{function} -w wasm-aot")
    for pattern, name in CHILDREN.items():
        debugger.HandleCommand(f"type synthetic add -x '{pattern}' -l {__name__}.{name} -w wasm-aot")
    debugger.HandleCommand("type category enable wasm-aot")
