//! The garbage collector: moving, precise, with two generations. Layouts are in `wasm_aot_abi::gc`.
//!
//! New objects are allocated one behind the other in a small space, the nursery, mostly by compiled code. When it is
//! full, what is still reachable is moved to the end of the old space, and the nursery is empty again. Only when the
//! old space has doubled since the last time, everything reachable is moved to the other half of its address
//! space. Large objects have pages of their own and never move. So the work is in proportion to what is
//! allocated, cycles are no matter, and free memory is never in pieces.
//!
//! Invariants, outside a collection:
//!
//! - the nursery and the old space are sequences of complete objects without gaps;
//! - an old or large object that has a reference into the nursery has its card set (`cards`);
//! - in the old space there is address space for all of the nursery, and so in its other half for all that is in both;
//! - every reference that code may still use is in a root (`roots`), or in an object that can be reached from one;
//! - a header has the number of a type and nothing else.
//!
//! Invariants of a collection:
//!
//! - it happens only in `allocate`, whose callers hold no address of an object but in roots;
//! - a header with the bit `MOVED` is in a space that is being emptied, and says where the object is now.
//!
//! There is one thread: programs that start others have no objects.

mod cards;
mod description;
mod entry;
mod large;
mod object;
mod remembered;
mod roots;
mod space;
mod trace;
mod tracer;
mod verify;

use core::ptr;

use wasm_aot_abi::exception::{Exception, Registers};
use wasm_aot_abi::gc::Report;
use wasm_aot_abi::trap::Trap;

use crate::stack::frame::Frame;
use crate::sys::clock::{self, Clock};
use crate::{exception, fail};

use description::heap;
use large::Large;
use space::{OLD_A, OLD_B, Space};
use tracer::Tracer;

throwing_entry!("wasm_aot_gc_throw", throw);

/// Bytes of the nursery, unless the heap is small: what a cache of the second level holds.
const NURSERY_BYTES: usize = 1 << 20;
/// Objects larger than this are large.
const LARGE_BYTES: usize = 32 << 10;
/// While there are no more bytes of old objects, these are left alone.
const FIRST_OLD_BYTES: usize = 16 << 20;

struct Collector {
    ready: bool,
    nursery: Space,
    old: Space,
    /// The other half, which is empty.
    other: Space,
    large: Large,
    /// All objects are looked at when there are more bytes of old and large ones.
    old_limit: usize,
    /// The next collection under stress looks at all objects.
    stress_all: bool,
    /// Where the current collection starts to walk the stack.
    frame: Frame,
}

static mut COLLECTOR: Collector = Collector {
    ready: false,
    nursery: Space::new(space::NURSERY),
    old: Space::new(OLD_A),
    other: Space::new(OLD_B),
    large: Large::new(),
    old_limit: 0,
    stress_all: false,
    frame: Frame(0),
};

/// Room for an object; see `entry`. `frame`: of a function that Wasm code called.
///
/// # Safety
/// Called by compiled code, which stores a header before anything else.
unsafe extern "C" fn allocate(bytes: u64, frame: Frame) -> u64 {
    // SAFETY: one thread; as the caller promises.
    unsafe { collector().allocate(bytes, frame, ptr::null()) as u64 }
}

/// `Builtin::GcThrow`, once the registers are on the stack: throws an exception that lies in the frame of
/// the caller of `frame`. It becomes an object for a handler that keeps it.
///
/// # Safety
/// As for `exception::unwind`.
pub unsafe extern "C" fn throw(exception: *const Exception, frame: Frame, registers: &mut Registers) -> ! {
    // SAFETY: as the caller promises; the new object is as large as the exception, whose references the collector
    // has changed where it is.
    unsafe {
        exception::unwind(exception, frame, registers, |exception| {
            let bytes = (*exception).size as usize;
            let object = collector().allocate(bytes as u64, frame, exception);
            let object = ptr::with_exposed_provenance_mut::<u8>(object);
            ptr::copy_nonoverlapping(exception.cast(), object, bytes);
            object.cast_const().cast()
        })
    }
}

