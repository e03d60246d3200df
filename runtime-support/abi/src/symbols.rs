//! Names of the symbols that tie the compiler's object and the runtime together, except for the functions that
//! compiled code calls: those are in `builtin`.

/// The [`ProgramInfo`](crate::layout::ProgramInfo) of the executable; defined by the compiler.
pub const PROGRAM: &str = "wasm_aot_program";
/// The [`Script`](crate::layout::Script) of a program that runs one; defined by the compiler.
pub const SCRIPT: &str = "wasm_aot_script";
/// `fn()`: the `ProgramInfo::main` of a script.
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
/// `fn()`: makes the bundles visible, after everything else has been granted.
pub const OPEN_BUNDLES: &str = "wasm_aot_open_bundles";
/// `fn()`: arms the timer of `--timeout`.
pub const START_TIMER: &str = "wasm_aot_start_timer";
/// The [`Heap`](crate::gc::Heap) of the executable; defined by the compiler.
pub const GC_HEAP: &str = "wasm_aot_gc_heap";
/// `fn(collector: *mut u8, before: u32)`: checks the heap before (1) or after (0) a collection.
pub const GC_VERIFY: &str = "wasm_aot_gc_verify";
/// `fn(report: &gc::Report)`: shows a collection, if the user wants to see it.
pub const GC_TRACE: &str = "wasm_aot_gc_trace";
/// The [`LineInfo`](crate::line::LineInfo) of a program that has a line table; defined by the compiler.
pub const LINES: &str = "wasm_aot_lines";
/// `ProgramInfo::report` of a program without a line table, in which nothing was inlined.
pub const REPORT_NAMES: &str = "wasm_aot_report_names";
/// A [`FunctionTable`](crate::layout::FunctionTable) of a program without a line table in which functions were inlined: the names of
/// those that code is in, from the innermost outward, with a zero between two; empty where nothing was inlined. Defined by the
/// compiler.
pub const INLINED: &str = "wasm_aot_inlined";
/// `ProgramInfo::report` of such a program.
pub const REPORT_INLINED: &str = "wasm_aot_report_inlined";
/// `ProgramInfo::report` of a program with a line table.
pub const REPORT_LINES: &str = "wasm_aot_report_lines";
/// `ProgramInfo::report` of a program that shows only the messages of traps.
pub const REPORT_NOTHING: &str = "wasm_aot_report_nothing";
/// The [`PostMortem`](crate::post_mortem::PostMortem) of a program; defined by the compiler.
pub const POST_MORTEM: &str = "wasm_aot_post_mortem";
/// `ProgramInfo::main` of a program that has it.
pub const POST_MORTEM_MAIN: &str = "wasm_aot_post_mortem_main";
/// `ProgramInfo::report` of a program that has it.
pub const POST_MORTEM_REPORT: &str = "wasm_aot_post_mortem_report";
/// What such a program calls in the place of `Builtin::MemoryGrow`.
pub const MEMORY_GROW_DUMPED: &str = "wasm_aot_memory_grow_dumped";
/// What such a program calls in the place of `Builtin::SharedMemoryGrow`.
pub const SHARED_MEMORY_GROW_DUMPED: &str = "wasm_aot_shared_memory_grow_dumped";
/// The [`Preinit`](crate::preinit::Preinit) of a program whose state is wanted; defined by the compiler.
pub const PREINIT: &str = "wasm_aot_preinit";
/// `fn()`: runs such a program, and writes its state.
pub const PREINIT_MAIN: &str = "wasm_aot_preinit_main";
/// The [`Relro`](crate::relro::Relro) of a program; defined by the compiler.
pub const RELRO: &str = "wasm_aot_relro";
/// `ProgramInfo::main` of a program that has it.
pub const RELRO_MAIN: &str = "wasm_aot_relro_main";
/// The [`Server`](crate::server::Server) of a program that is one; defined by the compiler.
pub const SERVER: &str = "wasm_aot_server";
/// `fn()`: the `ProgramInfo::main` of a server.
pub const SERVER_MAIN: &str = "wasm_aot_server_main";
/// `ProgramInfo::report` of a server.
pub const SERVER_REPORT: &str = "wasm_aot_server_report";
/// Prefix of the WASI preview 1 host functions, e.g. `wasm_aot_wasi_fd_write`.
pub const WASI_PREFIX: &str = "wasm_aot_wasi_";
/// Prefix of the preview 0 host functions that differ from those of preview 1.
pub const PREVIEW0_PREFIX: &str = "wasm_aot_preview0_";
/// Prefix of the functions that replace those of the same name with [`WASI_PREFIX`], in programs whose
/// user may set environment variables. `host` says which functions have these variants.
pub const USER_ENV_PREFIX: &str = "wasm_aot_user_env_";
/// Prefix of the functions that replace those with [`WASI_PREFIX`] in programs built with `--native`.
pub const NATIVE_ENV_PREFIX: &str = "wasm_aot_native_env_";
/// Prefix of the functions that replace those with [`WASI_PREFIX`] in programs that have to do the same each time.
pub const FIXED_PREFIX: &str = "wasm_aot_fixed_";
/// Prefix of the functions that replace those with [`WASI_PREFIX`] in programs with bundles.
pub const BUNDLE_PREFIX: &str = "wasm_aot_bundle_";
/// Prefix of the functions that replace those with [`PREVIEW0_PREFIX`] in programs with bundles.
pub const BUNDLE_PREVIEW0_PREFIX: &str = "wasm_aot_bundle_preview0_";
/// The [`Invocation`](crate::wave::Invocation) of a program that calls an export of a component; defined by the compiler.
pub const INVOCATION: &str = "wasm_aot_invocation";
