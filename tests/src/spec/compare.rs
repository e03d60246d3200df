//! What a step of a script must lead to, and whether it did.

use wast::core::{NanPattern, WastRetCore};

/// What is expected of a step.
pub struct Expectation {
    /// Line in the `.wast` file, from 1.
    pub line: usize,
    pub outcome: Outcome,
    /// Is it an assertion of the suite, or only a step that must succeed?
    pub counted: bool,
}

pub enum Outcome {
    Returns(Vec<Expected>),
    /// Anything but a trap.
    Succeeds,
    /// Traps with a message that starts like this one.
    Traps(String),
}

/// A value, as the program prints it: 64 bits.
#[derive(Debug)]
pub enum Expected {
    Bits(u64),
    CanonicalNan32,
    ArithmeticNan32,
    CanonicalNan64,
    ArithmeticNan64,
    NonNull,
    Either(Vec<Expected>),
}

impl Expected {
    pub fn new(ret: &WastRetCore<'_>) -> Result<Expected, String> {
        Ok(match ret {
            WastRetCore::I32(value) => Expected::Bits(u64::from(*value as u32)),
            WastRetCore::I64(value) => Expected::Bits(*value as u64),
            WastRetCore::F32(NanPattern::Value(value)) => Expected::Bits(value.bits.into()),
            WastRetCore::F32(NanPattern::CanonicalNan) => Expected::CanonicalNan32,
            WastRetCore::F32(NanPattern::ArithmeticNan) => Expected::ArithmeticNan32,
            WastRetCore::F64(NanPattern::Value(value)) => Expected::Bits(value.bits),
            WastRetCore::F64(NanPattern::CanonicalNan) => Expected::CanonicalNan64,
            WastRetCore::F64(NanPattern::ArithmeticNan) => Expected::ArithmeticNan64,
            WastRetCore::RefNull(_) => Expected::Bits(0),
            WastRetCore::RefExtern(Some(value)) => Expected::Bits(extern_reference(*value)),
            WastRetCore::RefExtern(None) | WastRetCore::RefFunc(_) => Expected::NonNull,
            WastRetCore::Either(all) => {
                Expected::Either(all.iter().map(Self::new).collect::<Result<_, _>>()?)
            }
            other => return Err(format!("unsupported expectation: {other:?}")),
        })
    }

    fn matches(&self, bits: u64) -> bool {
        match self {
            Expected::Bits(expected) => *expected == bits,
            Expected::CanonicalNan32 => bits & 0x7fff_ffff == 0x7fc0_0000,
            Expected::ArithmeticNan32 => bits & 0x7fc0_0000 == 0x7fc0_0000,
            Expected::CanonicalNan64 => bits & (u64::MAX >> 1) == 0x7ff8_0000_0000_0000,
            Expected::ArithmeticNan64 => bits & 0x7ff8_0000_0000_0000 == 0x7ff8_0000_0000_0000,
            Expected::NonNull => bits != 0,
            Expected::Either(all) => all.iter().any(|expected| expected.matches(bits)),
        }
    }
}

/// The word that stands for `(ref.extern n)`: not null.
pub fn extern_reference(value: u32) -> u64 {
    u64::from(value) + 1
}

impl Expectation {
    /// Compares with the line that the program printed; whether it counts as an assertion.
    pub fn check(&self, line: &str) -> Result<bool, String> {
        let mut words = line.split(' ').skip(1);
        let trap = match words.next() {
            Some("ok") => None,
            Some("trap") => Some(words.clone().collect::<Vec<_>>().join(" ")),
            _ => return Err(format!("unexpected output: {line}")),
        };
        match (&self.outcome, trap) {
            (Outcome::Succeeds, None) => Ok(self.counted),
            (Outcome::Traps(message), Some(trap)) if same_trap(message, &trap) => Ok(self.counted),
            (Outcome::Traps(message), Some(trap)) => Err(format!("traps with `{trap}`, not `{message}`")),
            (Outcome::Traps(message), None) => Err(format!("doesn't trap with `{message}`: {line}")),
            (_, Some(trap)) => Err(format!("traps with `{trap}`")),
            (Outcome::Returns(expected), None) => {
                let found: Vec<u64> = words.map(|word| u64::from_str_radix(word, 16).unwrap_or(0)).collect();
                let same =
                    found.len() == expected.len() && expected.iter().zip(&found).all(|(e, f)| e.matches(*f));
                if same { Ok(self.counted) } else { Err(format!("returns {found:x?}, not {expected:x?}")) }
            }
        }
    }
}

/// The suite shortens some messages and adds an index to others ("uninitialized element 2").
fn same_trap(expected: &str, found: &str) -> bool {
    expected.starts_with(found) || found.starts_with(expected)
}
