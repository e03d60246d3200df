//! What the runtime must know: encodes `wasm_aot_abi::layout::Program` and all that it points at
//! into the object.

mod blob;
mod bundle;
mod heap;
mod policy;

use std::collections::{BTreeSet, HashMap};

use anyhow::{Result, anyhow};
use object::write::{Object, SectionId, SymbolId};
use object::{SymbolFlags, SymbolKind, SymbolScope};
use wasm_aot_abi::exception::SavedRegister;
use wasm_aot_abi::layout::{CpuDemands, Threads};
use wasm_aot_abi::symbols;
use wasm_aot_abi::trap::{Trap, encode_messages};
use wasmparser::ValType;

use crate::layout::Layout;
use crate::object::{Written, WrittenFunction, WrittenThreads};
use crate::policy::Policy;
use crate::program::{Main, Program};
use blob::{Blob, Target};
pub use heap::HeapOptions;

/// Adds the metadata to the object. `cpu` is what the program demands of the CPU, as
/// `wasm_aot_abi::cpu` has it.
///
/// # Errors
/// If the code or the names are larger than the 4 GiB that offsets can express.
pub fn add(
    layout: &Layout<'_, '_>,
    written: &mut Written,
    policy: &Policy,
    options: HeapOptions,
    cpu: Vec<u8>,
) -> Result<()> {
    let program = layout.program;
    let big_endian = written.big_endian;
    let mut encoder = Encoder::new(&mut written.product.object, big_endian);
    let text = encoder.object.section_id(object::write::StandardSection::Text);
    let text_symbol = crate::object::section_symbol(encoder.object, text);
    let text_size = encoder.object.section(text).data().len() as u64;

    let mut starts = Vec::with_capacity(written.functions.len());
    let mut name_offsets = Vec::with_capacity(written.functions.len() + 1);
    let mut names = Vec::new();
    let mut trap_offsets = Vec::new();
    let mut trap_codes = Vec::new();
    let mut call_sites = Vec::new();
    let mut clauses = Vec::new();
    let mut stack_maps = heap::StackMaps::default();
    for function in &written.functions {
        let start = u32::try_from(encoder.object.symbol(function.symbol).value)
            .map_err(|_| anyhow!("the machine code is larger than 4 GiB"))?;
        starts.push(start);
        name_offsets.push(name_offset(&names)?);
        names.extend_from_slice(function.name.as_bytes());
        for (offset, trap) in &function.traps {
            trap_offsets.push(start + offset);
            trap_codes.push(*trap as u8);
        }
        for site in &function.call_sites {
            call_sites.extend([start + site.return_offset, site.frame_bytes, clause_number(&clauses)?]);
            clauses.extend(site.clauses.iter().flat_map(|(clause, landing)| [*clause, start + landing]));
        }
        stack_maps.add(start, &function.stack_maps);
    }
    name_offsets.push(name_offset(&names)?);
    // The runtime searches them by halves.
    assert!(
        starts.is_sorted() && trap_offsets.is_sorted(),
        "functions and traps are in the order of the code"
    );

    let trap_offsets_at = encoder.read_only(Blob::words32(&trap_offsets, big_endian));
    let trap_messages_at = encoder.read_only(Blob::bytes(trap_messages(&trap_codes)));
    let trap_codes_at = encoder.read_only(Blob::bytes(trap_codes));
    let call_site_count = call_sites.len() as u64 / 3;
    // Ends the clauses of the last call site.
    call_sites.extend([u32::MAX, 0, clause_number(&clauses)?]);
    let call_sites_at = encoder.read_only(Blob::words32(&call_sites, big_endian));
    let saved_registers_at = (call_site_count != 0)
        .then(|| encoder.read_only(Blob::words32(&saved_registers(&written.functions), big_endian)));
    let clauses_at = encoder.read_only(Blob::words32(&clauses, big_endian));
    let mut roots: Vec<Target> = written.exception_tables.iter().map(|at| Target::symbol(*at)).collect();
    if let Some((globals, count)) = written.exception_globals {
        let mut words = Blob::default();
        words.pointer(Target::symbol(globals));
        words.word(count, big_endian);
        roots.push(encoder.relocated(words));
    }
    let roots_at = encoder.relocated(Blob::pointers(&roots));
    if let Some(heap) = &written.heap {
        encoder.heap(layout, heap, stack_maps, policy, options);
    }
    let starts_at = encoder.read_only(Blob::words32(&starts, big_endian));
    let name_offsets_at = encoder.read_only(Blob::words32(&name_offsets, big_endian));
    let names_at = encoder.read_only(Blob::bytes(names));
    let memories: Vec<Target> = written.memories.iter().map(|(_, symbol)| Target::symbol(*symbol)).collect();
    let memories_at = encoder.relocated(Blob::pointers(&memories));
    let host_memory = written.memories.iter().find(|(id, _)| Some(*id) == program.host_memory);
    let policy_at = encoder.policy(layout.facts, policy, written.fuel)?;
    let cpu_at = encoder.cpu(cpu);
    let (main, script_at) = match &program.main {
        Main::Script(commands) => {
            let mut table = Blob::default();
            for (command, symbol) in commands.iter().zip(&written.commands) {
                table.pointer(Target::symbol(*symbol));
                table.word(result_count(program, command), big_endian);
            }
            let table_at = encoder.relocated(table);
            let mut script = Blob::default();
            script.pointer(table_at);
            script.word(commands.len() as u64, big_endian);
            (encoder.import(symbols::SCRIPT_MAIN), Some(encoder.relocated(script)))
        }
        _ => {
            let main = written.main.expect("a program has a main function");
            match &written.threads {
                Some(threads) => (encoder.threads(threads, main), None),
                None => (main, None),
            }
        }
    };

    let mut root = Blob::default();
    root.pointer(Target { symbol: text_symbol, addend: 0 });
    root.pointer(Target { symbol: text_symbol, addend: text_size as i64 });
    root.pointer(trap_offsets_at);
    root.pointer(trap_codes_at);
    root.word(trap_offsets.len() as u64, big_endian);
    root.pointer(trap_messages_at);
    root.pointer(call_sites_at);
    root.pointer(clauses_at);
    root.word(call_site_count, big_endian);
    root.optional(saved_registers_at, big_endian);
    root.pointer(roots_at);
    root.word(roots.len() as u64, big_endian);
    root.pointer(starts_at);
    root.pointer(name_offsets_at);
    root.pointer(names_at);
    root.word(starts.len() as u64, big_endian);
    root.pointer(memories_at);
    root.word(memories.len() as u64, big_endian);
    root.optional(host_memory.map(|(_, symbol)| Target::symbol(*symbol)), big_endian);
    root.pointer(Target::symbol(main));
    root.pointer(policy_at);
    root.optional(script_at, big_endian);
    root.optional(cpu_at, big_endian);
    assert_eq!(root.len(), size_of::<wasm_aot_abi::layout::Program>());
    let root_at = encoder.relocated(root);
    encoder.export(symbols::PROGRAM, root_at, size_of::<wasm_aot_abi::layout::Program>() as u64);
    Ok(())
}

