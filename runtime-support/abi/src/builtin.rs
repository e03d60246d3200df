//! The functions of the runtime that compiled code calls, except for Wasm imports: one table of names, symbols and
//! types. The compiler makes its calls from it, and the runtime asserts that its functions have these types
//! (`for_each_builtin`).

use crate::exception::Exception;
use crate::layout::{Memory, Table};

/// Calls a macro with the table.
///
/// An entry is `Name: convention symbol(parameters) -> result;`, where the convention is `c`, or `unwinding` for a
/// function that throws: its callers' frames have handlers. A result that compiled code drops is `unused`.
/// Pointers are to memory of the program, and valid.
#[macro_export]
macro_rules! for_each_builtin {
    ($with:ident) => {
        $with! {
            /// Grows a memory. Returns the previous size in pages, or `u64::MAX`.
            MemoryGrow: c wasm_aot_memory_grow(memory: *mut Memory, delta_pages: u64) -> u64;
            /// Like `MemoryGrow`, for a shared memory.
            SharedMemoryGrow: c wasm_aot_shared_memory_grow(memory: *mut Memory, delta_pages: u64) -> u64;
            /// Waits. Returns 0 if woken, 1 if the value differs, 2 if the timeout expired: it is in nanoseconds, and
            /// infinite if negative. The address is aligned.
            AtomicWait32: c wasm_aot_atomic_wait32(address: *mut u8, expected: u32, timeout: i64) -> u32;
            /// Like `AtomicWait32`.
            AtomicWait64: c wasm_aot_atomic_wait64(address: *mut u8, expected: u64, timeout: i64) -> u32;
            /// Wakes waiters. Returns how many.
            AtomicNotify: c wasm_aot_atomic_notify(address: *mut u8, count: u32) -> u32;
            /// Grows a table. Returns the previous size, or `u64::MAX`.
            TableGrow: c wasm_aot_table_grow(table: *mut Table, delta: u64, init: u64) -> u64;
            /// Sets elements of a table.
            TableFill: c wasm_aot_table_fill(elements: *mut u64, value: u64, count: usize);
            /// C's `memmove`: the ranges may overlap.
            Memmove: c memmove(to: *mut u8, from: *const u8, bytes: usize), unused -> *mut u8;
            /// C's `memset`.
            Memset: c memset(to: *mut u8, byte: i32, bytes: usize), unused -> *mut u8;
            /// Throws an exception that is in the caller's frame. Doesn't return.
            Throw: unwinding wasm_aot_throw(exception: *const Exception);
            /// Throws an exception that is in the heap. Doesn't return.
            ThrowRef: unwinding wasm_aot_throw_ref(exception: *const Exception);
            /// `a * b + c` with one rounding.
            FmaF32: c wasm_aot_fma_f32(a: f32, b: f32, c: f32) -> f32;
            /// Like `FmaF32`.
            FmaF64: c wasm_aot_fma_f64(a: f64, b: f64, c: f64) -> f64;
            /// Traces a call of a host function, see `trace`.
            Trace: c wasm_aot_trace(text: *const u8, length: u64, arguments: *const u64, result: u64);
            /// Makes room for an object when compiled code found none; see `gc`.
            GcAllocate: c wasm_aot_gc_allocate(bytes: u64) -> u64;
            /// Like `Throw`, in a program that uses garbage collection.
            GcThrow: unwinding wasm_aot_gc_throw(exception: *const Exception);
            /// Ends the program with exit code 1 if a `result` of WIT is an error: not 0.
            CheckResult: c wasm_aot_check_result(result: u32);
            /// Prints a result as a signed number. See `invoke`.
            PrintI32: c wasm_aot_print_i32(value: u32);
            /// Like `PrintI32`.
            PrintI64: c wasm_aot_print_i64(value: u64);
            /// Prints a result with the fewest digits that distinguish it from all other values.
            PrintF32: c wasm_aot_print_f32(value: f32);
            /// Like `PrintF32`.
            PrintF64: c wasm_aot_print_f64(value: f64);
            /// Prints a vector as an unsigned number of 128 bits, lane 0 the lowest.
            PrintV128: c wasm_aot_print_v128(low: u64, high: u64);
            /// Prints what an `invoke::Reference` refers to, and whether it is null.
            PrintReference: c wasm_aot_print_reference(value: u64, reference: u32);
        }
    };
}

/// How a parameter or a result is passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    I32,
    /// An integer, or an address.
    I64,
    F32,
    F64,
}

/// A type that compiled code can pass to a builtin.
trait Pass {
    const AS: Passed;
}

macro_rules! pass {
    ($($ty:ty => $passed:ident),* $(,)?) => {
        $(impl Pass for $ty {
            const AS: Passed = Passed::$passed;
        })*
    };
}

pass! { u32 => I32, i32 => I32, u64 => I64, i64 => I64, usize => I64, f32 => F32, f64 => F64 }

impl<T> Pass for *const T {
    const AS: Passed = Passed::I64;
}

impl<T> Pass for *mut T {
    const AS: Passed = Passed::I64;
}

macro_rules! result {
    () => {
        None
    };
    ($ty:ty) => {
        Some(<$ty as Pass>::AS)
    };
}

macro_rules! unwinds {
    (c) => {
        false
    };
    (unwinding) => {
        true
    };
}

macro_rules! define {
    ($(
        $(#[$doc:meta])*
        $name:ident: $convention:ident $symbol:ident($($param:ident: $ty:ty),*)
            $(-> $result:ty)? $(, unused -> $unused:ty)?;
    )*) => {
        /// A function of the runtime that compiled code calls.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Builtin {
            $($(#[$doc])* $name,)*
        }

        impl Builtin {
            /// In the order of their discriminants.
            pub const ALL: &[Builtin] = &[$(Builtin::$name),*];

            /// The symbol.
            pub const fn symbol(self) -> &'static str {
                match self {
                    $(Builtin::$name => stringify!($symbol),)*
                }
            }

            pub const fn params(self) -> &'static [Passed] {
                match self {
                    $(Builtin::$name => &[$(<$ty as Pass>::AS),*],)*
                }
            }

            /// The type of the result that compiled code uses, if any.
            pub const fn result(self) -> Option<Passed> {
                match self {
                    $(Builtin::$name => result!($($result)?),)*
                }
            }

            /// Whether it can throw an exception.
            pub const fn unwinds(self) -> bool {
                match self {
                    $(Builtin::$name => unwinds!($convention),)*
                }
            }
        }

        /// The types of the functions, by the names of the builtins.
        pub mod types {
            use super::{Exception, Memory, Table};

            $(pub type $name = unsafe extern "C" fn($($ty),*) $(-> $result)? $(-> $unused)?;)*
        }
    };
}

for_each_builtin!(define);
