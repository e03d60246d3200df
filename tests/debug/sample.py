"""Run by gdb, with a program: stops once at each line of a source file and writes down the values of all variables that
are in scope and initialised there, in a form that doesn't depend on where things are in memory.

    gdb -batch -ex 'python SOURCE, OUTPUT, START = "values.c", "samples.json", "run"' -x sample.py PROGRAM

OUTPUT is a JSON object: "LINE VARIABLE", or for the caller "LINE<CALLER'S LINE VARIABLE", to a value; null for what is optimized out, and {"error": ...} for what
gdb can't read. Pointers are followed once; those into a linear memory, `wasm_ptr<...>`, as native ones are.
"""

import json

import gdb

POINTERS = (gdb.TYPE_CODE_PTR, gdb.TYPE_CODE_REF, gdb.TYPE_CODE_RVALUE_REF)
# An element of an array or a field beyond these isn't looked at.
MOST_ELEMENTS = 8


def plain(value, followed=False):
    """A value as what JSON can hold."""
    if value.is_optimized_out:
        return None
    kind = value.type.strip_typedefs().unqualified()
    name = kind.tag or kind.name or ""
    if name.startswith("wasm_function<"):
        return "function"
    if "std::" in name:
        return "library"
    if name.startswith(("wasm_ptr<", "wasm_ref<")):
        index = int(value["index"])
        base = int(gdb.parse_and_eval("wasm_memory")) if index else 0
        return pointer(gdb.Value(base + index).cast(kind.template_argument(0).pointer()), followed)
    if kind.code in POINTERS:
        value = value.referenced_value().address if kind.code != gdb.TYPE_CODE_PTR else value
        return pointer(value, followed)
    if kind.code in (gdb.TYPE_CODE_STRUCT, gdb.TYPE_CODE_UNION):
        return fields(value, followed)
    if kind.code == gdb.TYPE_CODE_ARRAY:
        first, last = kind.range()
        return [plain(value[i], followed) for i in range(first, min(last + 1, first + MOST_ELEMENTS))]
    if kind.code == gdb.TYPE_CODE_FLT:
        return float(value)
    return int(value)


def pointer(value, followed):
    target = value.type.strip_typedefs().target().strip_typedefs()
    if int(value) == 0:
        return "null"
    if target.code == gdb.TYPE_CODE_FUNC:
        return "function"
    if target.code == gdb.TYPE_CODE_VOID or followed:
        return "pointer"
    if target.sizeof == 1 and target.name == "char":
        return value.string(errors="replace")
    return {"to": plain(value.dereference(), True)}


def fields(value, followed):
    """The members of a structure; of a base class, its own."""
    found = {}
    for field in value.type.strip_typedefs().fields():
        if hasattr(field, "bitpos") and not field.artificial and not (field.name or "").startswith("_vptr"):
            found[field.name or "?"] = plain(value[field], followed)
    return found


def is_of_a_library(symbol):
    """Whether a variable has a type of the standard library of C++, of which there are several."""
    kind = symbol.type.strip_typedefs().unqualified()
    while kind.code in POINTERS:
        kind = kind.target().strip_typedefs().unqualified()
    return "std::" in (kind.tag or kind.name or "")


def in_scope(frame):
    """The symbols of the function's variables; an inner one hides an outer one of the same name."""
    block, found = frame.block(), {}
    while block and not block.is_global and not block.is_static:
        for symbol in block:
            if (symbol.is_variable or symbol.is_argument) and symbol.name not in found:
                found[symbol.name] = symbol
        if block.function:
            break
        block = block.superblock
    return found.values()


def sample(frame, samples, place=""):
    """Adds what is in scope in a frame and, by the lines of both, in its caller's."""
    line, file = frame.find_sal().line, frame.find_sal().symtab
    caller = frame.older()
    if not place and caller and str(caller.find_sal().symtab) == str(file):
        sample(caller, samples, f"{line}<")
    for symbol in in_scope(frame):
        if symbol.name.startswith("__") or is_of_a_library(symbol) or symbol.line >= line:
            continue
        key = f"{place}{line} {symbol.name}"
        if key in samples:
            continue
        try:
            samples[key] = plain(symbol.value(frame))
        except (gdb.error, gdb.MemoryError, ValueError, UnicodeError) as error:
            samples[key] = None if "optimized out" in str(error) else {"error": str(error)}


def main(source, output, start):
    for command in ("set pagination off", "set confirm off", "set width 0", "set print max-depth 3"):
        gdb.execute(command)
    table = gdb.decode_line(f"{source}:1")[1][0].symtab.linetable()
    for line in sorted(table.source_lines()):
        if line > 0:
            gdb.Breakpoint(source=source, line=line, temporary=True)
    samples = {}
    gdb.execute(start, to_string=True)
    while gdb.selected_inferior().threads():
        sample(gdb.newest_frame(), samples)
        gdb.execute("continue", to_string=True)
    with open(output, "w") as file:
        json.dump(samples, file, indent=1, sort_keys=True)


main(SOURCE, OUTPUT, START)  # noqa: F821
