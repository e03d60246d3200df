//! Fuel: the counter that compiled code keeps, see `translate::fuel`.

use super::encoder::{Encoder, Reference};
use crate::layout::Symbol;
use crate::object::{Contents, Data, Feature, Word};

pub const FEATURE: Feature = Feature {
    placed: |layout| layout.options.fuel.map(|_| Symbol::Fuel),
    data: |layout, symbol| match (symbol, layout.options.fuel) {
        (Symbol::Fuel, Some(fuel)) => {
            Some(Data { writable: true, contents: Contents::Words(vec![Word::Number(fuel)]) })
        }
        _ => None,
    },
};

/// The remaining fuel; null if it isn't counted.
pub fn counter(encoder: &Encoder<'_>) -> Reference<i64> {
    encoder.pointer(Symbol::Fuel)
}
