//! What the system (dyld, and the kernel's signature check) requires of an executable.

use anyhow::{Context, Result, ensure};
use object::macho;
use sha2::{Digest as _, Sha256};

use super::Target;
use super::image::{Image, long, word};
use crate::programs::case::repository;

/// Header and load commands: position-independent, for macOS 11, with all that dyld looks for, and `LC_MAIN` in the code.
pub fn commands(image: &Image<'_>, target: &Target) -> Result<()> {
    const FLAGS: u32 = macho::MH_PIE | macho::MH_DYLDLINK | macho::MH_TWOLEVEL | macho::MH_NOUNDEFS;
    ensure!(image.flags & FLAGS == FLAGS, "flags {:#x}", image.flags);
    ensure!(image.commands.iter().all(|(_, bytes)| bytes.len() % 8 == 0), "a command isn't aligned");
    let build = image.command(macho::LC_BUILD_VERSION)?;
    ensure!(word(build, 8)? == macho::PLATFORM_MACOS && word(build, 12)? == 11 << 16, "the system's version");
    let text_of = |number: u32| -> Result<String> {
        let command = image.command(number)?;
        let text = &command[word(command, 8)? as usize..];
        Ok(String::from_utf8_lossy(text).trim_end_matches('\0').to_owned())
    };
    ensure!(text_of(macho::LC_LOAD_DYLINKER)? == "/usr/lib/dyld", "the dynamic linker");
    ensure!(text_of(macho::LC_LOAD_DYLIB)? == "/usr/lib/libSystem.B.dylib", "the library");
    ensure!(image.command(macho::LC_UUID)?[8..24] != [0; 16], "there is no UUID");
    image.command(macho::LC_DYSYMTAB)?;
    image.command(macho::LC_SYMTAB)?;
    image.command(macho::LC_DYLD_EXPORTS_TRIE)?;
    let main = image.command(macho::LC_MAIN)?;
    let entry = long(main, 8)?;
    let code = image.section("__TEXT", "__text")?;
    ensure!((code.file_offset..code.file_offset + code.size).contains(&entry), "the entry isn't code");
    if let Some(main) = image.symbol("_main") {
        ensure!(main == code.address + (entry - code.file_offset), "the entry isn't `_main`");
    }
    // The header and the commands come before the first section.
    let end = 32 + image.commands.iter().map(|(_, bytes)| bytes.len() as u64).sum::<u64>();
    ensure!(
        image.sections.iter().all(|section| section.flags == macho::S_ZEROFILL || section.file_offset >= end)
    );
    let cpu = object::read::macho::MachHeader::cputype(
        <macho::MachHeader64<object::LittleEndian> as object::read::macho::MachHeader>::parse(
            image.bytes,
            0,
        )?,
        object::LittleEndian,
    );
    let expected =
        if target.stub.starts_with("arm64") { macho::CPU_TYPE_ARM64 } else { macho::CPU_TYPE_X86_64 };
    ensure!(cpu == expected, "it is for another machine");
    Ok(())
}