/// # Safety
/// Nobody else holds it.
unsafe fn collector() -> &'static mut Collector {
    // SAFETY: one thread; the entries above are the only callers, and don't call each other.
    unsafe { &mut *ptr::addr_of_mut!(COLLECTOR) }
}

impl Collector {
    /// Room for an object. `frame`: of the runtime's function that Wasm code called; `thrown`: an exception in a frame, or
    /// null.
    ///
    /// # Safety
    /// The stack above `frame` is that of Wasm code, in a call.
    unsafe fn allocate(&mut self, bytes: u64, frame: Frame, thrown: *const Exception) -> usize {
        let heap = heap();
        if bytes > heap.maximum {
            fail::raise(Trap::HeapExhausted, frame);
        }
        let bytes = bytes as usize;
        // SAFETY: the compiler's description of this program; as the caller promises.
        unsafe {
            if !self.ready && self.set_up().is_none() {
                fail::end(Trap::HeapExhausted, frame);
            }
            let is_large = bytes > LARGE_BYTES || bytes > self.nursery.bytes() / 2;
            // Whether all that can be freed has been.
            let mut all = false;
            if heap.stress != 0 {
                self.stress_all = !self.stress_all;
                all = self.collect(self.stress_all, Report::STRESS, frame, thrown);
            } else if is_large && self.old_bytes() + bytes > self.old_limit {
                all = self.collect(true, Report::LARGE, frame, thrown);
            } else if !is_large && !self.fits(bytes) {
                let grown = self.old_bytes() > self.old_limit;
                let reason = if grown { Report::OLD } else { Report::NEW };
                all = self.collect(grown, reason, frame, thrown);
            }
            loop {
                let object = if is_large { self.take_large(bytes) } else { self.take_small(bytes) };
                match object {
                    Some(object) => return object,
                    None if all => fail::raise(Trap::HeapExhausted, frame),
                    None => all = self.collect(true, Report::LIMIT, frame, thrown),
                }
            }
        }
    }

    /// A large object; none if the limit, the address space or the system's memory is reached.
    fn take_large(&mut self, bytes: usize) -> Option<usize> {
        if self.has_room(bytes) { self.large.allocate(bytes) } else { None }
    }

    /// An object in the nursery, where it fits; none if a limit is reached.
    fn take_small(&mut self, bytes: usize) -> Option<usize> {
        if !self.has_room(0) {
            return None;
        }
        let object = self.next();
        // SAFETY: the compiler's data; nobody holds a reference to it.
        unsafe { (*heap().allocation).next = (object + bytes) as u64 };
        Some(object)
    }

    /// Whether there may be this many more bytes, and a full nursery: it must be possible to move what is in that, too.
    fn has_room(&self, bytes: usize) -> bool {
        self.old_bytes() + bytes + self.nursery.bytes() <= heap().maximum as usize
            && self.old.room() >= self.nursery.bytes()
    }

    fn next(&self) -> usize {
        // SAFETY: the compiler's data.
        unsafe { (*heap().allocation).next as usize }
    }

    /// Whether there is room in the nursery.
    fn fits(&self, bytes: usize) -> bool {
        self.next() + bytes <= self.nursery.end()
    }

    fn old_bytes(&self) -> usize {
        self.old.used() + self.large.used
    }

    /// None if there is no memory.
    unsafe fn set_up(&mut self) -> Option<()> {
        let maximum = heap().maximum as usize;
        let nursery = NURSERY_BYTES.min(maximum / 4) & !63;
        cards::map()?;
        self.large.map()?;
        self.nursery.claim();
        self.old.claim();
        self.other.claim();
        let half = self.old.size().min(self.other.size());
        self.old.limit(half);
        self.other.limit(half);
        self.nursery.take(nursery)?;
        self.old_limit = FIRST_OLD_BYTES.min(maximum - nursery);
        self.ready = true;
        self.empty_nursery();
        Some(())
    }

