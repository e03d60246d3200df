//! What a program demands of the CPU, beyond the baseline of its architecture.
//!
//! `Program::cpu` is empty if that is nothing, else a name for what the program was built for and the
//! features that it may use, ordered by register:
//!
//! ```text
//! name: UTF-8, 0
//! then for each feature
//!     register: u8    a constant of `x86_64` or `hwcap`
//!     bit: u8         of the register; if it isn't set, the feature is missing
//!     name: UTF-8, 0
//! ```

/// Registers of x86-64: results of `cpuid`, and the extended control register 0.
pub mod x86_64 {
    pub const LEAF_1_ECX: u8 = 0;
    pub const LEAF_7_EBX: u8 = 1;
    pub const LEAF_7_ECX: u8 = 2;
    pub const LEAF_7_1_EAX: u8 = 3;
    pub const EXTENDED_1_ECX: u8 = 4;
    /// What state the operating system saves. Zero if it doesn't use `xsave`.
    pub const XCR0: u8 = 5;
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

/// Reads the name; what follows it are the features.
pub fn name(bytes: &[u8]) -> (&[u8], Features<'_>) {
    let (name, rest) = until_zero(bytes);
    (name, Features(rest))
}

/// The features of a program.
#[derive(Clone)]
pub struct Features<'a>(&'a [u8]);

impl<'a> Iterator for Features<'a> {
    type Item = Feature<'a>;

    fn next(&mut self) -> Option<Feature<'a>> {
        let [register, bit, rest @ ..] = self.0 else { return None };
        let (name, rest) = until_zero(rest);
        self.0 = rest;
        Some(Feature { register: *register, bit: *bit, name })
    }
}

fn until_zero(bytes: &[u8]) -> (&[u8], &[u8]) {
    let end = bytes.iter().position(|byte| *byte == 0).unwrap_or(bytes.len());
    (bytes.get(..end).unwrap_or_default(), bytes.get(end + 1..).unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn features_follow_the_name() {
        let (name, features) = name(b"x86-64-v3\0\x00\x1cAVX\0\x01\x05AVX2\0");
        assert_eq!(name, b"x86-64-v3");
        let features: [Feature<'_>; 2] = core::array::from_fn(|i| features.clone().nth(i).unwrap());
        assert_eq!(features[0], Feature { register: x86_64::LEAF_1_ECX, bit: 28, name: b"AVX" });
        assert_eq!(features[1], Feature { register: x86_64::LEAF_7_EBX, bit: 5, name: b"AVX2" });
        assert_eq!(super::name(b"").1.next(), None);
    }
}
