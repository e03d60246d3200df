//! The encoder of numbers for the line table: see `wasm_aot_abi::line::coder`, which has the format and the decoder.
//!
//! The numbers are known before the probabilities are: [`Statistics`] counts the decisions of all of them first.

use wasm_aot_abi::line::coder::{LARGE, MODEL_BYTES, SMALLEST_RANGE, TOKEN_BITS, token};

/// A number, and the model that it is coded with.
#[derive(Clone, Copy)]
pub struct Number {
    pub model: usize,
    pub value: u32,
}

/// How often each decision was a 0 and a 1.
pub struct Statistics(Vec<[u64; 2]>);

impl Statistics {
    pub fn new(models: usize) -> Statistics {
        Statistics(vec![[0; 2]; models * MODEL_BYTES])
    }

    pub fn count(&mut self, number: Number) {
        for (node, bit) in decisions(number) {
            self.0[node][bit as usize] += 1;
        }
    }

    /// The probability of a 0 of each decision, in 256ths.
    pub fn models(&self) -> Vec<u8> {
        let probability = |[zeroes, ones]: &[u64; 2]| match zeroes + ones {
            0 => 128,
            all => ((256 * zeroes + all / 2) / all).clamp(1, 255) as u8,
        };
        self.0.iter().map(probability).collect()
    }
}

/// The decisions of a number's token: the place of each in the models, and the decision.
fn decisions(Number { model, value }: Number) -> impl Iterator<Item = (usize, u32)> {
    let (token, _) = token(value);
    (0..TOKEN_BITS).map(move |decided| {
        let node = 1 << decided | token as usize >> (TOKEN_BITS - decided);
        (model * MODEL_BYTES + node, token >> (TOKEN_BITS - 1 - decided) & 1)
    })
}

/// Encodes numbers with these models.
pub fn encode(numbers: &[Number], models: &[u8]) -> Vec<u8> {
    let mut encoder = Encoder { bytes: Vec::new(), low: 0, range: u32::MAX };
    for number in numbers {
        for (node, bit) in decisions(*number) {
            encoder.bit(models[node], bit);
        }
        let (token, follow) = token(number.value);
        debug_assert!(token <= LARGE);
        for bit in (0..follow).rev() {
            encoder.bit(128, number.value >> bit & 1);
        }
    }
    encoder.finish()
}

struct Encoder {
    bytes: Vec<u8>,
    /// Where the range begins, in 32 bits and a carry.
    low: u64,
    range: u32,
}

impl Encoder {
    fn bit(&mut self, probability: u8, bit: u32) {
        let bound = (self.range >> 8) * u32::from(probability);
        if bit == 0 {
            self.range = bound;
        } else {
            self.low += u64::from(bound);
            self.range -= bound;
        }
        self.carry();
        while self.range < SMALLEST_RANGE {
            self.range <<= 8;
            self.shift();
        }
    }

    /// Adds the carry to the bytes that are already there.
    fn carry(&mut self) {
        if self.low >> 32 != 0 {
            self.low &= u64::from(u32::MAX);
            for byte in self.bytes.iter_mut().rev() {
                *byte = byte.wrapping_add(1);
                if *byte != 0 {
                    break;
                }
            }
        }
    }

    fn shift(&mut self) {
        self.bytes.push((self.low >> 24) as u8);
        self.low = self.low << 8 & u64::from(u32::MAX);
    }

    /// As few bytes as possible, followed by zeroes that the decoder supplies, that lie in the range.
    fn finish(mut self) -> Vec<u8> {
        let end = self.low + u64::from(self.range) - 1;
        for bits in (0..=32).rev() {
            let rounded = end >> bits << bits;
            if rounded >= self.low {
                self.low = rounded;
                break;
            }
        }
        self.carry();
        for _ in 0..4 {
            self.shift();
        }
        while self.bytes.last() == Some(&0) {
            self.bytes.pop();
        }
        self.bytes
    }
}

#[cfg(test)]
mod tests {
    use wasm_aot_abi::line::coder::Decoder;

    use super::*;

    /// What is decoded is what was encoded, and an average of this many bits a number is enough.
    fn round_trip(values: impl Iterator<Item = u32>, bits: f64) {
        let numbers: Vec<Number> =
            values.enumerate().map(|(i, value)| Number { model: i % 3, value }).collect();
        let mut statistics = Statistics::new(3);
        numbers.iter().for_each(|number| statistics.count(*number));
        let models = statistics.models();
        let bytes = encode(&numbers, &models);
        let mut decoder = Decoder::new(&bytes, &models);
        for number in &numbers {
            assert_eq!(decoder.number(number.model), number.value);
        }
        let all = 8.0 * bytes.len() as f64;
        assert!(all <= bits * numbers.len() as f64 + 32.0, "{} bytes", bytes.len());
    }

    #[test]
    fn numbers_round_trip() {
        round_trip((0..32).flat_map(|bit| [1_u32 << bit, (1 << bit) - 1, (1 << bit) + 1]), 40.0);
        round_trip([u32::MAX; 1000].into_iter(), 33.0);
        round_trip([0; 10_000].into_iter(), 0.1);
        round_trip((0..10_000_u32).map(|i| i.wrapping_mul(0x9e37_79b9) >> 29), 3.1);
        round_trip((0..10_000_u32).map(|i| i.wrapping_mul(0x9e37_79b9) >> (i % 32)), 34.0);
        round_trip(std::iter::empty(), 0.0);
    }

    #[test]
    fn any_bytes_are_decoded() {
        let bytes: Vec<u8> = (0..200_u32).map(|i| ((i * i) >> 3) as u8).collect();
        let mut decoder = Decoder::new(&bytes, &[0, 255, 3]);
        assert_eq!((0..1000).map(|model| decoder.number(model)).count(), 1000);
    }
}
