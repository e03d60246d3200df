//! Calls between components of which the caller or the callee is asynchronous. Adapters prepare a call and then start it; what
//! they give are functions that copy the parameters, when the callee takes the call, and the results, when it has returned.

use core::cell::Cell;
use core::ptr;

use wasm_aot_abi::canonical::{ASYNC_WITH_RESULT, ASYNC_WITHOUT_RESULT};
use wasm_aot_abi::concurrent::{CODE_BITS, Callee, Lift, Spilled, SubtaskState, TaskInstance, kind};
use wasm_aot_abi::trap::Trap;

use super::instance::Instance;
use super::subtask::Subtask;
use super::task::{self, Parked, State, Task};
use super::waitable::{self, What};
use super::{callback, schedule};
use crate::component::slab::Slab;
use crate::component::{handle, scope, violation};

/// Core values that a function takes, and the place of its results.
const MOST: usize = 17;

/// A call that has been prepared or started.
struct Call {
    /// Copies parameters.
    lower: Spilled,
    /// Copies results.
    finish: Spilled,
    caller: Instance,
    callee: Instance,
    /// How the callee is lifted.
    lift: Lift,
    /// How many core values a callee returns that is lifted synchronously.
    results: u32,
    post_return: Option<Spilled>,
    code: Option<Spilled>,
    /// Where the caller wants results that aren't one core value.
    place: Option<u64>,
    /// Parameters, first those of the caller.
    values: Cell<[u64; MOST]>,
    /// The core value that the caller gets.
    result: Cell<u64>,
    state: Cell<SubtaskState>,
    /// The number of the call in which handles are lent, once it has started.
    scope: Cell<u32>,
    /// The numbers, plus 1, of the task that it has begun, and of the caller's subtask; 0 if there is none.
    task: Cell<u32>,
    subtask: Cell<u32>,
    /// Whether whoever has started it needs its result.
    is_awaited: Cell<bool>,
    /// The number, plus 1, of the next call that the callee hasn't taken; 0 if there is none.
    next: Cell<u32>,
}

static CALLS: Slab<Call> = Slab::empty();

/// The number, plus 1, of the call that has been prepared; and those of the first and the last call that wait for their callees.
struct Numbers {
    prepared: Cell<u32>,
    first: Cell<u32>,
    last: Cell<u32>,
}

// SAFETY: programs of components have one thread.
unsafe impl Sync for Numbers {}

static NUMBERS: Numbers = Numbers { prepared: Cell::new(0), first: Cell::new(0), last: Cell::new(0) };

fn at(number: u32) -> &'static Call {
    CALLS.get(number)
}

