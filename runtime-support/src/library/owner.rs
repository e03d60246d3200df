//! Who may enter an instance: one thread at a time, without an atomic read-modify-write in the ordinary case.
//!
//! # Biased ownership
//!
//! `Instance::owner` names a thread that may enter without asking, and its word in `Instance::inside`, which no other thread
//! writes, for as long as the instance exists. The owner enters so (`enter_*.rs`):
//!
//! 1. `owner` names me, and my word is 0;
//! 2. store 1 to my word;
//! 3. `owner` still names me: I am in. Else: store 0 to my word, and ask.
//!
//! and leaves by storing 0 to its word (with release ordering, where that isn't what every store has). Whoever else wants to
//! enter asks (`ask`): it takes the lock, stores 0 to `owner`, has the system run a full memory barrier in every thread of the
//! process that is running ([`synchronise`]), and then reads the word of the former owner. If that is 1, the owner is
//! in: it stays the owner, and the answer is `Busy`. If it is 0, the instance is free.
//!
//! Why that is right: the barrier is somewhere between two instructions of the owner. If it is behind step 2, its store
//! is visible to whoever asks, who then finds the word 1. If it is before step 2, it is before step 3, too, which then
//! reads the `owner` that was stored before the barrier. So it can't be that one enters by step 3 and the other finds the word 0.
//! (A thread that isn't running runs a barrier when the system switches to it.) What orders 2 before 3 is that barrier
//! alone: neither x86-64, which lets a load overtake an earlier store, nor weaker machines need an instruction for it. If it
//! is between 2 and 3, both may see each other; then the owner asks as well, and who comes second is told `Busy`.
//!
//! A thread may stop for any time between 1 and 2, and its store come when others have long been the owner: that is why each
//! has a word of its own, which means nothing while its thread isn't the owner. There are [`Instance::BIASED_THREADS`]
//! words. Further threads, and every thread when the owner has changed [`MOST_CHANGES`] times, or where the system has no such
//! barrier, ask for each call: `owner` is 0 then, and `holder` names the thread that is in.
//!
//! - **A thread ends**, and another one gets its thread pointer: that takes its place. Its word is 0, unless the thread ended
//!   inside of the instance, which stays busy then. What the first one wrote is visible to the second, as the memory at
//!   the thread pointer went from one to the other.
//! - **`fork`**: the child has the thread that called it, with its thread pointer. If another one was in an instance, or asked
//!   just then, it stays busy in the child.
//! - **A handler of a signal** that interrupts Wasm code finds its thread's word 1 and the status `WASM`: `Busy`. One that
//!   interrupts a function of the embedder may enter, like that function itself. One that interrupts steps 1 to 3 before the
//!   store finds the instance as if its thread had done nothing, and step 3 finds out what it has changed. Behind the store it
//!   finds its thread's word 1: `Busy`, also if `owner` names somebody else by now. (If the handler made its thread the owner again,
//!   step 3 would succeed after the handler has stored 0 to the word.)
//! - **One that interrupts whoever holds the lock** finds `owner` naming another thread or none, and then that its own thread has
//!   the lock: `Busy`. Or `owner` names its thread. Where the lock's holder has stored that itself, the word is 1 from before
//!   the store until the lock is free, or the call has returned: `Busy` again. Else it enters by steps 1 to 3, and has left when
//!   the holder of the lock goes on, which looks at nothing that a call changes before it has stored 0 to `owner`. If such a call
//!   traps, its end does without the lock, which is its thread's: nothing waits for a lock of its own thread.
//! - **An instance may be gone** as soon as its thread has left it: another one can delete it then. So the last that is done with it
//!   is the store to the word or `holder`, or, if it has ended, the release of the lock, with which `owner` and that are 0.
//! - **Threads without a thread pointer** of their own (made by a bare `clone`) can't be told apart from the one that made them.

use core::sync::atomic::Ordering::{Acquire, Relaxed, Release, SeqCst};
use core::sync::atomic::compiler_fence;

use wasm_aot_abi::library::{Instance, LibraryError, Life, Status};

use crate::sys;
use crate::sys::caller::{synchronise, thread_pointer};

use super::enter::Frame;

