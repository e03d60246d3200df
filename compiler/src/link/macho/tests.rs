//! Links objects that have every kind of relocation, and looks at what comes out.

use std::collections::HashMap;

use object::macho;
use object::read::macho::MachOFile64;
use object::write::{Object as Writer, Relocation, SectionId, Symbol, SymbolId, SymbolSection};
use object::{
    Architecture, BinaryFormat, Endianness, LittleEndian as LE, Object as _, ObjectSection as _,
    ObjectSymbol as _, RelocationFlags, SectionKind, SymbolFlags, SymbolKind, SymbolScope,
};

use super::super::archive::archive;
use super::super::debug::Debug;
use super::{Inputs, link};

mod damaged;
mod debug;
mod dylib;
mod pages;

/// An object under construction.
struct Assembler {
    object: Writer<'static>,
    sections: HashMap<String, SectionId>,
}

impl Assembler {
    fn new(architecture: Architecture) -> Assembler {
        let mut object = Writer::new(BinaryFormat::MachO, architecture, Endianness::Little);
        object.set_subsections_via_symbols();
        Assembler { object, sections: HashMap::new() }
    }

    fn symbol(&mut self, name: &str, section: SymbolSection, value: u64, description: u16) -> SymbolId {
        let undefined = section == SymbolSection::Undefined;
        self.object.add_symbol(Symbol {
            name: name.into(),
            value,
            size: 0,
            // Names of this kind are used unchanged.
            kind: SymbolKind::Unknown,
            scope: if undefined { SymbolScope::Unknown } else { SymbolScope::Dynamic },
            weak: false,
            section,
            flags: SymbolFlags::MachO { n_desc: description },
        })
    }

    fn undefined(&mut self, name: &str) -> SymbolId {
        self.symbol(name, SymbolSection::Undefined, 0, 0)
    }

    /// Adds bytes to a section, and a symbol for them.
    fn define(&mut self, segment: &str, section: &str, name: &str, bytes: &[u8]) -> SymbolId {
        let kind = if section == "__text" { SectionKind::Text } else { SectionKind::Data };
        let object = &mut self.object;
        let add = || object.add_section(segment.into(), section.into(), kind);
        let id = *self.sections.entry(section.to_owned()).or_insert_with(add);
        let at = self.object.append_section_data(id, bytes, 8);
        self.symbol(name, SymbolSection::Section(id), at, 0)
    }

    /// Adds a relocation at an offset in what a symbol stands for. `field` is the contents of the bytes
    /// there.
    fn relocate(
        &mut self,
        at: (SymbolId, u64),
        target: SymbolId,
        flags: RelocationFlags,
        minus: Option<SymbolId>,
    ) {
        let place = self.object.symbol(at.0);
        let (section, offset) = (place.section.id().unwrap(), place.value + at.1);
        let RelocationFlags::MachO { r_type, r_pcrel, .. } = flags else { unreachable!() };
        // The writer adds this to what it stores.
        let addend = match (self.object.architecture(), r_pcrel, r_type) {
            (Architecture::X86_64, true, macho::X86_64_RELOC_SIGNED_1) => -5,
            (Architecture::X86_64, true, macho::X86_64_RELOC_SIGNED_2) => -6,
            (Architecture::X86_64, true, macho::X86_64_RELOC_SIGNED_4) => -8,
            (Architecture::X86_64, true, _) => -4,
            _ => 0,
        };
        let relocation = Relocation { offset, symbol: target, addend, flags };
        self.object.add_relocation_with_subtractor(section, relocation, minus).unwrap();
    }

    fn finish(self) -> Vec<u8> {
        self.object.write().unwrap()
    }
}

const fn relocation(r_type: u8, r_pcrel: bool, r_length: u8) -> RelocationFlags {
    RelocationFlags::MachO { r_type, r_pcrel, r_length }
}

fn linked(program: Assembler, members: Vec<Assembler>) -> Result<Vec<u8>, String> {
    let members: Vec<Vec<u8>> = members.into_iter().map(Assembler::finish).collect();
    linked_bytes(program.finish(), archive(&members))
}

fn linked_bytes(object: Vec<u8>, runtime: Vec<u8>) -> Result<Vec<u8>, String> {
    let inputs = Inputs { object, runtime, stack_size: 0 };
    let linked = link(&inputs, &Debug::default()).map_err(|error| format!("{error:#}"))?;
    Ok(linked.bytes)
}

/// An executable, accessed by addresses.
struct Image<'d>(MachOFile64<'d, LE>);

