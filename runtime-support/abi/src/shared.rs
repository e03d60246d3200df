//! How the compiler, the runtime and readers of executables share a structure.
//!
//! The macro `shared!` defines the structure once, by its fields. A structure with pointers is generic over their
//! representation:
//!
//! the runtime has it in memory, with pointers of its own process ([`Native`], the default);
//! - the compiler fills it in by the names of its fields, with addresses that the linker will know ([`Foreign`]), and
//!   encodes it for the target;
//! - a reader of executables decodes it from their bytes, with addresses as numbers (`Foreign<u64>`).
//!
//! Encoding and decoding visit the fields in the order in which they are declared. When this crate is compiled, it is
//! checked that they are where the runtime expects them, without padding.

use core::marker::PhantomData;

use crate::policy::Bytes;

/// What the pointers in a structure are.
pub trait Pointers: Copy {
    /// The address of data that is only read through it, or null.
    type Const<T>: Copy;
    /// The address of data that changes, or null.
    type Mut<T>: Copy;
    /// The address of a function of the type `F`, never null. A nullable one is an `Option` of it.
    type Code<F: Copy>: Copy;
}

/// Pointers of this process.
#[derive(Clone, Copy)]
pub enum Native {}

impl Pointers for Native {
    type Const<T> = *const T;
    type Mut<T> = *mut T;
    type Code<F: Copy> = F;
}

/// Pointers of a program that isn't this process: addresses in it are of the type `A`.
#[derive(Clone, Copy)]
pub struct Foreign<A>(PhantomData<A>);

impl<A: Copy> Pointers for Foreign<A> {
    type Const<T> = Pointer<A, T>;
    type Mut<T> = Pointer<A, T>;
    type Code<F: Copy> = Code<A, F>;
}

/// A pointer to a `T` in another program.
pub struct Pointer<A, T> {
    /// None for a null pointer.
    pub address: Option<A>,
    pointee: PhantomData<fn() -> T>,
}

impl<A: Copy, T> Clone for Pointer<A, T> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: Copy, T> Copy for Pointer<A, T> {}

impl<A, T> Pointer<A, T> {
    pub const NULL: Self = Pointer { address: None, pointee: PhantomData };

    pub const fn to(address: A) -> Self {
        Pointer { address: Some(address), pointee: PhantomData }
    }

    /// The same address, as a pointer to a `U`, with which the `T` begins.
    pub fn cast<U>(self) -> Pointer<A, U> {
        Pointer { address: self.address, pointee: PhantomData }
    }
}

/// The address of a function of the type `F` in another program.
pub struct Code<A, F> {
    pub address: A,
    function: PhantomData<fn() -> F>,
}

impl<A: Copy, F> Clone for Code<A, F> {
    fn clone(&self) -> Self {
        *self
    }
}

impl<A: Copy, F> Copy for Code<A, F> {}

impl<A, F> Code<A, F> {
    pub const fn at(address: A) -> Self {
        Code { address, function: PhantomData }
    }
}

/// Takes the parts of a structure, in order, and writes them in the target's representation.
pub trait Sink<A> {
    fn u8(&mut self, value: u8);
    fn u32(&mut self, value: u32);
    fn u64(&mut self, value: u64);
    /// A pointer; none is null.
    fn address(&mut self, address: Option<A>);
}

/// Where structures that others point to are placed.
pub trait Store<A: Copy> {
    /// Adds an array, 8-byte aligned, to the program's read-only data.
    fn array<T: Encode<A>>(&mut self, items: &[T]) -> Pointer<A, T>;

    /// A function of the runtime, by its symbol.
    fn import<F>(&mut self, symbol: &str) -> Code<A, F>;

    /// Adds one structure.
    fn one<T: Encode<A>>(&mut self, item: T) -> Pointer<A, T> {
        self.array(&[item])
    }

    /// Adds a byte string; an empty one takes no space and has no address.
    fn bytes(&mut self, bytes: &[u8]) -> Bytes<Foreign<A>> {
        let data = if bytes.is_empty() { Pointer::NULL } else { self.array(bytes) };
        Bytes { data, length: bytes.len() as u64 }
    }

    /// A function of the runtime, if the program needs it.
    fn import_if<F>(&mut self, needed: bool, symbol: &str) -> Option<Code<A, F>> {
        needed.then(|| self.import(symbol))
    }
}