/// Kinds of calls, which their frames have. Below this, it is the number of the thread's word in `inside`.
const BIASED: u64 = Instance::BIASED_THREADS as u64;
/// A call by the `holder`.
const HOLDER: u64 = BIASED;
/// A call by the function of the runtime that makes the instance.
pub const MAKER: u64 = BIASED + 1;
/// A call inside of another one.
pub const NESTED: u64 = BIASED + 2;
/// Added to the number of the thread's word if the instance ends when the call returns.
const ENDED: u64 = 8;
/// Bits of which a kind has one, unless it is the number of a word.
#[allow(dead_code, reason = "for the architectures that test bits at once")]
pub const SLOW_KINDS: u64 = (align_of::<Instance>() as u64 - 1) & !(BIASED - 1);
const _: () = assert!(BIASED.is_power_of_two());

/// When the owner has changed so often, there is no owner any more: threads take turns, and asking each time is cheaper
/// than a barrier in all threads of the process.
const MOST_CHANGES: u32 = 16;

/// Times that somebody looks at a lock that another thread holds, before it is told `Busy`.
const PATIENCE: u32 = 1 << 16;

/// What `lock` and `holder` are for this thread: never 0.
fn name(thread: u64) -> u64 {
    thread | 1
}

/// The lock of an instance.
struct Held<'a>(&'a Instance);

impl Drop for Held<'_> {
    fn drop(&mut self) {
        self.0.lock.store(0, Release);
    }
}

impl Held<'_> {
    /// Takes the lock; none if this thread has it, and a handler of a signal wants it, or another one keeps it.
    fn take(instance: &Instance, me: u64) -> Option<Held<'_>> {
        for _ in 0..PATIENCE {
            match instance.lock.compare_exchange(0, name(me), SeqCst, Relaxed) {
                Ok(_) => return Some(Held(instance)),
                Err(other) if other == name(me) => return None,
                Err(_) => sys::clock::yield_now(),
            }
        }
        None
    }

    /// As `take`, but doesn't lose patience: none only if this thread has the lock.
    fn wait(instance: &Instance, me: u64) -> Option<Held<'_>> {
        loop {
            match Held::take(instance, me) {
                None if instance.lock.load(Relaxed) != name(me) => {}
                held => return held,
            }
        }
    }
}

/// The number of the word in `inside` of the thread that `owner` names, if it names one.
fn word_of(instance: &Instance, owner: u64) -> Option<usize> {
    (0..Instance::BIASED_THREADS)
        .find(|&word| owner != 0 && instance.threads[word] + 1 + word as u64 == owner)
}

/// Whether this thread is in the instance. If it has been no owner for a moment, because another one asks, the answer is no: what
/// is certain is only yes, and either with the lock.
fn is_inside(instance: &Instance, me: u64) -> bool {
    let word = instance.owner.load(Relaxed).wrapping_sub(me).wrapping_sub(1);
    let as_owner = instance.inside.get(word as usize).is_some_and(|inside| inside.load(Relaxed) != 0);
    as_owner || instance.holder.load(Relaxed) == name(me)
}

/// Whether this thread was interrupted between its store to its word and what follows from that. The lock is held, and this thread isn't
/// in the instance.
fn is_interrupted(instance: &Instance, me: u64) -> bool {
    let mut words = instance.threads.iter().zip(&instance.inside);
    words.any(|(&thread, inside)| thread == me && inside.load(Relaxed) != 0)
}

/// Takes the instance away from the owner, if it has one and that isn't in it. The lock is held.
fn revoke(instance: *mut Instance, me: u64) -> Result<(), LibraryError> {
    // SAFETY: the instance exists; `threads` and `changes` are written by whoever has the lock.
    unsafe {
        let owner = (*instance).owner.load(Relaxed);
        let Some(word) = word_of(&*instance, owner) else { return Ok(()) };
        if (*instance).threads[word] != me {
            (*instance).owner.store(0, SeqCst);
            if !synchronise() || (&(*instance).inside)[word].load(SeqCst) != 0 {
                (*instance).owner.store(owner, SeqCst);
                return Err(LibraryError::Busy);
            }
            (*instance).changes += 1;
            if (*instance).changes >= MOST_CHANGES {
                (*instance).is_shared = 1;
            }
        }
        (*instance).owner.store(0, Relaxed);
    }
    // What follows must come behind that for handlers of signals, too.
    compiler_fence(SeqCst);
    Ok(())
}

