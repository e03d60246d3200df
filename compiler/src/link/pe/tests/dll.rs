//! DLLs: their export tables, what stands for the functions of the embedder, and import libraries.

use object::read::archive::ArchiveFile;
use object::read::coff::ImportFile;
use object::read::pe::PeFile64;
use object::{FileKind, LittleEndian as LE, Object as _, ObjectSection as _};

use super::super::super::inputs::{Import, Shared, SharedLibrary};
use super::super::link_shared;
use super::*;

const NAME: &str = "sample.dll";

/// An object whose functions are in sections of their own: `p_run` calls an import, the runtime and a function that is
/// not exported; a table has its address.
fn sample(architecture: Architecture) -> Vec<u8> {
    let (call, word) = match architecture {
        Architecture::X86_64 => (pe::IMAGE_REL_AMD64_REL32, pe::IMAGE_REL_AMD64_ADDR64),
        _ => (pe::IMAGE_REL_ARM64_BRANCH26, pe::IMAGE_REL_ARM64_ADDR64),
    };
    let mut object = Assembler::new(architecture);
    let (run, start) = object.define(".text", SectionKind::Text, "p_run", &[0; 16]);
    let (table, place) = object.define(".data", SectionKind::Data, "table", &[0; 8]);
    object.define(".text", SectionKind::Text, "p_end", b"end     ");
    object.define(".text", SectionKind::Text, "p_trap", b"trap    ");
    object.define(".text", SectionKind::Text, "unused", b"unused  ");
    let [import, helper] = ["p_import_log", "helper"].map(|name| object.undefined(name));
    object.relocate(run, 0, import, call);
    object.relocate(run, 4, helper, call);
    object.relocate(run, 8, place, call);
    object.relocate(table, 0, start, word);
    object.finish()
}

fn imports() -> Vec<Import> {
    vec![Import { name: "p_import_log".into(), setter: "p_set_import_log".into() }]
}

fn linked(architecture: Architecture, exports: &[&str], imports: &[Import]) -> Result<SharedLibrary, String> {
    let exports: Vec<String> = exports.iter().map(|name| (*name).to_owned()).collect();
    let debug = Debug::default();
    let shared = Shared { name: NAME, exports: &exports, imports, unset: "p_trap", debug: &debug };
    let (_, members) = parts(architecture);
    let inputs = Inputs { object: sample(architecture), runtime: archive(&members), stack_size: 0 };
    link_shared(&inputs, &shared).map_err(|error| format!("{error:#}"))
}

/// The contents of the image from an address on.
fn at(file: &PeFile64<'_>, address: u64) -> Vec<u8> {
    let contains = |section: &object::read::pe::PeSection64<'_, '_>| {
        (section.address()..section.address() + section.size()).contains(&address)
    };
    let section = file.sections().find(contains).unwrap();
    section.data().unwrap()[(address - section.address()) as usize..].to_vec()
}

#[test]
fn exports_are_found_by_name() {
    for architecture in [Architecture::X86_64, Architecture::Aarch64] {
        let library = linked(architecture, &["p_run", "p_end"], &imports()).unwrap().library;
        let file = PeFile64::parse(&*library).unwrap();
        let header = file.nt_headers();
        let is_library = header.file_header.characteristics.get(LE) & pe::IMAGE_FILE_DLL != 0;
        assert!(is_library && header.optional_header.address_of_entry_point.get(LE) == 0);
        let table = file.export_table().unwrap().unwrap();
        assert_eq!(table.name_from_pointer(table.directory().name.get(LE)).unwrap(), NAME.as_bytes());
        let exports = file.exports().unwrap();
        let names: Vec<&[u8]> = exports.iter().map(object::Export::name).collect();
        assert_eq!(names, [b"p_end".as_slice(), b"p_run", b"p_set_import_log"]);
        assert_eq!(at(&file, exports[0].address())[..8], *b"end     ");
        let has = |words: &[u8]| library.windows(words.len()).any(|window| window == words);
        assert!(!has(b"unused  "), "what no export needs is left out");
        // The table has the address of a function, and the slot that of the function that is called at first.
        let words = file.data_directories().relocation_blocks(file.data(), &file.section_table()).unwrap();
        let mut relocated = Vec::new();
        let mut blocks = words.unwrap();
        while let Some(block) = blocks.next().unwrap() {
            relocated.extend(block.map(|word| word.virtual_address));
        }
        assert_eq!(relocated.len(), 2);
        let base = file.relative_address_base();
        let targets: Vec<u64> = relocated
            .iter()
            .map(|address| u64::from_le_bytes(at(&file, base + u64::from(*address))[..8].try_into().unwrap()))
            .collect();
        assert!(targets.contains(&exports[1].address()));
        assert!(targets.iter().any(|target| at(&file, *target)[..8] == *b"trap    "));
    }
}

/// The code that jumps, and that sets, uses the slot that the system relocates.
#[test]
fn imports_have_slots() {
    let library = linked(Architecture::X86_64, &["p_run"], &imports()).unwrap().library;
    let file = PeFile64::parse(&*library).unwrap();
    let distance = |place: u64| {
        let field: [u8; 4] = at(&file, place)[..4].try_into().unwrap();
        (place + 4).wrapping_add_signed(i32::from_le_bytes(field).into())
    };
    let exports = file.exports().unwrap();
    let address = |name: &[u8]| exports.iter().find(|export| export.name() == name).unwrap().address();
    // The test's object has an addend of 4 in its calls.
    let jump = distance(address(b"p_run")) - 4;
    assert_eq!(at(&file, jump)[..2], [0xff, 0x25]);
    let slot = distance(jump + 2);
    let setter = address(b"p_set_import_log");
    assert_eq!(distance(setter + 17), slot);
    let unset = distance(setter + 3);
    assert_eq!(at(&file, unset)[..8], *b"trap    ");
    assert_eq!(at(&file, slot)[..8], unset.to_le_bytes());
}

#[test]
fn without_imports_there_are_no_slots() {
    let library = linked(Architecture::X86_64, &["p_end"], &[]).unwrap().library;
    let file = PeFile64::parse(&*library).unwrap();
    assert_eq!(file.exports().unwrap().len(), 1);
    assert!(file.sections().all(|section| section.name() != Ok(".data")));
}

#[test]
fn import_libraries_name_the_dll() {
    for architecture in [Architecture::X86_64, Architecture::Aarch64] {
        let library = linked(architecture, &["p_run", "p_end"], &imports()).unwrap().import_library.unwrap();
        let mut names = Vec::new();
        for member in ArchiveFile::parse(&*library).unwrap().members() {
            let data = member.unwrap().data(&*library).unwrap();
            if FileKind::parse(data).unwrap() == FileKind::CoffImport {
                let import = ImportFile::parse(data).unwrap();
                assert_eq!(import.dll(), NAME.as_bytes());
                names.push(import.symbol().to_vec());
            }
        }
        assert_eq!(names, [b"p_end".as_slice(), b"p_run", b"p_set_import_log"]);
    }
}

#[test]
fn what_is_missing_is_named() {
    let fails = |exports: &[&str], imports: &[Import], words: &str| {
        let error = linked(Architecture::X86_64, exports, imports).map(|_| ()).unwrap_err();
        assert!(error.contains(words), "{error}");
    };
    fails(&["p_absent"], &[], "undefined symbol `p_absent`");
    fails(&["p_run"], &[], "undefined symbol `p_import_log`");
}
