//! Native DWARF as gimli reads it, for the program in `sample/`: made by clang, with inlined functions and one that the linker
//! has removed.

use std::collections::HashMap;

use gimli::{
    AttributeValue, DW_AT_abstract_origin, DW_AT_call_line, DW_AT_low_pc, DW_AT_name, DW_AT_type,
    DW_TAG_inlined_subroutine, DW_TAG_member, DW_TAG_subprogram, DwTag, EndianSlice, RunTimeEndian,
    SectionId,
};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, RelocationTarget};

use crate::targets::{OptLevel, Target};
use crate::{Artifact, Compiler, Emit};

const SAMPLE: &[u8] = include_bytes!("sample/sample.wasm");

fn compiler(target: &str) -> Compiler {
    Compiler::new(Target::find(target).unwrap()).emit(Emit::Object).opt_level(OptLevel::O0)
}

fn compile(wasm: &[u8]) -> Artifact {
    compiler("x86_64-linux").compile(wasm).unwrap()
}

/// The debug sections of an ELF object as a linker would complete them, with every other section at address 0.
fn sections(object: &[u8]) -> HashMap<String, Vec<u8>> {
    let file = object::File::parse(object).unwrap();
    let debug = file.sections().filter(|section| section.name().unwrap().starts_with(".debug_"));
    let linked = debug.map(|section| {
        let mut bytes = section.data().unwrap().to_vec();
        for (offset, relocation) in section.relocations() {
            let RelocationTarget::Symbol(symbol) = relocation.target() else { panic!("no symbol") };
            let value = file.symbol_by_index(symbol).unwrap().address() as i64 + relocation.addend();
            let size = usize::from(relocation.size()) / 8;
            let place = &mut bytes[offset as usize..][..size];
            match file.is_little_endian() {
                true => place.copy_from_slice(&value.to_le_bytes()[..size]),
                false => place.copy_from_slice(&value.to_be_bytes()[8 - size..]),
            }
        }
        (section.name().unwrap().to_owned(), bytes)
    });
    linked.collect()
}

type Dwarf<'s> = gimli::Dwarf<EndianSlice<'s, RunTimeEndian>>;

fn dwarf(sections: &HashMap<String, Vec<u8>>, endian: RunTimeEndian) -> Dwarf<'_> {
    let load = |id: SectionId| -> Result<_, gimli::Error> {
        Ok(EndianSlice::new(sections.get(id.name()).map_or(&[][..], |bytes| bytes), endian))
    };
    gimli::Dwarf::load(load).unwrap()
}

/// Tag, name, and the name of the type, of each entry of the only unit, and whether it has an address.
fn entries(dwarf: &Dwarf<'_>) -> Vec<(DwTag, String, String, bool)> {
    let header = dwarf.units().next().unwrap().unwrap();
    let unit = dwarf.unit(header).unwrap();
    assert_eq!(unit.encoding().address_size, 8);
    let name = |offset, attribute| {
        let entry = unit.entry(offset).unwrap();
        let name = entry.attr_value(attribute).and_then(|value| dwarf.attr_string(&unit, value).ok());
        name.map_or(String::new(), |name| name.to_string_lossy().into_owned())
    };
    let target = |value| match value {
        Some(AttributeValue::UnitRef(offset)) => name(offset, DW_AT_name),
        _ => String::new(),
    };
    let mut all = Vec::new();
    let mut cursor = unit.entries();
    while let Some(entry) = cursor.next_dfs().unwrap() {
        let own = name(entry.offset(), DW_AT_name) + &target(entry.attr_value(DW_AT_abstract_origin));
        let ty = target(entry.attr_value(DW_AT_type));
        all.push((entry.tag(), own, ty, entry.attr_value(DW_AT_low_pc).is_some()));
    }
    all
}

#[test]
fn functions_and_types() {
    for (target, endian) in [("x86_64-linux", RunTimeEndian::Little), ("s390x-linux", RunTimeEndian::Big)] {
        let artifact = compiler(target).compile(SAMPLE).unwrap();
        assert_eq!(artifact.warnings(), [""; 0]);
        let sections = sections(artifact.bytes());
        let entries = entries(&dwarf(&sections, endian));
        let has = |tag, name: &str, ty: &str, address| {
            entries.iter().any(|entry| *entry == (tag, name.to_owned(), ty.to_owned(), address))
        };
        assert!(has(DW_TAG_subprogram, "run", "int", true), "{entries:#?}");
        assert!(has(DW_TAG_subprogram, "sum", "int", true));
        assert!(has(DW_TAG_subprogram, "mixed", "int", false));
        assert!(entries.iter().any(|(tag, name, ..)| *tag == DW_TAG_inlined_subroutine && name == "mixed"));
        assert!(!entries.iter().any(|(_, name, ..)| name == "dead"));
        assert!(has(DW_TAG_member, "next", "wasm_ptr<node>", false));
    }
}

