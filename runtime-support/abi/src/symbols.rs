//! Names of the symbols that tie the compiler's object and the runtime together.

/// The [`ProgramInfo`](crate::layout::ProgramInfo) of the executable; defined by the compiler.
pub const PROGRAM: &str = "wasm_aot_program";
/// `fn(memory: *mut Memory, delta_pages: u64) -> u64`: previous size in pages, or `u64::MAX`.
pub const MEMORY_GROW: &str = "wasm_aot_memory_grow";
/// As [`MEMORY_GROW`], for a shared memory.
pub const SHARED_MEMORY_GROW: &str = "wasm_aot_shared_memory_grow";
/// `fn(address: *mut u8, expected: u32, timeout: i64) -> u32`: 0 if woken, 1 if the value differs, 2
/// if the time ran out. Nanoseconds; a negative timeout is none. The address is valid and aligned.
pub const ATOMIC_WAIT32: &str = "wasm_aot_atomic_wait32";
/// As [`ATOMIC_WAIT32`], with `expected: u64`.
pub const ATOMIC_WAIT64: &str = "wasm_aot_atomic_wait64";
/// `fn(address: *mut u8, count: u32) -> u32`: how many waiters were woken.
pub const ATOMIC_NOTIFY: &str = "wasm_aot_atomic_notify";
/// `fn(table: *mut Table, delta: u64, init: u64) -> u64`: previous size, or `u64::MAX`.
pub const TABLE_GROW: &str = "wasm_aot_table_grow";
/// `fn(dst: *mut u8, src: *const u8, bytes: usize)`: overlapping copy.
pub const MEMMOVE: &str = "memmove";
/// `fn(dst: *mut u8, byte: i32, bytes: usize)`.
pub const MEMSET: &str = "memset";
/// `fn(dst: *mut u64, value: u64, count: usize)`.
pub const TABLE_FILL: &str = "wasm_aot_table_fill";
/// `fn(a: f32, b: f32, c: f32) -> f32`: `a * b + c` with one rounding.
pub const FMA_F32: &str = "wasm_aot_fma_f32";
/// As `FMA_F32`.
pub const FMA_F64: &str = "wasm_aot_fma_f64";
/// `fn()`: the `ProgramInfo::main` of a script (see [`Script`](crate::layout::Script)).
pub const SCRIPT_MAIN: &str = "wasm_aot_script_main";
/// The [`ThreadInfo`](crate::layout::ThreadInfo) of a program that can start threads; defined by the compiler.
pub const THREADS: &str = "wasm_aot_threads";
/// `fn()`: the `ProgramInfo::main` of a program that can start threads.
pub const THREADS_MAIN: &str = "wasm_aot_threads_main";
/// `fn(demands: &CpuDemands)`: ends the program on a machine whose CPU it wasn't built for.
pub const CHECK_CPU: &str = "wasm_aot_check_cpu";
/// `fn()`: opens the granted directories at start.
pub const OPEN_GRANTS: &str = "wasm_aot_open_grants";
/// `fn()`: opens the granted listeners at start, and then does what [`OPEN_GRANTS`] does.
pub const OPEN_LISTENERS: &str = "wasm_aot_open_listeners";
/// `fn()`: reads the directories that the user grants.
pub const READ_USER_DIRS: &str = "wasm_aot_read_user_dirs";
/// `fn()`: opens the directories that `--native` grants.
pub const OPEN_NATIVE: &str = "wasm_aot_open_native";
/// `fn()`: makes the bundles visible, when all else is granted.
pub const OPEN_BUNDLES: &str = "wasm_aot_open_bundles";
/// `fn()`: arms the timer of `--timeout`.
pub const START_TIMER: &str = "wasm_aot_start_timer";
/// `fn(exception: *const Exception) -> !`: throws an exception that is in the caller's frame.
pub const THROW: &str = "wasm_aot_throw";
/// As `THROW`, in a program that has objects.
pub const GC_THROW: &str = "wasm_aot_gc_throw";
/// `fn(bytes: u64) -> u64`: room for an object, where compiled code found none; see `gc`.
pub const GC_ALLOCATE: &str = "wasm_aot_gc_allocate";
/// Of `gc::Heap`, which the compiler defines.
pub const GC_HEAP: &str = "wasm_aot_gc_heap";
/// `fn(collector: *mut u8, before: u32)`: checks the heap before (1) or after (0) a collection.
pub const GC_VERIFY: &str = "wasm_aot_gc_verify";
/// `fn(report: &gc::Report)`: shows a collection, if the user wants to see it.
pub const GC_TRACE: &str = "wasm_aot_gc_trace";
/// `fn(exception: *const Exception) -> !`: throws an exception that is in the heap.
pub const THROW_REF: &str = "wasm_aot_throw_ref";
/// `fn(text: *const u8, length: u64, arguments: *const u64, result: u64)`: shows a call of the host, see `trace`.
pub const TRACE: &str = "wasm_aot_trace";
/// `fn(value: u32)`: prints a result as a signed number. See `invoke`.
pub const PRINT_I32: &str = "wasm_aot_print_i32";
/// `fn(value: u64)`: as `PRINT_I32`.
pub const PRINT_I64: &str = "wasm_aot_print_i64";
/// `fn(value: f32)`: prints a result with as few digits as tell it from all others.
pub const PRINT_F32: &str = "wasm_aot_print_f32";
/// `fn(value: f64)`: as `PRINT_F32`.
pub const PRINT_F64: &str = "wasm_aot_print_f64";
/// `fn(low: u64, high: u64)`: prints a vector as an unsigned number of 128 bits, lane 0 the lowest.
pub const PRINT_V128: &str = "wasm_aot_print_v128";
/// `fn(value: u64, reference: u32)`: prints what an `invoke::Reference` refers to, and whether it is null.
pub const PRINT_REFERENCE: &str = "wasm_aot_print_reference";
/// Prefix of the WASI preview 1 host functions, e.g. `wasm_aot_wasi_fd_write`.
pub const WASI_PREFIX: &str = "wasm_aot_wasi_";
/// Prefix of those functions of preview 0 that differ.
pub const PREVIEW0_PREFIX: &str = "wasm_aot_preview0_";
/// Prefix of the functions that replace those of the same name with `WASI_PREFIX`, in programs whose
/// user may set environment variables.
pub const USER_ENV_PREFIX: &str = "wasm_aot_user_env_";
/// As that, in programs built with `--native`.
pub const NATIVE_ENV_PREFIX: &str = "wasm_aot_native_env_";
/// As that, in programs with bundles.
pub const BUNDLE_PREFIX: &str = "wasm_aot_bundle_";
/// As that, for those functions of preview 0 that differ.
pub const BUNDLE_PREVIEW0_PREFIX: &str = "wasm_aot_bundle_preview0_";
