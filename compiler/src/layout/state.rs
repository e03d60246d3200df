//! Where an instance of a library keeps what its code writes: in one block, so that there can be many instances, and an
//! instance can be made anew. Compiled code gets the address of the block as a parameter; a template has its initial
//! contents. It begins with `wasm_aot_abi::library::Instance`.

use std::collections::{BTreeMap, HashMap};

use cranelift_entity::SecondaryMap;
use wasm_aot_abi::layout::{Memory, Table};
use wasm_aot_abi::library::Instance;

use super::segments::Segments;
use super::symbol::Symbol;
use super::table::TableLayout;
use crate::program::{Program, TableId};

/// A part of the state, in the order of the parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Piece {
    /// The data of a symbol.
    Symbol(Symbol),
    /// The elements of a table.
    Elements(TableId),
}

/// Where everything is in the state.
pub struct StateLayout {
    /// The parts with their offsets in bytes, ascending. All but the sparse tables, which are last, are in the template.
    pub pieces: Vec<(i32, Piece)>,
    offsets: BTreeMap<Symbol, i32>,
    elements: HashMap<TableId, i32>,
    /// Bytes of the template, which begins behind the `Instance`.
    pub template_bytes: u64,
    /// Bytes of the state; what is behind the template is zero at first. Beyond [`StateLayout::MOST_BYTES`], offsets are
    /// wrong.
    pub bytes: u64,
}

/// The sizes of what follows from other plans.
pub struct Sizes {
    /// Bytes of the written globals.
    pub globals: i32,
    /// The number of segments that can be dropped.
    pub segments: usize,
}

impl StateLayout {
    /// The maximum number of bytes of a state: compiled code adds offsets of 32 bits.
    pub const MOST_BYTES: u64 = 1 << 30;

    pub fn new(
        program: &Program<'_>,
        tables: &SecondaryMap<TableId, TableLayout>,
        segments: &Segments,
        sizes: Sizes,
    ) -> StateLayout {
        let start = Instance::BYTES;
        let mut state = StateLayout {
            pieces: Vec::new(),
            offsets: BTreeMap::new(),
            elements: HashMap::new(),
            template_bytes: 0,
            bytes: start,
        };
        // Globals may hold vectors, so they are first.
        state.add(Piece::Symbol(Symbol::Globals), sizes.globals as u64);
        state.add(Piece::Symbol(Symbol::SegmentLengths), 8 * sizes.segments as u64);
        for memory in program.memories.keys() {
            state.add(Piece::Symbol(Symbol::Memory(memory)), size_of::<Memory>() as u64);
        }
        let held = program.tables.iter().filter(|(table, _)| tables[*table] == TableLayout::References);
        let (sparse, dense): (Vec<_>, Vec<_>) = held.partition(|(_, plan)| plan.sparse().is_some());
        for (table, _) in dense.iter().chain(&sparse) {
            state.add(Piece::Symbol(Symbol::Table(*table)), size_of::<Table>() as u64);
        }
        for (id, instance) in &program.instances {
            for (index, elements) in &instance.module.elements {
                if segments.has_late_values(id, index) {
                    state.add(Piece::Symbol(Symbol::Elements(id, index)), 8 * elements.items.len() as u64);
                }
            }
        }
        for (table, plan) in dense {
            state.add(Piece::Elements(table), 8 * plan.size());
        }
        state.template_bytes = state.bytes - start;
        for (table, plan) in sparse {
            state.add(Piece::Elements(table), 8 * plan.size());
        }
        state
    }

    fn add(&mut self, piece: Piece, bytes: u64) {
        let offset = i32::try_from(self.bytes).unwrap_or(i32::MAX);
        match piece {
            Piece::Symbol(symbol) => _ = self.offsets.insert(symbol, offset),
            Piece::Elements(table) => _ = self.elements.insert(table, offset),
        }
        self.pieces.push((offset, piece));
        self.bytes = self.bytes.saturating_add(bytes);
    }

    /// Where the data of a symbol is.
    pub fn offset(&self, symbol: Symbol) -> Option<i32> {
        self.offsets.get(&symbol).copied()
    }

    /// Where the elements of a table are.
    pub fn elements(&self, table: TableId) -> Option<i32> {
        self.elements.get(&table).copied()
    }
}