/// What the start of a program that isn't position-independent finds in the place of the dynamic section, which
/// only others have: its end. There is nothing to relocate.
pub fn add_empty_dynamic_section(written: &mut Written) {
    let mut encoder = Encoder::new(&mut written.product.object, written.big_endian);
    let end = encoder.relocated(Blob::bytes(vec![0; 8]));
    encoder.export("_DYNAMIC", end, 8);
}

/// Offset of the next name behind these.
///
/// # Errors
/// If they are larger than the offsets can express.
fn name_offset(names: &[u8]) -> Result<u32> {
    u32::try_from(names.len()).map_err(|_| {
        anyhow!("the names of the functions take more than 4 GiB; `wasm-opt --strip-debug` removes them from the module")
    })
}

/// Number of the next clause behind these, of two words each.
///
/// # Errors
/// If there are more than the table of call sites can express.
fn clause_number(clauses: &[u32]) -> Result<u32> {
    u32::try_from(clauses.len() / 2)
        .map_err(|_| anyhow!("the calls that may throw have more than 4 billion handlers together"))
}

/// The messages of the traps that any program may end by, and of those with these codes.
fn trap_messages(codes: &[u8]) -> Vec<u8> {
    let mut traps = BTreeSet::from([Trap::MemoryOutOfBounds, Trap::CallStackExhausted]);
    traps.extend(codes.iter().filter_map(|code| Trap::from_code(*code)));
    let mut messages = Vec::new();
    encode_messages(traps, |part| messages.extend_from_slice(part));
    messages
}