/// As backtraces show them. Names whose characters are shown stay as they are, whatever else is in the module.
#[test]
fn names_are_escaped() {
    let mut module = SAMPLE.to_vec();
    for (name, other) in [(b"\0mixed\0", b"\0m\x1bx\xffd\0"), (b"\0value\0", b"\0val\\e\0")] {
        let at = module.windows(name.len()).position(|bytes| bytes == name).unwrap();
        module[at..][..name.len()].copy_from_slice(other);
    }
    let artifact = compile(&module);
    assert_eq!(artifact.warnings(), [""; 0]);
    let sections = sections(artifact.bytes());
    let entries = entries(&dwarf(&sections, RunTimeEndian::Little));
    let has = |tag, name: &str| entries.iter().any(|entry| entry.0 == tag && entry.1 == name);
    assert!(has(DW_TAG_subprogram, "m\\x1bx\\xffd"), "{entries:#?}");
    assert!(has(DW_TAG_inlined_subroutine, "m\\x1bx\\xffd"));
    assert!(has(DW_TAG_member, "val\\e") && has(DW_TAG_subprogram, "run"));
}

#[test]
fn lines() {
    let artifact = compile(SAMPLE);
    let sections = sections(artifact.bytes());
    let dwarf = dwarf(&sections, RunTimeEndian::Little);
    let unit = dwarf.unit(dwarf.units().next().unwrap().unwrap()).unwrap();
    let (program, sequences) = unit.line_program.clone().unwrap().sequences().unwrap();
    // One for each function.
    assert_eq!(sequences.len(), 2);
    let mut lines = Vec::new();
    for sequence in &sequences {
        let mut rows = program.resume_from(sequence);
        let mut prologue_ends = 0;
        while let Some((_, row)) = rows.next_row().unwrap() {
            prologue_ends += u32::from(row.prologue_end());
            lines.extend(row.line().map(|line| line.get()));
        }
        assert_eq!(prologue_ends, 1);
    }
    let text = include_str!("sample/sample.c");
    let line_of = |text_of: &str| text.lines().position(|line| line.contains(text_of)).unwrap() as u64 + 1;
    for expected in ["nodes[i].value =", "int result =", "while (list)", "return sum"] {
        assert!(lines.contains(&line_of(expected)), "{expected}: {lines:?}");
    }
    assert!(!lines.contains(&line_of("int dead")));
    let mut cursor = unit.entries();
    let mut call = None;
    while let Some(entry) = cursor.next_dfs().unwrap() {
        call = call.or_else(|| entry.attr(DW_AT_call_line)?.udata_value());
    }
    assert_eq!(call, Some(line_of("mixed(list")));
}

/// The code. (With debug information, data has the lines of traps.)
fn code(artifact: &Artifact) -> Vec<u8> {
    let file = object::File::parse(artifact.bytes()).unwrap();
    file.section_by_name(".text").unwrap().data().unwrap().to_vec()
}

#[test]
fn code_is_the_same_without() {
    let with = compile(SAMPLE);
    let without = compiler("x86_64-linux").debug_information(false).compile(SAMPLE).unwrap();
    assert!(code(&with) == code(&without), "code differs");
    assert!(sections(without.bytes()).is_empty());
    assert!(!sections(with.bytes()).is_empty());
    assert_eq!(with.bytes(), compiler("x86_64-linux").threads(3).compile(SAMPLE).unwrap().bytes());
}

/// The offset in the sample of its first custom section with DWARF.
fn debug_start() -> usize {
    let name = b".debug_";
    SAMPLE.windows(name.len()).position(|window| window == name).unwrap()
}

