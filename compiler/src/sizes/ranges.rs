//! The bytes of a file, and what claims them. The first claim of a byte counts, so what is known best is claimed first,
//! and the whole file last: then each byte has been counted once.

use std::collections::BTreeMap;
use std::ops::Range;

use super::Part;

/// The claims on a file.
pub struct Ranges {
    /// The size of the file.
    bytes: u64,
    /// The ranges that are claimed, by their starts. They don't touch each other, so that a claim takes no longer, on the
    /// average over all, than finding a start.
    claimed: BTreeMap<u64, u64>,
    /// Each part, with the number of its bytes.
    parts: Vec<(Part, u64)>,
}

/// A part that can claim several ranges.
#[derive(Clone, Copy)]
pub struct PartNumber(usize);

impl Ranges {
    /// Nothing is claimed of a file of this size.
    pub fn new(bytes: u64) -> Ranges {
        Ranges { bytes, claimed: BTreeMap::new(), parts: Vec::new() }
    }

    pub fn add(&mut self, part: Part) -> PartNumber {
        self.parts.push((part, 0));
        PartNumber(self.parts.len() - 1)
    }

    /// Claims a range for one part alone.
    pub fn claim(&mut self, range: Range<u64>, part: Part) {
        let part = self.add(part);
        self.claim_for(range, part);
    }

    /// Claims what is left of a range, as far as it is in the file.
    pub fn claim_for(&mut self, range: Range<u64>, part: PartNumber) {
        let end = range.end.min(self.bytes);
        let start = range.start.min(end);
        if start == end {
            return;
        }
        // What becomes one with the claim, and from where on nothing was claimed.
        let (mut from, mut to, mut at) = (start, end, start);
        let mut free = 0;
        if let Some((&before, &until)) = self.claimed.range(..start).next_back()
            && until >= start
        {
            (from, at) = (before, until);
            to = to.max(until);
        }
        while let Some((&next, &until)) = self.claimed.range(start..=end).next() {
            self.claimed.remove(&next);
            free += next.saturating_sub(at);
            at = at.max(until);
            to = to.max(until);
        }
        free += end.saturating_sub(at);
        self.claimed.insert(from, to);
        self.parts[part.0].1 += free;
    }

    /// The parts that have bytes. What nothing has claimed is that of the last part.
    pub fn finish(mut self, rest: Part) -> Vec<(Part, u64)> {
        self.claim(0..self.bytes, rest);
        self.parts.retain(|(_, bytes)| *bytes > 0);
        self.parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sizes::Kind;

    fn part(name: &str) -> Part {
        Part::new(Kind::Code, name)
    }

    fn sizes(ranges: Ranges) -> Vec<(String, u64)> {
        ranges.finish(part("rest")).into_iter().map(|(part, bytes)| (part.name, bytes)).collect()
    }

    #[test]
    fn the_first_claim_counts() {
        let mut ranges = Ranges::new(100);
        for (name, range) in [
            ("a", 10..20),
            ("b", 15..30),
            ("within", 12..28),
            ("c", 5..50),
            ("touches", 50..60),
            ("empty", 70..70),
            ("beyond", 90..u64::MAX),
            ("outside", 200..300),
        ] {
            ranges.claim(range, part(name));
        }
        let expected = [("a", 10), ("b", 10), ("c", 25), ("touches", 10), ("beyond", 10), ("rest", 35)];
        assert_eq!(sizes(ranges), expected.map(|(name, bytes)| (name.to_owned(), bytes)));
    }

    /// Compared with a byte for each byte, for all claims of an arbitrary sequence.
    #[test]
    fn every_byte_counts_once() {
        let mut state = 1_u32;
        let mut random = |below: u32| {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            u64::from((state >> 8) % below)
        };
        for _ in 0..200 {
            let (mut ranges, mut owners) = (Ranges::new(64), [None; 64]);
            for claim in 0..20 {
                let start = random(70);
                let range = start..start + random(12);
                ranges.claim(range.clone(), part(&format!("{claim}")));
                for byte in range.filter(|byte| *byte < 64) {
                    owners[byte as usize].get_or_insert(claim);
                }
            }
            for (part, bytes) in ranges.finish(part("rest")) {
                let is_its = |owner: &&Option<u32>| {
                    owner.map_or("rest".to_owned(), |owner| owner.to_string()) == part.name
                };
                assert_eq!(owners.iter().filter(is_its).count() as u64, bytes, "{}", part.name);
            }
        }
    }

    /// In less than a second, not in hours.
    #[test]
    fn hostile_claims_take_no_time() {
        let mut ranges = Ranges::new(1 << 40);
        for at in 0..100_000 {
            ranges.claim(3 * at..3 * at + 1, part("small"));
            ranges.claim(0..3 * at, part("large"));
        }
        assert_eq!(sizes(ranges).iter().map(|(_, bytes)| bytes).sum::<u64>(), 1 << 40);
    }
}
