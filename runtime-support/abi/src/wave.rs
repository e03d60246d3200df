//! How a program that was a component calls the function that `--invoke` names: its arguments, which the compiler has
//! read and laid out, and the type of its result, by which the program prints it, both in WAVE (the text format of
//! values of components).

use crate::policy::Bytes;
use crate::shared::shared;

/// Prints a value of a type: `printer` is the runtime's, and knows where the value is. A function for each kind of type,
/// so that a program has only what its result needs.
pub type Print = unsafe extern "C" fn(ty: *const Type, printer: *mut u8);

shared! {
    /// The call. It has the symbol [`crate::symbols::INVOCATION`].
    pub struct Invocation<P> {
        /// The core arguments, 8 bytes each: little-endian numbers, the low half of each if it has 32 bits.
        pub arguments: Block<P>,
        /// The type of the result.
        pub result: P::Const<Type<P>>,
        /// Whether the core result is the value itself, and not its address: 1 or 0.
        pub is_flat: u64,
    }

    /// Bytes for the callee's memory, which it allocates.
    pub struct Block<P> {
        pub bytes: Bytes<P>,
        pub alignment: u64,
        /// The blocks to which it points, in the order in which they are allocated.
        pub links: P::Const<Link<P>>,
        pub link_count: u64,
    }

    /// A pointer from one block to another.
    pub struct Link<P> {
        /// Where in the bytes the address of the block goes.
        pub offset: u64,
        pub block: Block<P>,
    }

    /// A type of values.
    pub struct Type<P> {
        pub print: P::Code<Print>,
        /// In memory, in bytes.
        pub size: u64,
        pub alignment: u64,
        /// For variants: where the payload is, in bytes from the start.
        pub payload: u64,
        /// The fields of a record, the elements of a tuple, the cases of a variant, the flags; the element of a list.
        pub parts: P::Const<Part<P>>,
        pub part_count: u64,
    }

    /// A part of a type.
    pub struct Part<P> {
        /// As it is printed; empty for elements.
        pub name: Bytes<P>,
        /// Null for flags and for cases without a payload.
        pub ty: P::Const<Type<P>>,
        /// Whether it is a field that is left out if it is `none`: 1 or 0.
        pub is_optional: u64,
    }
}

/// Calls a macro with the kinds of types, each with the name of the runtime's function that prints one, and the symbol
/// of the [`Print`] for it.
#[macro_export]
macro_rules! for_each_kind {
    ($with:ident) => {
        $with! {
            Bool: bool, wasm_aot_wave_bool;
            S8: s8, wasm_aot_wave_s8;
            U8: u8, wasm_aot_wave_u8;
            S16: s16, wasm_aot_wave_s16;
            U16: u16, wasm_aot_wave_u16;
            S32: s32, wasm_aot_wave_s32;
            U32: u32, wasm_aot_wave_u32;
            S64: s64, wasm_aot_wave_s64;
            U64: u64, wasm_aot_wave_u64;
            F32: f32, wasm_aot_wave_f32;
            F64: f64, wasm_aot_wave_f64;
            Char: char, wasm_aot_wave_char;
            Utf8: utf8, wasm_aot_wave_utf8;
            Utf16: utf16, wasm_aot_wave_utf16;
            Latin1Utf16: latin1_utf16, wasm_aot_wave_latin1_utf16;
            List: list, wasm_aot_wave_list;
            Record: record, wasm_aot_wave_record;
            Tuple: tuple, wasm_aot_wave_tuple;
            Flags: flags, wasm_aot_wave_flags;
            Variant: variant, wasm_aot_wave_variant;
        }
    };
}

macro_rules! kinds {
    ($($name:ident: $function:ident, $symbol:ident;)*) => {
        /// A kind of types, as far as values are printed differently: strings by their encodings; enums, options and
        /// results as variants.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Kind {
            $($name,)*
        }

        impl Kind {
            /// The symbol of its [`Print`].
            pub const fn symbol(self) -> &'static str {
                match self {
                    $(Kind::$name => stringify!($symbol),)*
                }
            }
        }
    };
}

for_each_kind!(kinds);

/// `fn(arguments: &mut u64, options: &Canonical)`: allocates what the arguments point to, and stores the core arguments.
pub const LOWER: &str = "wasm_aot_wave_lower";
/// `fn(result: u64, options: &Canonical)`: prints the result; `result` is the core result, or 0 if there is none.
pub const PRINT: &str = "wasm_aot_wave_print";
