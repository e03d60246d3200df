//! Where in the file the contents of an address are.

use std::ops::Range;

use object::{Object as _, ObjectSection as _, SectionFlags, elf};

/// The sections that are loaded and have contents.
pub struct Places(Vec<Place>);

struct Place {
    addresses: Range<u64>,
    /// Where they are in the file.
    offset: u64,
}

impl Places {
    pub fn of(file: &object::File<'_>) -> Places {
        let mut places: Vec<Place> = file
            .sections()
            .filter(|section| match section.flags() {
                SectionFlags::Elf { sh_flags, .. } => sh_flags & u64::from(elf::SHF_ALLOC) != 0,
                _ => section.address() != 0,
            })
            .filter_map(|section| {
                let (offset, bytes) = section.file_range()?;
                let start = section.address();
                Some(Place { addresses: start..start.checked_add(bytes)?, offset })
            })
            .collect();
        places.sort_by_key(|place| place.addresses.start);
        Places(places)
    }

    /// The section that has this address.
    fn place(&self, address: u64) -> Option<&Place> {
        let index = self.0.partition_point(|place| place.addresses.start <= address).checked_sub(1)?;
        self.0.get(index).filter(|place| place.addresses.contains(&address))
    }

    /// The end of the section that has this address.
    pub fn end(&self, address: u64) -> Option<u64> {
        Some(self.place(address)?.addresses.end)
    }

    /// The place in the file of addresses, up to the end of the section that has the first one.
    pub fn in_file(&self, addresses: &Range<u64>) -> Option<Range<u64>> {
        let place = self.place(addresses.start)?;
        let end = addresses.end.min(place.addresses.end);
        let offset = |address: u64| place.offset.checked_add(address - place.addresses.start);
        (end > addresses.start).then_some(())?;
        Some(offset(addresses.start)?..offset(end)?)
    }
}
