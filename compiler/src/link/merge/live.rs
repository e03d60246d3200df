//! The pieces that the merged object needs: the roots, what these refer to, and so on.

use std::collections::BTreeSet;

use cranelift_entity::EntitySet;

use super::input::{Inputs, PieceIndex, Place, SymbolIndex};

pub struct Live {
    /// Pieces that are needed.
    pub pieces: EntitySet<PieceIndex>,
    /// Symbols that needed pieces refer to, as they are resolved.
    pub symbols: EntitySet<SymbolIndex>,
}

impl Live {
    /// Finds what the roots need.
    pub fn find(inputs: &Inputs<'_>, roots: impl IntoIterator<Item = PieceIndex>) -> Live {
        let mut live = Live {
            pieces: EntitySet::with_capacity(inputs.pieces.len()),
            symbols: EntitySet::with_capacity(inputs.symbols.len()),
        };
        let mut pending: Vec<PieceIndex> =
            roots.into_iter().filter(|piece| live.pieces.insert(*piece)).collect();
        while let Some(piece) = pending.pop() {
            let piece = &inputs.pieces[piece];
            for relocation in &piece.relocations {
                for symbol in [Some(relocation.symbol), relocation.minus].into_iter().flatten() {
                    let symbol = inputs.resolved(symbol);
                    if live.symbols.insert(symbol)
                        && let Place::Piece(target, _) = inputs.symbols[symbol].place
                        && live.pieces.insert(target)
                    {
                        pending.push(target);
                    }
                }
            }
            pending.extend(piece.companions.iter().filter(|companion| live.pieces.insert(**companion)));
        }
        live
    }

    /// The names that are needed and not defined, in alphabetical order.
    pub fn undefined<'d>(&self, inputs: &Inputs<'d>) -> impl Iterator<Item = &'d [u8]> {
        let names: BTreeSet<&[u8]> = inputs
            .symbols
            .iter()
            .filter(|(index, symbol)| symbol.place == Place::Undefined && self.symbols.contains(*index))
            .map(|(_, symbol)| symbol.name)
            .collect();
        names.into_iter()
    }
}
