//! The code of Wasm functions is that of the Linux program of the same instruction set, and what it refers to is where
//! it says.

use std::collections::BTreeMap;

use anyhow::{Context, Result, ensure};
use object::{Object as _, ObjectSection as _, ObjectSymbol as _, RelocationTarget, SectionIndex};

use super::image::{Image, word};
use super::{Target, build};
use crate::cli::Bench;
use crate::harness::Skipped;

/// With this, memories of both have their base in a descriptor.
const SAME_BASE: &str = "--memory-guard=none";

/// What an instruction refers to, by the name of a symbol; none for data, whose symbols have no names.
type References = BTreeMap<u64, Option<String>>;

struct Code {
    bytes: Vec<u8>,
    references: References,
}

/// The code in an object, and what it refers to.
fn code(object: &[u8], prefix: &str) -> Result<Code> {
    let file = object::File::parse(object)?;
    let text =
        file.sections().find(|section| section.kind() == object::SectionKind::Text).context("no code")?;
    let bytes = text.data()?.to_vec();
    let mut references = References::new();
    for (offset, relocation) in text.relocations() {
        let RelocationTarget::Symbol(symbol) = relocation.target() else { continue };
        let symbol = file.symbol_by_index(symbol)?;
        let is_code = symbol.is_undefined() || symbol.section_index() == Some(SectionIndex(text.index().0));
        let name = symbol.name()?.strip_prefix(prefix).map(str::to_owned).filter(|_| is_code);
        references.insert(offset, name);
    }
    Ok(Code { bytes, references })
}

fn object(bench: &Bench<'_>, target: &str, input: &str) -> Result<Vec<u8>> {
    let options = ["--target", target, "--emit", "program", SAME_BASE, "-o", "object"];
    bench.aot(&[&["build", input], &options[..]].concat())?.code(0)?;
    Ok(std::fs::read(bench.path("object"))?)
}

/// Objects have the same bytes and references; the executable has the object's bytes but where something is referred to,
/// and calls lead to the symbols of these names.
pub fn as_on_linux(bench: &Bench<'_>, target: &'static Target, input: &str) -> Result<()> {
    let theirs = code(&object(bench, target.linux, input)?, "")?;
    let ours = code(&object(bench, target.name, input)?, "_")?;
    let differences = theirs.bytes.iter().zip(&ours.bytes).filter(|(theirs, ours)| theirs != ours).count();
    ensure!(theirs.bytes.len() == ours.bytes.len(), "{} and {} bytes", theirs.bytes.len(), ours.bytes.len());
    ensure!(differences == 0, "{differences} bytes differ");
    ensure!(theirs.references.keys().eq(ours.references.keys()), "references are elsewhere");
    let bytes = build(bench, target, input, &[SAME_BASE])?;
    let image = Image::read(&bytes)?;
    let section = image.section("__TEXT", "__text")?;
    let linked = section.data.get(..ours.bytes.len()).context("the code is shorter")?;
    let mut changed = vec![false; linked.len()];
    for offset in ours.references.keys() {
        changed[*offset as usize..*offset as usize + 4].fill(true);
    }
    let same = linked
        .iter()
        .zip(&ours.bytes)
        .zip(&changed)
        .all(|((linked, own), changed)| *changed || linked == own);
    ensure!(same, "the linker changed an instruction that refers to nothing");
    let symbols: BTreeMap<&str, Vec<u64>> = image.symbols.iter().fold(BTreeMap::new(), |mut map, symbol| {
        map.entry(symbol.name.strip_prefix('_').unwrap_or(&symbol.name)).or_default().push(symbol.address);
        map
    });
    let mut calls = 0;
    for (offset, name) in &ours.references {
        let Some(name) = name else { continue };
        let here = section.address + offset;
        let instruction = word(linked, *offset as usize)?;
        let target = match target.architecture {
            "arm64" if instruction & 0x7c00_0000 == 0x1400_0000 => {
                here.wrapping_add_signed(i64::from((instruction << 6) as i32 >> 4))
            }
            // An address of a function, in two instructions.
            "arm64" => continue,
            _ => (here + 4).wrapping_add_signed(i64::from(instruction as i32)),
        };
        let places = symbols.get(name.as_str()).with_context(|| format!("there is no symbol {name}"))?;
        ensure!(places.contains(&target), "the call of {name} at {here:#x} leads to {target:#x}");
        calls += 1;
    }
    ensure!(calls > 0, "there are no calls");
    Ok(())
}

/// The register that belongs to the system on arm64 is never used: neither by compiled code, nor by the runtime.
pub fn platform_register(bench: &Bench<'_>, target: &'static Target, input: &str) -> Result<()> {
    let uses = |text: &str| -> Option<String> {
        let separators = |c: char| !c.is_ascii_alphanumeric();
        let of = |line: &&str| line.split(separators).any(|word| word == "x18" || word == "w18");
        text.lines().find(of).map(str::to_owned)
    };
    bench.aot(&["build", input, "--target", target.name, "--emit", "asm", "-o", "out.s"])?.code(0)?;
    let text = std::fs::read_to_string(bench.path("out.s"))?;
    ensure!(text.contains("x29"), "there is no code in the listing");
    ensure!(uses(&text).is_none(), "{:?}", uses(&text));
    build(bench, target, input, &["--strip"])?;
    let Ok(tool) = super::llvm("llvm-objdump") else {
        return Err(Skipped("llvm-objdump isn't installed: the runtime's code isn't looked at".into()).into());
    };
    let listing = bench.tool(&tool.display().to_string(), &["-d", "--no-show-raw-insn", "out"])?;
    listing.code(0)?;
    ensure!(listing.stdout.contains("x29"), "there is no code in the listing");
    ensure!(uses(&listing.stdout).is_none(), "{:?}", uses(&listing.stdout));
    Ok(())
}
