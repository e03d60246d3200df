//! The memory of an executable, as it is when it is loaded at address 0, and the shared structures in it.
//!
//! The executable may come from anywhere: nothing in it is trusted, and nothing panics. Its arrays and strings may
//! overlap, so that they add up to far more than the file; how much of them is read is bounded by the file's size.

use std::cell::Cell;
use std::collections::HashMap;
use std::ops::Range;

use anyhow::{Context, Result, anyhow, bail, ensure};
use object::{BinaryFormat, Object as _, ObjectSegment as _};
use wasm_aot_abi::bundle::MAX_NODES;
use wasm_aot_abi::policy::Bytes;
use wasm_aot_abi::shared::{Decode, Foreign, Pointer, Source};

use super::chains;

/// More elements than any array in a policy has.
const MAX_COUNT: u64 = MAX_NODES as u64;

/// The pointers of shared structures in an executable: addresses in its image.
pub type Loaded = Foreign<u64>;

/// The memory of an executable as it is loaded at address 0.
pub struct Image<'d> {
    /// The contents, by address.
    segments: Vec<(u64, &'d [u8])>,
    /// Words whose contents are in the relocation (those relocated by RELR are in place).
    relocated: HashMap<u64, u64>,
    big_endian: bool,
    /// The number of bytes of arrays and strings that may still be read.
    left: Cell<u64>,
}

impl<'d> Image<'d> {
    pub fn new(bytes: &[u8], file: &object::File<'d>) -> Result<Image<'d>> {
        let segments = file.segments().filter_map(|s| Some((s.address(), s.data().ok()?)));
        let mut segments: Vec<(u64, &[u8])> = segments.filter(|(_, data)| !data.is_empty()).collect();
        segments.sort_by_key(|(address, _)| *address);
        // So that looking at all of them costs no more than the file.
        let sum: u64 = segments.iter().map(|(_, data)| data.len() as u64).sum();
        ensure!(sum <= bytes.len() as u64, "its segments overlap in the file");
        let left = Cell::new(bytes.len() as u64);
        if file.format() == BinaryFormat::MachO {
            let relocated = chains::addresses(bytes)?;
            return Ok(Image { segments, relocated, big_endian: false, left });
        }
        let relocations = file.dynamic_relocations().into_iter().flatten();
        let relocated = relocations.map(|(at, relocation)| (at, relocation.addend() as u64)).collect();
        Ok(Image { segments, relocated, big_endian: !file.is_little_endian(), left })
    }

    fn bytes(&self, at: u64, length: u64) -> Result<&'d [u8]> {
        let segment = self.segments.partition_point(|(start, _)| *start <= at).checked_sub(1);
        let found = segment.and_then(|segment| {
            let (start, data) = self.segments[segment];
            let from = usize::try_from(at - start).ok()?;
            data.get(from..from.checked_add(usize::try_from(length).ok()?)?)
        });
        found.with_context(|| format!("there is nothing at address {at:#x}"))
    }

    /// The address of the first word with this value that lies at a multiple of 8.
    pub fn find(&self, value: u64) -> Option<u64> {
        let wanted = if self.big_endian { value.to_be_bytes() } else { value.to_le_bytes() };
        self.segments.iter().find_map(|(start, data)| {
            let skip = (start.wrapping_neg() % 8) as usize;
            let words = data.get(skip..)?.as_chunks::<8>().0;
            let index = words.iter().position(|word| *word == wanted)?;
            Some(start + (skip + 8 * index) as u64)
        })
    }

    /// The addresses of the words, at multiples of 8, that hold this address, ascending.
    pub fn holders(&self, address: u64) -> Vec<u64> {
        let wanted = if self.big_endian { address.to_be_bytes() } else { address.to_le_bytes() };
        let relocated = self.relocated.iter().filter(|(_, held)| **held == address);
        let mut holders: Vec<u64> = relocated.map(|(at, _)| *at).collect();
        for (start, data) in &self.segments {
            let skip = (start.wrapping_neg() % 8) as usize;
            let words = data.get(skip..).unwrap_or_default().as_chunks::<8>().0.iter().enumerate();
            let held = words.filter(|(_, word)| **word == wanted);
            holders.extend(held.map(|(index, _)| start + (skip + 8 * index) as u64));
        }
        holders.sort_unstable();
        holders
    }

    /// The addresses of the words whose contents are in relocations.
    pub fn relocated(&self) -> impl Iterator<Item = u64> {
        self.relocated.keys().copied()
    }

    /// Whether all of these addresses have contents.
    pub fn contains(&self, range: &Range<u64>) -> bool {
        range.end.checked_sub(range.start).is_some_and(|length| self.bytes(range.start, length).is_ok())
    }