/// Makes this thread the owner, with the word 1, so that a handler of a signal isn't let in while the lock is held; the number of
/// the word, if there is one for it. The lock is held, and there is no owner.
fn make_owner(instance: *mut Instance, me: u64) -> Option<usize> {
    // SAFETY: as in `revoke`.
    unsafe {
        if (*instance).is_shared != 0 {
            return None;
        }
        // A thread pointer of 0 would look like a free word.
        let word = (*instance).threads.iter().position(|&thread| thread == me || thread == 0)?;
        (*instance).threads[word] = me;
        (&(*instance).inside)[word].store(1, Relaxed);
        (*instance).owner.store(me + 1 + word as u64, Release);
        Some(word)
    }
}

/// What kind of call one becomes that can't be made at once, or the negative number of an error.
///
/// # Safety
/// The instance exists, `stack_pointer` is that of the caller of `wasm_aot_enter`.
pub unsafe extern "C" fn wasm_aot_library_ask(instance: *mut Instance, stack_pointer: u64) -> i64 {
    match enter(instance, stack_pointer) {
        Ok(kind) => kind as i64,
        Err(error) => -i64::from(error as i32),
    }
}

fn enter(instance: *mut Instance, stack_pointer: u64) -> Result<u64, LibraryError> {
    let me = thread_pointer();
    // SAFETY: the instance exists; what isn't atomic is looked at by the thread that is in it, or that has the lock.
    let shared = unsafe { &*instance };
    if is_inside(shared, me) {
        return enter_nested(instance, stack_pointer);
    }
    let _held = Held::take(shared, me).ok_or(LibraryError::Busy)?;
    // Somebody else may have asked, and left `owner` 0 for a moment.
    if is_inside(shared, me) {
        return enter_nested(instance, stack_pointer);
    }
    if is_interrupted(shared, me) {
        return Err(LibraryError::Busy);
    }
    // From now on no handler of a signal is let in: what is looked at stays.
    revoke(instance, me)?;
    match shared.life.load(Relaxed) {
        Life::READY => {}
        Life::ABSENT => return Err(LibraryError::NotInstantiated),
        Life::ENDED => return Err(LibraryError::Unusable),
        _ => return Err(LibraryError::Busy),
    }
    if shared.holder.load(Acquire) != 0 {
        return Err(LibraryError::Busy);
    }
    match make_owner(instance, me) {
        Some(word) => Ok(word as u64),
        None => {
            shared.holder.store(name(me), Relaxed);
            Ok(HOLDER)
        }
    }
}

/// A call by a function of the embedder that the instance is calling.
fn enter_nested(instance: *mut Instance, stack_pointer: u64) -> Result<u64, LibraryError> {
    // SAFETY: this thread is in the instance.
    unsafe {
        // On another stack than the call around it, its limit would mean nothing. What is below the limit is of the same
        // stack as far as there must be a reserve: there Wasm code finds the stack exhausted.
        let lowest = (*instance).stack_limit.saturating_sub(Instance::STACK_RESERVE);
        if (*instance).status.load(Relaxed) != Status::IMPORT
            || !(lowest..=Frame::innermost(instance).addr() as u64).contains(&stack_pointer)
        {
            return Err(LibraryError::Busy);
        }
        if (*instance).last_error != 0 {
            return Err(LibraryError::Unusable);
        }
        (*instance).status.store(Status::WASM, Relaxed);
        Ok(NESTED)
    }
}

/// The end of a call that ended by a trap (`code`) or isn't the outermost one of the owner; what `wasm_aot_enter` returns.
///
/// # Safety
/// `frame` is the innermost frame of `wasm_aot_enter`.
pub unsafe extern "C" fn wasm_aot_library_left(frame: *mut Frame, code: i32) -> i32 {
    // SAFETY: as the caller promises; this thread is in the instance.
    unsafe {
        let (instance, kind) = ((*frame).instance(), (*frame).kind());
        if code != 0 {
            (*instance).last_error = code;
        }
        if kind == NESTED {
            (*instance).catcher = Frame::around(frame);
            if code != 0 {
                end_with_outermost(instance);
            }
            (*instance).status.store(Status::IMPORT, Relaxed);
            return code;
        }
        // A function of the embedder may have been interrupted by `wasm_aot_library_trap`.
        (*instance).status.store(Status::WASM, Relaxed);
        let failed = (*instance).last_error != 0;
        if kind != MAKER {
            if failed {
                end(instance, kind);
            } else {
                give_up(&*instance, kind);
            }
        }
        // The instance may be gone by now.
        if failed && code == 0 { LibraryError::Unusable as i32 } else { code }
    }
}