/// Segments follow each other, in memory and in the file, each from a page on; none can be written and executed.
pub fn segments(image: &Image<'_>, target: &Target) -> Result<()> {
    let names: Vec<&str> = image.segments.iter().map(|segment| segment.name.as_str()).collect();
    ensure!(names == ["__PAGEZERO", "__TEXT", "__DATA_CONST", "__DATA", "__LINKEDIT"], "{names:?}");
    let (mut address, mut offset) = (0, 0);
    for segment in &image.segments {
        let name = &segment.name;
        ensure!(segment.address == address && segment.address % target.page == 0, "{name} is elsewhere");
        ensure!(segment.size > 0 && segment.size % target.page == 0, "the size of {name}");
        ensure!(segment.data.len() as u64 <= segment.size, "{name} has more in the file than in memory");
        if !segment.data.is_empty() {
            ensure!(segment.file_offset == offset, "{name} isn't behind what comes before it in the file");
            ensure!(segment.file_offset % target.page == 0, "{name} isn't at a page of the file");
        }
        address += segment.size;
        offset += segment.data.len() as u64;
        let expected = match name.as_str() {
            "__PAGEZERO" => 0,
            "__TEXT" => macho::VM_PROT_READ | macho::VM_PROT_EXECUTE,
            "__LINKEDIT" => macho::VM_PROT_READ,
            _ => macho::VM_PROT_READ | macho::VM_PROT_WRITE,
        };
        ensure!(segment.protection == [expected; 2], "{name} has the protection {:?}", segment.protection);
        let read_only = segment.flags & macho::SG_READ_ONLY != 0;
        ensure!(read_only == (name == "__DATA_CONST"), "the flags of {name}");
    }
    ensure!(image.segments[0].size == 1 << 32, "page zero has {:#x} bytes", image.segments[0].size);
    ensure!(offset == image.bytes.len() as u64, "there is something behind the segments");
    let mut end = 0;
    for section in &image.sections {
        let name = &section.name;
        let segment =
            image.segments.iter().find(|segment| segment.name == section.segment).context("segment")?;
        ensure!(section.address >= end, "{name} overlaps");
        ensure!(section.address % section.alignment == 0, "{name} isn't aligned");
        end = section.address + section.size;
        ensure!(
            section.address >= segment.address && end <= segment.address + segment.size,
            "{name} is outside"
        );
        if section.flags & macho::SECTION_TYPE == macho::S_ZEROFILL {
            continue;
        }
        let in_file = section.file_offset - segment.file_offset == section.address - segment.address;
        ensure!(in_file && section.data.len() as u64 == section.size, "{name} is elsewhere in the file");
    }
    Ok(())
}

/// Addresses are in data, and point into the image, to a symbol's place where there is one.
pub fn fixups(image: &Image<'_>, _: &Target) -> Result<()> {
    ensure!(!image.addresses.is_empty(), "nothing has an address");
    let in_data = |at: u64| {
        let of = image
            .sections
            .iter()
            .find(|section| (section.address..section.address + section.size).contains(&at));
        of.is_some_and(|section| section.segment != "__TEXT")
    };
    for (at, address) in &image.addresses {
        ensure!(in_data(*at), "{at:#x} is in constants");
        // The end of a section isn't in it.
        let inside = |section: &&super::image::Section<'_>| {
            (section.address..=section.address + section.size).contains(address)
        };
        let header = *address == image.segments[1].address;
        ensure!(
            header || image.sections.iter().any(|section| inside(&section)),
            "{at:#x} has the address {address:#x}"
        );
    }
    let got = image.section("__DATA_CONST", "__got")?;
    for (at, import) in &image.bound {
        ensure!(in_data(*at), "{at:#x} is in constants");
        ensure!(*import < image.imports.len(), "{at:#x} has import {import}");
        ensure!((got.address..got.address + got.size).contains(at), "an import outside of the table");
    }
    for at in (got.address..got.address + got.size).step_by(8) {
        ensure!(
            image.addresses.contains_key(&at) != image.bound.contains_key(&at),
            "the pointer at {at:#x} is nothing"
        );
        let import = image.bound.get(&at).map(|import| image.imports[*import].name.as_str());
        let symbol = image.indirect(got.first_indirect + ((at - got.address) / 8) as u32)?;
        ensure!(
            symbol == import,
            "debuggers take the pointer at {at:#x} for {symbol:?} instead of {import:?}"
        );
    }
    Ok(())
}