    /// Counts the bytes that are read.
    ///
    /// # Errors
    /// If they exceed the size of the file.
    fn count(&self, bytes: u64) -> Result<()> {
        let left =
            self.left.get().checked_sub(bytes).context("its parts are together larger than the file")?;
        self.left.set(left);
        Ok(())
    }

    /// What is at an address.
    pub fn read<T: Decode<u64>>(&self, at: u64) -> Result<T> {
        T::decode(&mut Cursor { image: self, at })
    }

    /// The elements of an array.
    pub fn array<T: Decode<u64>>(
        &self,
        start: Pointer<u64, T>,
        count: u64,
    ) -> Result<impl Iterator<Item = Result<T>>> {
        if count > MAX_COUNT {
            bail!("an array of {count} elements");
        }
        self.count(count * T::BYTES as u64)?;
        let mut cursor = Cursor { image: self, at: start.address.unwrap_or(0) };
        Ok((0..count).map(move |_| T::decode(&mut cursor)))
    }

    /// The word at an address, as it is when the executable is loaded.
    pub fn word(&self, at: u64) -> Result<u64> {
        if let Some(value) = self.relocated.get(&at) {
            return Ok(*value);
        }
        let bytes = self.bytes(at, 8)?.try_into()?;
        Ok(if self.big_endian { u64::from_be_bytes(bytes) } else { u64::from_le_bytes(bytes) })
    }

    pub fn octets(&self, Bytes { data, length }: Bytes<Loaded>) -> Result<&'d [u8]> {
        if length == 0 {
            return Ok(&[]);
        }
        self.count(length)?;
        self.bytes(data.address.unwrap_or(0), length)
    }

    pub fn string(&self, bytes: Bytes<Loaded>) -> Result<String> {
        Ok(std::str::from_utf8(self.octets(bytes)?)?.to_owned())
    }
}

/// Reads structures in an image, from an address on.
struct Cursor<'i, 'd> {
    image: &'i Image<'d>,
    at: u64,
}

impl Cursor<'_, '_> {
    /// Skips what is here.
    fn advance(&mut self, bytes: u64) -> u64 {
        let at = self.at;
        self.at = at.wrapping_add(bytes);
        at
    }
}

impl Source<u64> for Cursor<'_, '_> {
    type Error = anyhow::Error;

    fn u8(&mut self) -> Result<u8> {
        let at = self.advance(1);
        Ok(self.image.bytes(at, 1)?[0])
    }

    fn u32(&mut self) -> Result<u32> {
        let at = self.advance(4);
        let bytes = self.image.bytes(at, 4)?.try_into()?;
        Ok(if self.image.big_endian { u32::from_be_bytes(bytes) } else { u32::from_le_bytes(bytes) })
    }

    fn u64(&mut self) -> Result<u64> {
        let at = self.advance(8);
        self.image.word(at)
    }

    fn address(&mut self) -> Result<Option<u64>> {
        Ok(Some(self.u64()?).filter(|address| *address != 0))
    }

    fn null(&self) -> anyhow::Error {
        anyhow!("a null pointer before {:#x}", self.at)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// An ELF executable of a thousand segments of 64 KiB each, which are all in the same place of the file or one after another.
    fn segments(overlap: bool) -> Vec<u8> {
        const COUNT: u64 = 1000;
        const BYTES: u64 = 1 << 16;
        let contents = 64 + 56 * COUNT;
        let mut file = b"\x7fELF\x02\x01\x01\0\0\0\0\0\0\0\0\0\x02\0\x3e\0\x01\0\0\0".to_vec();
        // No entry point; the program headers follow; there are no sections.
        for word in [0, 64, 0] {
            file.extend(u64::to_le_bytes(word));
        }
        for half in [0, 0, 64, 56, COUNT as u16, 64, 0, 0] {
            file.extend(u16::to_le_bytes(half));
        }
        for index in 0..COUNT {
            // Data that are read.
            file.extend(u64::to_le_bytes(4 << 32 | 1));
            let offset = contents + if overlap { 0 } else { index * BYTES };
            let address = (1 + index) << 32;
            for word in [offset, address, address, BYTES, BYTES, 1] {
                file.extend(u64::to_le_bytes(word));
            }
        }
        file.resize(usize::try_from(contents + COUNT * BYTES).unwrap(), 0);
        file
    }

    #[test]
    fn segments_that_overlap_in_the_file() {
        let file = segments(false);
        let image = Image::new(&file, &object::File::parse(&*file).unwrap()).unwrap();
        assert_eq!(image.find(0), Some(1 << 32));
        assert!(image.bytes(1 << 32, 1 << 16).is_ok() && image.bytes((1 << 32) + 1, 1 << 16).is_err());
        let mut file = segments(true);
        file.truncate(1 << 20);
        let error = Image::new(&file, &object::File::parse(&*file).unwrap()).err().unwrap();
        assert_eq!(error.to_string(), "its segments overlap in the file");
    }
}