/// The table of saved registers, see `wasm_aot_abi::exception`.
fn saved_registers(functions: &[WrittenFunction]) -> Vec<u32> {
    let mut table = vec![0; functions.len()];
    let mut lists: HashMap<&[SavedRegister], u32> = HashMap::new();
    for (index, function) in functions.iter().enumerate() {
        let saved = function.saved_registers.as_slice();
        table[index] = *lists.entry(saved).or_insert_with(|| {
            let list = table.len() as u32;
            table.push(saved.len() as u32);
            table.extend(saved.iter().map(|register| register.encode()));
            list
        });
    }
    table
}

/// Words that a command of a script produces.
fn result_count(program: &Program<'_>, command: &crate::program::Command) -> u64 {
    use crate::program::Command;
    let words = |ty: &ValType| if *ty == ValType::V128 { 2 } else { 1 };
    match command {
        Command::Instantiate(_) => 0,
        Command::Call(func, _) => {
            program.signature(program.funcs[*func].signature).results().iter().map(words).sum()
        }
        Command::GetGlobal(global) => words(&program.globals[*global].ty.content_type),
    }
}

struct Encoder<'o> {
    object: &'o mut Object<'static>,
    big_endian: bool,
    read_only: SectionId,
    relocated: SectionId,
}

impl<'o> Encoder<'o> {
    fn new(object: &'o mut Object<'static>, big_endian: bool) -> Self {
        let read_only = object.section_id(object::write::StandardSection::ReadOnlyData);
        let relocated = object.section_id(object::write::StandardSection::ReadOnlyDataWithRel);
        Encoder { object, big_endian, read_only, relocated }
    }

    fn read_only(&mut self, blob: Blob) -> Target {
        blob.add_to(self.object, self.read_only)
    }

    fn relocated(&mut self, blob: Blob) -> Target {
        blob.add_to(self.object, self.relocated)
    }

    /// A symbol of the runtime.
    fn import(&mut self, name: &str) -> SymbolId {
        if let Some(symbol) = self.object.symbol_id(name.as_bytes()) {
            return symbol;
        }
        // The writer adds it to names of functions and data only.
        let prefix = self.object.mangling().global_prefix();
        self.object.add_symbol(object::write::Symbol {
            name: [prefix.as_slice(), name.as_bytes()].concat(),
            value: 0,
            size: 0,
            kind: SymbolKind::Unknown,
            scope: SymbolScope::Unknown,
            weak: false,
            section: object::write::SymbolSection::Undefined,
            flags: SymbolFlags::None,
        })
    }

    /// Defines a symbol that the runtime refers to.
    fn export(&mut self, name: &str, at: Target, size: u64) {
        let section = self.relocated;
        self.object.add_symbol(object::write::Symbol {
            name: name.as_bytes().to_vec(),
            value: at.addend as u64,
            size,
            kind: SymbolKind::Data,
            scope: SymbolScope::Linkage,
            weak: false,
            section: object::write::SymbolSection::Section(section),
            flags: SymbolFlags::None,
        });
    }

    /// Adds a string to a structure: pointer and length.
    fn string(&mut self, blob: &mut Blob, text: &str) {
        self.bytes(blob, text.as_bytes());
    }

    /// As for a string.
    fn bytes(&mut self, blob: &mut Blob, bytes: &[u8]) {
        if bytes.is_empty() {
            blob.word(0, self.big_endian);
        } else {
            let at = self.read_only(Blob::bytes(bytes.to_vec()));
            blob.pointer(at);
        }
        blob.word(bytes.len() as u64, self.big_endian);
    }

    /// Describes what the program demands of the CPU, unless it is nothing.
    fn cpu(&mut self, demands: Vec<u8>) -> Option<Target> {
        if demands.is_empty() {
            return None;
        }
        let mut blob = Blob::default();
        blob.pointer(Target::symbol(self.import(symbols::CHECK_CPU)));
        self.bytes(&mut blob, &demands);
        assert_eq!(blob.len(), size_of::<CpuDemands>());
        Some(self.relocated(blob))
    }

    /// Describes the program's threads to the runtime; what runs the first one.
    fn threads(&mut self, threads: &WrittenThreads, main: SymbolId) -> SymbolId {
        let mut blob = Blob::default();
        blob.pointer(Target::symbol(threads.state));
        blob.word(threads.layout.state_bytes as u64, self.big_endian);
        blob.word(threads.layout.region_bytes, self.big_endian);
        blob.pointer(Target::symbol(main));
        blob.pointer(Target::symbol(threads.main));
        assert_eq!(blob.len(), size_of::<Threads>());
        let at = self.relocated(blob);
        self.export(symbols::THREADS, at, size_of::<Threads>() as u64);
        self.import(symbols::THREADS_MAIN)
    }
}
