//! Claims on an executable, by addresses.

use std::ops::Range;

use super::places::Places;
use crate::sizes::Part;
use crate::sizes::ranges::{PartNumber, Ranges};

/// The claims on an executable.
pub struct Claims {
    pub places: Places,
    pub ranges: Ranges,
}

impl Claims {
    /// Claims what is at addresses, as far as it is in one section of the file.
    pub fn claim(&mut self, addresses: Range<u64>, part: Part) {
        let part = self.ranges.add(part);
        self.claim_for(addresses, part);
    }

    /// The same, for a part that can claim several ranges.
    pub fn claim_for(&mut self, addresses: Range<u64>, part: PartNumber) {
        if let Some(range) = self.places.in_file(&addresses) {
            self.ranges.claim_for(range, part);
        }
    }
}