/// This thread isn't in the instance any more, with a call of this kind, which isn't nested. Others may enter now, unless the lock
/// is held.
fn give_up(instance: &Instance, kind: u64) {
    match instance.inside.get((kind % ENDED) as usize) {
        Some(inside) => inside.store(0, Release),
        None => instance.holder.store(0, Release),
    }
}

/// Has the outermost of the calls that are under way come to `wasm_aot_library_left` when it returns.
unsafe fn end_with_outermost(instance: *mut Instance) {
    // SAFETY: the frames of the calls that are under way in this thread.
    unsafe {
        let mut frame = Frame::innermost(instance);
        while (*frame).kind() == NESTED {
            frame = Frame::at(instance, Frame::around(frame));
        }
        if (*frame).kind() < BIASED {
            (*frame).word += ENDED;
        }
    }
}

/// From now on nobody enters; and this thread leaves, with a call of this kind.
unsafe fn end(instance: *mut Instance, kind: u64) {
    // SAFETY: it exists, until the lock is free.
    let shared = unsafe { &*instance };
    // Who has the lock looks whether somebody is in, and gives it back. For a handler of a signal that may be its own thread,
    // which looks when it goes on.
    let held = Held::wait(shared, thread_pointer());
    shared.life.store(Life::ENDED, Relaxed);
    shared.owner.store(0, Relaxed);
    give_up(shared, kind);
    drop(held);
}

/// Has this thread hold an instance in which nobody is, whatever its life: no call is possible until it is given
/// back.
pub fn seize(instance: *mut Instance) -> Result<(), LibraryError> {
    let me = thread_pointer();
    // SAFETY: it exists.
    let shared = unsafe { &*instance };
    if is_inside(shared, me) {
        return Err(LibraryError::Busy);
    }
    let _held = Held::take(shared, me).ok_or(LibraryError::Busy)?;
    if is_inside(shared, me) || is_interrupted(shared, me) || shared.holder.load(Acquire) != 0 {
        return Err(LibraryError::Busy);
    }
    revoke(instance, me)?;
    shared.holder.store(name(me), Relaxed);
    // SAFETY: this thread has the instance.
    unsafe { (*instance).stack_limit = 0 };
    Ok(())
}

/// Gives back an instance that was seized, with a new life. If it is ready this thread is its first owner.
pub fn give_back(instance: *mut Instance, life: u32) {
    let me = thread_pointer();
    // SAFETY: this thread holds it.
    let shared = unsafe { &*instance };
    let held = Held::wait(shared, me);
    shared.life.store(life, Relaxed);
    let word = if life == Life::READY { make_owner(instance, me) } else { None };
    shared.holder.store(0, Release);
    drop(held);
    // As after a call. If there is no word, nobody is in it now, and it may be gone.
    if let Some(word) = word {
        give_up(shared, word as u64);
    }
}

/// Whether a call is under way in this thread.
pub fn is_in_call(instance: *mut Instance) -> bool {
    let me = thread_pointer();
    // SAFETY: it exists.
    let shared = unsafe { &*instance };
    let is_inside = is_inside(shared, me) || {
        // Somebody else may be asking. If this thread has the lock, it isn't in a call.
        let _held = Held::wait(shared, me);
        is_inside(shared, me)
    };
    // SAFETY: the limit is looked at by the thread that is in it.
    is_inside && unsafe { (*instance).stack_limit != 0 }
}

/// Whether such a call runs Wasm code or a function of the runtime, and not one of the embedder.
pub fn is_in_wasm(instance: *mut Instance) -> bool {
    // SAFETY: it exists.
    is_in_call(instance) && unsafe { (*instance).status.load(Relaxed) } == Status::WASM
}
