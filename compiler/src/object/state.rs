//! The state of a library's instances: its template, and the place of the only instance.

use anyhow::Result;
use cranelift_module::DataDescription;
use wasm_aot_abi::layout::Table;
use wasm_aot_abi::library::Instance;
use wasm_aot_abi::shared::Pointer;

use super::data::initial_globals;
use super::feature::Contents;
use super::word::{Placed, Word};
use super::writer::Writer;
use crate::layout::{Piece, StateLayout, Symbol};

impl<'p> Writer<'_, 'p, '_> {
    fn state(&self) -> &'_ StateLayout {
        self.layout.state.as_ref().expect("a library has a layout of its state")
    }

    /// Zeroes, in which an instance is made.
    pub(super) fn define_state(&mut self, symbol: Symbol) -> Result<()> {
        let mut description = DataDescription::new();
        description.define_zeroinit(self.state().bytes as usize);
        description.set_align(align_of::<Instance>() as u64);
        self.define(symbol, &description)
    }

    /// The initial contents of what follows the `Instance`.
    pub(super) fn define_template(&mut self, symbol: Symbol) -> Result<()> {
        let start = Instance::BYTES as i32;
        let end = start + self.state().template_bytes as i32;
        let pieces: Vec<(i32, Piece)> =
            self.state().pieces.iter().copied().filter(|(offset, _)| *offset < end).collect();
        let mut words: Vec<Word> = Vec::new();
        for (offset, piece) in pieces {
            words.resize((offset - start) as usize / 8, Word::Number(0));
            match self.piece(piece)? {
                Contents::Words(more) => words.extend(more),
                Contents::Bytes(_) => unreachable!("the state consists of words"),
            }
        }
        words.resize((end - start) as usize / 8, Word::Number(0));
        self.define_words(symbol, &words)
    }

    /// The initial contents of a part of the state; what is missing at its end is zero.
    fn piece(&mut self, piece: Piece) -> Result<Contents> {
        let layout = self.layout;
        Ok(match piece {
            Piece::Symbol(Symbol::Globals) => Contents::Words(initial_globals(layout)),
            Piece::Symbol(Symbol::SegmentLengths) => Contents::structures(&layout.segments.lengths),
            Piece::Symbol(Symbol::Memory(memory)) => Contents::structures(&[self.memory(memory)?]),
            Piece::Symbol(Symbol::Table(table)) => {
                let plan = &layout.program.tables[table];
                let (size, maximum) = (plan.size(), plan.maximum());
                let table = Table::<Placed> { elements: Pointer::NULL, size, maximum, capacity: size };
                Contents::structures(&[table])
            }
            Piece::Elements(table) => {
                Contents::Words(layout.program.tables[table].dense().map(Word::from).collect())
            }
            // Evaluated when it is instantiated.
            Piece::Symbol(_) => Contents::Words(Vec::new()),
        })
    }
}
