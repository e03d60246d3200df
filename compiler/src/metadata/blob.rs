//! Bytes with pointers in them, on the way into a section.

use object::write::{Object, Relocation, SectionId, SymbolId};
use object::{RelocationEncoding, RelocationFlags, RelocationKind};

/// What a pointer points at.
#[derive(Clone, Copy)]
pub struct Target {
    pub symbol: SymbolId,
    pub addend: i64,
}

impl Target {
    pub fn symbol(symbol: SymbolId) -> Target {
        Target { symbol, addend: 0 }
    }
}

#[derive(Default)]
pub struct Blob {
    bytes: Vec<u8>,
    pointers: Vec<(u64, Target)>,
}

impl Blob {
    pub fn bytes(bytes: Vec<u8>) -> Blob {
        Blob { bytes, pointers: Vec::new() }
    }

    pub fn words32(words: &[u32], big_endian: bool) -> Blob {
        let bytes = |word: &u32| if big_endian { word.to_be_bytes() } else { word.to_le_bytes() };
        Blob::bytes(words.iter().flat_map(bytes).collect())
    }

    pub fn pointers(targets: &[Target]) -> Blob {
        let mut blob = Blob::default();
        for target in targets {
            blob.pointer(*target);
        }
        blob
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    pub fn word(&mut self, value: u64, big_endian: bool) {
        self.bytes.extend(if big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    pub fn half(&mut self, value: u32, big_endian: bool) {
        self.bytes.extend(if big_endian { value.to_be_bytes() } else { value.to_le_bytes() });
    }

    pub fn pointer(&mut self, target: Target) {
        self.pointers.push((self.bytes.len() as u64, target));
        self.bytes.extend([0; 8]);
    }

    /// A pointer, or null.
    pub fn optional(&mut self, target: Option<Target>, big_endian: bool) {
        match target {
            Some(target) => self.pointer(target),
            None => self.word(0, big_endian),
        }
    }

    /// Appends the bytes to a section, 8-byte aligned; where they are.
    pub fn add_to(self, object: &mut Object<'static>, section: SectionId) -> Target {
        let start = object.append_section_data(section, &self.bytes, 8);
        for (offset, target) in self.pointers {
            let relocation = Relocation {
                offset: start + offset,
                symbol: target.symbol,
                addend: target.addend,
                flags: RelocationFlags::Generic {
                    kind: RelocationKind::Absolute,
                    encoding: RelocationEncoding::Generic,
                    size: 64,
                },
            };
            object.add_relocation(section, relocation).expect("every target has 64-bit pointers");
        }
        Target { symbol: crate::object::section_symbol(object, section), addend: start as i64 }
    }
}
