//! Exceptions: finds the handler of what is thrown and goes on there. See `wasm_aot_abi::exception`.
//!
//! Nothing is to be done in the frames that are left: Wasm code has no clean-up that the stack doesn't
//! know, and a landing takes every register for lost.

#[macro_use]
mod assembly;

mod heap;

#[cfg_attr(target_arch = "aarch64", path = "arch_aarch64.rs")]
#[cfg_attr(target_arch = "riscv64", path = "arch_riscv64.rs")]
#[cfg_attr(target_arch = "s390x", path = "arch_s390x.rs")]
#[cfg_attr(target_arch = "x86_64", path = "arch_x86_64.rs")]
mod arch;

use wasm_aot_abi::exception::{CallSite, Clause, ClauseEntry, Exception};
use wasm_aot_abi::layout::Program;
use wasm_aot_abi::trap::Trap;

use crate::program::{program, slice};
use crate::trap::frame::{Caller, Frame};
use crate::trap::{self, code_offset};

unsafe extern "C" {
    /// Goes on at `landing`, with this stack pointer, this frame pointer and this value where a landing
    /// expects the first word of an exception's payload, and where a function returns its result.
    fn wasm_aot_resume(landing: *const u8, stack_pointer: usize, frame_pointer: usize, value: usize) -> !;
}

/// `symbols::THROW`, once the registers are on the stack: throws an exception that lies in the frame
/// of the caller of `frame`.
///
/// # Safety
/// `exception` is complete, `frame` that of a function that Wasm code called.
unsafe extern "C" fn throw(exception: *const Exception, frame: Frame) -> ! {
    // SAFETY: as the caller promises.
    unsafe { unwind(exception, frame, heap::keep) }
}

/// `symbols::THROW_REF`: as `throw`, for an exception that is in the heap.
///
/// # Safety
/// As for `throw`.
unsafe extern "C" fn throw_ref(exception: *const Exception, frame: Frame) -> ! {
    // SAFETY: as the caller promises.
    unsafe { unwind(exception, frame, |exception| exception) }
}

/// Goes to the innermost handler above `start`. `keep` moves the exception to the heap for a handler
/// that wants it there.
///
/// # Safety
/// As for `throw`.
unsafe fn unwind(
    exception: *const Exception,
    start: Frame,
    keep: impl FnOnce(*const Exception) -> *const Exception,
) -> ! {
    let program = program();
    // SAFETY: the caller promises that it is complete.
    let tag = unsafe { (*exception).tag } as u32;
    let mut frame = start;
    while let Some(Caller { return_address, frame: caller }) = frame.caller() {
        if let Some((handler, site)) = find(program, return_address, tag) {
            let exception = match Clause::decode(handler.clause).keep {
                true => keep(exception),
                false => exception,
            };
            // SAFETY: the compiler describes its own code: this is how it expects its handlers to be
            // entered. `caller` is the frame of the function that made the call.
            unsafe {
                let landing = program.text_start.add(handler.landing_offset as usize);
                wasm_aot_resume(landing, caller.0 - site.frame_bytes as usize, caller.0, exception as usize)
            }
        }
        if caller <= frame {
            break;
        }
        frame = caller;
    }
    trap::raise(Trap::UncaughtException, start)
}

/// Goes on at `landing` with this stack pointer and result.
///
/// # Safety
/// The code there expects to be entered so.
pub unsafe fn go_to(landing: usize, stack_pointer: usize, result: usize) -> ! {
    // SAFETY: as the caller promises.
    unsafe { wasm_aot_resume(landing as *const u8, stack_pointer, 0, result) }
}

/// The handler that the call with this return address has for a tag.
fn find(program: &Program, return_address: usize, tag: u32) -> Option<(ClauseEntry, CallSite)> {
    // A return address is in the code, or just behind it.
    let offset = code_offset(program, return_address.wrapping_sub(1))? + 1;
    let count = program.call_site_count;
    // SAFETY: the compiler describes its own code; the entry after the last call site ends its clauses.
    let sites = unsafe { slice(program.call_sites, count + 1) };
    let index = sites.get(..count as usize)?.binary_search_by_key(&offset, |site| site.return_offset).ok()?;
    let (site, next) = (sites.get(index)?, sites.get(index + 1)?);
    let clauses = u64::from(next.first_clause - site.first_clause);
    // SAFETY: as above.
    let clauses = unsafe { slice(program.clauses.add(site.first_clause as usize), clauses) };
    let catches = |entry: &&ClauseEntry| Clause::decode(entry.clause).tag.is_none_or(|caught| caught == tag);
    clauses.iter().find(catches).map(|entry| (*entry, *site))
}
