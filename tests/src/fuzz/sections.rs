//! A module in the binary format as a list of sections, to take apart and put together. Nothing is known
//! about their contents, except that most begin with a count.

/// A section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Section {
    pub id: u8,
    pub contents: Vec<u8>,
}

/// Ids of sections (specification, "Modules", binary format).
pub mod id {
    pub const TYPE: u8 = 1;
    pub const FUNCTION: u8 = 3;
    pub const MEMORY: u8 = 5;
    pub const GLOBAL: u8 = 6;
    pub const EXPORT: u8 = 7;
    pub const CODE: u8 = 10;
}

/// Ids in the order in which sections must appear.
const ORDER: [u8; 13] = [1, 2, 3, 4, 5, 13, 6, 7, 8, 9, 12, 10, 11];

pub const HEADER: &[u8] = b"\0asm\x01\0\0\0";

/// Reads an unsigned LEB128 number: the number and its length in bytes.
pub fn read_leb(bytes: &[u8]) -> Option<(u32, usize)> {
    let mut value = 0;
    for (index, byte) in bytes.iter().take(5).enumerate() {
        value |= u32::from(byte & 0x7f).checked_shl(7 * index as u32)?;
        if byte & 0x80 == 0 {
            return Some((value, index + 1));
        }
    }
    None
}

/// An unsigned LEB128 number in at least `width` bytes: more than needed is allowed up to 5.
pub fn leb(mut value: u32, width: usize) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        if value == 0 && bytes.len() + 1 >= width {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

/// A signed LEB128 number.
pub fn signed_leb(mut value: i32) -> Vec<u8> {
    let mut bytes = Vec::new();
    loop {
        let byte = (value & 0x7f) as u8;
        value >>= 7;
        let sign = byte & 0x40 != 0;
        if (value == 0 && !sign) || (value == -1 && sign) {
            bytes.push(byte);
            return bytes;
        }
        bytes.push(byte | 0x80);
    }
}

/// The sections of a well-formed module; as far as it is well-formed.
pub fn split(wasm: &[u8]) -> Vec<Section> {
    let mut sections = Vec::new();
    let mut rest = wasm.get(HEADER.len()..).unwrap_or(&[]);
    while let Some((&id, after)) = rest.split_first() {
        let Some((size, width)) = read_leb(after) else { break };
        let Some(contents) = after.get(width..width + size as usize) else { break };
        sections.push(Section { id, contents: contents.to_vec() });
        rest = &after[width + size as usize..];
    }
    sections
}

/// The module with these sections. `width` is the least number of bytes of a section's size.
pub fn join(sections: &[Section], width: usize) -> Vec<u8> {
    let mut wasm = HEADER.to_vec();
    for section in sections {
        wasm.push(section.id);
        wasm.extend(leb(section.contents.len() as u32, width));
        wasm.extend(&section.contents);
    }
    wasm
}

/// How many entries the section with this id has.
pub fn count(sections: &[Section], id: u8) -> u32 {
    let section = sections.iter().find(|section| section.id == id);
    section.map_or(0, |section| read_leb(&section.contents).expect("the module is well-formed").0)
}

/// Adds an entry to the section with this id, which is made if it isn't there; the entry's number.
pub fn append(sections: &mut Vec<Section>, id: u8, entry: &[u8]) -> u32 {
    if let Some(section) = sections.iter_mut().find(|section| section.id == id) {
        let (count, width) = read_leb(&section.contents).expect("the module is well-formed");
        section.contents.splice(..width, leb(count + 1, 1));
        section.contents.extend(entry);
        return count;
    }
    let rank = |id: u8| ORDER.iter().position(|known| *known == id);
    let place = sections.iter().position(|section| rank(section.id) > rank(id)).unwrap_or(sections.len());
    let contents = [&leb(1, 1), entry].concat();
    sections.insert(place, Section { id, contents });
    0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leb_of_any_width() {
        for value in [0, 1, 127, 128, 16384, u32::MAX] {
            for width in 1..=5 {
                let bytes = leb(value, width);
                assert!(bytes.len() >= width);
                assert_eq!(read_leb(&bytes), Some((value, bytes.len())));
            }
        }
    }

    #[test]
    fn sections_are_found_and_made() {
        let wasm = wat::parse_str("(module (func) (memory 1) (export \"m\" (memory 0)))").unwrap();
        let mut sections = split(&wasm);
        assert_eq!(join(&sections, 1), wasm);
        assert_eq!(append(&mut sections, id::EXPORT, b"\x01f\x00\x00"), 1);
        assert_eq!(append(&mut sections, 8, &[]), 0);
        let order: Vec<u8> = sections.iter().map(|section| section.id).collect();
        assert_eq!(order, [1, 3, 5, 7, 8, 10]);
        assert_eq!([count(&sections, id::EXPORT), count(&sections, id::GLOBAL)], [2, 0]);
    }
}
