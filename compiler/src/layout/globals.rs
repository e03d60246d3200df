//! Where the globals that are written are placed. All others are constants in the code.

use cranelift_entity::SecondaryMap;

use crate::facts::Facts;
use crate::program::{GlobalId, Program};

pub struct Globals {
    /// Byte offset of each written global in `Symbol::Globals`.
    pub offsets: SecondaryMap<GlobalId, i32>,
    /// Total size of the written globals in bytes.
    pub bytes: i32,
}

impl Globals {
    /// Places the written globals, vectors first, so that these are aligned.
    pub fn new(program: &Program<'_>, facts: &Facts) -> Globals {
        let (mut offsets, mut end) = (SecondaryMap::new(), 0);
        for bytes in [16, 8] {
            let written = program.globals.iter().filter(|(global, _)| !facts.global(*global).is_constant());
            for (global, _) in written.filter(|(_, plan)| plan.bytes() == bytes) {
                offsets[global] = end;
                end += bytes;
            }
        }
        Globals { offsets, bytes: end }
    }
}
