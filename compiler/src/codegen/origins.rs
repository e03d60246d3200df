//! Where the instructions of a function come from, if others have been inlined into it: instead of offsets in its module,
//! which would be ambiguous, they have numbers of places.

use std::collections::HashMap;

use cranelift_codegen::ir::{Function, Inst, SourceLoc};

use crate::program::FuncId;

/// A call in whose place the body of the callee is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct InlinedCall {
    pub callee: FuncId,
    /// The number, counted from 1, of the inlined call whose callee makes this call: less than its own. 0 if the function makes it.
    pub parent: u32,
    /// Byte offset of its operator in the Wasm module of the function that makes it.
    pub wasm: u32,
}

/// An operator in a function, or in what is inlined into it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Place {
    /// Byte offset in the Wasm module of the function that it is an operator of.
    pub wasm: u32,
    /// The number of the inlined call whose callee has it; 0 for an operator of the function itself.
    pub call: u32,
}

/// Where the instructions of a function come from. Without inlined calls, their source locations are offsets in the module.
#[derive(Clone, Debug, Default)]
pub struct Origins {
    pub calls: Vec<InlinedCall>,
    /// The places, by their source locations less `base`.
    places: Vec<Place>,
    base: u32,
}

impl Origins {
    /// The place of a source location; none for code that belongs to no operator.
    pub fn place(&self, location: SourceLoc) -> Option<Place> {
        if location.is_default() {
            return None;
        }
        match self.calls[..] {
            [] => Some(Place { wasm: location.bits(), call: 0 }),
            _ => self.places.get(location.bits().wrapping_sub(self.base) as usize).copied(),
        }
    }

    /// The operator of the function itself that a place is in: it, or the call in whose place it is.
    pub fn outermost(&self, place: Place) -> u32 {
        let Place { mut wasm, mut call } = place;
        while let Some(inlined) = call.checked_sub(1).and_then(|index| self.calls.get(index as usize)) {
            (wasm, call) = (inlined.wasm, inlined.parent);
        }
        wasm
    }
}

/// Gives the instructions of a function numbers of places.
pub struct Numbering {
    origins: Origins,
    numbers: HashMap<Place, u32>,
    last: Option<(Place, u32)>,
}

impl Numbering {
    /// The function's own instructions are those before `first`; none has been inlined into them yet.
    pub fn new(func: &mut Function, first: Inst) -> Numbering {
        // Numbers are relative to it, too, and the first one isn't the value that means none.
        let base = func.params.base_srcloc();
        let base = if base.is_default() { func.params.ensure_base_srcloc(SourceLoc::new(0)) } else { base };
        let origins = Origins { base: base.bits(), ..Origins::default() };
        let mut numbering = Numbering { origins, numbers: HashMap::new(), last: None };
        for inst in (0..first.as_u32()).map(Inst::from_u32) {
            let location = func.srcloc(inst);
            if !location.is_default() {
                numbering.number(func, inst, Place { wasm: location.bits(), call: 0 });
            }
        }
        numbering
    }

    /// Adds an inlined call; returns its number.
    pub fn call(&mut self, call: InlinedCall) -> u32 {
        self.origins.calls.push(call);
        self.origins.calls.len() as u32
    }

    /// The place of an instruction that has its number.
    pub fn place(&self, func: &Function, inst: Inst) -> Place {
        let number = func.srcloc(inst).bits().wrapping_sub(self.origins.base);
        self.origins.places.get(number as usize).copied().unwrap_or_default()
    }

    /// Gives an instruction the number of its place.
    pub fn number(&mut self, func: &mut Function, inst: Inst, place: Place) {
        let number = match self.last {
            Some((last, number)) if last == place => number,
            _ => {
                let places = &mut self.origins.places;
                *self.numbers.entry(place).or_insert_with(|| {
                    places.push(place);
                    places.len() as u32 - 1
                })
            }
        };
        self.last = Some((place, number));
        func.set_srcloc(inst, SourceLoc::new(self.origins.base.wrapping_add(number)));
    }

    pub fn finish(self) -> Origins {
        self.origins
    }
}