impl<'d> Image<'d> {
    fn new(bytes: &'d [u8]) -> Image<'d> {
        Image(MachOFile64::parse(bytes).unwrap())
    }

    fn symbol(&self, name: &str) -> u64 {
        self.find(name).unwrap_or_else(|| panic!("there is no symbol {name}"))
    }

    fn find(&self, name: &str) -> Option<u64> {
        self.0.symbols().find(|symbol| symbol.name() == Ok(name)).map(|symbol| symbol.address())
    }

    fn bytes<const N: usize>(&self, at: u64) -> [u8; N] {
        let mut found =
            self.0.sections().filter_map(|section| section.data_range(at, N as u64).ok().flatten());
        found.next().unwrap().try_into().unwrap()
    }

    fn word(&self, at: u64) -> u32 {
        u32::from_le_bytes(self.bytes(at))
    }

    /// The address that a word holds, without the distance to the next word.
    fn pointer(&self, at: u64) -> u64 {
        u64::from_le_bytes(self.bytes(at)) & ((1 << 36) - 1)
    }

    /// The number of the import that a word is bound to.
    fn bound(&self, at: u64) -> Option<u64> {
        let word = u64::from_le_bytes(self.bytes(at));
        (word >> 63 == 1).then_some(word & 0xff_ffff)
    }

    /// Where the 32-bit distance at `at` leads, counted from `after` bytes after it.
    fn distance(&self, at: u64, after: u64) -> u64 {
        (at + 4 + after).wrapping_add_signed(i64::from(self.word(at) as i32))
    }
}

#[test]
fn relocations_of_x86_64() {
    use macho::{
        X86_64_RELOC_BRANCH as BRANCH, X86_64_RELOC_GOT as GOT, X86_64_RELOC_GOT_LOAD as GOT_LOAD,
        X86_64_RELOC_SIGNED as SIGNED, X86_64_RELOC_SIGNED_1 as SIGNED_1, X86_64_RELOC_SIGNED_2 as SIGNED_2,
        X86_64_RELOC_SIGNED_4 as SIGNED_4, X86_64_RELOC_UNSIGNED as UNSIGNED,
    };
    let mut runtime = Assembler::new(Architecture::X86_64);
    // As the assembler leaves the fields: those of SIGNED_1 and so on count from the end of the instruction.
    let fields: [i32; 9] = [0, -1, -2, -4, 0, 0, 0, 0, 0];
    let code: Vec<u8> = fields.iter().flat_map(|field| field.to_le_bytes()).collect();
    let main = runtime.define("__TEXT", "__text", "_main", &code);
    let value = runtime.define("__DATA", "__data", "_value", &u64::to_le_bytes(8));
    let write = runtime.undefined("_write");
    let answer = runtime.undefined("_answer");
    for (index, (kind, target)) in [
        (SIGNED, value),
        (SIGNED_1, value),
        (SIGNED_2, value),
        (SIGNED_4, value),
        (BRANCH, write),
        (BRANCH, answer),
        (GOT_LOAD, write),
        (GOT, value),
        (GOT_LOAD, answer),
    ]
    .into_iter()
    .enumerate()
    {
        runtime.relocate((main, 4 * index as u64), target, relocation(kind, true, 2), None);
    }
    let words = runtime.define("__DATA", "__const", "_words", &[0; 32]);
    runtime.relocate((words, 0), main, relocation(UNSIGNED, false, 3), None);
    runtime.relocate((words, 8), write, relocation(UNSIGNED, false, 3), None);
    runtime.relocate((words, 16), words, relocation(UNSIGNED, false, 3), Some(main));
    runtime.relocate((words, 24), words, relocation(UNSIGNED, false, 2), Some(main));
    runtime.relocate((value, 0), words, relocation(UNSIGNED, false, 3), None);
    let mut program = Assembler::new(Architecture::X86_64);
    program.define("__TEXT", "__text", "_answer", &[0xc3; 8]);

    let bytes = linked(program, vec![runtime]).unwrap();
    let image = Image::new(&bytes);
    let [main, value, words] = ["_main", "_value", "_words"].map(|name| image.symbol(name));
    for (index, after) in [0, 1, 2, 4].into_iter().enumerate() {
        assert_eq!(image.distance(main + 4 * index as u64, after), value, "{after} bytes behind the field");
    }
    assert_eq!(image.distance(main + 20, 0), image.symbol("_answer"));
    // jmp *pointer(%rip)
    let stub = image.distance(main + 16, 0);
    assert_eq!(image.bytes(stub), [0xff, 0x25]);
    let write = image.distance(stub + 2, 0);
    assert_eq!(image.bound(write), Some(0));
    assert_eq!(image.distance(main + 24, 0), write);
    assert_eq!(image.pointer(image.distance(main + 28, 0)), value);
    assert_eq!(image.pointer(image.distance(main + 32, 0)), image.symbol("_answer"));
    assert_eq!(image.pointer(words), main);
    assert_eq!(image.bound(words + 8), Some(0));
    assert_eq!(u64::from_le_bytes(image.bytes(words + 16)), words - main);
    assert_eq!(u64::from(image.word(words + 24)), words - main);
    assert_eq!(image.pointer(value), words + 8, "with the addend in the word");
}

#[test]
fn relocations_of_arm64() {
    use macho::{
        ARM64_RELOC_BRANCH26 as BRANCH, ARM64_RELOC_GOT_LOAD_PAGE21 as GOT_PAGE,
        ARM64_RELOC_GOT_LOAD_PAGEOFF12 as GOT_OFFSET, ARM64_RELOC_PAGE21 as PAGE,
        ARM64_RELOC_PAGEOFF12 as OFFSET, ARM64_RELOC_POINTER_TO_GOT as TO_GOT,
        ARM64_RELOC_UNSIGNED as UNSIGNED,
    };
    const ADRP: u32 = 0x9000_0001;
    const ADD: u32 = 0x9100_0021;
    const LDR: u32 = 0xf940_0021;
    const LDR_Q: u32 = 0x3dc0_0021;
    const LDRB: u32 = 0x3940_0021;
    const BL: u32 = 0x9400_0000;
    let code = [BL, BL, ADRP, ADD, LDR, LDR_Q, LDRB, ADRP, LDR, ADRP, ADD];
    let code: Vec<u8> = code.iter().flat_map(|instruction| instruction.to_le_bytes()).collect();
    let mut runtime = Assembler::new(Architecture::Aarch64);
    let main = runtime.define("__TEXT", "__text", "_main", &code);
    let before = runtime.define("__DATA", "__data", "_before", &[0; 16]);
    let value = runtime.define("__DATA", "__data", "_value", &u128::to_le_bytes(8));
    let write = runtime.undefined("_write");
    let answer = runtime.undefined("_answer");
    let header = runtime.undefined("__mh_execute_header");
    for (index, (kind, target)) in [
        (BRANCH, write),
        (BRANCH, answer),
        (PAGE, value),
        (OFFSET, value),
        (OFFSET, value),
        (OFFSET, value),
        (OFFSET, value),
        (GOT_PAGE, header),
        (GOT_OFFSET, header),
    ]
    .into_iter()
    .enumerate()
    {
        let distance = matches!(kind, BRANCH | PAGE | GOT_PAGE);
        runtime.relocate((main, 4 * index as u64), target, relocation(kind, distance, 2), None);
    }
    // These have their addends in relocations of their own.
    let place = runtime.object.symbol(main).section.id().unwrap();
    for (offset, flags) in [(36, relocation(PAGE, true, 2)), (40, relocation(OFFSET, false, 2))] {
        let relocation = Relocation { offset, symbol: value, addend: -12, flags };
        runtime.object.add_relocation(place, relocation).unwrap();
    }
    let words = runtime.define("__DATA", "__const", "_words", &[0; 32]);
    runtime.relocate((words, 24), before, relocation(UNSIGNED, false, 3), None);
    runtime.relocate((words, 0), header, relocation(UNSIGNED, false, 3), None);
    runtime.relocate((words, 8), words, relocation(UNSIGNED, false, 3), Some(main));
    runtime.relocate((words, 16), write, relocation(TO_GOT, true, 2), None);
    runtime.relocate((value, 0), words, relocation(UNSIGNED, false, 3), None);
    let mut program = Assembler::new(Architecture::Aarch64);
    program.define("__TEXT", "__text", "_answer", &[0; 8]);

    let bytes = linked(program, vec![runtime]).unwrap();
    let image = Image::new(&bytes);
    let [main, value, words] = ["_main", "_value", "_words"].map(|name| image.symbol(name));
    let branch = |at: u64| at.wrapping_add_signed(i64::from((image.word(at) << 6) as i32 >> 4));
    let page = |at: u64| {
        let instruction = image.word(at);
        let pages = (instruction >> 29 & 3 | instruction >> 3 & 0x1f_fffc) << 11;
        (at >> 12).wrapping_add_signed(i64::from(pages as i32 >> 11)) << 12
    };
    let offset = |at: u64, scale: u64| u64::from(image.word(at) >> 10 & 0xfff) * scale;
    assert_eq!(branch(main + 4), image.symbol("_answer"));
    let stub = branch(main);
    let write = page(stub) + offset(stub + 4, 8);
    assert_eq!(image.bound(write), Some(0));
    assert_eq!(page(main + 8), value & !0xfff);
    for (at, scale) in [(12, 1), (16, 8), (20, 16), (24, 1)] {
        assert_eq!(offset(main + at, scale), value & 0xfff, "in units of {scale} bytes");
    }
    assert_eq!(image.pointer(value), words + 8, "with the addend in the word");
    assert_ne!(value & 0xfff, 0, "this address would hide mistakes");
    assert_eq!(page(main + 36) + offset(main + 40, 1), value - 12);
    let header = image.symbol("__mh_execute_header");
    assert_eq!(image.pointer(page(main + 28) + offset(main + 32, 8)), header);
    assert_eq!(image.pointer(words), header);
    assert_eq!(u64::from_le_bytes(image.bytes(words + 8)), words - main);
    assert_eq!((words + 16).wrapping_add_signed(i64::from(image.word(words + 16) as i32)), write);
}

/// A program whose `_main` calls a function.
fn calls(name: &str) -> Assembler {
    let mut object = Assembler::new(Architecture::X86_64);
    let main = object.define("__TEXT", "__text", "_main", &[0xe8, 0, 0, 0, 0, 0xc3]);
    let function = object.undefined(name);
    object.relocate((main, 1), function, relocation(macho::X86_64_RELOC_BRANCH, true, 2), None);
    object
}

#[test]
fn what_nothing_refers_to_is_left_out() {
    let mut library = Assembler::new(Architecture::X86_64);
    library.define("__TEXT", "__text", "_before", b"before..");
    let needed = library.define("__TEXT", "__text", "_needed", b"needed..");
    let section = library.object.symbol(needed).section;
    let inside = library.object.symbol(needed).value + 3;
    library.symbol("_inside", section, inside, macho::N_ALT_ENTRY);
    let unneeded = library.define("__TEXT", "__text", "_unneeded", b"unneeded");
    // Symbols that only the unneeded code needs aren't missed.
    let missing = library.undefined("_missing");
    library.relocate((unneeded, 0), missing, relocation(macho::X86_64_RELOC_BRANCH, true, 2), None);
    let bytes = linked(calls("_inside"), vec![library]).unwrap();
    let image = Image::new(&bytes);
    assert_eq!(image.distance(image.symbol("_main") + 1, 0), image.symbol("_inside"));
    assert_eq!(image.symbol("_inside"), image.symbol("_needed") + 3);
    assert_eq!(&image.bytes(image.symbol("_needed")), b"needed..");
    assert_eq!([image.find("_before"), image.find("_unneeded")], [None, None]);
    let has = |words: &[u8]| bytes.windows(words.len()).any(|window| window == words);
    assert!(has(b"needed..") && !has(b"before..") && !has(b"unneeded"));
}

#[test]
fn the_first_definition_counts() {
    let member = |bytes: &[u8]| {
        let mut object = Assembler::new(Architecture::X86_64);
        object.define("__TEXT", "__text", "_twice", bytes);
        object
    };
    let bytes = linked(calls("_twice"), vec![member(b"first..."), member(b"second..")]).unwrap();
    let image = Image::new(&bytes);
    assert_eq!(&image.bytes(image.distance(image.symbol("_main") + 1, 0)), b"first...");
}

#[test]
fn what_cant_be_linked_is_named() {
    let fails = |program: Assembler, words: &str| {
        let error = linked(program, Vec::new()).unwrap_err();
        assert!(error.contains(words), "`{words}` isn't in: {error}");
    };
    fails(calls("_not_there"), "undefined symbol `_not_there`");
    fails(Assembler::new(Architecture::X86_64), "undefined symbol `_main`");
    // A system function's address is only in a table.
    let mut object = Assembler::new(Architecture::X86_64);
    let main = object.define("__TEXT", "__text", "_main", &[0; 8]);
    let write = object.undefined("_write");
    object.relocate((main, 0), write, relocation(macho::X86_64_RELOC_SIGNED, true, 2), None);
    fails(object, "`_write` is in a library");
    let mut object = Assembler::new(Architecture::X86_64);
    let main = object.define("__TEXT", "__text", "_main", &[0; 8]);
    object.relocate((main, 0), main, relocation(macho::X86_64_RELOC_UNSIGNED, false, 3), None);
    fails(object, "constants that the system can't write");
    let mut object = calls("_write");
    let id = object.object.add_section(b"__DATA".to_vec(), b"__mod_init_func".to_vec(), SectionKind::Data);
    object.object.append_section_data(id, &[0; 8], 8);
    *object.object.section_flags_mut(id) =
        object::SectionFlags::MachO { flags: macho::S_MOD_INIT_FUNC_POINTERS };
    fails(object, "functions that run before the program");
    let mut other = Assembler::new(Architecture::Aarch64);
    other.define("__TEXT", "__text", "_other", &[0; 8]);
    let error = linked(calls("_write"), vec![other]).unwrap_err();
    assert!(error.contains("0.o") && error.contains("another machine"), "{error}");
}
