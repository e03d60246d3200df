//! How long lists of ranges and of places are. gimli's iterators pass over entries that only set a base address, of which a list
//! can have many, so that the work that a list takes is known only from all of its entries.

use gimli::{AttributeValue, EndianSlice, Endianity, UnitRef};

/// The number of entries of the list of ranges in an attribute, but at most one more than `most`; 0 if there is none.
pub fn ranges<'a, E: Endianity>(
    unit: UnitRef<'_, EndianSlice<'a, E>>,
    value: AttributeValue<EndianSlice<'a, E>>,
    most: usize,
) -> usize {
    let Ok(Some(offset)) = unit.attr_ranges_offset(value) else { return 0 };
    unit.raw_ranges(offset).map_or(0, |entries| count(entries, most))
}

/// The number of entries of the list of places in an attribute, likewise.
pub fn places<'a, E: Endianity>(
    unit: UnitRef<'_, EndianSlice<'a, E>>,
    value: AttributeValue<EndianSlice<'a, E>>,
    most: usize,
) -> usize {
    let Ok(Some(offset)) = unit.attr_locations_offset(value) else { return 0 };
    unit.raw_locations(offset).map_or(0, |entries| count(entries, most))
}

/// What comes after an error doesn't count.
fn count<T>(entries: impl Iterator<Item = gimli::Result<T>>, most: usize) -> usize {
    entries.take(most.saturating_add(1)).take_while(Result::is_ok).count()
}
