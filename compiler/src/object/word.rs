//! Words of the program's data, and what the addresses in it refer to.

use cranelift_module::DataId;
use wasm_aot_abi::shared::{Encode, Foreign, Sink};

use crate::layout::Symbol;
use crate::program::Value;

/// A word of the program's data.
#[derive(Clone, Copy)]
pub enum Word {
    Number(u64),
    /// A number of 32 bits, in the first half of the word.
    Half(u32),
    Bytes([u8; 8]),
    /// A reference to a function.
    Address(Symbol),
    /// An address.
    Place(Location),
}

/// What an address in data refers to.
#[derive(Clone, Copy)]
pub enum Location {
    Symbol(Symbol),
    /// A place in the data of a symbol.
    Offset(Symbol, i64),
    /// Data without a [`Symbol`], and an offset in it.
    Data(DataId, i64),
    /// A known address.
    Constant(u64),
}

/// The pointers of shared structures in data.
pub type Placed = Foreign<Location>;

impl Encode<Location> for Word {
    const BYTES: usize = 8;
    const HAS_POINTERS: bool = true;

    fn encode(&self, to: &mut impl Sink<Location>) {
        match *self {
            Word::Number(number) => to.u64(number),
            Word::Half(number) => {
                to.u32(number);
                to.u32(0);
            }
            Word::Bytes(bytes) => bytes.iter().for_each(|byte| to.u8(*byte)),
            Word::Address(symbol) => to.address(Some(Location::Symbol(symbol))),
            Word::Place(location) => to.address(Some(location)),
        }
    }
}

impl From<Value> for Word {
    fn from(value: Value) -> Word {
        match value {
            Value::Func(func) => Word::Address(Symbol::FuncRef(func)),
            other => Word::Number(other.bits().expect("a number or a reference")),
        }
    }
}
