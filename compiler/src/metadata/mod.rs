//! What the runtime must know: fills in `wasm_aot_abi::layout::ProgramInfo` and everything that it points to, by field
//! name, and adds it to the object.
//!
//! Each feature has a file of its own, with its structures, its symbols and its data ([`FEATURES`]).

mod bundle;
mod component;
mod cpu;
mod encoder;
mod exception;
mod fuel;
mod heap;
mod inlined;
mod invocation;
mod library;
mod line;
mod name;
mod policy;
mod post_mortem;
mod preinit;
mod relro;
mod script;
mod server;
mod thread;
mod trace;
mod trap;

use std::path::Path;

use anyhow::{Result, anyhow};
use object::write::StandardSection;
use wasm_aot_abi::layout::{Memory, ProgramInfo};
use wasm_aot_abi::shared::{Pointer, Store};
use wasm_aot_abi::symbols;

use crate::layout::{Layout, Symbol};
use crate::object::{Feature, Written};
use crate::policy::Policy;
use crate::program::Main;
use encoder::{Address, Encoder, PlacedFunction, Reference, Symbolic};
pub use heap::HeapOptions;
pub use line::LineOptions;
pub use post_mortem::PostMortemOptions;

/// The features that have data of their own in the object, in the order in which it is placed.
pub static FEATURES: [Feature; 5] =
    [fuel::FEATURE, thread::FEATURE, heap::FEATURE, trace::FEATURE, component::FEATURE];

/// The choices of a build about what the runtime does.
pub struct Options<'o> {
    pub heap: HeapOptions,
    /// What a program does for core dumps.
    pub post_mortem: Option<PostMortemOptions>,
    /// The file to which the program writes its state in the end.
    pub snapshot: Option<&'o Path>,
}

/// Adds the metadata to the object. `cpu` is what the program demands of the CPU, in the form of
/// `wasm_aot_abi::cpu`; `lines` what is known of its source.
///
/// # Errors
/// If the code or the names are larger than the 4 GiB that offsets can express.
pub fn add<'p>(
    layout: &Layout<'p, '_>,
    written: &mut Written,
    policy: &Policy,
    options: Options<'_>,
    cpu: &[u8],
    lines: LineOptions<'_, 'p>,
) -> Result<()> {
    let program = layout.program;
    let (mut encoder, functions) = Encoder::new(written);
    let text = encoder.object.section_id(StandardSection::Text);
    let text_symbol = encoder.section_symbol(text);
    let text_bytes = encoder.object.section(text).data().len() as u64;
    let start_of = |symbol| {
        let start = u32::try_from(encoder.object.symbol(symbol).value);
        start.map_err(|_| anyhow!("the machine code is larger than 4 GiB"))
    };
    let placed = functions
        .iter()
        .map(|function| Ok(PlacedFunction { start: start_of(function.symbol)?, function }))
        .collect::<Result<Vec<_>>>()?;
    // The runtime searches them by halves.
    assert!(placed.is_sorted_by_key(|function| function.start), "functions are in the order of the code");

    let traps = trap::table(&mut encoder, &placed);
    let exceptions = exception::tables(&mut encoder, layout, &placed)?;
    heap::add(&mut encoder, layout, &placed, policy, options.heap);
    if let Some(values) = program.invocation.as_ref().and_then(|invocation| invocation.values.as_ref()) {
        invocation::add(&mut encoder, values);
    }
    let names = placed.iter().map(|placed| (placed.start, placed.function.name.as_str()));
    let functions = name::table(&mut encoder, names)?;
    // Those of a library are in the states of its instances.
    let own = program.memories.keys().filter(|_| layout.state.is_none());
    let memories: Vec<Reference<Memory<Symbolic>>> =
        own.map(|memory| encoder.pointer(Symbol::Memory(memory))).collect();
    let memories_at = encoder.array(&memories);
    let host_memory = match program.has_callers_memory {
        true => Some(Symbol::CallersMemory),
        false => program.host_memory.map(Symbol::Memory),
    };
    let host_memory = host_memory.map(|memory| encoder.pointer(memory));
    let policy = policy::add(&mut encoder, layout, policy)?;
    let cpu = cpu::demands(&mut encoder, cpu);
    let main = match &program.main {
        Main::Script(commands) => script::add(&mut encoder, program, commands),
        _ if layout.threads.is_some() => thread::add(&mut encoder, layout),
        _ if program.is_server() => encoder.import(symbols::SERVER_MAIN),
        _ => encoder.code(Symbol::Main),
    };
    if let Some(library) = program.library() {
        library::add(&mut encoder, layout, library, layout.options.stack_size);
    }
    let text_at = |addend| Pointer::to(Address { symbol: text_symbol, addend });
    let (text_start, text_end) = (text_at(0), text_at(text_bytes as i64));
    let mut reporter = lines.reporter();
    if reporter == line::Reporter::Lines {
        let text = (text_start, text_end);
        line::add(&mut encoder, program, &placed, text, name::same(&functions), lines);
    } else if reporter == line::Reporter::Names && inlined::add(&mut encoder, program, &placed)? {
        reporter = line::Reporter::Inlined;
    }
    let report = encoder.import(reporter.symbol());
    let main = match options.snapshot {
        Some(file) => preinit::add(&mut encoder, layout, main, file),
        None => main,
    };
    let (main, report) = match options.post_mortem {
        Some(options) => post_mortem::add(&mut encoder, main, report, options),
        None => (main, report),
    };
    let report = if program.is_server() { server::add(&mut encoder, layout, report) } else { report };
    let main = relro::add(&mut encoder, layout, main);
    let info = ProgramInfo::<Symbolic> {
        text_start,
        text_end,
        traps,
        exceptions,
        functions,
        memories: memories_at,
        memory_count: memories.len() as u64,
        host_memory: host_memory.unwrap_or(Pointer::NULL),
        main,
        policy,
        report,
        cpu,
    };
    encoder.define(symbols::PROGRAM, info);
    Ok(())
}

/// What the startup code of a program that isn't position-independent finds instead of a dynamic section: the
/// entry that ends it, so nothing is relocated.
pub fn add_empty_dynamic_section(written: &mut Written) {
    let (mut encoder, _) = Encoder::new(written);
    encoder.define("_DYNAMIC", 0_u64);
}
