//! Instances are made, made anew, and unmade.

use core::ptr;
use core::sync::atomic::Ordering::Relaxed;

use wasm_aot_abi::layout::Memory;
use wasm_aot_abi::library::{Instance, LibraryError, Life, OK, Options, Status};

use crate::exception;
use crate::sys::caller::can_synchronise;
use crate::sys::lock::Lock;
use crate::sys::{chain, map, start};

use super::enter::wasm_aot_library_run;
use super::{cpu, fault, info, memory, options, owner, state};

/// How many instances there are; the lock is held while that changes, and with it the handlers of faults.
static INSTANCES: Lock = Lock::new();
static mut COUNT: usize = 0;

/// Has faults handled, before there is an instance.
fn add_instance() {
    let _held = INSTANCES.lock();
    // SAFETY: the lock is held.
    unsafe {
        start::read_process();
        COUNT += 1;
        chain::install(fault::handle);
    }
}

/// After an instance is gone.
fn remove_instance() {
    let _held = INSTANCES.lock();
    // SAFETY: the lock is held.
    unsafe {
        COUNT -= 1;
        if COUNT == 0 {
            chain::remove();
        }
    }
}

fn number_of(result: Result<(), i32>) -> i32 {
    result.err().unwrap_or(OK)
}

/// The number of an error.
fn error(error: LibraryError) -> i32 {
    error as i32
}

/// `wasm_aot_abi::library::INSTANTIATE`.
///
/// # Safety
/// The instance is that of the library, the options are null or what the C header says.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_aot_library_instantiate(instance: *mut Instance, options: *const Options) -> i32 {
    // SAFETY: as the caller promises.
    number_of(unsafe { instantiate(instance, options) })
}

unsafe fn instantiate(instance: *mut Instance, options: *const Options) -> Result<(), i32> {
    owner::seize(instance).map_err(error)?;
    // SAFETY: this thread holds the instance; the options are as the caller promises.
    unsafe {
        let life = (*instance).life.load(Relaxed);
        if life != Life::ABSENT {
            owner::give_back(instance, life);
            return Err(error(LibraryError::AlreadyInstantiated));
        }
        // What is left of one that couldn't be made.
        options::drop(instance);
        if let Err(invalid) = options::keep(instance, options) {
            owner::give_back(instance, Life::ABSENT);
            return Err(error(invalid));
        }
        add_instance();
        make_or_unmake(instance)
    }
}

/// `wasm_aot_abi::library::RESET`.
///
/// # Safety
/// The instance exists.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_aot_library_reset(instance: *mut Instance) -> i32 {
    // SAFETY: as the caller promises.
    number_of(unsafe { reset(instance) })
}

unsafe fn reset(instance: *mut Instance) -> Result<(), i32> {
    owner::seize(instance).map_err(error)?;
    // SAFETY: this thread holds the instance.
    unsafe {
        let life = (*instance).life.load(Relaxed);
        if life == Life::ABSENT {
            owner::give_back(instance, life);
            return Err(error(LibraryError::NotInstantiated));
        }
        unmake(instance);
        make_or_unmake(instance)
    }
}

/// `wasm_aot_abi::library::DELETE`. Does nothing if there is no instance, or a call is under way.
///
/// # Safety
/// The instance exists. If it is one of many, it isn't used again.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_aot_library_delete(instance: *mut Instance) {
    if owner::seize(instance).is_err() {
        return;
    }
    // SAFETY: this thread holds the instance.
    unsafe {
        if (*instance).life.load(Relaxed) != Life::ABSENT {
            unmake(instance);
            remove_instance();
        }
        options::drop(instance);
        if info().state.is_null() {
            map::unmap(instance.cast(), allocated_bytes());
        } else {
            owner::give_back(instance, Life::ABSENT);
        }
    }
}

/// Bytes of the mapping of one of many instances.
fn allocated_bytes() -> usize {
    info().state_bytes.next_multiple_of(Memory::GRANULE) as usize
}

/// `wasm_aot_abi::library::NEW`.
///
/// # Safety
/// As for `wasm_aot_library_instantiate`; the address of the instance can be written.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_aot_library_new(options: *const Options, made: *mut *mut Instance) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { made.write(ptr::null_mut()) };
    let Ok(state) = map::map(0, allocated_bytes(), true) else { return LibraryError::NoMemory as i32 };
    let instance = state.cast::<Instance>();
    // SAFETY: zeroes are an instance that is still to be made; the rest is as the caller promises.
    unsafe {
        let result = instantiate(instance, options);
        if result.is_ok() {
            made.write(instance);
        } else {
            options::drop(instance);
            map::unmap(state, allocated_bytes());
        }
        number_of(result)
    }
}

/// Makes an instance that this thread holds, and gives it back.
unsafe fn make_or_unmake(instance: *mut Instance) -> Result<(), i32> {
    // SAFETY: this thread holds the instance, which was given options.
    unsafe {
        let result = make(instance);
        if result.is_err() {
            unmake(instance);
            remove_instance();
        }
        owner::give_back(instance, if result.is_ok() { Life::READY } else { Life::ABSENT });
        result
    }
}

unsafe fn make(instance: *mut Instance) -> Result<(), i32> {
    if !cpu::is_supported() {
        return Err(error(LibraryError::UnsupportedCpu));
    }
    // SAFETY: this thread holds the instance.
    unsafe {
        (*instance).life.store(Life::STARTING, Relaxed);
        (*instance).status.store(Status::WASM, Relaxed);
        (*instance).stack_bytes = info().stack_bytes;
        (*instance).changes = 0;
        (*instance).is_shared = u32::from(!can_synchronise());
        (*instance).last_error = OK;
        (*instance).exit_code = 0;
        (*instance).backtrace_length = 0;
        state::fill(instance);
        // As calls, so that whatever fails can end.
        for body in [prepare, info().instantiate] {
            let mut result = u64::from(OK as u32);
            match wasm_aot_library_run(instance, body, &raw mut result) {
                OK if result as i32 == OK => {}
                OK => return Err(result as i32),
                failed => return Err(failed),
            }
        }
    }
    Ok(())
}

/// A body: what the runtime does before Wasm code runs. Puts the number of an error into `values`, or ends the call with
/// it.
extern "C" fn prepare(values: *mut u64, instance: *mut Instance) {
    memory::set_up(instance);
    if let Some(wasi) = info().wasi {
        // Anything but null: the options have been copied.
        let result = wasi(instance, ptr::dangling());
        // SAFETY: `make` has a word there.
        unsafe { values.write(u64::from(result as u32)) };
    }
}

/// Gives back what an instance has, but for its options. This thread holds it.
unsafe fn unmake(instance: *mut Instance) {
    // SAFETY: as the caller promises.
    unsafe {
        if let Some(wasi) = info().wasi {
            wasi(instance, ptr::null());
        }
        memory::drop(instance);
        state::drop_tables(instance);
        if !info().state.is_null() {
            exception::forget_all();
        }
    }
}
