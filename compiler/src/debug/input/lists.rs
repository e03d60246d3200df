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

#[cfg(test)]
mod tests {
    use gimli::{LittleEndian, RawRangeListsOffset, SectionId};

    use super::*;

    #[test]
    fn base_addresses_count() {
        let base = [0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0];
        let list = [base.repeat(5), [0; 8].to_vec()].concat();
        let load = |id: SectionId| -> gimli::Result<_> {
            let bytes: &[u8] = match id {
                SectionId::DebugAbbrev => &[1, 0x11, 0, 0, 0, 0],
                SectionId::DebugInfo => &[8, 0, 0, 0, 4, 0, 0, 0, 0, 0, 4, 1],
                SectionId::DebugRanges => &list,
                _ => &[],
            };
            Ok(EndianSlice::new(bytes, LittleEndian))
        };
        let dwarf = gimli::Dwarf::load(load).unwrap();
        let unit = dwarf.unit(dwarf.units().next().unwrap().unwrap()).unwrap();
        let count = |value, most| ranges(unit.unit_ref(&dwarf), AttributeValue::RangeListsRef(value), most);
        assert_eq!(count(RawRangeListsOffset(0), 100), 5);
        assert_eq!(count(RawRangeListsOffset(0), 3), 4);
        assert_eq!(count(RawRangeListsOffset(1000), 100), 0);
    }
}
