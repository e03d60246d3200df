//! Where references are outside objects: in frames, globals, tables, element segments, and in an exception that is
//! being thrown.

use wasm_aot_abi::exception::Exception;

use super::description::heap;
use super::object::Object;
use super::tracer::Tracer;
use crate::program::{code_offset, program, slice};
use crate::stack::frame::{Caller, Frame};

/// # Safety
/// As for `Collector::allocate`.
pub unsafe fn visit(tracer: &mut Tracer<'_>, frame: Frame, thrown: *const Exception) {
    // SAFETY: as the caller promises; the words are references.
    unsafe {
        each(frame, |place| {
            let reference = place.read();
            place.write(u64::from(tracer.visit(reference as u32)));
        });
        if !thrown.is_null() {
            tracer.scan(Object(thrown.expose_provenance()));
        }
    }
}

/// Calls `visit` with the address of each word that is a reference, but for those of a thrown exception.
///
/// # Safety
/// As for `Collector::allocate`.
pub unsafe fn each(frame: Frame, mut visit: impl FnMut(*mut u64)) {
    let heap = heap();
    // SAFETY: the compiler describes its own data and code.
    unsafe {
        for offset in slice(heap.global_offsets, heap.global_count) {
            visit(heap.globals.add(*offset as usize).cast());
        }
        for roots in slice(heap.roots, heap.root_count) {
            for index in 0..(**roots).count as usize {
                visit((**roots).start.add(index));
            }
        }
        frames(frame, visit);
    }
}

/// The same for the words in frames.
///
/// # Safety
/// As for `each`.
unsafe fn frames(start: Frame, mut visit: impl FnMut(*mut u64)) {
    let (program, heap) = (program(), heap());
    let mut frame = start;
    // SAFETY: the compiler describes its own frames; the entry after the last stack map ends its references.
    unsafe {
        let maps = slice(heap.stack_maps, heap.stack_map_count + 1);
        while let Some(Caller { return_address, frame: caller }) = frame.caller() {
            // What has called Wasm code isn't called by any, and may have frames of another form.
            let Some(offset) = code_offset(program, return_address.wrapping_sub(1)) else { break };
            let found = maps.binary_search_by_key(&(offset + 1), |map| map.return_offset).ok();
            if let Some([map, next]) = found.and_then(|index| maps.get(index..index + 2)) {
                let first = heap.stack_references.add(map.first_reference as usize);
                let count = next.first_reference - map.first_reference;
                for distance in slice(first, count.into()) {
                    visit((caller.0 - *distance as usize) as *mut u64);
                }
            }
            if caller <= frame {
                break;
            }
            frame = caller;
        }
    }
}
