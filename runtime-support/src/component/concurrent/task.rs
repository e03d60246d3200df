//! Tasks: calls of functions that may wait, and how they return.

use core::cell::Cell;
use core::sync::atomic::{AtomicU32, Ordering::Relaxed};

use wasm_aot_abi::concurrent::{Lift, TaskInstance};
use wasm_aot_abi::trap::Trap;

use super::call;
use super::instance::Instance;
use crate::component::slab::Slab;
use crate::component::violation;

/// A call that has begun.
pub struct Task {
    pub instance: Instance,
    /// How the function is lifted that the program or a component calls; none if an adapter calls it as any function.
    pub lift: Option<&'static Lift>,
    /// Whether it may wait. Then no other task of the instance may run while it does.
    pub may_block: bool,
    /// The number, plus 1, of the task that ran before, while this one runs; 0 if there was none.
    outer: Cell<u32>,
    pub state: Cell<State>,
    pub cancellation: Cell<Cancellation>,
    /// The number, plus 1, of the call of an adapter that has begun it; 0 if none has.
    pub call: Cell<u32>,
    /// The first core value of what it has returned, or 0.
    pub result: Cell<u64>,
    /// Whether somebody needs its result.
    pub is_awaited: Cell<bool>,
    /// `context.get` and `context.set`.
    pub context: [Cell<u32>; 2],
    /// What it waits for when nothing of it is on the stack.
    pub parked: Cell<Parked>,
    /// The number, plus 1, of the next task that waits so; 0 if there is none.
    pub next: Cell<u32>,
}

/// How far a task is.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum State {
    Started,
    /// It has called `task.return` or `task.cancel`.
    Resolved,
}

/// Whether a task is to end before it has returned.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cancellation {
    None,
    /// The task doesn't know yet.
    Requested,
    Delivered,
}

/// Why nothing of a task is on the stack.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Parked {
    /// It runs.
    No,
    /// Until others have had their turn.
    Yielding,
    /// Until something happens to a waitable of the set with this number.
    Waiting(u32),
    /// It has ended, and somebody needs its result.
    Ended,
}

static TASKS: Slab<Task> = Slab::empty();

/// The number, plus 1, of the task that runs; 0 if none does: while components are instantiated.
static CURRENT: AtomicU32 = AtomicU32::new(0);

/// The task with this number.
pub fn at(number: u32) -> &'static Task {
    TASKS.get(number)
}

/// The number of the task that runs.
pub fn current_number() -> Option<u32> {
    CURRENT.load(Relaxed).checked_sub(1)
}

/// The task that runs.
pub fn current() -> Option<&'static Task> {
    current_number().map(at)
}

/// Whether the task that runs may wait.
pub fn may_block() -> bool {
    current().is_some_and(|task| task.may_block)
}

/// Traps if the task that runs may not wait.
pub fn check_may_block() {
    if !may_block() {
        violation(Trap::CannotBlock);
    }
}

impl Task {
    /// Asks it to end, unless it has been asked.
    pub fn request_cancellation(&self) {
        if self.cancellation.get() == Cancellation::None {
            self.cancellation.set(Cancellation::Requested);
        }
    }

    /// Keeps a new one; its number.
    pub fn insert(instance: Instance, may_block: bool, lift: Option<&'static Lift>) -> u32 {
        TASKS.insert(Task {
            instance,
            lift,
            may_block,
            outer: Cell::new(0),
            state: Cell::new(State::Started),
            cancellation: Cell::new(Cancellation::None),
            call: Cell::new(0),
            result: Cell::new(0),
            is_awaited: Cell::new(false),
            context: [const { Cell::new(0) }; 2],
            parked: Cell::new(Parked::No),
            next: Cell::new(0),
        })
    }
}

/// Makes the task with this number the one that runs.
pub fn enter(number: u32) {
    let task = at(number);
    if task.may_block {
        task.instance.set_exclusive(true);
    }
    task.outer.set(CURRENT.swap(number + 1, Relaxed));
    task.instance.set_may_block(task.may_block);
}

/// Makes the task that ran before the one that runs the one that runs again; the number of this.
pub fn leave() -> Option<u32> {
    let number = current_number()?;
    let task = at(number);
    if task.may_block {
        task.instance.set_exclusive(false);
    }
    CURRENT.store(task.outer.get(), Relaxed);
    task.instance.set_may_block(may_block());
    Some(number)
}

/// Ends the task that runs, of which nobody needs anything any more.
pub fn end() {
    if let Some(number) = leave() {
        remove(number);
    }
}

/// Removes a task that has ended.
pub fn remove(number: u32) {
    let task = TASKS.remove(number);
    if let Some(call) = task.call.get().checked_sub(1) {
        call::remove(call);
    }
}

/// `wasm_aot_abi::canonical::TASK_RETURN`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_task_return(values: *const u64, lift: *const Lift) {
    // SAFETY: the compiler's structures.
    let lift = unsafe { &*lift };
    // SAFETY: as above.
    unsafe { Instance::new(lift.tasks) }.check();
    let Some(task) = current() else { violation(Trap::InvalidTaskReturn) };
    let Some(of) = task.lift else { violation(Trap::InvalidTaskReturn) };
    if task.state.get() == State::Resolved {
        violation(Trap::ReturnedTwice);
    }
    // A memory that the options don't name isn't needed.
    let same_memory = lift.memory.is_null() || lift.memory == of.memory;
    // `post-return` of a callee runs in the task of its caller, which isn't its own.
    let same_instance = lift.tasks == of.tasks;
    if of.callback.is_none()
        || lift.results != of.results
        || lift.encoding != of.encoding
        || !same_memory
        || !same_instance
    {
        violation(Trap::InvalidTaskReturn);
    }
    // SAFETY: compiled code puts the values there, if there are any.
    let result = if values.is_null() { 0 } else { unsafe { *values } };
    task.state.set(State::Resolved);
    task.result.set(result);
    if let Some(call) = task.call.get().checked_sub(1) {
        call::finish(call, values, lift.values as u32);
    }
    if let Some(deliver) = of.deliver {
        deliver(result);
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_task_cancel(tasks: *mut TaskInstance) {
    // SAFETY: the compiler's structure.
    unsafe { Instance::new(tasks) }.check();
    let Some(task) = current() else { violation(Trap::NotCancelled) };
    if task.state.get() == State::Resolved {
        violation(Trap::ReturnedTwice);
    }
    let is_own = task.instance.tasks() == tasks;
    match task.call.get().checked_sub(1) {
        Some(call) if is_own && task.cancellation.get() == Cancellation::Delivered => {
            task.state.set(State::Resolved);
            call::cancelled(call);
        }
        // Nothing cancels the tasks that the program itself begins.
        _ => violation(Trap::NotCancelled),
    }
}