/// Reads the parts of a structure, in order, from the place where it is stored.
pub trait Source<A> {
    type Error;
    fn u8(&mut self) -> Result<u8, Self::Error>;
    fn u32(&mut self) -> Result<u32, Self::Error>;
    fn u64(&mut self) -> Result<u64, Self::Error>;
    /// A pointer; null is none.
    fn address(&mut self) -> Result<Option<A>, Self::Error>;
    /// The error for a pointer that is null and must not be.
    fn null(&self) -> Self::Error;
}

/// What can be written in the target's representation, with addresses of the type `A`.
pub trait Encode<A> {
    /// Its size in memory, in bytes.
    const BYTES: usize;
    /// Whether it has pointers, so that data that contains it needs relocations.
    const HAS_POINTERS: bool;
    fn encode(&self, to: &mut impl Sink<A>);
}

/// What can be read back from where it was written in that representation.
pub trait Decode<A>: Encode<A> + Sized {
    /// # Errors
    /// If the source can't provide the data.
    fn decode<S: Source<A>>(from: &mut S) -> Result<Self, S::Error>;
}

macro_rules! number {
    ($($number:ident)*) => {$(
        impl<A> Encode<A> for $number {
            const BYTES: usize = size_of::<$number>();
            const HAS_POINTERS: bool = false;

            fn encode(&self, to: &mut impl Sink<A>) {
                to.$number(*self);
            }
        }

        impl<A> Decode<A> for $number {
            fn decode<S: Source<A>>(from: &mut S) -> Result<Self, S::Error> {
                from.$number()
            }
        }
    )*};
}

number!(u8 u32 u64);

/// Bytes of a pointer on every target.
const POINTER_BYTES: usize = 8;

impl<A: Copy, T> Encode<A> for Pointer<A, T> {
    const BYTES: usize = POINTER_BYTES;
    const HAS_POINTERS: bool = true;

    fn encode(&self, to: &mut impl Sink<A>) {
        to.address(self.address);
    }
}

impl<A: Copy, T> Decode<A> for Pointer<A, T> {
    fn decode<S: Source<A>>(from: &mut S) -> Result<Self, S::Error> {
        Ok(Pointer { address: from.address()?, pointee: PhantomData })
    }
}

impl<A: Copy, F> Encode<A> for Option<Code<A, F>> {
    const BYTES: usize = POINTER_BYTES;
    const HAS_POINTERS: bool = true;

    fn encode(&self, to: &mut impl Sink<A>) {
        to.address(self.map(|code| code.address));
    }
}

impl<A: Copy, F> Decode<A> for Option<Code<A, F>> {
    fn decode<S: Source<A>>(from: &mut S) -> Result<Self, S::Error> {
        Ok(from.address()?.map(Code::at))
    }
}

impl<A: Copy, F> Encode<A> for Code<A, F> {
    const BYTES: usize = POINTER_BYTES;
    const HAS_POINTERS: bool = true;

    fn encode(&self, to: &mut impl Sink<A>) {
        to.address(Some(self.address));
    }
}

impl<A: Copy, F> Decode<A> for Code<A, F> {
    fn decode<S: Source<A>>(from: &mut S) -> Result<Self, S::Error> {
        match from.address()? {
            Some(address) => Ok(Code::at(address)),
            None => Err(from.null()),
        }
    }
}

/// Bytes of the field of an `S` that the function is for.
pub const fn bytes_of<A, S, T: Encode<A>>(_: fn(&S) -> &T) -> usize {
    T::BYTES
}

/// Whether the field of an `S` that the function is for has pointers.
pub const fn has_pointers<A, S, T: Encode<A>>(_: fn(&S) -> &T) -> bool {
    T::HAS_POINTERS
}

