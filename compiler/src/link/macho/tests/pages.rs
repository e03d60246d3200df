//! Words that hold addresses, in every position that they can have in pages.

use super::*;

const UNSIGNED: RelocationFlags = relocation(macho::X86_64_RELOC_UNSIGNED, false, 3);

/// Bytes of data. Only some of its words hold addresses.
const PAGES: u64 = 5;

fn program(architecture: Architecture) -> Assembler {
    let mut object = Assembler::new(architecture);
    let main = object.define("__TEXT", "__text", "_main", &[0; 8]);
    let data = object.undefined("_data");
    // This makes the data needed.
    let kind = match architecture {
        Architecture::X86_64 => relocation(macho::X86_64_RELOC_SIGNED, true, 2),
        _ => relocation(macho::ARM64_RELOC_PAGE21, true, 2),
    };
    object.relocate((main, 0), data, kind, None);
    object
}

/// Data whose words at these offsets hold the address of the word itself.
fn data(architecture: Architecture, bytes: u64, offsets: &[u64]) -> Assembler {
    let mut object = Assembler::new(architecture);
    let mut contents = vec![0; bytes as usize];
    for offset in offsets {
        contents[*offset as usize..][..8].copy_from_slice(&offset.to_le_bytes());
    }
    let data = object.define("__DATA", "__data", "_data", &contents);
    offsets.iter().for_each(|offset| object.relocate((data, *offset), data, UNSIGNED, None));
    object
}

/// The range of the file that a load command with an offset and a size refers to.
fn linked_data(bytes: &[u8], number: u32) -> &[u8] {
    let mut at = 32;
    while word(bytes, at) != number {
        at += word(bytes, at + 4) as usize;
    }
    &bytes[word(bytes, at + 8) as usize..][..word(bytes, at + 12) as usize]
}

fn word(bytes: &[u8], at: usize) -> u32 {
    u32::from_le_bytes(bytes[at..at + 4].try_into().unwrap())
}

fn half(bytes: &[u8], at: usize) -> u64 {
    u16::from_le_bytes(bytes[at..at + 2].try_into().unwrap()).into()
}

/// The addresses of all words of `__DATA` that the system finds by following the chain in every page.
fn found(image: &Image<'_>, bytes: &[u8], page: u64, start: u64) -> Vec<u64> {
    let tables = linked_data(bytes, macho::LC_DYLD_CHAINED_FIXUPS);
    let starts = &tables[word(tables, 4) as usize..];
    // Page zero, __TEXT, __DATA_CONST, __DATA, __LINKEDIT.
    assert_eq!(word(starts, 0), 5);
    let data = &starts[word(starts, 4 + 4 * 3) as usize..];
    assert_eq!([half(data, 4), half(data, 6)], [page, 2]);
    let mut found = Vec::new();
    for number in 0..half(data, 20) {
        let first = half(data, 22 + 2 * number as usize);
        if first == 0xffff {
            continue;
        }
        let mut offset = first;
        loop {
            assert!(offset + 8 <= page, "a word of page {number} isn't in it");
            let at = start + number * page + offset;
            assert_eq!(image.pointer(at), at, "what the word holds");
            found.push(at);
            match u64::from_le_bytes(image.bytes(at)) >> 51 & 0xfff {
                0 => break,
                next => offset += 4 * next,
            }
        }
    }
    found
}

#[test]
fn words_are_found_in_all_pages() {
    for (architecture, page) in [(Architecture::X86_64, 4 << 10), (Architecture::Aarch64, 16 << 10)] {
        // The first and the last of a page, as far from each other as they can be; none; neighbours around the end of
        // a page; the very last.
        let offsets = [0, page - 8, 2 * page + 24, 3 * page - 8, 3 * page, 3 * page + 8, PAGES * page - 8];
        let bytes = linked(program(architecture), vec![data(architecture, PAGES * page, &offsets)]).unwrap();
        let image = Image::new(&bytes);
        let start = image.symbol("_data");
        assert!(start.is_multiple_of(page));
        let expected: Vec<u64> = offsets.iter().map(|offset| start + offset).collect();
        assert_eq!(found(&image, &bytes, page, start), expected);
    }
}

#[test]
fn words_neither_overlap_nor_leave_their_page() {
    let fails = |offsets: &[u64], words: &str| {
        let data = data(Architecture::X86_64, 64, offsets);
        let error = linked(program(Architecture::X86_64), vec![data]).unwrap_err();
        assert!(error.contains(words), "`{words}` isn't in: {error}");
    };
    fails(&[8, 8], "two addresses");
    fails(&[8, 12], "isn't aligned");
    fails(&[4], "isn't aligned");
}
