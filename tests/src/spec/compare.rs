//! The expected result of a step of a script, and whether it occurred.

use wast::core::{NanPattern, V128Pattern, WastRetCore};
use wast::token::{F32, F64};

use super::counts::Kind;

/// What is expected of a step.
pub struct Expectation {
    /// Line in the `.wast` file, from 1.
    pub line: usize,
    /// The kind of the directive that is decided by it.
    pub kind: Kind,
    pub outcome: Outcome,
}

pub enum Outcome {
    Returns(Vec<Expected>),
    /// Anything but a trap.
    Succeeds,
    /// Traps with a message that starts like this one.
    Traps(String),
}

/// A value, as the program prints it: a word of 64 bits, or two for a vector, the low one first.
#[derive(Debug)]
pub enum Expected {
    Bits(u64),
    CanonicalNan32,
    ArithmeticNan32,
    CanonicalNan64,
    ArithmeticNan64,
    NonNull,
    I31,
    /// A structure or an array: bits can't tell which.
    Object,
    /// An i31, a structure or an array.
    Eq,
    Either(Vec<Expected>),
    /// The lanes of a vector, lane 0 first: each the low bits of a word.
    Vector(Vec<Expected>),
}

impl Expected {
    pub fn new(ret: &WastRetCore<'_>) -> Expected {
        match ret {
            WastRetCore::I32(value) => Expected::Bits(u64::from(*value as u32)),
            WastRetCore::I64(value) => Expected::Bits(*value as u64),
            WastRetCore::F32(pattern) => Self::f32(pattern),
            WastRetCore::F64(pattern) => Self::f64(pattern),
            WastRetCore::V128(pattern) => Self::vector(pattern),
            WastRetCore::RefNull(_) => Expected::Bits(0),
            WastRetCore::RefExtern(Some(value)) => Expected::Bits(extern_reference(*value)),
            WastRetCore::RefHost(value) => Expected::Bits(extern_reference(*value)),
            WastRetCore::RefExtern(None) | WastRetCore::RefFunc(_) | WastRetCore::RefAny => Expected::NonNull,
            WastRetCore::RefI31 | WastRetCore::RefI31Shared => Expected::I31,
            WastRetCore::RefStruct | WastRetCore::RefArray => Expected::Object,
            WastRetCore::RefEq => Expected::Eq,
            WastRetCore::Either(all) => Expected::Either(all.iter().map(Self::new).collect()),
        }
    }

    fn f32(pattern: &NanPattern<F32>) -> Expected {
        match pattern {
            NanPattern::Value(value) => Expected::Bits(value.bits.into()),
            NanPattern::CanonicalNan => Expected::CanonicalNan32,
            NanPattern::ArithmeticNan => Expected::ArithmeticNan32,
        }
    }

    fn f64(pattern: &NanPattern<F64>) -> Expected {
        match pattern {
            NanPattern::Value(value) => Expected::Bits(value.bits),
            NanPattern::CanonicalNan => Expected::CanonicalNan64,
            NanPattern::ArithmeticNan => Expected::ArithmeticNan64,
        }
    }

    fn vector(pattern: &V128Pattern) -> Expected {
        Expected::Vector(match pattern {
            V128Pattern::I8x16(lanes) => {
                lanes.iter().map(|lane| Expected::Bits(u64::from(*lane as u8))).collect()
            }
            V128Pattern::I16x8(lanes) => {
                lanes.iter().map(|lane| Expected::Bits(u64::from(*lane as u16))).collect()
            }
            V128Pattern::I32x4(lanes) => {
                lanes.iter().map(|lane| Expected::Bits(u64::from(*lane as u32))).collect()
            }
            V128Pattern::I64x2(lanes) => lanes.iter().map(|lane| Expected::Bits(*lane as u64)).collect(),
            V128Pattern::F32x4(lanes) => lanes.iter().map(Self::f32).collect(),
            V128Pattern::F64x2(lanes) => lanes.iter().map(Self::f64).collect(),
        })
    }

    /// Words of a value of this type.
    fn words(&self) -> usize {
        match self {
            Expected::Vector(_) => 2,
            Expected::Either(all) => all.first().map_or(1, Expected::words),
            _ => 1,
        }
    }