/// What is imported is in libSystem, on this architecture, and each stub leads to a pointer of an import.
pub fn imports(image: &Image<'_>, target: &Target) -> Result<()> {
    let stub = std::fs::read_to_string(repository().join("linker-scripts/libSystem.tbd"))?;
    let exports = stub.split_once("\nexports:").context("no exports")?.1;
    let known: Vec<&str> = exports
        .split("- targets:")
        .filter(|part| part.lines().next().is_some_and(|targets| targets.contains(target.stub)))
        .flat_map(|part| part.lines().skip(1))
        .map(|line| line.split('#').next().unwrap_or(""))
        .flat_map(|line| line.split([' ', ',', '[', ']', '\'']))
        .collect();
    ensure!(!image.imports.is_empty(), "nothing is imported");
    for (index, import) in image.imports.iter().enumerate() {
        let name = import.name.as_str();
        ensure!(known.contains(&name), "{name} isn't in libSystem.tbd");
        ensure!(import.library == 1 && !import.weak, "{name} is of library {}", import.library);
        ensure!(image.bound.values().any(|bound| *bound == index), "{name} is bound nowhere");
        let undefined = image.symbols.iter().any(|symbol| symbol.name == name && symbol.kind == 1);
        ensure!(undefined, "{name} isn't an undefined symbol");
    }
    let stubs = image.section("__TEXT", "__stubs")?;
    let bytes = if target.architecture == "arm64" { 12 } else { 6 };
    for (index, code) in stubs.data.chunks(bytes).enumerate() {
        let here = stubs.address + (index * bytes) as u64;
        let pointer = match target.architecture {
            "arm64" => {
                let [page, load, branch] = [word(code, 0)?, word(code, 4)?, word(code, 8)?];
                ensure!(page & 0x9f00_001f == 0x9000_0010 && branch == 0xd61f_0200, "the stub at {here:#x}");
                ensure!(load & 0xffc0_03ff == 0xf940_0210, "the load at {here:#x}");
                let distance = i64::from(((page >> 5 & 0x7_ffff) << 2 | page >> 29 & 3) << 11) >> 11;
                let page = ((here >> 12) as i64 + distance) as u64;
                (page << 12) + u64::from(load >> 10 & 0xfff) * 8
            }
            _ => {
                ensure!(code[..2] == [0xff, 0x25], "the stub at {here:#x}");
                (here + 6).wrapping_add_signed(i64::from(word(code, 2)? as i32))
            }
        };
        let import = image.bound.get(&pointer).map(|import| image.imports[*import].name.as_str());
        ensure!(import.is_some(), "the stub at {here:#x} leads to {pointer:#x}");
        let symbol = image.indirect(stubs.first_indirect + index as u32)?;
        ensure!(
            symbol == import,
            "debuggers take the stub at {here:#x} for {symbol:?} instead of {import:?}"
        );
    }
    Ok(())
}

/// The tables that the compiler writes for the runtime are where the program says that they are.
pub fn tables(image: &Image<'_>) -> Result<()> {
    use std::mem::offset_of;
    use wasm_aot_abi::layout::ProgramInfo;
    let Some(root) = image.symbol("_wasm_aot_program") else {
        // Without names it can't be found, but is what it was before they were left out.
        return Ok(());
    };
    let pointer = |offset: usize| {
        let at = root + offset as u64;
        image.addresses.get(&at).copied().with_context(|| format!("there is no pointer at offset {offset}"))
    };
    let number = |offset: usize| long(image.at(root)?, offset);
    let code = image.section("__TEXT", "__text")?;
    let [start, end] =
        [pointer(offset_of!(ProgramInfo, text_start))?, pointer(offset_of!(ProgramInfo, text_end))?];
    ensure!(start == code.address && end <= code.address + code.size && start < end, "the program's code");
    let main = pointer(offset_of!(ProgramInfo, main))?;
    ensure!(Some(main) == image.symbol("_wasm_aot.main"), "`main` isn't at {main:#x}");
    let count = number(offset_of!(ProgramInfo, functions.count))? as usize;
    let starts = image.at(pointer(offset_of!(ProgramInfo, functions.starts))?)?;
    let offsets = image.at(pointer(offset_of!(ProgramInfo, functions.name_offsets))?)?;
    let names = image.at(pointer(offset_of!(ProgramInfo, functions.names))?)?;
    let mut named = 0;
    for index in 0..count {
        let address = start + u64::from(word(starts, 4 * index)?);
        let range = word(offsets, 4 * index)? as usize..word(offsets, 4 * index + 4)? as usize;
        let name = String::from_utf8_lossy(&names[range]).into_owned();
        let symbol =
            |symbol: &&super::image::Symbol| symbol.address == address && symbol.name == format!("_{name}");
        if !name.is_empty() {
            ensure!(image.symbols.iter().any(|other| symbol(&other)), "`{name}` isn't at {address:#x}");
            named += 1;
        }
    }
    ensure!(named > 0, "no function has a name");
    let policy = image.section("__DATA_CONST", "__policy")?;
    let at = pointer(offset_of!(ProgramInfo, policy))?;
    ensure!((policy.address..policy.address + policy.size).contains(&at), "the policy isn't at {at:#x}");
    Ok(())
}

