//! Threads of the program: wasi-threads. See `wasm_aot_abi::layout::ThreadInfo` for where each has its state and its
//! stack. A region is never unmapped; when its thread has ended, the next one gets it.
//!
//! `ProgramInfo::main` of a program that can start threads is here, so no other program has this code.

use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};

use wasm_aot_abi::layout::ThreadInfo;
use wasm_aot_abi::policy::Limits;

use crate::fail::fail;
use crate::program;
use crate::stack::bounds::Stack;
use crate::sys::lock::Lock;
use crate::sys::{self, GUARD_BYTES, map, signal};
use crate::wasi::descriptor;

unsafe extern "C" {
    /// `wasm_aot_abi::symbols::THREADS`.
    static wasm_aot_threads: ThreadInfo;
}

/// What the runtime knows of a thread: in its region, behind the state.
#[repr(C, align(64))]
struct Thread {
    stack: Stack,
    /// Where the signal stack is.
    signal_stack: *mut u8,
    /// The next region, in the order in which they were made.
    next: *mut Thread,
    /// Unique among the threads that are alive; at least 1.
    id: u32,
    /// What the program gave to `thread-spawn`.
    argument: u32,
    /// 0 when the thread has ended.
    alive: AtomicU32,
}

/// Largest number of a thread that is allowed.
const MAX_ID: u32 = (1 << 29) - 1;

/// Held by whoever starts a thread.
static STARTING: Lock = Lock::new();

/// The regions that were made for further threads.
static mut THREADS: *mut Thread = ptr::null_mut();

const _: () = assert!(
    size_of::<Thread>() + signal::STACK_BYTES + GUARD_BYTES <= ThreadInfo::BELOW_STACK as usize,
    "regions are large enough"
);

fn threads() -> &'static ThreadInfo {
    // SAFETY: the compiler defines the symbol in every program that gets here, with this layout.
    unsafe { &wasm_aot_threads }
}

/// Address space for a thread, or none if there is no more.
fn new_region(id: u32) -> Option<&'static mut Thread> {
    let (state_bytes, bytes) = (threads().state_bytes as usize, threads().region_bytes as usize);
    let start = map::reserve_aligned(bytes).ok()?;
    let thread_at = state_bytes.next_multiple_of(align_of::<Thread>());
    let signal_stack_at = (thread_at + size_of::<Thread>()).next_multiple_of(16);
    let guard_at = (signal_stack_at + signal::STACK_BYTES).next_multiple_of(GUARD_BYTES);
    let bottom_at = guard_at + GUARD_BYTES;
    // SAFETY: all of this is in the reservation just made, which nobody else knows.
    unsafe {
        map::commit(start, guard_at).ok()?;
        map::commit(start.add(bottom_at), bytes - bottom_at).ok()?;
        let thread = start.add(thread_at).cast::<Thread>();
        thread.write(Thread {
            stack: Stack::new(start as usize + bottom_at, start as usize + bytes),
            signal_stack: start.add(signal_stack_at),
            next: ptr::null_mut(),
            id,
            argument: 0,
            alive: AtomicU32::new(0),
        });
        (*thread).stack.add();
        Some(&mut *thread)
    }
}

impl Thread {
    /// Gives the thread its own initial state; the end of its stack.
    fn prepare(&mut self) -> *mut u8 {
        let threads = threads();
        let top = ptr::with_exposed_provenance_mut::<u8>(self.stack.top);
        // SAFETY: the state is at the start of the region, which no thread uses now.
        unsafe {
            let region = top.sub(threads.region_bytes as usize);
            ptr::copy_nonoverlapping(threads.state, region, threads.state_bytes as usize);
        }
        self.stack_top()
    }

    /// Where the stack starts: the stack pointer must never be the end of the region, which is the start of another.
    fn stack_top(&self) -> *mut u8 {
        ptr::with_exposed_provenance_mut(self.stack.top - 64)
    }
}

/// `wasm_aot_abi::symbols::THREADS_MAIN`: runs the program in the first thread.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_threads_main() {
    let Some(thread) = new_region(0) else {
        fail(
            b"no memory for the stack of the program (is it limited, as by `ulimit -d` or `ulimit -v`?); build it \
              with a smaller --stack-size",
        );
    };
    let stack_top = thread.prepare();
    descriptor::share();
    // SAFETY: a fresh mapping, whose end is 16-byte aligned.
    unsafe { sys::thread::run_first(threads().main, thread.stack.bottom, stack_top) };
}

/// `thread-spawn` of wasi-threads: the number of the new thread, or a negative number.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_wasi_thread_spawn(argument: u32) -> i32 {
    let _starting = STARTING.lock();
    let Some(thread) = unused() else { return -1 };
    thread.argument = argument;
    thread.alive.store(1, Ordering::Relaxed);
    let (id, bottom, stack_top) = (thread.id, thread.stack.bottom, thread.prepare());
    let thread = ptr::from_mut(thread);
    // SAFETY: nothing uses the region until the thread has ended.
    let started =
        unsafe { sys::thread::start(run, thread.cast(), bottom, stack_top, &raw const (*thread).alive) };
    if started.is_err() {
        // SAFETY: the thread wasn't started.
        unsafe { (*thread).alive.store(0, Ordering::Relaxed) };
        return -1;
    }
    id as i32
}

/// A region that no thread uses.
fn unused() -> Option<&'static mut Thread> {
    // SAFETY: the caller holds `STARTING`; the list has only regions of ours, and of a thread that is alive
    // only that is looked at.
    unsafe {
        let (mut next, mut last_id) = (THREADS, 0);
        while !next.is_null() {
            if (*next).alive.load(Ordering::Acquire) == 0 {
                return Some(&mut *next);
            }
            last_id = last_id.max((*next).id);
            next = (*next).next;
        }
        // The first thread has none of these regions.
        let most = program::limits().map_or(Limits::NONE, |limits| limits.threads);
        if last_id == MAX_ID || u64::from(last_id) + 1 >= most {
            return None;
        }
        let thread = new_region(last_id + 1)?;
        thread.next = THREADS;
        THREADS = thread;
        Some(thread)
    }
}

/// What a new thread does.
///
/// # Safety
/// `thread` is a `Thread`, of which this is the stack.
unsafe extern "C" fn run(thread: *mut u8) -> ! {
    let thread = thread.cast::<Thread>();
    // SAFETY: as the caller promises.
    let (id, argument, stack_top) = unsafe {
        signal::use_stack((*thread).signal_stack);
        ((*thread).id, (*thread).argument, (*thread).stack_top())
    };
    (threads().start)(id, argument);
    // SAFETY: this thread was started with that stack.
    unsafe { sys::thread::exit(stack_top) }
}
