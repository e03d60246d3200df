//! The coder of numbers: a binary range coder (G. N. N. Martin, "Range encoding", 1979, in the form of LZMA) with constant
//! probabilities, which are part of the table. So decoding needs no memory, and takes any bytes.
//!
//! A number is coded as one of 64 tokens, and the bits that the token doesn't say:
//!
//! ```text
//! 0..=31      the number itself
//! 32..=61     32 + 2 * (bits - 6) + second: a number with so many bits; the second one of them; the others follow
//! 62          32 bits follow
//! ```
//!
//! A token is six binary decisions, the most significant bit first. A model has a probability for each node of their tree
//! (the root is node 1, the children of node n are 2n and 2n + 1): that of a 0, in 256ths, at least 1.

/// Decisions of a token.
pub const TOKEN_BITS: u32 = 6;
/// Bytes of a model.
pub const MODEL_BYTES: usize = 1 << TOKEN_BITS;
/// The token for numbers with more than 20 bits.
pub const LARGE: u32 = 62;

/// The token of a number, and how many bits of the number follow.
pub const fn token(value: u32) -> (u32, u32) {
    if value < 32 {
        return (value, 0);
    }
    let bits = 32 - value.leading_zeros();
    if bits > 20 {
        return (LARGE, 32);
    }
    (32 + 2 * (bits - 6) + (value >> (bits - 2) & 1), bits - 2)
}

/// The range is kept at least this large.
pub const SMALLEST_RANGE: u32 = 1 << 24;

/// Decodes numbers from bytes. Behind their end, the bytes are 0.
pub struct Decoder<'t> {
    bytes: &'t [u8],
    models: &'t [u8],
    range: u32,
    code: u32,
}

impl<'t> Decoder<'t> {
    pub fn new(bytes: &'t [u8], models: &'t [u8]) -> Decoder<'t> {
        let mut decoder = Decoder { bytes, models, range: u32::MAX, code: 0 };
        for _ in 0..4 {
            decoder.code = decoder.code << 8 | decoder.next();
        }
        decoder
    }

    fn next(&mut self) -> u32 {
        match self.bytes.split_first() {
            Some((first, rest)) => {
                self.bytes = rest;
                (*first).into()
            }
            None => 0,
        }
    }

    /// A decision whose probability of a 0 is this many 256ths.
    fn bit(&mut self, probability: u8) -> u32 {
        let bound = (self.range >> 8) * u32::from(probability.max(1));
        let bit = if self.code < bound {
            self.range = bound;
            0
        } else {
            self.code -= bound;
            self.range -= bound;
            1
        };
        while self.range < SMALLEST_RANGE {
            self.range <<= 8;
            self.code = self.code << 8 | self.next();
        }
        bit
    }

    /// A number that was coded with this model.
    pub fn number(&mut self, model: usize) -> u32 {
        let probabilities = self.models.get(model * MODEL_BYTES..).unwrap_or_default();
        let mut node = 1;
        for _ in 0..TOKEN_BITS {
            let probability = probabilities.get(node).copied().unwrap_or(128);
            node = 2 * node + self.bit(probability) as usize;
        }
        let token = node as u32 - (1 << TOKEN_BITS);
        let (mut value, follow) = match token {
            0..32 => (token, 0),
            32..LARGE => (2 | token & 1, 4 + (token - 32) / 2),
            _ => (0, 32),
        };
        for _ in 0..follow {
            value = value << 1 | self.bit(128);
        }
        value
    }
}
