#!/usr/bin/env python3
"""Runs modules under wasmtime and prints what a program made of the same steps must print.

    oracle.py                  read stems of file names from stdin, one a line
    oracle.py STEM...          do these
    oracle.py --prepare        only fetch wasmtime; exit code 2 if that is impossible

For a stem there are STEM.wasm and STEM.script. A script has a line for each step; exports are
numbered from 0, numbers are the bits in hexadecimal, references are null:

    instantiate
    call EXPORT RESULTS TYPE:ARGUMENT...     RESULTS is how many there are
    get EXPORT

The lines that are printed are those of `runtime-support/src/script`: `N ok WORD...` (two a vector),
`N trap MESSAGE`, and last `memory INDEX BYTES CRC32`; a null reference is 0,
an i31 is its value and then a bit that is set, any other reference is 2. A module
that can't be instantiated ends there. Then follows a line `end`, or `error MESSAGE` if
the module can't be compiled.

wasmtime is the PyPI package `wasmtime`, in the version of tests/programs/packages.toml.
"""

import ctypes
import pathlib
import sys
import threading
import zlib

sys.dont_write_bytecode = True
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "programs"))

from fetching import cache, registries  # noqa: E402

# As much as programs of wasm-aot have by default, less what wasmtime itself needs.
WASM_STACK = (8 << 20) - (64 << 10)
THREAD_STACK = 64 << 20

# Kinds of values of wasmtime's C API (wasmtime/val.h) that the package has no names for.
ANYREF = ctypes.c_uint8(7)
EXNREF = ctypes.c_uint8(8)

# What wasmtime says when nothing catches an exception.
UNCAUGHT = "thrown Wasm exception"

# Bytes that objects may have, and what it says when they are used up.
HEAP = 256 << 20
OUT_OF_HEAP = "GC heap out of memory"
EXHAUSTED = "garbage-collected heap exhausted"


def load():
    """Fetches the package, if it isn't in the cache, and imports it."""
    with cache.lock():
        package = registries.wheel("wasmtime")
    sys.path.insert(0, str(package))
    import wasmtime

    return wasmtime


def trap_messages(wasmtime) -> dict:
    """The specification's words for wasmtime's trap codes."""
    code = wasmtime.TrapCode
    return {
        code.STACK_OVERFLOW: "call stack exhausted",
        code.MEMORY_OUT_OF_BOUNDS: "out of bounds memory access",
        # wasmtime has no code of its own for the index of a call_indirect.
        code.TABLE_OUT_OF_BOUNDS: "out of bounds table access",
        code.INDIRECT_CALL_TO_NULL: "uninitialized element",
        code.BAD_SIGNATURE: "indirect call type mismatch",
        code.INTEGER_OVERFLOW: "integer overflow",
        code.INTEGER_DIVISION_BY_ZERO: "integer divide by zero",
        code.BAD_CONVERSION_TO_INTEGER: "invalid conversion to integer",
        code.UNREACHABLE: "unreachable",
        code.NULL_REFERENCE: "null reference",
        code.HEAP_MISALIGNED: "unaligned atomic",
        code.ARRAY_OUT_OF_BOUNDS: "out of bounds array access",
        code.CAST_FAILURE: "cast failure",
        code.ALLOCATION_TOO_LARGE: EXHAUSTED,
        code.ATOMIC_WAIT_NON_SHARED_MEMORY: "expected shared memory",
    }


