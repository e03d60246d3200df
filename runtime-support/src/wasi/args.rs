//! Arguments and environment: `args_get`, `args_sizes_get`, `environ_get`, `environ_sizes_get`.
//! The guest gets an array of pointers and the terminated strings one after the other.
//!
//! Arguments are those of the process, argument 0 as the policy says. The environment is what the
//! policy sets and, if it says so, the rest of the process's own. In a program whose user may set
//! variables, the functions `wasm_aot_user_env_...` take the place of those of the same name, and with `--native`
//! `wasm_aot_native_env_...`.

use wasm_aot_abi::policy::Policy;

#[cfg(feature = "libraries")]
use crate::library::options::{arguments, environment};
use crate::memory::guest;
use crate::program::{bytes, policy, slice};
#[cfg(not(feature = "libraries"))]
use crate::sys::start::{arguments, environment};

use super::native;
use super::types::{Errno, Result, answer};
use super::user::{self, key, string};

/// The variable that names the working directory.
const PWD: &[u8] = b"PWD";

/// Calls `action` with every argument.
#[inline(always)]
pub fn each_argument<E>(
    mut action: impl FnMut(&[u8]) -> core::result::Result<(), E>,
) -> core::result::Result<(), E> {
    let policy = policy();
    let mut arguments = arguments();
    if policy.flags & Policy::ARG0 != 0 {
        action(bytes(&policy.arg0))?;
        arguments = arguments.get(1..).unwrap_or_default();
    }
    arguments.iter().try_for_each(|&argument| action(string(argument)))
}

/// Where the environment comes from beside the policy.
#[derive(Clone, Copy)]
pub struct Sources {
    /// What the user sets: a list in the form of `user`.
    user: &'static [u8],
    /// What `PWD` is instead of that of the process, if it is known; perhaps nothing.
    directory: Option<&'static [u8]>,
}

/// Calls `action` with every `KEY=VALUE` of the environment.
#[inline(always)]
pub fn each_variable<E>(
    sources: Sources,
    mut action: impl FnMut(&[u8]) -> core::result::Result<(), E>,
) -> core::result::Result<(), E> {
    let Sources { user, directory } = sources;
    let policy = policy();
    // SAFETY: the compiler's constant data.
    let set = unsafe { slice(policy.env, policy.env_count) };
    // What a library has of it was given to the guest.
    if cfg!(feature = "libraries") || policy.flags & Policy::INHERIT_ENV != 0 || user::inherits_all(user) {
        for &inherited in environment() {
            let inherited = string(inherited);
            let key = key(inherited);
            if directory.is_some() && key == PWD {
                continue;
            }
            if !set.iter().any(|entry| user::key(bytes(entry)) == key) && !user::sets(user, key) {
                action(inherited)?;
            }
        }
    }
    if let Some(directory) = directory.filter(|directory| !directory.is_empty())
        && !set.iter().any(|entry| key(bytes(entry)) == PWD)
        && !user::sets(user, PWD)
    {
        action(directory)?;
    }
    for entry in set {
        let entry = bytes(entry);
        if !user::sets(user, key(entry)) {
            action(entry)?;
        }
    }
    user::variables(user).try_for_each(action)
}

/// Counts strings and their bytes, terminators included.
struct Sizes {
    count: u32,
    bytes: u64,
}

impl Sizes {
    const NONE: Sizes = Sizes { count: 0, bytes: 0 };

    fn add(&mut self, string: &[u8]) -> Result<()> {
        self.count += 1;
        self.bytes += string.len() as u64 + 1;
        Ok(())
    }

    fn write(&self, count: u32, bytes: u32) -> Result<()> {
        let total = u32::try_from(self.bytes).map_err(|_| Errno::OVERFLOW)?;
        guest::write_u32(count, self.count);
        guest::write_u32(bytes, total);
        Ok(())
    }
}

/// Writes pointers to one place and strings to another.
struct Strings {
    pointers: u64,
    strings: u64,
}

impl Strings {
    fn add(&mut self, string: &[u8]) -> Result<()> {
        let end = self.strings + string.len() as u64;
        guest::copy_to(self.strings, string);
        guest::write(end, 1, [0]);
        guest::write_u32(self.pointers, self.strings as u32);
        self.pointers += 4;
        self.strings = end + 1;
        Ok(())
    }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_args_sizes_get(count: u32, bytes: u32) -> i32 {
    let mut sizes = Sizes::NONE;
    answer(each_argument(|string| sizes.add(string)).and_then(|()| sizes.write(count, bytes)))
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_args_get(pointers: u32, strings: u32) -> i32 {
    let mut output = Strings { pointers: pointers.into(), strings: strings.into() };
    answer(each_argument(|string| output.add(string)))
}

fn environ_sizes_get(sources: Sources, count: u32, bytes: u32) -> i32 {
    let mut sizes = Sizes::NONE;
    answer(each_variable(sources, |string| sizes.add(string)).and_then(|()| sizes.write(count, bytes)))
}

fn environ_get(sources: Sources, pointers: u32, strings: u32) -> i32 {
    let mut output = Strings { pointers: pointers.into(), strings: strings.into() };
    answer(each_variable(sources, |string| output.add(string)))
}

/// Nothing but the policy.
pub const POLICY: Sources = Sources { user: &[], directory: None };

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_environ_sizes_get(count: u32, bytes: u32) -> i32 {
    environ_sizes_get(POLICY, count, bytes)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_wasi_environ_get(pointers: u32, strings: u32) -> i32 {
    environ_get(POLICY, pointers, strings)
}

/// What the user sets, too.
pub fn user() -> Sources {
    Sources { user: user::env(), directory: None }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_user_env_environ_sizes_get(count: u32, bytes: u32) -> i32 {
    environ_sizes_get(user(), count, bytes)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_user_env_environ_get(pointers: u32, strings: u32) -> i32 {
    environ_get(user(), pointers, strings)
}

/// What a native program has.
pub fn native() -> Sources {
    let user = if policy().flags & Policy::LOCKED != 0 { &[] } else { user::env() };
    Sources { user, directory: native::working_directory() }
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_native_env_environ_sizes_get(count: u32, bytes: u32) -> i32 {
    environ_sizes_get(native(), count, bytes)
}

#[unsafe(no_mangle)]
pub extern "C" fn wasm_aot_native_env_environ_get(pointers: u32, strings: u32) -> i32 {
    environ_get(native(), pointers, strings)
}
