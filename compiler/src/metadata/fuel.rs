//! Fuel: the counter that compiled code keeps, see `translate::fuel`.

use super::encoder::{Encoder, Reference};
use crate::object::{Contents, Data, Feature, Word};
use crate::translate::Symbol;

pub const FEATURE: Feature = Feature {
    placed: |env| env.options.fuel.map(|_| Symbol::Fuel),
    data: |env, symbol| match (symbol, env.options.fuel) {
        (Symbol::Fuel, Some(fuel)) => {
            Some(Data { writable: true, contents: Contents::Words(vec![Word::Number(fuel)]) })
        }
        _ => None,
    },
};

/// What is left of the fuel; null if it isn't counted.
pub fn counter(encoder: &Encoder<'_>) -> Reference<i64> {
    encoder.pointer(Symbol::Fuel)
}
