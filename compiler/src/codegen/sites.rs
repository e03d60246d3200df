//! The instructions that a backtrace may show: those that can trap, and calls.

use cranelift_codegen::{Final, MachBufferFinalized};

use super::origins::{Origins, Place};

/// An instruction that can trap, or a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Site {
    /// Offset in the code: of the first byte of what can trap, of the last byte of a call.
    pub offset: u32,
    /// Its operator.
    pub place: Place,
}

/// Those of a function that belong to operators, ascending.
pub fn of(buffer: &MachBufferFinalized<Final>, origins: &Origins) -> Vec<Site> {
    let traps = buffer.traps().iter().map(|trap| trap.offset);
    let calls = buffer.call_sites().filter_map(|site| site.ret_addr.checked_sub(1));
    let mut offsets: Vec<u32> = traps.chain(calls).collect();
    offsets.sort_unstable();
    offsets.dedup();
    let ranges = buffer.get_srclocs_sorted();
    let site = |offset| {
        let range = ranges[..ranges.partition_point(|range| range.start <= offset)].last()?;
        let place = origins.place(range.loc).filter(|_| offset < range.end)?;
        Some(Site { offset, place })
    };
    offsets.into_iter().filter_map(site).collect()
}
