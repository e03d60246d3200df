//! Initial contents of memories in executables: the runtime moves their pages away, so nothing else that is loaded
//! may lie in them.

use anyhow::{Context, Result, ensure};
use object::{Object as _, ObjectSection as _, ObjectSegment as _, SectionFlags};
use wasm_aot::targets::{Format, TARGETS};

use super::build::check_sample;
use super::invalid::MODULE;
use super::{Bench, test};
use crate::harness::Test;

const PAGE: u64 = 4096;

/// Contents that end inside a page, after a whole one, and in pages far from each other.
const MODULES: &[(&str, &str)] = &[
    ("one page", r#"(module (memory 1) (data (i32.const 1024) "contents"))"#),
    ("two pages", r#"(module (memory 1) (data (i32.const 4090) "contents of two pages"))"#),
    ("a whole page", r#"(module (memory 1) (data (i32.const 0) "\01") (data (i32.const 4095) "\01"))"#),
    (
        "two memories",
        r#"(module (memory $a 1) (memory $b 2) (data (memory $a) (i32.const 9) "a")
            (data (memory $b) (i32.const 1) "b") (data (memory $b) (i32.const 70000) "c"))"#,
    ),
];

/// Each target with the linkers that link for it: those for Linux.
pub fn linked() -> impl Iterator<Item = (&'static str, &'static str)> {
    TARGETS.iter().flat_map(|target| {
        let Format::Elf(elf) = target.format else { return Vec::new() };
        let embedded = elf.embedded_linker.then_some((target.name, "embedded"));
        embedded.into_iter().chain([(target.name, "lld")]).collect()
    })
}

pub fn tests() -> Vec<Test> {
    let each = linked().flat_map(|linked| MODULES.iter().map(move |module| (linked, module)));
    each.map(|((target, linker), (name, module))| {
        test(&format!("image/{target} by {linker}, {name}"), move |bench| {
            alone(bench, target, linker, module)
        })
    })
    .chain([test("image/pages of 16 and 64 KiB", large_pages)])
    .collect()
}

/// Kernels for aarch64 have pages of up to 64 KiB: segments share none, and the image, which can't be moved, is copied.
fn large_pages(bench: &Bench<'_>) -> Result<()> {
    const LARGEST: u64 = 64 << 10;
    bench.write("a.wat", MODULE)?;
    for linker in ["embedded", "lld"] {
        bench.aot(&["build", "a.wat", "--target", "aarch64-linux", "--linker", linker])?.code(0)?;
        let bytes = std::fs::read(bench.path("a"))?;
        let mut end = 0;
        for segment in object::File::parse(&*bytes)?.segments() {
            let (address, offset) = (segment.address(), segment.file_range().0);
            ensure!(address / LARGEST * LARGEST >= end, "a page of {address:#x} has two segments");
            ensure!(address % LARGEST == offset % LARGEST, "{address:#x} can't be mapped from {offset:#x}");
            end = (address + segment.size()).next_multiple_of(LARGEST);
        }
        for page in ["4096", "16384", "65536"] {
            check_sample(&bench.tool("qemu-aarch64", &["-p", page, "./a"])?)?;
        }
    }
    Ok(())
}

fn alone(bench: &Bench<'_>, target: &str, linker: &str, module: &str) -> Result<()> {
    bench.write("a.wat", module)?;
    bench.aot(&["build", "a.wat", "-o", "out", "--target", target, "--linker", linker])?.code(0)?;
    let bytes = std::fs::read(bench.path("out"))?;
    let file = object::File::parse(&*bytes)?;
    let image = file.section_by_name(".wasm_aot.image").context("there is no image")?;
    ensure!(image.address().is_multiple_of(PAGE), "the image isn't at a page");
    let file_range = image.file_range().context("the image isn't in the file")?;
    ensure!(file_range.0.is_multiple_of(PAGE), "the image isn't at a page of the file");
    let (start, end) = (image.address(), (image.address() + image.size()).next_multiple_of(PAGE));
    for section in file.sections().filter(|section| section.index() != image.index()) {
        let SectionFlags::Elf { sh_flags } = section.flags() else { continue };
        let loaded = sh_flags & u64::from(object::elf::SHF_ALLOC) != 0 && section.size() != 0;
        let apart = section.address() >= end || section.address() + section.size() <= start;
        let name = section.name()?;
        ensure!(!loaded || apart, "{name} at {:#x} is in the pages {start:#x}..{end:#x}", section.address());
    }
    Ok(())
}
