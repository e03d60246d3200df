//! Damaged objects: they cause errors, whatever is wrong with them.

use super::*;

/// Objects and relocations of most kinds: the program, and what it needs.
fn parts(architecture: Architecture) -> [Assembler; 2] {
    let (call, word) = match architecture {
        Architecture::X86_64 => (
            relocation(macho::X86_64_RELOC_BRANCH, true, 2),
            relocation(macho::X86_64_RELOC_UNSIGNED, false, 3),
        ),
        _ => (
            relocation(macho::ARM64_RELOC_BRANCH26, true, 2),
            relocation(macho::ARM64_RELOC_UNSIGNED, false, 3),
        ),
    };
    let mut program = Assembler::new(architecture);
    let main = program.define("__TEXT", "__text", "_main", &[0; 16]);
    let [write, words] = ["_write", "_words"].map(|name| program.undefined(name));
    program.relocate((main, 0), write, call, None);
    program.relocate((main, 12), write, call, None);
    let table = program.define("__DATA", "__const", "_table", &[0; 8]);
    let got = match architecture {
        Architecture::X86_64 => relocation(macho::X86_64_RELOC_GOT_LOAD, true, 2),
        _ => relocation(macho::ARM64_RELOC_GOT_LOAD_PAGE21, true, 2),
    };
    program.relocate((main, 4), table, got, None);
    program.relocate((table, 0), words, word, None);
    super::debug::define(&mut program, main);
    let mut library = Assembler::new(architecture);
    let words = library.define("__DATA", "__data", "_words", &[0; 24]);
    let zeroes =
        library.object.add_section(b"__DATA".to_vec(), b"__bss".to_vec(), SectionKind::UninitializedData);
    let at = library.object.append_section_bss(zeroes, 64, 16);
    let zeroes = library.symbol("_zeroes", SymbolSection::Section(zeroes), at + 32, 0);
    library.relocate((words, 0), zeroes, word, None);
    library.relocate((words, 8), zeroes, word, Some(words));
    [program, library]
}

fn fails(program: Vec<u8>, library: Vec<u8>, words: &str) {
    let error = linked_bytes(program, archive(&[library])).map(|bytes| bytes.len()).unwrap_err();
    assert!(error.contains(words), "`{words}` isn't in: {error}");
}

/// The position of a section's header in an object, by the name of the section.
fn header_of(object: &[u8], section: &[u8]) -> usize {
    object.windows(section.len() + 1).position(|window| window == [section, &[0]].concat()).unwrap()
}

#[test]
fn every_byte_may_be_wrong() {
    for architecture in [Architecture::X86_64, Architecture::Aarch64] {
        let [program, library] = parts(architecture).map(Assembler::finish);
        let whole = archive(std::slice::from_ref(&library));
        linked_bytes(program.clone(), whole.clone()).unwrap();
        let mut errors = 0;
        for value in [0, 1, 4, 0x3f, 0x7f, 0x80, 0xff] {
            for at in 0..program.len() {
                let mut damaged = program.clone();
                damaged[at] = value;
                errors += u32::from(linked_bytes(damaged, whole.clone()).is_err());
            }
            for at in 0..whole.len() {
                let mut damaged = whole.clone();
                damaged[at] = value;
                errors += u32::from(linked_bytes(program.clone(), damaged).is_err());
            }
        }
        assert!(errors > 1000, "only {errors} were noticed");
        for length in 0..program.len() {
            assert!(linked_bytes(program[..length].to_vec(), whole.clone()).is_err(), "{length} bytes");
        }
    }
}

#[test]
fn places_are_in_their_sections() {
    let changed = |section: &[u8], field: usize, value: &[u8], words: &str| {
        let [program, mut library] = parts(Architecture::X86_64).map(Assembler::finish);
        let at = header_of(&library, section) + field;
        library[at..at + value.len()].copy_from_slice(value);
        fails(program, library, words);
    };
    // Fields of `section_64`: address, size, alignment.
    changed(b"__bss", 32, &u64::MAX.to_le_bytes(), "the size of a section");
    changed(b"__bss", 40, &16_u64.to_le_bytes(), "`_zeroes` is outside of its section");
    changed(b"__bss", 40, &(1_u64 << 31).to_le_bytes(), "larger than 2 GiB");
    changed(b"__bss", 40, &(u64::MAX >> 1).to_le_bytes(), "larger than 2 GiB");
    changed(b"__data", 52, &63_u32.to_le_bytes(), "larger than 2 GiB");
    changed(b"__bss", 52, &64_u32.to_le_bytes(), "the alignment of a section");
    changed(b"__data", 32, &8_u64.to_le_bytes(), "outside of its section");
}

#[test]
fn relocations_are_in_their_sections() {
    for architecture in [Architecture::X86_64, Architecture::Aarch64] {
        let [mut object, library] = parts(architecture).map(Assembler::finish);
        // `relocation_info`: the address, then the description of the relocation.
        let at = object.windows(4).rposition(|window| window == 12_u32.to_le_bytes()).unwrap();
        object[at..at + 4].copy_from_slice(&16_u32.to_le_bytes());
        fails(object, library, "a relocation is outside of its section");
    }
}

#[test]
fn the_entry_is_code() {
    let mut object = Assembler::new(Architecture::X86_64);
    object.define("__DATA", "__data", "_main", &[0; 8]);
    let error = linked(object, Vec::new()).map(|bytes| bytes.len()).unwrap_err();
    assert!(error.contains("the entry isn't code"), "{error}");
}
