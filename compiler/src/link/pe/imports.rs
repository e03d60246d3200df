//! The import tables: which functions the system is to find in which libraries, and the pointers that it fills in.

use std::collections::BTreeMap;
use std::mem::size_of;

use anyhow::Result;
use object::pe::ImageImportDescriptor;

use super::input::Objects;
use super::live::Live;

/// The tables, to be placed in read-only data.
pub struct Imports {
    /// (library, indices of its imports)
    libraries: Vec<(Vec<u8>, Vec<usize>)>,
    /// The offset in the tables of each import's pointer.
    pointers: BTreeMap<usize, u32>,
    /// Total size in bytes of the pointers, which come first.
    pub pointers_bytes: u32,
    pub bytes: u32,
}

/// Total size in bytes of the descriptors: one for each library, and an empty one.
fn descriptors_bytes(libraries: usize) -> u32 {
    ((libraries + 1) * size_of::<ImageImportDescriptor>()) as u32
}

impl Imports {
    /// Lays the tables out: pointers first, since they are aligned, then the lookup tables that parallel them,
    /// then descriptors and text.
    pub fn new(objects: &Objects<'_>, live: &Live) -> Imports {
        let mut by_library: BTreeMap<Vec<u8>, Vec<usize>> = BTreeMap::new();
        for &import in &live.imports {
            by_library.entry(objects.imports[import].library.to_ascii_lowercase()).or_default().push(import);
        }
        let libraries: Vec<_> = by_library.into_iter().collect();
        let mut pointers = BTreeMap::new();
        let mut at = 0;
        for (_, imports) in &libraries {
            for import in imports {
                pointers.insert(*import, at);
                at += 8;
            }
            at += 8;
        }
        let pointers_bytes = at;
        let mut text = 2 * pointers_bytes + descriptors_bytes(libraries.len());
        for (library, imports) in &libraries {
            text += library.len() as u32 + 1;
            for import in imports {
                text = text.next_multiple_of(2) + 2 + objects.imports[*import].name.len() as u32 + 1;
            }
        }
        let bytes = if libraries.is_empty() { 0 } else { text };
        Imports { libraries, pointers, pointers_bytes, bytes }
    }

    /// The offset of an import's pointer.
    pub fn pointer(&self, import: usize) -> u32 {
        self.pointers[&import]
    }

    /// The offset and the size of the descriptors.
    pub fn descriptors(&self) -> (u32, u32) {
        (2 * self.pointers_bytes, descriptors_bytes(self.libraries.len()))
    }

    /// The tables, for this address in the image.
    pub fn encode(&self, objects: &Objects<'_>, address: u32) -> Result<Vec<u8>> {
        if self.bytes == 0 {
            return Ok(Vec::new());
        }
        let mut bytes = vec![0; self.bytes as usize];
        let mut put = |at: u32, data: &[u8]| bytes[at as usize..][..data.len()].copy_from_slice(data);
        let (mut descriptor, descriptors_bytes) = self.descriptors();
        let mut text = descriptor + descriptors_bytes;
        let mut pointer = 0;
        for (library, imports) in &self.libraries {
            // OriginalFirstThunk, TimeDateStamp, ForwarderChain, Name, FirstThunk.
            let words = [address + self.pointers_bytes + pointer, 0, 0, address + text, address + pointer];
            words
                .iter()
                .enumerate()
                .for_each(|(i, word)| put(descriptor + 4 * i as u32, &word.to_le_bytes()));
            descriptor += size_of::<ImageImportDescriptor>() as u32;
            put(text, library);
            text += library.len() as u32 + 1;
            for import in imports {
                text = text.next_multiple_of(2);
                let name = objects.imports[*import].name;
                for table in [pointer, self.pointers_bytes + pointer] {
                    put(table, &u64::from(address + text).to_le_bytes());
                }
                // An unused hint.
                put(text + 2, name);
                text += 2 + name.len() as u32 + 1;
                pointer += 8;
            }
            pointer += 8;
        }
        Ok(bytes)
    }
}
