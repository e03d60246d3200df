//! Where labelled values are in machine code: what the code generator says, less where it isn't so.

use std::ops::Range;

use cranelift_codegen::ir::{Endianness, Function, Value, ValueLabel};
use cranelift_codegen::isa::{CallConv, TargetIsa};
use cranelift_codegen::{CompiledCode, LabelValueLoc};

use super::values::{At, Available, Machine, Places, Values};
use crate::targets::DebugRegisters;

/// A value that is labelled, which is the sum of a root and an addend.
pub struct Label {
    pub root: u32,
    pub addend: i64,
    pub value: Value,
}

/// How a function was compiled.
pub struct Compilation<'c> {
    pub isa: &'c dyn TargetIsa,
    pub registers: &'static DebugRegisters,
    /// Whether registers were allocated in a single pass.
    pub single_pass: bool,
    /// Whether it ends with calls that replace its frame.
    pub tail_calls: bool,
}

/// Adds the places of labelled values, by the positions of the labels. `shift`: how much further behind the code really is.
pub fn add(
    values: &mut Values,
    labels: &[Label],
    func: &Function,
    compiled: &CompiledCode,
    shift: u32,
    compilation: &Compilation<'_>,
) {
    let Compilation { isa, registers, single_pass, tail_calls } = *compilation;
    let calls = Calls::of(func, compiled, registers.preserved);
    let end = cold_start(func, compiled).unwrap_or(u32::MAX).min(compiled.buffer.data().len() as u32);
    let count = labels.iter().map(|label| label.root as usize + 1).max().unwrap_or(0);
    let mut places: Vec<(u32, Available)> = Vec::with_capacity(labels.len());
    for (number, label) in (0..).zip(labels) {
        let Some(ranges) = compiled.value_labels_ranges.get(&ValueLabel::from_u32(number)) else { continue };
        let mut add = |code: Range<u32>, at: At| {
            if !code.is_empty() {
                let code = code.start + shift..code.end + shift;
                places.push((label.root, Available { code, at, addend: label.addend }));
            }
        };
        for range in ranges {
            let code = range.start..range.end.min(end);
            match range.loc {
                LabelValueLoc::Reg(register) => {
                    let Ok(register) = isa.map_regalloc_reg_to_dwarf(register) else { continue };
                    calls.split(code, register, |part| add(part, At::Register(register)));
                }
                // Distances are from where the stack would be if no call replaced the frame.
                LabelValueLoc::CFAOffset(_) if tail_calls => {}
                LabelValueLoc::CFAOffset(offset) => {
                    let Ok(offset) = i32::try_from(offset) else { continue };
                    // Single-pass allocation gives no slot to two values.
                    let code = if single_pass { 0..compiled.buffer.data().len() as u32 } else { code };
                    add(code, At::Slot { base: registers.base, offset: offset + registers.distance });
                }
            }
        }
    }
    places.sort_by_key(|(root, place)| (*root, place.code.start, place.code.end));
    places.dedup();
    values.places = Places::new(count, places);
    let big_endian = isa.endianness() == Endianness::Big;
    values.machine = Machine { stack_pointer: registers.stack_pointer, big_endian };
}

/// The calls of a function.
struct Calls {
    /// Return addresses, ascending, each with the start of the next instruction of Wasm, by which values have been moved to
    /// where they are said to be.
    returns: Vec<(u32, u32)>,
    /// Registers that callees preserve, by their numbers in DWARF, from and to.
    preserved: &'static [(u16, u16)],
}

impl Calls {
    fn of(func: &Function, compiled: &CompiledCode, preserved: &'static [(u16, u16)]) -> Calls {
        let starts: Vec<u32> =
            compiled.buffer.get_srclocs_sorted().iter().map(|location| location.start).collect();
        let bytes = compiled.buffer.data().len() as u32;
        let mut returns: Vec<(u32, u32)> = compiled
            .buffer
            .call_sites()
            .map(|site| {
                let next = starts.partition_point(|start| *start < site.ret_addr);
                (site.ret_addr, starts.get(next).copied().unwrap_or(bytes))
            })
            .collect();
        returns.sort_unstable();
        let any_tail = func.dfg.signatures.values().any(|signature| signature.call_conv == CallConv::Tail);
        let preserved = if any_tail { &[] } else { preserved };
        Calls { returns, preserved }
    }

    /// The parts of a range in which a register isn't changed by calls.
    fn split(&self, code: Range<u32>, register: u16, mut part: impl FnMut(Range<u32>)) {
        if self.preserved.iter().any(|(from, to)| (*from..=*to).contains(&register)) {
            return part(code);
        }
        let mut start = code.start;
        let first = self.returns.partition_point(|(address, _)| *address <= code.start);
        for (address, next) in &self.returns[first..] {
            if *address > code.end {
                break;
            }
            // The frames of callers are looked up by the last byte of the call.
            part(start..address - 1);
            start = *next;
        }
        part(start..code.end.max(start));
    }
}

/// Where code begins that is moved behind the other code, of which it isn't said where values are; none if there is none.
fn cold_start(func: &Function, compiled: &CompiledCode) -> Option<u32> {
    let blocks = || func.layout.blocks();
    if !blocks().any(|block| func.layout.is_cold(block)) {
        return None;
    }
    let offsets = |cold: bool| {
        let blocks = blocks().filter(move |block| func.layout.is_cold(*block) == cold);
        blocks.flat_map(|block| func.layout.block_insts(block)).map(|inst| func.srcloc(inst))
    };
    let mut hot: Vec<_> = offsets(false).collect();
    hot.sort_unstable_by_key(|offset| offset.bits());
    hot.dedup();
    let mut cold: Vec<_> = offsets(true).filter(|offset| !offset.is_default()).collect();
    cold.sort_unstable_by_key(|offset| offset.bits());
    cold.dedup();
    let locations = compiled.buffer.get_srclocs_sorted();
    let starts = cold.iter().filter_map(|offset| {
        let is_hot = hot.binary_search_by_key(&offset.bits(), |offset| offset.bits()).is_ok();
        let mut own = locations.iter().filter(|location| location.loc == *offset);
        let location = if is_hot { own.next_back() } else { own.next() };
        location.map(|location| location.start)
    });
    Some(starts.min().unwrap_or(0))
}
