//! The words of a Mach-O executable that hold addresses, found by its chained fixups
//! (`mach-o/fixup-chains.h`).
//!
//! The executable may come from anywhere: nothing in it is trusted, and nothing panics. Chains only go forward, within
//! a page.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use object::read::macho::{MachHeader as _, Segment as _};
use object::{LittleEndian as LE, macho};

/// `DYLD_CHAINED_PTR_64`.
const POINTER_FORMAT: u16 = 2;
/// `DYLD_CHAINED_PTR_START_NONE`.
const NO_START: u16 = 0xffff;
const STRIDE: u64 = 4;

/// The positions of the words, and the addresses that they hold, both in the image at its preferred address.
/// Imports aren't included.
pub fn addresses(file: &[u8]) -> Result<HashMap<u64, u64>> {
    let header = macho::MachHeader64::<LE>::parse(file, 0)?;
    let mut commands = header.load_commands(LE, file, 0)?;
    let mut segments = Vec::new();
    let mut fixups = None;
    while let Some(command) = commands.next()? {
        if let Some((segment, _)) = command.segment_64()? {
            segments.push((segment.vmaddr(LE), segment.data(LE, file).unwrap_or_default()));
        } else if command.cmd() == macho::LC_DYLD_CHAINED_FIXUPS {
            fixups = Some(*command.data::<macho::LinkeditDataCommand<LE>>()?);
        }
    }
    let Some(fixups) = fixups else { bail!("the executable has no chained fixups") };
    let bytes = file.get(fixups.dataoff.get(LE) as usize..).context("the fixups are outside of the file")?;
    let starts = bytes.get(word(bytes, 4)? as usize..).context("the starts of the fixups")?;
    // Each one is a word of the file.
    let mut addresses = Addresses { most: file.len() / 8, known: HashMap::new() };
    for (index, (address, contents)) in (0..).zip(segments).take(word(starts, 0)? as usize) {
        let at = word(starts, 4 + 4 * index)? as usize;
        if at != 0 {
            let pages = starts.get(at..).context("the starts of a segment")?;
            follow(pages, address, contents, &mut addresses)?;
        }
    }
    Ok(addresses.known)
}

struct Addresses {
    known: HashMap<u64, u64>,
    /// How many words may still be visited.
    most: usize,
}

/// Follows the chains of a segment.
fn follow(starts: &[u8], address: u64, contents: &[u8], addresses: &mut Addresses) -> Result<()> {
    // size (4 bytes), page_size, pointer_format, segment_offset (8), max_valid_pointer (4), page_count, page_start...
    let page = u64::from(half(starts, 4)?);
    if half(starts, 6)? != POINTER_FORMAT {
        bail!("chained fixups of another format");
    }
    if page == 0 {
        bail!("pages without bytes");
    }
    for number in 0..u64::from(half(starts, 20)?) {
        let start = half(starts, 22 + 2 * number as usize)?;
        if start == NO_START {
            continue;
        }
        let mut offset = number * page + u64::from(start);
        loop {
            match addresses.most.checked_sub(1) {
                Some(most) if offset / page == number => addresses.most = most,
                _ => bail!("a chain leaves its page"),
            }
            let word = contents.get(offset as usize..).and_then(|bytes| bytes.first_chunk());
            let word = u64::from_le_bytes(*word.context("a chain leads out of its segment")?);
            if word >> 63 == 0 {
                addresses.known.insert(address.wrapping_add(offset), word & ((1 << 36) - 1));
            }
            match word >> 51 & 0xfff {
                0 => break,
                distance => offset += distance * STRIDE,
            }
        }
    }
    Ok(())
}

fn half(bytes: &[u8], at: usize) -> Result<u16> {
    let bytes = bytes.get(at..).and_then(|bytes| bytes.first_chunk());
    Ok(u16::from_le_bytes(*bytes.context("the fixups are truncated")?))
}

fn word(bytes: &[u8], at: usize) -> Result<u32> {
    let bytes = bytes.get(at..).and_then(|bytes| bytes.first_chunk());
    Ok(u32::from_le_bytes(*bytes.context("the fixups are truncated")?))
}