class Oracle:
    def __init__(self, wasmtime):
        self.wasmtime = wasmtime
        self.ffi = wasmtime._ffi
        self.messages = trap_messages(wasmtime)
        config = wasmtime.Config()
        # wasmtime insists that this is no less than the next, but the package forgets it.
        set_async_stack = wasmtime._ffi.dll.wasmtime_config_async_stack_size_set
        set_async_stack.argtypes = [ctypes.c_void_p, ctypes.c_size_t]
        set_async_stack(config.ptr(), THREAD_STACK)
        config.max_wasm_stack = WASM_STACK
        # Without wasmtime's optimisations it shares less with what it is compared with.
        config.cranelift_opt_level = "none"
        config.wasm_wide_arithmetic = True
        config.wasm_relaxed_simd = True
        config.wasm_relaxed_simd_deterministic = True
        config.wasm_memory64 = True
        config.wasm_multi_memory = True
        config.wasm_exceptions = True
        config.wasm_function_references = True
        config.wasm_gc = True
        config.wasm_tail_call = True
        config.wasm_custom_page_sizes = True
        config.wasm_threads = True
        config.shared_memory = True
        config.parallel_compilation = False
        self.engine = wasmtime.Engine(config)
        ffi = self.ffi
        self.numbers = {ffi.WASMTIME_I32.value: 0xFFFF_FFFF, ffi.WASMTIME_F32.value: 0xFFFF_FFFF,
                        ffi.WASMTIME_I64.value: 2**64 - 1, ffi.WASMTIME_F64.value: 2**64 - 1}
        self.kinds = {"v128": ffi.WASMTIME_V128, "i32": ffi.WASMTIME_I32, "i64": ffi.WASMTIME_I64, "f32": ffi.WASMTIME_F32,
                      "f64": ffi.WASMTIME_F64, "funcref": ffi.WASMTIME_FUNCREF,
                      "externref": ffi.WASMTIME_EXTERNREF, "anyref": ANYREF, "exnref": EXNREF}

    def word(self, store, value) -> str:
        """A value as 16 digits, a vector twice. Read as bits, since Python's floats lose those of a NaN."""
        mask = self.numbers.get(value.kind)
        if mask is not None:
            return f"{value.of.i64 & mask:016x}"
        if value.kind == self.ffi.WASMTIME_V128.value:
            lanes = bytes(value.of.v128)
            return " ".join(f"{int.from_bytes(half, 'little'):016x}" for half in (lanes[:8], lanes[8:]))
        reference = {self.ffi.WASMTIME_FUNCREF.value: value.of.funcref, ANYREF.value: value.of.anyref,
                     EXNREF.value: value.of.exnref, self.ffi.WASMTIME_EXTERNREF.value: value.of.externref}
        reference = reference[value.kind]
        if reference.store_id == 0:
            return f"{0:016x}"
        if value.kind == ANYREF.value:
            bits = ctypes.c_uint32()
            if self.ffi.wasmtime_anyref_i31_get_u(store._context(), ctypes.byref(reference), ctypes.byref(bits)):
                return f"{bits.value << 1 | 1:016x}"
        return f"{2:016x}"

    def call(self, store, func, results: int, arguments) -> str:
        # wasmtime's C API can't tell the type of a function that has vectors.
        ffi = self.ffi
        given = (ffi.wasmtime_val_t * len(arguments))()
        for value, argument in zip(given, arguments, strict=True):
            kind, bits = argument.split(":")
            bits = int(bits, 16)
            value.kind = self.kinds[kind]
            if value.kind == ffi.WASMTIME_V128.value:
                value.of.v128[:] = bits.to_bytes(16, "little")
            else:
                value.of.i64 = ctypes.c_int64(bits).value
        yielded = (ffi.wasmtime_val_t * results)()
        trap = ctypes.POINTER(ffi.wasm_trap_t)()
        error = ffi.wasmtime_func_call(
            store._context(), ctypes.byref(func._func), given, len(given), yielded, results,
            ctypes.byref(trap))
        if error:
            return self.error(self.wasmtime.WasmtimeError._from_ptr(error))
        if trap:
            return self.trap(self.wasmtime.Trap._from_ptr(trap))
        return "".join(["ok", *(" " + self.word(store, value) for value in yielded)])

    def get(self, store, item) -> str:
        value = self.ffi.wasmtime_val_t()
        self.ffi.wasmtime_global_get(store._context(), ctypes.byref(item._global), ctypes.byref(value))
        return "ok " + self.word(store, value)

    def trap(self, trap) -> str:
        if trap.trap_code is None and UNCAUGHT in trap.message:
            return "trap uncaught exception"
        return "trap " + self.messages.get(trap.trap_code, f"unknown: {trap.message}")

    def error(self, error) -> str:
        """What is no trap to wasmtime."""
        if UNCAUGHT in str(error):
            return "trap uncaught exception"
        if OUT_OF_HEAP in str(error):
            return f"trap {EXHAUSTED}"
        raise error

    def run(self, stem: str):
        """The lines for a module."""
        module = self.wasmtime.Module(self.engine, pathlib.Path(stem + ".wasm").read_bytes())
        script = pathlib.Path(stem + ".script").read_text().splitlines()
        store = self.wasmtime.Store(self.engine)
        store.set_limits(memory_size=HEAP)
        exports = []
        for number, line in enumerate(script):
            step, *words = line.split()
            if step == "instantiate":
                try:
                    instance = self.wasmtime.Instance(store, module, [])
                except self.wasmtime.Trap as trap:
                    yield f"{number} {self.trap(trap)}"
                    return
                except self.wasmtime.WasmtimeError as error:
                    yield f"{number} {self.error(error)}"
                    return
                exports = instance.exports(store)._extern_seq
                yield f"{number} ok"
            elif step == "get":
                yield f"{number} {self.get(store, exports[int(words[0])])}"
            else:
                export, results, *arguments = words
                yield f"{number} {self.call(store, exports[int(export)], int(results), arguments)}"
        kinds = (self.wasmtime.Memory, self.wasmtime.SharedMemory)
        memories = [item for item in exports if isinstance(item, kinds)]
        for number, memory in enumerate(memories):
            contents = self.contents(store, memory)
            yield f"memory {number} {len(contents)} {zlib.crc32(contents):016x}"

    def contents(self, store, memory):
        if isinstance(memory, self.wasmtime.SharedMemory):
            size = memory.data_len()
            return ctypes.string_at(memory.data_ptr(), size)
        return memory.get_buffer_ptr(store) if memory.data_len(store) else b""


def serve(wasmtime, stems) -> None:
    oracle = Oracle(wasmtime)
    for stem in stems:
        try:
            lines = [*oracle.run(stem.strip()), "end"]
        except Exception as error:  # whatever it is, the caller should hear of it
            lines = [f"error {type(error).__name__}: {error}".replace("\n", " ")]
        print("\n".join(lines), flush=True)


def main() -> None:
    try:
        wasmtime = load()
    except (cache.FetchError, OSError) as error:
        print(f"oracle.py: no wasmtime: {error}", file=sys.stderr)
        sys.exit(2)
    stems = sys.argv[1:]
    if stems == ["--prepare"]:
        print("wasmtime " + registries.version("pypi", "wasmtime"))
        return
    threading.stack_size(THREAD_STACK)
    thread = threading.Thread(target=serve, args=(wasmtime, stems or sys.stdin))
    thread.start()
    thread.join()


if __name__ == "__main__":
    main()
