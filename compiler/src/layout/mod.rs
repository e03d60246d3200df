//! Where the state of a program lives and what its parts are called: plans that follow from the program, from facts and
//! from what a build asks for. Translation and the object's writer are the only users. Nothing here knows Cranelift.

mod globals;
mod host;
mod memory;
mod objects;
mod segments;
mod symbol;
mod table;
mod threads;

use cranelift_entity::{PrimaryMap, SecondaryMap};

use crate::facts::Facts;
use crate::program::{GlobalId, MemoryId, Program, TableId};
use globals::Globals;
use host::Hosts;
use objects::Objects;
use segments::Segments;

pub use host::HostVariants;
pub use memory::{Bounds, ImageChunk, MemoryBase, MemoryLayout, MemoryOptions};
pub use objects::{ObjectLayout, Storage, header};
pub use symbol::Symbol;
pub use table::{NULL_SIGNATURE, TableLayout};
pub use threads::ThreadLayout;

/// What a build asks of the layout.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub memory: MemoryOptions,
    /// `--fuel`.
    pub fuel: Option<u64>,
    /// Bytes of stack of each thread.
    pub stack_size: u64,
    /// Which of the runtime's functions the host functions are.
    pub host: HostVariants,
    /// Whether functions of the runtime have another calling convention than compiled code.
    pub host_convention_differs: bool,
}

/// The layout of a program.
pub struct Layout<'p, 'a> {
    pub program: &'p Program<'a>,
    pub facts: &'p Facts,
    pub options: Options,
    /// None in a program that can't start threads.
    pub threads: Option<ThreadLayout>,
    memories: PrimaryMap<MemoryId, MemoryLayout>,
    tables: SecondaryMap<TableId, TableLayout>,
    globals: Globals,
    pub segments: Segments,
    pub objects: Objects<'p, 'a>,
    pub hosts: Hosts<'p, 'a>,
}

impl<'p, 'a> Layout<'p, 'a> {
    pub fn new(program: &'p Program<'a>, facts: &'p Facts, options: Options) -> Layout<'p, 'a> {
        let globals = Globals::new(program, facts);
        let segments = Segments::new(program);
        let threads = program
            .thread_start
            .map(|_| ThreadLayout::new(globals.bytes, segments.lengths.len(), options.stack_size));
        Layout {
            program,
            facts,
            options,
            threads,
            memories: memory::lay_out(program, facts, options.memory),
            tables: table::lay_out(program, facts),
            objects: Objects::new(program, facts),
            hosts: Hosts::new(program, facts, options.host, options.host_convention_differs),
            globals,
            segments,
        }
    }

    pub fn memory(&self, memory: MemoryId) -> &MemoryLayout {
        &self.memories[memory]
    }

    pub fn table(&self, table: TableId) -> TableLayout {
        self.tables[table]
    }

    /// Byte offset of a written global in `Symbol::Globals`.
    pub fn global_offset(&self, global: GlobalId) -> i32 {
        self.globals.offsets[global]
    }

    /// Bytes of `Symbol::Globals`.
    pub fn globals_bytes(&self) -> i32 {
        self.globals.bytes
    }
}
