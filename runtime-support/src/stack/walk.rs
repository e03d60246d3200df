//! The functions on the stack of Wasm code.

use wasm_aot_abi::layout::ProgramInfo;

use super::frame::Frame;
use crate::program::code_offset;

/// The code offset of each Wasm frame, innermost first: of the instruction at `pc`, then of each caller's call
/// instruction (more exactly, its last byte). `Reader` tells its users apart: each has code of its own, so that none is
/// larger because there are others.
#[expect(clippy::extra_unused_type_parameters, reason = "it makes another function for each reader")]
#[inline(always)]
pub fn walk<Reader>(program: &ProgramInfo, pc: usize, frame: Frame) -> impl Iterator<Item = u32> {
    // A return address, and the frame of what it leads to, unless the stack ends there.
    let mut next = Some((pc.wrapping_add(1), Some(frame)));
    core::iter::from_fn(move || {
        while let Some((return_address, frame)) = next {
            next = frame.and_then(|frame| {
                let caller = frame.caller()?;
                Some((caller.return_address, (caller.frame > frame).then_some(caller.frame)))
            });
            if let Some(offset) = code_offset(program, return_address.wrapping_sub(1)) {
                return Some(offset);
            }
        }
        None
    })
}

/// The address of each frame's instruction, innermost first, as by [`walk`]; also of frames of the runtime, as far as
/// they are linked.
#[inline(never)]
pub fn walk_all(pc: usize, frame: Frame) -> impl Iterator<Item = usize> {
    let mut next = Some((pc.wrapping_add(1), Some(frame)));
    core::iter::from_fn(move || {
        let (return_address, frame) = next?;
        next = frame.and_then(|frame| {
            let caller = frame.caller()?;
            Some((caller.return_address, (caller.frame > frame).then_some(caller.frame)))
        });
        Some(return_address.wrapping_sub(1))
    })
    .skip_while(|address| *address == 0)
}