/// All code is in the unwind table, as code with a frame pointer.
pub fn unwind(image: &Image<'_>) -> Result<()> {
    let table = image.section("__TEXT", "__unwind_info")?.data;
    let code = image.section("__TEXT", "__text")?;
    let base = image.segments[1].address;
    ensure!(word(table, 0)? == 1, "the version");
    let (index, count) = (word(table, 20)? as usize, word(table, 24)?);
    ensure!(count == 2, "{count} entries");
    let (first, page, last) =
        (word(table, index)?, word(table, index + 4)? as usize, word(table, index + 12)?);
    ensure!(base + u64::from(first) == code.address, "the first entry isn't the start of the code");
    ensure!(base + u64::from(last) == code.address + code.size, "the last entry isn't the end of the code");
    ensure!(word(table, page)? == 2 && word(table, page + 4)? == 8 | 1 << 16, "the page of entries");
    ensure!(word(table, page + 8)? == first, "the only entry isn't at the start");
    let mode = word(table, page + 12)?;
    ensure!(mode == 0x0400_0000 || mode == 0x0100_0000, "no frame pointers: {mode:#x}");
    Ok(())
}

/// The signature is the end of the file, and has the hash of every page before it.
pub fn signature(image: &Image<'_>) -> Result<()> {
    let blob = image.linked_data(macho::LC_CODE_SIGNATURE)?;
    let signed = image.bytes.len() - blob.len();
    ensure!(std::ptr::eq(blob, &raw const image.bytes[signed..]), "it isn't the end of the file");
    ensure!(signed.is_multiple_of(16), "it isn't aligned");
    let big = |bytes: &[u8], at: usize| word(bytes, at).map(u32::swap_bytes);
    ensure!(big(blob, 0)? == 0xfade_0cc0 && big(blob, 4)? as usize == blob.len(), "the blob");
    ensure!(big(blob, 8)? == 1 && big(blob, 12)? == 0, "it isn't a code directory alone");
    let directory = &blob[big(blob, 16)? as usize..];
    ensure!(
        big(directory, 0)? == 0xfade_0c02 && big(directory, 4)? as usize == directory.len(),
        "the directory"
    );
    ensure!(big(directory, 8)? == 0x2_0400, "the version of the directory");
    ensure!(big(directory, 12)? == 0x2_0002, "it isn't ad hoc, by a linker");
    let (hashes, identifier) = (big(directory, 16)? as usize, big(directory, 20)? as usize);
    ensure!(big(directory, 24)? == 0, "special slots");
    ensure!(big(directory, 32)? as usize == signed, "not all is signed");
    ensure!(directory[36..40] == [32, 2, 0, 12], "hashes aren't SHA-256 of 4 KiB");
    let identifier =
        directory[identifier..hashes].split(|byte| *byte == 0).next().context("an identifier")?;
    ensure!(identifier.len() == 32, "the identifier");
    ensure!(long(directory, 64)? == 0, "the code isn't at the start of the file");
    let text = image.segments[1].data.len() as u64;
    ensure!(long(directory, 72)?.swap_bytes() == text, "the size of the code");
    ensure!(long(directory, 80)?.swap_bytes() == 1, "it isn't a main executable");
    let expected: Vec<u8> =
        image.bytes[..signed].chunks(4096).flat_map(|page| <[u8; 32]>::from(Sha256::digest(page))).collect();
    ensure!(big(directory, 28)? as usize * 32 == expected.len(), "the number of hashes");
    ensure!(directory[hashes..] == expected, "a hash is wrong");
    Ok(())
}
