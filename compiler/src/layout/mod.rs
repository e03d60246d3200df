//! Where the state of a program lives and what its parts are called: plans that follow from the program, from facts and
//! from the options of a build. Translation and the object writer are the only users. Nothing here knows Cranelift.

mod globals;
mod host;
mod memory;
mod objects;
mod segments;
mod state;
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
pub use state::{Piece, StateLayout};
pub use symbol::Symbol;
pub use table::{NULL_SIGNATURE, TableLayout};
pub use threads::ThreadLayout;

/// The options of a build that affect the layout.
#[derive(Clone, Copy, Debug)]
pub struct Options {
    pub memory: MemoryOptions,
    /// `--fuel`.
    pub fuel: Option<u64>,
    /// Size in bytes of the stack of each thread.
    pub stack_size: u64,
    /// Which functions of the runtime implement the host functions.
    pub host: HostVariants,
    /// Whether functions of the runtime have another calling convention than compiled code.
    pub host_convention_differs: bool,
}

/// The layout of a program.
pub struct Layout<'p, 'a> {
    pub program: &'p Program<'a>,
    pub facts: &'p Facts,
    pub options: Options,
    /// None for a program that can't start threads.
    pub threads: Option<ThreadLayout>,
    /// None for a program that isn't a library.
    pub state: Option<StateLayout>,
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
        let tables = table::lay_out(program, facts);
        let state = program.library().map(|_| {
            let sizes = state::Sizes { globals: globals.bytes, segments: segments.lengths.len() };
            StateLayout::new(program, &tables, &segments, sizes)
        });
        Layout {
            program,
            facts,
            options,
            threads,
            state,
            memories: memory::lay_out(program, facts, options.memory),
            tables,
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

    /// Where the data of a symbol is in the state of an instance of a library, in bytes.
    pub fn state_offset(&self, symbol: Symbol) -> Option<i32> {
        self.state.as_ref()?.offset(symbol)
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

#[cfg(test)]
mod tests {
    use wasm_aot_abi::gc;

    use super::*;
    use crate::parse;
    use crate::program::{Builder, Entity, Instance, Main, Results};

    const OPTIONS: Options = Options {
        memory: MemoryOptions { guard: true, base: Some(0x1000_0000) },
        fuel: None,
        stack_size: 1 << 20,
        host: HostVariants { user_env: false, native: false, bundles: false, trace: false, fixed: false },
        host_convention_differs: false,
    };

    /// Checks the layout of a module whose export `f` is run.
    fn with_layout(text: &str, check: impl FnOnce(&Layout<'_, '_>, &Instance<'_>)) {
        let wasm = wat::parse_str(text).unwrap();
        let module = parse::parse(&wasm, parse::features::SUPPORTED).unwrap();
        let mut builder = Builder::new(false);
        let instance = builder.instantiate(&module).unwrap();
        let Some(Entity::Func(func)) = builder.instance(instance).export("f") else { panic!("no function") };
        let call = crate::program::Call {
            func,
            arguments: Vec::new(),
            results: Results::Dropped,
            post_return: None,
        };
        let program = builder.finish(Main::Command(vec![instance], vec![call]), None).unwrap();
        let facts = Facts::of(&program);
        check(&Layout::new(&program, &facts, OPTIONS), &program.instances[instance]);
    }

    #[test]
    fn written_globals_have_places_vectors_first() {
        let text = r#"(module
            (global $a (mut i32) (i32.const 0))
            (global $constant (mut i64) (i64.const 0))
            (global $v (mut v128) (v128.const i64x2 0 0))
            (global $b (mut f64) (f64.const 0))
            (func (export "f")
                (global.set $a (i32.const 1)) (global.set $b (f64.const 1)) (global.set $v (global.get $v))))"#;
        with_layout(text, |layout, instance| {
            let globals: Vec<GlobalId> = instance.globals.values().copied().collect();
            let [a, v, b] = [0, 2, 3].map(|index| layout.global_offset(globals[index]));
            assert_eq!((v, a, b, layout.globals_bytes()), (0, 16, 24, 32));
        });
    }

    #[test]
    fn tables_are_what_is_done_with_them() {
        let text = r#"(module
            (table $called 3 funcref) (table $large 100000 funcref) (table $written 3 funcref)
            (elem (table $called) (i32.const 0) func $g)
            (elem (table $large) (i32.const 0) func $g $g $g $g $g $g $g $g)
            (func $g)
            (func (export "f")
                (call_indirect $called (i32.const 0))
                (call_indirect $large (i32.const 0))
                (table.set $written (i32.const 0) (ref.null func))))"#;
        with_layout(text, |layout, instance| {
            let tables: Vec<TableLayout> =
                instance.tables.values().map(|table| layout.table(*table)).collect();
            // The large one is sparse, so what fills it sees references.
            assert_eq!(tables, [TableLayout::CodeArrays, TableLayout::References, TableLayout::References]);
        });
    }

    #[test]
    fn memories_leave_the_heap_of_objects() {
        let base = |text: &str| {
            let mut base = None;
            with_layout(text, |layout, instance| {
                base = instance.memories.values().next().map(|memory| layout.memory(*memory).base);
            });
            base.unwrap()
        };
        let plain = r#"(module (memory 1) (func (export "f")))"#;
        assert_eq!(base(plain), MemoryBase::Constant(0x1000_0000));
        let objects = r#"(module (memory 1) (type $t (struct)) (func (export "f") (drop (struct.new $t))))"#;
        assert_eq!(base(objects), MemoryBase::Constant(gc::MEMORY_BASE.max(0x1000_0000)));
        assert_ne!(gc::MEMORY_BASE, 0x1000_0000);
    }
}
