//! Ranges of 32-bit values, read as integers without or with a sign.

/// How the 32 bits of a value are read as an integer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Sign {
    Unsigned,
    Signed,
}

impl Sign {
    pub const BOTH: [Sign; 2] = [Sign::Unsigned, Sign::Signed];

    /// All integers that 32 bits can be read as.
    pub const fn all(self) -> Range {
        match self {
            Sign::Unsigned => Range { low: 0, high: u32::MAX as i64 },
            Sign::Signed => Range { low: i32::MIN as i64, high: i32::MAX as i64 },
        }
    }
}

/// Integers from `low` to `high`, both included. A range of a value is within one of `Sign::all`: the bits of the value are those
/// of one of these integers modulo 2^32, and no two of them have the same bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Range {
    pub low: i64,
    pub high: i64,
}

impl Range {
    pub const fn only(value: i64) -> Range {
        Range { low: value, high: value }
    }

    pub const fn up_to(high: i64) -> Range {
        Range { low: 0, high }
    }

    /// Whether all of its integers are those of bits that are read so.
    pub fn is(self, sign: Sign) -> bool {
        let all = sign.all();
        all.low <= self.low && self.low <= self.high && self.high <= all.high
    }

    /// Itself, if it is a range of a value.
    pub fn valid(self) -> Option<Range> {
        Sign::BOTH.into_iter().any(|sign| self.is(sign)).then_some(self)
    }

    /// The same bits, read with this sign.
    pub fn read(self, sign: Sign) -> Range {
        const WRAP: i64 = 1 << 32;
        let shift = match sign {
            Sign::Unsigned => WRAP,
            Sign::Signed => -WRAP,
        };
        let other = Range { low: self.low + shift, high: self.high + shift };
        [self, other].into_iter().find(|range| range.is(sign)).unwrap_or(sign.all())
    }

    /// The integers of both.
    pub fn join(self, other: Range) -> Range {
        Range { low: self.low.min(other.low), high: self.high.max(other.high) }
    }

    pub fn add(self, other: Range) -> Range {
        Range { low: self.low + other.low, high: self.high + other.high }
    }

    /// Its only integer.
    pub fn single(self) -> Option<i64> {
        (self.low == self.high).then_some(self.low)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads() {
        let all = Sign::Unsigned.all();
        assert_eq!(Range::only(-1).read(Sign::Unsigned), Range::only(0xffff_ffff));
        assert_eq!(Range::only(0xffff_fffe).read(Sign::Signed), Range::only(-2));
        assert_eq!(
            Range { low: -5120, high: -40 }.read(Sign::Unsigned),
            Range { low: 0xffff_ec00, high: 0xffff_ffd8 }
        );
        assert_eq!(Range { low: -1, high: 1 }.read(Sign::Unsigned), all);
        assert_eq!(Range { low: 0x7fff_ffff, high: 0x8000_0000 }.read(Sign::Signed), Sign::Signed.all());
        assert_eq!(Range { low: 3, high: 9 }.read(Sign::Signed), Range { low: 3, high: 9 });
        assert!(Range { low: -1, high: 0x8000_0000 }.valid().is_none());
        assert!(Range { low: 1, high: 0 }.valid().is_none());
    }
}
