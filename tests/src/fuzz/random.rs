//! Numbers that follow from a seed: SplitMix64 (Steele, Lea, Flood 2014), the same everywhere and
//! for ever, which a crate's generator does not promise.

/// A stream of numbers.
#[derive(Clone)]
pub struct Random(u64);

impl Random {
    /// Streams of different seeds, or of different purposes, have nothing in common.
    pub fn new(purpose: u64, seed: u64) -> Random {
        let mut random = Random(purpose.wrapping_mul(0xd134_2543_de82_ef95) ^ seed);
        Random(random.next())
    }

    #[expect(clippy::should_implement_trait, reason = "it never ends")]
    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^ (mixed >> 31)
    }

    /// A number below `limit`, which is not 0. The bias is of no importance here.
    pub fn below(&mut self, limit: usize) -> usize {
        (self.next() % limit as u64) as usize
    }

    pub fn choose<'a, T>(&mut self, from: &'a [T]) -> &'a T {
        &from[self.below(from.len())]
    }

    pub fn bytes(&mut self, count: usize) -> Vec<u8> {
        let mut bytes: Vec<u8> = (0..count.div_ceil(8)).flat_map(|_| self.next().to_le_bytes()).collect();
        bytes.truncate(count);
        bytes
    }
}
