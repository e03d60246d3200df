//! Exceptions: finds the handler of what is thrown and goes on there. See `wasm_aot_abi::exception`.
//!
//! In each frame that is left the registers are restored that its function saved: what calls a function finds
//! them as they were, whether it returns or throws. They are collected in `Registers`; nothing else is to be
//! done there, as Wasm code has no clean-up.

mod heap;

#[cfg(feature = "libraries")]
pub use heap::forget_all;

use wasm_aot_abi::exception::{CallSite, Clause, ClauseEntry, Exception, Registers, SavedRegister};
use wasm_aot_abi::layout::ProgramInfo;
use wasm_aot_abi::trap::Trap;

use crate::fail;
use crate::program::{code_offset, program, slice};
use crate::stack::frame::{Caller, Frame};
use crate::stack::resume::wasm_aot_resume;

throwing_entry!("wasm_aot_throw", throw);
throwing_entry!("wasm_aot_throw_ref", throw_ref);

/// `Builtin::Throw`, once the registers are on the stack: throws an exception that lies in the frame
/// of the caller of `frame`.
///
/// # Safety
/// `exception` is complete, `frame` that of a function that Wasm code called, with these `registers`.
unsafe extern "C" fn throw(exception: *const Exception, frame: Frame, registers: &mut Registers) -> ! {
    // SAFETY: as the caller promises.
    unsafe {
        unwind(exception, frame, registers, |exception| match heap::keep(exception) {
            Some(kept) => kept,
            None => fail::raise(Trap::HeapExhausted, frame),
        })
    }
}

/// `Builtin::ThrowRef`: as `throw`, for an exception that is in the heap.
///
/// # Safety
/// As for `throw`.
unsafe extern "C" fn throw_ref(exception: *const Exception, frame: Frame, registers: &mut Registers) -> ! {
    // SAFETY: as the caller promises.
    unsafe { unwind(exception, frame, registers, |exception| exception) }
}

/// Goes to the innermost handler above `start`. `keep` moves the exception to the heap for a handler
/// that keeps it.
///
/// # Safety
/// As for `throw`.
pub unsafe fn unwind(
    exception: *const Exception,
    start: Frame,
    registers: &mut Registers,
    keep: impl FnOnce(*const Exception) -> *const Exception,
) -> ! {
    let program = program();
    // SAFETY: the caller promises that it is complete.
    let tag = unsafe { (*exception).tag };
    let mut frame = start;
    while let Some(Caller { return_address, frame: caller }) = frame.caller() {
        // A return address is in the code, or just behind it. Outside of it nobody catches anything.
        let Some(offset) = code_offset(program, return_address.wrapping_sub(1)).map(|before| before + 1)
        else {
            break;
        };
        if let Some((handler, site)) = find(program, offset, tag) {
            let exception = match Clause::decode(handler.clause).keep {
                true => keep(exception),
                false => exception,
            };
            // SAFETY: the compiler describes its own code: this is how it expects its handlers to be
            // entered. `caller` is the frame of the function that made the call.
            unsafe {
                let landing = program.text_start.add(handler.landing_offset as usize);
                let stack_pointer = caller.0 - site.frame_bytes as usize;
                wasm_aot_resume(landing, stack_pointer, caller.0, exception as usize, registers)
            }
        }
        if caller <= frame || program.exceptions.call_site_count == 0 {
            break;
        }
        // SAFETY: `caller` is the frame of the function at that offset, and there are call sites.
        unsafe { restore(program, offset, caller, registers) };
        frame = caller;
    }
    fail::raise(Trap::UncaughtException, start)
}

/// Restores the registers that the function at this offset, of a return address, has saved in its frame.
///
/// # Safety
/// `frame` is a frame of that function, behind its prologue. The program has call sites.
unsafe fn restore(program: &ProgramInfo, offset: u32, frame: Frame, registers: &mut Registers) {
    // SAFETY: the compiler describes its own code: for each function there is the index of its list, which
    // starts with its length, and what it names are words of the frame.
    unsafe {
        let starts = slice(program.functions.starts, program.functions.count);
        let Some(function) = starts.partition_point(|start| *start < offset).checked_sub(1) else { return };
        let table = program.exceptions.saved_registers;
        let list = table.add(*table.add(function) as usize);
        for entry in slice(list.add(1), u64::from(*list)) {
            let SavedRegister { place, word } = SavedRegister::decode(*entry);
            if let Some(register) = registers.0.get_mut(usize::from(place)) {
                *register = (frame.0 as *const u64).offset(word as isize).read();
            }
        }
    }
}

/// The handler that the call whose return address has this offset has for a tag.
fn find(program: &ProgramInfo, offset: u32, tag: u32) -> Option<(ClauseEntry, CallSite)> {
    let tables = &program.exceptions;
    let count = tables.call_site_count;
    // SAFETY: the compiler describes its own code; the entry after the last call site ends its clauses.
    let sites = unsafe { slice(tables.call_sites, count + 1) };
    let index = sites.get(..count as usize)?.binary_search_by_key(&offset, |site| site.return_offset).ok()?;
    let (site, next) = (sites.get(index)?, sites.get(index + 1)?);
    let clauses = u64::from(next.first_clause - site.first_clause);
    // SAFETY: as above.
    let clauses = unsafe { slice(tables.clauses.add(site.first_clause as usize), clauses) };
    let catches = |entry: &&ClauseEntry| Clause::decode(entry.clause).tag.is_none_or(|caught| caught == tag);
    clauses.iter().find(catches).map(|entry| (*entry, *site))
}
