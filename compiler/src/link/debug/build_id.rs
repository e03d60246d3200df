//! Build IDs: a note in an ELF file, by which debuggers and servers of debug information find what belongs to it. Linkers
//! differ in how they compute one, so they only make room for it.

use std::str::FromStr;

use anyhow::{Context, Result, bail};
use object::Endianness;
use object::elf::NT_GNU_BUILD_ID;
use object::read::elf::{ElfFile64, FileHeader as _, SectionHeader as _};
use rayon::prelude::*;
use sha2::{Digest as _, Sha256};

/// Size of a computed ID in bytes, which is that of SHA-1: some tools know no other.
const BYTES: usize = 20;

/// The largest ID that can be given, in bytes.
const MAX_BYTES: usize = 64;

/// Name and descriptor of a note are padded to this many bytes.
const NOTE_ALIGNMENT: usize = 4;

/// How many bytes are hashed at a time.
const CHUNK: usize = 1 << 20;

/// How an ELF file is identified.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BuildId {
    /// Not at all.
    None,
    /// By a hash of its contents: the same inputs and options give the same.
    Hash,
    /// By these bytes.
    Bytes(Vec<u8>),
}

impl FromStr for BuildId {
    type Err = String;

    /// `none`, `hash` or `0x` and hexadecimal digits.
    fn from_str(text: &str) -> Result<BuildId, String> {
        let digits = match text {
            "none" => return Ok(BuildId::None),
            "hash" => return Ok(BuildId::Hash),
            _ => text.strip_prefix("0x").ok_or("it is `none`, `hash` or hexadecimal digits after `0x`")?,
        };
        if !digits.bytes().all(|digit| digit.is_ascii_hexdigit()) {
            return Err("not all of it after `0x` are hexadecimal digits".to_owned());
        }
        let most = 2 * MAX_BYTES;
        if digits.is_empty() || digits.len() > most || !digits.len().is_multiple_of(2 * NOTE_ALIGNMENT) {
            return Err(format!("the number of digits must be a multiple of 8, and at most {most}"));
        }
        let byte = |at: usize| u8::from_str_radix(&digits[at..at + 2], 16).expect("they are digits");
        Ok(BuildId::Bytes((0..digits.len()).step_by(2).map(byte).collect()))
    }
}

impl BuildId {
    /// The option for linkers, with which they make room for it.
    pub fn option(&self) -> String {
        match self {
            BuildId::None => "--build-id=none".to_owned(),
            BuildId::Hash => format!("--build-id=0x{}", "00".repeat(BYTES)),
            BuildId::Bytes(bytes) => {
                let digits: Vec<String> = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
                format!("--build-id=0x{}", digits.concat())
            }
        }
    }

    /// Computes the ID of a linked file, which has room for it.
    ///
    /// # Errors
    /// If the linker made no room for it.
    pub fn complete(&self, linked: &mut [u8]) -> Result<()> {
        if *self != BuildId::Hash {
            return Ok(());
        }
        let place = place(linked)?;
        let hashes: Vec<[u8; 32]> =
            linked.par_chunks(CHUNK).map(|chunk| Sha256::digest(chunk).into()).collect();
        let hash = Sha256::digest(hashes.as_flattened());
        linked[place..place + BYTES].copy_from_slice(&hash[..BYTES]);
        Ok(())
    }
}

/// The offset of the ID, whose bytes are zero.
fn place(linked: &[u8]) -> Result<usize> {
    let file = ElfFile64::<Endianness>::parse(linked).context("the linker wrote no ELF file")?;
    let (header, endian) = (file.elf_header(), file.endian());
    for section in header.sections(endian, linked)?.iter() {
        let Some(mut notes) = section.notes(endian, linked)? else { continue };
        while let Some(note) = notes.next()? {
            if note.name() == b"GNU" && note.n_type(endian) == NT_GNU_BUILD_ID && note.desc() == [0; BYTES] {
                return Ok(note.desc().as_ptr().addr() - linked.as_ptr().addr());
            }
        }
    }
    bail!("the linker made no room for a build ID: leave it out with --build-id=none")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_given() {
        assert_eq!("none".parse(), Ok(BuildId::None));
        assert_eq!("hash".parse(), Ok(BuildId::Hash));
        assert_eq!("0x00Ff1234".parse(), Ok(BuildId::Bytes(vec![0, 0xff, 0x12, 0x34])));
        assert_eq!(BuildId::Bytes(vec![0, 0xff, 0x12, 0x34]).option(), "--build-id=0x00ff1234");
        for text in
            ["", "0x", "0x123", "0x12", "0x+1+2+3+4", "0xé0000000", "sha", &format!("0x{}", "0".repeat(136))]
        {
            assert!(text.parse::<BuildId>().is_err(), "{text}");
        }
    }
}
