//! What a program demands of the CPU, beyond the baseline of its architecture.
//!
//! `CpuDemands::demands` holds the message that precedes the names of missing features, and the features that
//! the program may use, ordered by register:
//!
//! ```text
//! message: text
//! then for each feature
//!     register: u8    a constant of `x86_64` or `hwcap`
//!     bit: u8         of the register; if it isn't set, the feature is missing
//!     name: text
//! text: its length in bytes: u8, UTF-8
//! ```

/// Registers of x86-64: results of `cpuid`, and the extended control register 0.
pub mod x86_64 {
    pub const LEAF_1_ECX: u8 = result(1, 0, ECX);
    pub const LEAF_7_EBX: u8 = result(7, 0, EBX);
    pub const LEAF_7_ECX: u8 = result(7, 0, ECX);
    pub const LEAF_7_1_EAX: u8 = result(7, 1, EAX);
    pub const EXTENDED_1_ECX: u8 = EXTENDED | result(1, 0, ECX);
    /// The state that the operating system saves. Zero if it doesn't use `xsave`.
    pub const XCR0: u8 = 0;

    const EAX: u8 = 0;
    const EBX: u8 = 1;
    const ECX: u8 = 2;
    /// The leaf is one from 0x8000_0000 on.
    const EXTENDED: u8 = 0x80;

    /// In bits 4 to 6 the leaf, which isn't 0, in bits 2 and 3 the subleaf, in bits 0 and 1 the register.
    const fn result(leaf: u8, subleaf: u8, register: u8) -> u8 {
        leaf << 4 | subleaf << 2 | register
    }

    /// The smallest number of a leaf like that of `register`, the leaf, the subleaf, and the index of the result
    /// in the order eax, ebx, ecx.
    pub const fn cpuid(register: u8) -> (u32, u32, u32, usize) {
        let base = ((register & EXTENDED) as u32) << 24;
        (base, base | (register >> 4 & 7) as u32, (register >> 2 & 3) as u32, (register & 3) as usize)
    }
}

/// Registers of all other architectures: words that Linux gives to each process.
pub mod hwcap {
    pub const HWCAP: u8 = 0;
    pub const HWCAP2: u8 = 1;
}

/// A feature that a program may use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Feature<'a> {
    pub register: u8,
    pub bit: u8,
    pub name: &'a [u8],
}

/// Reads the message; returns it and the encoded features that follow it.
pub fn message(bytes: &[u8]) -> (&[u8], Features<'_>) {
    let (message, rest) = text(bytes).unwrap_or_default();
    (message, Features(rest))
}

/// The features of a program.
#[derive(Clone)]
pub struct Features<'a>(&'a [u8]);

impl<'a> Iterator for Features<'a> {
    type Item = Feature<'a>;

    fn next(&mut self) -> Option<Feature<'a>> {
        let [register, bit, rest @ ..] = self.0 else { return None };
        let (name, rest) = text(rest)?;
        self.0 = rest;
        Some(Feature { register: *register, bit: *bit, name })
    }
}

/// Reads a text; returns it and the bytes that follow it.
fn text(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first()?;
    rest.split_at_checked(usize::from(*length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_follow_the_message() {
        let (message, features) = message(b"\x09x86-64-v3\x12\x1c\x03AVX\x71\x05\x04AVX2");
        assert_eq!(message, b"x86-64-v3");
        let features: [Feature<'_>; 2] = core::array::from_fn(|i| features.clone().nth(i).unwrap());
        assert_eq!(features[0], Feature { register: x86_64::LEAF_1_ECX, bit: 28, name: b"AVX" });
        assert_eq!(features[1], Feature { register: x86_64::LEAF_7_EBX, bit: 5, name: b"AVX2" });
        assert_eq!(super::message(b"").1.next(), None);
    }

    #[test]
    fn registers_tell_where_they_are() {
        assert_eq!(x86_64::cpuid(x86_64::LEAF_1_ECX), (0, 1, 0, 2));
        assert_eq!(x86_64::cpuid(x86_64::LEAF_7_EBX), (0, 7, 0, 1));
        assert_eq!(x86_64::cpuid(x86_64::LEAF_7_1_EAX), (0, 7, 1, 0));
        assert_eq!(x86_64::cpuid(x86_64::EXTENDED_1_ECX), (0x8000_0000, 0x8000_0001, 0, 2));
    }
}
