//! What DWARF's call frame information says of a function (DWARF 5, 6.4): how to compute the canonical frame address (CFA)
//! from each instruction on, and where the caller's registers are. All instruction sets but s390x have a frame pointer, and
//! the CFA is 16 bytes above it; epilogues are found by the instructions that Cranelift ends functions with.

use gimli::Register;
use gimli::write::CallFrameInstruction as Rule;
use wasm_aot_abi::exception::Registers;

use super::Function;
use crate::codegen::Prologue;

/// Bytes between the frame pointer and the CFA: the caller's frame pointer and the return address.
pub const FRAME_BYTES: i32 = 16;

/// An instruction set, as call frame information sees it.
pub struct Machine {
    /// Bytes of the smallest instruction: offsets in the code are multiples of it.
    pub instruction_bytes: u8,
    pub return_address: Register,
    /// What is true where a function begins.
    pub at_entry: &'static [Rule],
    pub numbers: Numbers,
    /// Bytes from where `SavedRegister` counts from to the CFA.
    pub frame_bytes: i32,
    /// Whether functions that push no frame have none, so that nothing changes in them.
    pub has_frame_pointer: bool,
    /// Adds the rules that change in a function.
    pub add_rules: fn(&Function<'_>, &mut Rules),
}

impl Machine {
    /// The rules that change in a function, by the offset in its code from which they are true, ascending.
    pub fn rules(&'static self, function: &Function<'_>) -> Vec<(u32, Rule)> {
        if self.has_frame_pointer && function.prologue.push == 0 {
            return Vec::new();
        }
        let mut rules = Rules::new(self, function);
        (self.add_rules)(function, &mut rules);
        rules.list
    }
}

/// The numbers of an instruction set's registers in DWARF, by those in instructions.
pub struct Numbers {
    pub integer: fn(u8) -> u16,
    pub float: fn(u8) -> u16,
}

impl Numbers {
    /// The register that a place of `SavedRegister` stands for.
    pub fn register(&self, place: u8) -> Register {
        Register(match place.checked_sub(Registers::FLOATS) {
            Some(float) => (self.float)(float),
            None => (self.integer)(place),
        })
    }
}

/// The rules of a function, as they are collected.
pub struct Rules {
    /// The offset in the code from which each is true, ascending.
    list: Vec<(u32, Rule)>,
    /// The registers that the function saves, each with where it is, in bytes from the CFA.
    saved: Vec<(Register, i32)>,
    /// The size of the code.
    bytes: u32,
    machine: &'static Machine,
}

impl Rules {
    fn new(machine: &'static Machine, function: &Function<'_>) -> Rules {
        let place = |word: i32| 8 * word - machine.frame_bytes;
        let saved = function.saved.iter();
        let saved = saved.map(|saved| (machine.numbers.register(saved.place), place(saved.word))).collect();
        Rules { list: Vec::new(), saved, bytes: function.bytes(), machine }
    }

    pub fn push(&mut self, offset: u32, rule: Rule) {
        self.list.push((offset, rule));
    }

    /// Adds what changes where the frame pointer is pushed, the stack pointer having been moved before `moved`.
    pub fn frame(&mut self, moved: u32, prologue: &Prologue, frame_pointer: Register) {
        self.push(moved, Rule::CfaOffset(FRAME_BYTES));
        self.push(prologue.push, Rule::Offset(frame_pointer, -FRAME_BYTES));
    }

    /// Adds what changes with each register that the prologue saves.
    pub fn saves(&mut self, prologue: &Prologue) {
        let saves = prologue.saves.iter().zip(&self.saved);
        self.list.extend(saves.map(|(offset, (register, place))| (*offset, Rule::Offset(*register, *place))));
    }

    /// Puts the rules in order, where they were added in another.
    pub fn sort(&mut self) {
        self.list.sort_by_key(|(offset, _)| *offset);
    }

    /// Up to where there are rules.
    pub fn end(&self) -> u32 {
        self.list.last().map_or(0, |(offset, _)| *offset)
    }

    /// Adds the steps of an epilogue, by their offsets. `end` is that of the instruction that leaves the function: what was
    /// true before is true again behind it. With the last step, all saved registers are the caller's again. Nothing is
    /// added where there are rules already: then the instructions are data that look like them.
    pub fn epilogue(&mut self, steps: &[(u32, &[Rule])], end: u32) {
        let (Some((start, _)), Some((last, _))) = (steps.first(), steps.last()) else { return };
        if *start < self.end() {
            return;
        }
        let is_inside = end < self.bytes;
        if is_inside {
            self.push(*start, Rule::RememberState);
        }
        for (offset, rules) in steps {
            self.list.extend(rules.iter().map(|rule| (*offset, rule.clone())));
        }
        self.list.extend(self.saved.iter().map(|(register, _)| (*last, Rule::Restore(*register))));
        if is_inside {
            self.push(end, Rule::RestoreState);
        }
    }

    /// Adds an epilogue behind the prologue wherever the instructions `leave` are, and behind them those that leave the function,
    /// of which `exit_bytes` says the size. `steps`: those of the epilogue in which `leave` ends at an offset.
    pub fn epilogues<const N: usize>(
        &mut self,
        code: &[u8],
        leave: &[u8],
        exit_bytes: fn(&[u8]) -> Option<u32>,
        steps: impl Fn(u32) -> [(u32, &'static [Rule]); N],
    ) {
        let alignment = u32::from(self.machine.instruction_bytes);
        for start in ends(code, self.end(), leave).filter(|start| start.is_multiple_of(alignment)) {
            if let Some(bytes) = exit_bytes(&code[start as usize..]) {
                self.epilogue(&steps(start), start + bytes);
            }
        }
    }
}

/// The offsets behind each occurrence of an instruction, or of several that follow each other, in `code` from `start` on.
pub fn ends<'c>(code: &'c [u8], start: u32, instructions: &'c [u8]) -> impl Iterator<Item = u32> + use<'c> {
    let behind = start as usize + instructions.len();
    let windows = code.get(start as usize..).unwrap_or_default().windows(instructions.len());
    windows
        .enumerate()
        .filter(move |(_, window)| *window == instructions)
        .map(move |(at, _)| (behind + at) as u32)
}