/// Removes a call whose task has ended.
pub fn remove(number: u32) {
    CALLS.remove(number);
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_prepare_call(
    values: *mut u64,
    callee: *const Callee,
    instances: *const *mut TaskInstance,
) -> u32 {
    // SAFETY: the compiler's structures, and as many values as it says there.
    let (fixed, passed, of) = unsafe {
        let of = &*callee;
        let count = (of.values as usize).min(MOST);
        (&*values.cast::<[u64; 8]>(), core::slice::from_raw_parts(values.add(8), count), of)
    };
    let [lower, finish, caller, callee, results, may_block, encoding, wanted] = *fixed;
    // SAFETY: adapters name instances of the array, and give functions of theirs.
    let (caller, callee, lower, finish) = unsafe {
        (
            Instance::new(*instances.add(caller as usize)),
            Instance::new(*instances.add(callee as usize)),
            core::mem::transmute::<usize, Spilled>(lower as usize),
            core::mem::transmute::<usize, Spilled>(finish as usize),
        )
    };
    caller.check();
    let has_place = match wanted as u32 {
        ASYNC_WITHOUT_RESULT => false,
        ASYNC_WITH_RESULT => true,
        results => results > 1,
    };
    let mut all = [0; MOST];
    all.iter_mut().zip(passed).for_each(|(value, passed)| *value = *passed);
    let number = CALLS.insert(Call {
        lower,
        finish,
        caller,
        callee,
        lift: Lift {
            tasks: callee.tasks(),
            callback: None,
            memory: of.memory,
            encoding,
            results,
            values: 0,
            may_block,
            deliver: None,
        },
        results: 0,
        post_return: None,
        code: None,
        place: if has_place { passed.last().copied() } else { None },
        values: Cell::new(all),
        result: Cell::new(0),
        state: Cell::new(SubtaskState::Starting),
        scope: Cell::new(0),
        task: Cell::new(0),
        subtask: Cell::new(0),
        is_awaited: Cell::new(true),
        next: Cell::new(0),
    });
    NUMBERS.prepared.set(number + 1);
    0
}

/// The call that has been prepared, with what is known as it starts; its number.
fn take_prepared(code: u64, callee: &Callee, results: u64) -> u32 {
    let mut call = CALLS.remove(NUMBERS.prepared.replace(0).wrapping_sub(1));
    call.lift.callback = callee.callback;
    call.post_return = callee.post_return;
    // SAFETY: adapters give their callee.
    call.code = Some(unsafe { core::mem::transmute::<usize, Spilled>(code as usize) });
    call.results = results as u32;
    CALLS.insert(call)
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_start_call_sync(
    values: *mut u64,
    callee: *const Callee,
    _instances: *const *mut TaskInstance,
) -> u32 {
    // SAFETY: the compiler's structures.
    let (code, callee) = unsafe { (*values, &*callee) };
    let number = take_prepared(code, callee, 1);
    let call = at(number);
    begin(number);
    if call.state.get() != SubtaskState::Returned {
        task::check_may_block();
    }
    while call.state.get() != SubtaskState::Returned {
        schedule::step();
    }
    let result = call.result.get();
    release(number);
    // SAFETY: there is room for the result.
    unsafe { *values = result };
    0
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn wasm_aot_component_start_call_async(
    values: *mut u64,
    callee: *const Callee,
    _instances: *const *mut TaskInstance,
) -> u32 {
    // SAFETY: the compiler's structures; there are four parameters.
    let ([code, _, results, _], callee) = unsafe { (*values.cast::<[u64; 4]>(), &*callee) };
    let number = take_prepared(code, callee, results);
    let call = at(number);
    begin(number);
    let state = call.state.get();
    if state == SubtaskState::Returned {
        release(number);
        return state as u32;
    }
    let subtask = waitable::insert(What::Subtask(Subtask::of_call(number, state)));
    call.subtask.set(subtask + 1);
    let handle = handle::add_own(call.caller.component(), kind::SUBTASK, subtask);
    waitable::at(subtask).handle.set(handle);
    release(number);
    state as u32 | handle << CODE_BITS
}

/// Notes that whoever has started a call needs nothing of it any more. It is gone when its task is.
fn release(number: u32) {
    let call = at(number);
    call.is_awaited.set(false);
    if let Some(task) = call.task.get().checked_sub(1) {
        task::at(task).is_awaited.set(false);
        if task::at(task).parked.get() == Parked::Ended {
            task::remove(task);
        }
    }
}

/// Whether the callee takes a call now.
fn may_enter(call: &Call) -> bool {
    !(call.callee.has_backpressure() || call.lift.may_block != 0 && call.callee.is_exclusive())
}

/// Starts a call, or has it wait until the callee takes it, after those that wait already.
fn begin(number: u32) {
    let call = at(number);
    let mut waits = !may_enter(call);
    let mut next = NUMBERS.first.get();
    while let Some(earlier) = next.checked_sub(1) {
        waits |= at(earlier).callee == call.callee;
        next = at(earlier).next.get();
    }
    if !waits {
        return run(number);
    }
    match NUMBERS.last.replace(number + 1).checked_sub(1) {
        Some(last) => at(last).next.set(number + 1),
        None => NUMBERS.first.set(number + 1),
    }
}

/// Takes the first call out of those that wait which fits; its number.
fn take(fits: impl Fn(u32, &Call) -> bool) -> Option<u32> {
    let mut previous: Option<u32> = None;
    let mut next = NUMBERS.first.get();
    while let Some(number) = next.checked_sub(1) {
        let call = at(number);
        next = call.next.get();
        if fits(number, call) {
            match previous {
                Some(previous) => at(previous).next.set(next),
                None => NUMBERS.first.set(next),
            }
            if next == 0 {
                NUMBERS.last.set(previous.map_or(0, |number| number + 1));
            }
            call.next.set(0);
            return Some(number);
        }
        previous = Some(number);
    }
    None
}

/// Starts a call that waits, if its callee takes it now; whether there was one.
pub fn start_waiting() -> bool {
    let waiting = take(|_, call| may_enter(call));
    if let Some(number) = waiting {
        run(number);
    }
    waiting.is_some()
}

/// Notes how far a call is, and tells its caller.
fn progress(call: &Call, state: SubtaskState) {
    call.state.set(state);
    if let Some(subtask) = call.subtask.get().checked_sub(1) {
        super::subtask::progress(subtask, state);
    }
}

/// Runs the callee until it waits without frames, or has ended.
fn run(number: u32) {
    let call = at(number);
    let Some(code) = call.code else { return };
    let task = Task::insert(call.callee, call.lift.may_block != 0, Some(&at(number).lift));
    call.task.set(task + 1);
    task::at(task).call.set(number + 1);
    task::at(task).is_awaited.set(call.is_awaited.get());
    task::enter(task);
    scope::enter();
    let mut values = call.values.get();
    (call.lower)(values.as_mut_ptr());
    call.scope.set(scope::set_aside());
    progress(call, SubtaskState::Started);
    code(values.as_mut_ptr());
    if call.lift.callback.is_some() {
        task::leave();
        return callback::returned(task, values[0] as u32);
    }
    task::at(task).state.set(State::Resolved);
    let returned = values;
    finish(number, returned.as_ptr(), call.results);
    if let Some(post_return) = call.post_return {
        call.callee.without_leaving(|| post_return(values.as_mut_ptr()));
    }
    task::leave();
    callback::ended(task);
}

/// The callee has returned so many core values.
pub fn finish(number: u32, values: *const u64, count: u32) {
    let call = at(number);
    let mut all = [0; MOST + 1];
    let count = (count as usize).min(MOST);
    // SAFETY: there are as many values; none if there is no address.
    unsafe { ptr::copy_nonoverlapping(values, all.as_mut_ptr(), if values.is_null() { 0 } else { count }) };
    if let (Some(place), Some(value)) = (call.place, all.get_mut(count)) {
        *value = place;
    }
    (call.finish)(all.as_mut_ptr());
    call.result.set(all[0]);
    scope::end(call.scope.get());
    progress(call, SubtaskState::Returned);
}

/// The callee has confirmed that it is cancelled.
pub fn cancelled(number: u32) {
    let call = at(number);
    scope::end(call.scope.get());
    progress(call, SubtaskState::CancelledBeforeReturned);
}

/// Has a call end before it has returned, if its callee does so; waits until it has ended in any case.
pub fn cancel(number: u32) {
    let call = at(number);
    if take(|waiting, _| waiting == number).is_some() {
        progress(call, SubtaskState::CancelledBeforeStarted);
        return remove(number);
    }
    let Some(subtask) = call.subtask.get().checked_sub(1) else { violation(Trap::UnknownHandle) };
    if let Some(task) = call.task.get().checked_sub(1) {
        task::at(task).request_cancellation();
    }
    while !super::subtask::is_resolved(subtask) {
        schedule::step();
    }
}