    /// `words` has as many words as `self.words()` says.
    fn matches(&self, words: &[u64]) -> bool {
        let bits = words[0];
        match self {
            Expected::Bits(expected) => *expected == bits,
            Expected::CanonicalNan32 => bits & 0x7fff_ffff == 0x7fc0_0000,
            Expected::ArithmeticNan32 => bits & 0x7fc0_0000 == 0x7fc0_0000,
            Expected::CanonicalNan64 => bits & (u64::MAX >> 1) == 0x7ff8_0000_0000_0000,
            Expected::ArithmeticNan64 => bits & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
            Expected::NonNull => bits != 0,
            Expected::I31 => bits >> 32 == 0 && bits & 1 != 0,
            Expected::Object => bits != 0 && bits >> 32 == 0 && bits & 7 == 0,
            Expected::Eq => Expected::I31.matches(words) || Expected::Object.matches(words),
            Expected::Either(all) => all.iter().any(|expected| expected.matches(words)),
            Expected::Vector(lanes) => {
                let in_word = lanes.len() / 2;
                let width = 64 / in_word;
                lanes.iter().enumerate().all(|(lane, expected)| {
                    let bits = words[lane / in_word] >> (lane % in_word * width);
                    expected.matches(&[bits & (u64::MAX >> (64 - width))])
                })
            }
        }
    }
}

/// The word that stands for `(ref.extern n)`: not null.
pub fn extern_reference(value: u32) -> u64 {
    wasm_aot_abi::gc::host_reference(value)
}

impl Expectation {
    /// Compares with the line that the program printed.
    pub fn check(&self, line: &str) -> Result<(), String> {
        let mut words = line.split(' ').skip(1);
        let trap = match words.next() {
            Some("ok") => None,
            Some("trap") => Some(words.clone().collect::<Vec<_>>().join(" ")),
            _ => return Err(format!("unexpected output: {line}")),
        };
        match (&self.outcome, trap) {
            (Outcome::Succeeds, None) => Ok(()),
            (Outcome::Traps(message), Some(trap)) if same_trap(message, &trap) => Ok(()),
            (Outcome::Traps(message), Some(trap)) => Err(format!("traps with `{trap}`, not `{message}`")),
            (Outcome::Traps(message), None) => Err(format!("doesn't trap with `{message}`: {line}")),
            (_, Some(trap)) => Err(format!("traps with `{trap}`")),
            (Outcome::Returns(expected), None) => {
                let found: Vec<u64> = words.map(|word| u64::from_str_radix(word, 16).unwrap_or(0)).collect();
                if same_values(expected, &found) {
                    Ok(())
                } else {
                    Err(format!("returns {found:x?}, not {expected:x?}"))
                }
            }
        }
    }
}

/// Whether these are the words of the expected values, one after the other.
fn same_values(expected: &[Expected], mut words: &[u64]) -> bool {
    expected.iter().all(|expected| {
        let Some((value, rest)) = words.split_at_checked(expected.words()) else { return false };
        words = rest;
        expected.matches(value)
    }) && words.is_empty()
}

/// The suite shortens some messages and adds an index to others ("uninitialized element 2").
fn same_trap(expected: &str, found: &str) -> bool {
    expected.starts_with(found) || found.starts_with(expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_are_numbered_from_the_low_word() {
        let lanes = |values: &[u64]| Expected::Vector(values.iter().map(|v| Expected::Bits(*v)).collect());
        let words = [0x0004_0003_0002_0001, 0x0008_0007_0006_0005];
        assert!(lanes(&[1, 2, 3, 4, 5, 6, 7, 8]).matches(&words));
        assert!(!lanes(&[1, 2, 3, 4, 5, 6, 7, 9]).matches(&words));
        assert!(lanes(&words).matches(&words));
        assert!(lanes(&[0x0002_0001, 0x0004_0003, 0x0006_0005, 0x0008_0007]).matches(&words));
        let nans = Expected::Vector(vec![Expected::CanonicalNan64, Expected::ArithmeticNan64]);
        assert!(nans.matches(&[0xfff8_0000_0000_0000, 0x7ff8_0000_0000_0001]));
        assert!(!nans.matches(&[0x7ff8_0000_0000_0001, 0x7ff8_0000_0000_0000]));
    }

    #[test]
    fn values_take_one_or_two_words() {
        let expected = [Expected::Bits(7), Expected::Vector(vec![Expected::Bits(1), Expected::Bits(2)])];
        assert!(same_values(&expected, &[7, 1, 2]));
        assert!(!same_values(&expected, &[7, 1]));
        assert!(!same_values(&expected, &[7, 1, 2, 3]));
        assert!(!same_values(&expected, &[7, 2, 1]));
    }
}
