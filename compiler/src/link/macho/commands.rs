//! The header and the load commands of an image or of a dSYM (Apple's `mach-o/loader.h`).

use object::macho;

use super::extent::Extent;
use super::layout::{Layout, Output};
use super::machine::Machine;

/// macOS 11, the first version for arm64, and the first that supports chained fixups.
pub const MINIMUM_SYSTEM: u32 = 11 << 16;

/// Size of the header in bytes.
const HEADER_BYTES: usize = 32;

/// Header and load commands.
pub struct Commands {
    pub bytes: Vec<u8>,
    count: u32,
    /// The position of the UUID.
    pub uuid_at: usize,
}

impl Commands {
    pub fn new() -> Commands {
        Commands { bytes: vec![0; HEADER_BYTES], count: 0, uuid_at: 0 }
    }

    pub fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Adds a command that consists of words, followed by text and zeroes.
    pub fn add(&mut self, command: u32, words: &[u32], text: &str) {
        let start = self.bytes.len();
        self.words(&[command, 0]);
        self.words(words);
        self.bytes.extend(text.bytes());
        if !text.is_empty() {
            self.bytes.push(0);
        }
        self.finish(start);
    }

    /// Ends the command that starts at `start`.
    pub fn finish(&mut self, start: usize) {
        self.bytes.resize(self.bytes.len().next_multiple_of(8), 0);
        let size = (self.bytes.len() - start) as u32;
        self.bytes[start + 4..][..4].copy_from_slice(&size.to_le_bytes());
        self.count += 1;
    }

    pub fn words(&mut self, words: &[u32]) {
        self.bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    }

    pub fn long_words(&mut self, words: &[u64]) {
        self.bytes.extend(words.iter().flat_map(|word| word.to_le_bytes()));
    }

    /// A name of 16 bytes, padded with zeroes.
    pub fn name(&mut self, name: &str) {
        self.name_bytes(name.as_bytes());
    }

    pub fn name_bytes(&mut self, name: &[u8]) {
        let mut bytes = [0; 16];
        bytes[..name.len()].copy_from_slice(name);
        self.bytes.extend(bytes);
    }

    /// A segment, whose `sections` sections are added by the caller.
    pub fn segment(&mut self, name: &str, extent: Extent, protection: u32, sections: u32, flags: u32) {
        self.words(&[macho::LC_SEGMENT_64, 0]);
        self.name(name);
        self.long_words(&[extent.address, extent.bytes, extent.file_offset, extent.file_bytes]);
        self.words(&[protection, protection, sections, flags]);
    }

    /// A section, whose contents are at this offset in the file, or nowhere if it is 0.
    pub fn section(&mut self, layout: &Layout<'_>, machine: &Machine, output: Output, file_offset: u64) {
        let extent = layout.section(output);
        self.name(output.name());
        self.name(output.segment().name());
        self.long_words(&[extent.address, extent.bytes]);
        self.words(&[file_offset as u32, extent.alignment.trailing_zeros(), 0, 0, output.flags()]);
        // The index of its first entry in the indirect symbol table, and the size of a stub.
        self.words(&match output {
            Output::Stubs => [0, machine.stub_bytes as u32, 0],
            Output::Got => [layout.stubs.len() as u32, 0, 0],
            _ => [0; 3],
        });
    }

    /// The segment before the image: nothing may be there.
    pub fn page_zero(&mut self, layout: &Layout<'_>) {
        let extent = Extent { bytes: layout.base, ..Extent::default() };
        let start = self.len();
        self.segment("__PAGEZERO", extent, 0, 0, 0);
        self.finish(start);
    }

    /// The bytes of all commands, after the header.
    pub fn with_header(mut self, cpu_type: u32, cpu_subtype: u32, kind: u32, flags: u32) -> Vec<u8> {
        self.set_header(cpu_type, cpu_subtype, kind, flags);
        self.bytes
    }

    pub fn set_header(&mut self, cpu_type: u32, cpu_subtype: u32, kind: u32, flags: u32) {
        let size = (self.bytes.len() - HEADER_BYTES) as u32;
        let header = [macho::MH_MAGIC_64, cpu_type, cpu_subtype, kind, self.count, size, flags, 0];
        for (index, word) in header.into_iter().enumerate() {
            self.bytes[4 * index..][..4].copy_from_slice(&word.to_le_bytes());
        }
    }
}