/// Defines structures that compiler and runtime share. A structure with pointers names the type parameter for their
/// representation:
///
/// ```text
/// shared! {
///     pub struct Words<P> {
///         pub start: P::Const<u64>,
///         pub count: u64,
///     }
/// }
/// ```
macro_rules! shared {
    ($(
        $(#[$attribute:meta])*
        pub struct $name:ident $(<$p:ident>)? {
            $( $(#[$field_attribute:meta])* pub $field:ident: $ty:ty, )*
        }
    )*) => {$(
        $(#[$attribute])*
        #[repr(C)]
        pub struct $name $(<$p: $crate::shared::Pointers = $crate::shared::Native>)? {
            $( $(#[$field_attribute])* pub $field: $ty, )*
        }

        impl<A: Copy> $crate::shared::Encode<A> for $name $(< $crate::shared::foreign!($p A) >)? {
            const BYTES: usize = 0 $(+ $crate::shared::bytes_of::<A, Self, _>(|this| &this.$field))*;
            const HAS_POINTERS: bool = false $(|| $crate::shared::has_pointers::<A, Self, _>(|this| &this.$field))*;

            fn encode(&self, to: &mut impl $crate::shared::Sink<A>) {
                $( $crate::shared::Encode::<A>::encode(&self.$field, to); )*
            }
        }

        impl<A: Copy> $crate::shared::Decode<A> for $name $(< $crate::shared::foreign!($p A) >)? {
            fn decode<S: $crate::shared::Source<A>>(from: &mut S) -> Result<Self, S::Error> {
                Ok(Self { $( $field: $crate::shared::Decode::<A>::decode(from)?, )* })
            }
        }

        const _: () = {
            type Encoded = $name $(< $crate::shared::foreign!($p ()) >)?;
            let mut at = 0;
            $(
                assert!(core::mem::offset_of!($name, $field) == at, "encoded where the runtime has it");
                at += $crate::shared::bytes_of::<(), Encoded, _>(|this| &this.$field);
            )*
            assert!(size_of::<$name>() == at, "no padding at the end");
        };
    )*};
}

/// The parameter `$p` for the pointers of a structure, in a program with addresses of this type.
macro_rules! foreign {
    ($p:ident $address:ty) => { $crate::shared::Foreign<$address> };
}

pub(crate) use {foreign, shared};

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::{Script, ScriptCommand, Table};

    /// Up to eight words; addresses are numbers.
    #[derive(Default)]
    struct Words {
        words: [u64; 8],
        at: usize,
    }

    impl Words {
        fn put(&mut self, word: u64) {
            self.words[self.at] = word;
            self.at += 1;
        }

        fn take(&mut self) -> Result<u64, usize> {
            self.at += 1;
            self.words.get(self.at - 1).copied().ok_or(self.at)
        }
    }

    impl Sink<u64> for Words {
        fn u8(&mut self, value: u8) {
            self.put(value.into());
        }

        fn u32(&mut self, value: u32) {
            self.put(value.into());
        }

        fn u64(&mut self, value: u64) {
            self.put(value);
        }

        fn address(&mut self, address: Option<u64>) {
            self.put(address.unwrap_or(0));
        }
    }

    impl Source<u64> for Words {
        type Error = usize;

        fn u8(&mut self) -> Result<u8, usize> {
            Ok(self.take()? as u8)
        }

        fn u32(&mut self) -> Result<u32, usize> {
            Ok(self.take()? as u32)
        }

        fn u64(&mut self) -> Result<u64, usize> {
            self.take()
        }

        fn address(&mut self) -> Result<Option<u64>, usize> {
            Ok(Some(self.take()?).filter(|address| *address != 0))
        }

        fn null(&self) -> usize {
            self.at
        }
    }

    type Numbers = Foreign<u64>;

    #[test]
    fn what_is_encoded_is_decoded_by_name() {
        let mut words = Words::default();
        let table = Table::<Numbers> { elements: Pointer::to(7), size: 1, maximum: 2, capacity: 3 };
        table.encode(&mut words);
        assert_eq!(words.words[..4], [7, 1, 2, 3]);
        words.at = 0;
        let read = Table::<Numbers>::decode(&mut words).unwrap();
        assert_eq!((read.elements.address, read.size, read.maximum, read.capacity), (Some(7), 1, 2, 3));
    }

    #[test]
    fn only_pointers_to_data_may_be_null() {
        let mut words = Words::default();
        assert!(Script::<Numbers>::decode(&mut words).unwrap().commands.address.is_none());
        assert_eq!(ScriptCommand::<Numbers>::decode(&mut words).err(), Some(3), "a function");
    }

    #[test]
    fn what_has_pointers_says_so() {
        let has_pointers = [
            <Table<Numbers> as Encode<u64>>::HAS_POINTERS,
            <crate::bundle::Node as Encode<u64>>::HAS_POINTERS,
            <crate::policy::DirGrant<Numbers> as Encode<u64>>::HAS_POINTERS,
        ];
        assert_eq!(has_pointers, [true, false, true]);
        assert_eq!(<crate::gc::TypeInfo as Encode<u64>>::BYTES, 12);
    }
}