#[test]
fn stale() {
    // The same DWARF beside other code.
    let mut wasm =
        wat::parse_str(r#"(module (func (export "run") (param i32) (result i32) (local.get 0)))"#).unwrap();
    for payload in wasmparser::Parser::new(0).parse_all(SAMPLE) {
        if let wasmparser::Payload::CustomSection(section) = payload.unwrap() {
            let mut contents = vec![section.name().len() as u8];
            contents.extend(section.name().bytes().chain(section.data().iter().copied()));
            wasm.extend([0, contents.len() as u8 | 0x80, (contents.len() >> 7) as u8]);
            wasm.extend(contents);
        }
    }
    let artifact = compile(&wasm);
    assert_eq!(artifact.warnings().len(), 1);
    assert!(artifact.warnings()[0].contains("describes other code"), "{:?}", artifact.warnings());
    assert!(sections(artifact.bytes()).is_empty());
}

/// Damaged DWARF gives a program, with a warning at most.
#[test]
fn damaged() {
    let start = debug_start();
    let mut state = 1_u64;
    for round in 0..300 {
        let mut wasm = SAMPLE.to_vec();
        for _ in 0..1 + round % 3 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = start + (state >> 33) as usize % (wasm.len() - start);
            wasm[at] = (state >> 25) as u8;
        }
        // Other sections may have become invalid.
        if let Ok(artifact) = compiler("x86_64-linux").threads(1).compile(&wasm) {
            assert!(artifact.warnings().len() <= 1, "{:?}", artifact.warnings());
        }
    }
}

/// A source map gives lines, and functions their names.
#[test]
fn source_map() {
    // (func $f (nop) (nop)): its body is at 21, its operators at 22 and 23.
    let module = r#"(module (func $f (export "f") (nop) (nop)) (@custom "sourceMappingURL" "\05a.map"))"#;
    let wasm = wat::parse_str(module).unwrap();
    let body = wasm.windows(4).position(|window| window == [0, 1, 1, 0x0b]).unwrap();
    // From the first operator on line 7, from the second on line 8, of the only source.
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let offset = 2 * (body + 1);
    let first = [(offset & 31) | 32, offset >> 5].map(|digit| char::from(digits[digit]));
    let map = format!(
        r#"{{"version":3,"sources":["x.ts"],"names":[],"mappings":"{}{}AMA,CACA"}}"#,
        first[0], first[1]
    );
    assert_eq!(super::referred(&wasm), ["a.map"]);
    let artifact = compiler("x86_64-linux").debug_input("a.map", map.as_bytes()).compile(&wasm).unwrap();
    assert_eq!(artifact.warnings(), [""; 0]);
    let sections = sections(artifact.bytes());
    let dwarf = dwarf(&sections, RunTimeEndian::Little);
    assert!(entries(&dwarf).contains(&(DW_TAG_subprogram, "f".to_owned(), String::new(), true)));
    let unit = dwarf.unit(dwarf.units().next().unwrap().unwrap()).unwrap();
    let mut rows = unit.line_program.clone().unwrap().rows();
    let (_, row) = rows.next_row().unwrap().unwrap();
    assert_eq!(row.line().map(|line| line.get()), Some(7));
    let damaged =
        compiler("x86_64-linux").debug_input("a.map", &b"{\"version\":3"[..]).compile(&wasm).unwrap();
    assert!(damaged.warnings()[0].contains("the source map can't be read"), "{:?}", damaged.warnings());
}

#[test]
fn a_shared_producer_is_cut() {
    let custom = |name: &str, bytes: &[u8]| {
        let bytes: String = bytes.iter().map(|byte| format!("\\{byte:02x}")).collect();
        format!("(@custom \"{name}\" \"{bytes}\")")
    };
    // Units with a producer and a variable.
    let abbreviations = [1, 0x11, 1, 0x25, 0x0e, 0, 0, 2, 0x34, 0, 0, 0, 0];
    let unit = [14, 0, 0, 0, 4, 0, 0, 0, 0, 0, 4, 1, 0, 0, 0, 0, 2, 0];
    let module = format!(
        "(module (func (export \"f\")) {} {} {})",
        custom(".debug_abbrev", &abbreviations),
        custom(".debug_info", &unit.repeat(200)),
        custom(".debug_str", &[&[b'p'; 900][..], &[0]].concat()),
    );
    let artifact = compile(&wat::parse_str(module).unwrap());
    assert_eq!(artifact.warnings(), [""; 0]);
    let info = sections(artifact.bytes())[".debug_info"].len();
    assert!((200 * 200..200 * 300).contains(&info), "{info}");
}