    /// Compiled code starts from the beginning of the nursery; under stress it always calls us.
    fn empty_nursery(&mut self) {
        let heap = heap();
        // SAFETY: the compiler's data; nobody holds a reference to it. Nothing in the nursery is used any more.
        unsafe {
            if heap.stress != 0 {
                // The rest has been poisoned before, or never used.
                let used = self.next().saturating_sub(self.nursery.start());
                ptr::write_bytes(self.nursery.start_pointer(), 0xdb, used);
            }
            (*heap.allocation).next = self.nursery.start() as u64;
            (*heap.allocation).end = if heap.stress != 0 { 0 } else { self.nursery.end() as u64 };
        }
    }

    /// Collects: new objects, or `all`, or all if there is no memory to move the new ones to. Whether it was all.
    ///
    /// # Safety
    /// As for `allocate`.
    unsafe fn collect(&mut self, all: bool, reason: u64, frame: Frame, thrown: *const Exception) -> bool {
        let heap = heap();
        self.frame = frame;
        let all = all || self.old.prepare(self.nursery.bytes()).is_none();
        let bytes =
            |collector: &Collector| collector.old_bytes() + collector.next() - collector.nursery.start();
        let bytes_before = bytes(self);
        let start = heap.trace.and_then(|_| clock::now(Clock::Monotonic).ok());
        self.verify(1);
        // SAFETY: as the caller promises.
        unsafe {
            if all {
                self.collect_all(frame, thrown);
            } else {
                self.collect_new(frame, thrown);
            }
        }
        self.empty_nursery();
        self.verify(0);
        if let (Some(trace), Some(start)) = (heap.trace, start) {
            let end = clock::now(Clock::Monotonic).unwrap_or(start);
            trace(&Report {
                all: all.into(),
                reason,
                bytes_before: bytes_before as u64,
                bytes_after: bytes(self) as u64,
                nanoseconds: end - start,
            });
        }
        all
    }

    fn verify(&mut self, before: u32) {
        if let Some(verify) = heap().verify {
            // SAFETY: nobody else has the state meanwhile.
            unsafe { verify(ptr::from_mut(self).cast(), before) };
        }
    }

    /// Moves what is reachable in the nursery to the end of the old space.
    ///
    /// # Safety
    /// As for `allocate`.
    unsafe fn collect_new(&mut self, frame: Frame, thrown: *const Exception) {
        let (old_start, old_end) = (self.old.start(), self.old.next());
        let mut tracer = Tracer::new(self.nursery.range(), None, &mut self.old, &mut self.large, frame);
        // SAFETY: as the caller promises; the invariants above.
        unsafe {
            roots::visit(&mut tracer, frame, thrown);
            remembered::visit(&mut tracer, old_start, old_end);
            tracer.finish(old_end);
        }
    }

    /// Moves everything reachable to the other half of the old space, and frees large objects.
    ///
    /// # Safety
    /// As for `allocate`.
    unsafe fn collect_all(&mut self, frame: Frame, thrown: *const Exception) {
        let start = self.other.start();
        let from = self.old.used_range();
        let mut tracer =
            Tracer::new(self.nursery.range(), Some(from.clone()), &mut self.other, &mut self.large, frame);
        // SAFETY: as the caller promises; the invariants above.
        unsafe {
            roots::visit(&mut tracer, frame, thrown);
            tracer.finish(start);
            cards::clear(from);
            self.large.sweep();
            self.old.release(heap().stress != 0);
        }
        core::mem::swap(&mut self.old, &mut self.other);
        let limit = (2 * self.old_bytes()).max(FIRST_OLD_BYTES);
        self.old_limit = limit.min(heap().maximum as usize - self.nursery.bytes());
    }
}
