//! Writes the image.

use std::mem::{offset_of, size_of};

use anyhow::{Result, bail};
use object::pe;
use object::write::pe::{NtHeaders, Writer};
use wasm_aot_abi::policy;

use super::super::debug::Debug;
use super::super::inputs::Executable;
use super::debug::{DebugSection, ForDebuggers, Parts};
use super::exports;
use super::input::{Definition, Objects};
use super::layout::{FILE_ALIGNMENT, IMAGE_BASE, Layout, Output, SECTION_ALIGNMENT};
use super::relocate::Relocated;

/// Stack in addition to the policy's: for what runs before the program, for functions of the runtime, and as a
/// reserve for the trap handler.
const STACK_BESIDE: u64 = 256 << 10;

/// The oldest system that provides all imports: Windows 8.
const SYSTEM_VERSION: (u16, u16) = (6, 2);

/// The number of data directories that all tools expect.
const DIRECTORIES: usize = pe::IMAGE_NUMBEROF_DIRECTORY_ENTRIES;

/// What the image is.
#[derive(Clone, Copy)]
pub enum Purpose<'a> {
    /// A program, with the symbol of its entry and the size of its stack in bytes.
    Program { entry: &'a str, stack_size: u64 },
    /// A DLL. The system calls nothing in it.
    Library,
}

/// Writes the image, and what debuggers are to have apart from it.
pub fn write_parts(
    objects: &Objects<'_>,
    layout: &Layout,
    relocated: &Relocated,
    purpose: Purpose<'_>,
    debug: &Debug,
) -> Result<Executable> {
    let Parts { mut image, apart } = Parts::new(objects, layout, debug)?;
    let debug_file = match apart {
        Some((name, debuggers)) => {
            // All sections have their places in it, and only what is for debuggers has contents.
            let nothing = Relocated { contents: vec![Vec::new(); Output::ALL.len()], words: Vec::new() };
            let file = write(objects, layout, &nothing, purpose, &debuggers)?;
            image.link_to(&name, &file);
            Some(file)
        }
        None => None,
    };
    Ok(Executable { bytes: write(objects, layout, relocated, purpose, &image)?, debug_file })
}

fn write(
    objects: &Objects<'_>,
    layout: &Layout,
    relocated: &Relocated,
    purpose: Purpose<'_>,
    debuggers: &ForDebuggers,
) -> Result<Vec<u8>> {
    let headers = match purpose {
        Purpose::Program { entry, stack_size } => match objects.named(entry.as_bytes())? {
            Definition::Place(section, offset) if layout.places[&section].0 == Output::Text => {
                let entry = layout.places[&section].1 + offset;
                headers(objects.machine, entry, stack_size + STACK_BESIDE)
            }
            _ => bail!("the entry isn't code"),
        },
        Purpose::Library => library_headers(objects.machine),
    };
    let mut bytes = Vec::new();
    let mut writer = Writer::new(true, SECTION_ALIGNMENT, FILE_ALIGNMENT, &mut bytes);
    let used = |output: &Output| layout.extent(*output).bytes > 0;
    let outputs: Vec<Output> = Output::ALL.into_iter().filter(used).collect();
    writer.reserve_dos_header();
    writer.reserve_nt_headers(DIRECTORIES);
    let tables = debuggers.tables(&outputs);
    let count = outputs.len() + usize::from(!relocated.words.is_empty()) + debuggers.sections.len();
    writer.reserve_section_headers(count as u16);
    let (mut ranges, mut behind) = (Vec::new(), Vec::new());
    for output in outputs {
        let extent = layout.extent(output);
        let mut name = [0; 8];
        name.iter_mut().zip(output.name()).for_each(|(to, from)| *to = *from);
        let contents = &relocated.contents[output as usize];
        let range =
            writer.reserve_section(name, output.characteristics(), extent.bytes, contents.len() as u32);
        assert_eq!(range.virtual_address, extent.address);
        ranges.push((contents, range));
    }
    for word in &relocated.words {
        writer.add_reloc(*word, pe::IMAGE_REL_BASED_DIR64);
    }
    if !relocated.words.is_empty() {
        writer.reserve_reloc_section();
    }
    for (section, name) in debuggers.sections.iter().zip(tables.section_names) {
        let bytes = section.data.len() as u32;
        let range = writer.reserve_section(name, DebugSection::CHARACTERISTICS, bytes, bytes);
        behind.push((&section.data, range));
    }
    let tables_at = writer.reserve_file(tables.bytes.len() as u32);
    set_directories(&mut writer, objects, layout)?;
    let policy_at = find(objects, layout, policy::SECTION)?.map(|(address, _)| address);
    let nt_headers_at = writer.nt_headers_offset();
    writer.write_custom_dos_header(&dos_header(nt_headers_at, policy_at))?;
    writer.write_nt_headers(headers);
    writer.write_section_headers();
    for (contents, range) in ranges {
        writer.write_section(range.file_offset, contents);
    }
    if !relocated.words.is_empty() {
        writer.write_reloc_section();
    }
    for (contents, range) in behind {
        writer.write_section(range.file_offset, contents);
    }
    if !tables.bytes.is_empty() {
        writer.pad_until(tables_at);
        writer.write(&tables.bytes);
        let header = &mut bytes[nt_headers_at as usize + size_of_val(&pe::IMAGE_NT_SIGNATURE)..];
        let mut put = |at: usize, word: u32| header[at..at + 4].copy_from_slice(&word.to_le_bytes());
        put(offset_of!(pe::ImageFileHeader, pointer_to_symbol_table), tables_at);
        put(offset_of!(pe::ImageFileHeader, number_of_symbols), tables.count);
    }
    Ok(bytes)
}

/// The address and size of the input section with this name, if there is one.
fn find(objects: &Objects<'_>, layout: &Layout, name: &str) -> Result<Option<(u32, u32)>> {
    for (section, (_, address)) in &layout.places {
        if objects.name(*section)? == name {
            return Ok(Some((*address, objects.size(*section)?)));
        }
    }
    Ok(None)
}

/// The header of a DOS program, without the program.
fn dos_header(nt_headers: u32, policy_at: Option<u32>) -> pe::ImageDosHeader {
    let mut bytes = [0; size_of::<pe::ImageDosHeader>()];
    let mut put = |at: usize, data: &[u8]| bytes[at..at + data.len()].copy_from_slice(data);
    put(offset_of!(pe::ImageDosHeader, e_magic), &pe::IMAGE_DOS_SIGNATURE.to_le_bytes());
    put(offset_of!(pe::ImageDosHeader, e_lfanew), &nt_headers.to_le_bytes());
    if let Some(address) = policy_at {
        put(policy::PE_MARK_AT, &policy::PE_MARK);
        put(policy::PE_MARK_AT + policy::PE_MARK.len(), &address.to_le_bytes());
    }
    *object::from_bytes(&bytes).expect("it has this size and no alignment").0
}

fn set_directories(writer: &mut Writer<'_>, objects: &Objects<'_>, layout: &Layout) -> Result<()> {
    if let Some((address, bytes)) = find(objects, layout, exports::SECTION)? {
        writer.set_data_directory(pe::IMAGE_DIRECTORY_ENTRY_EXPORT, address, bytes);
    }
    if layout.imports.bytes > 0 {
        let (at, bytes) = layout.imports.descriptors();
        writer.set_data_directory(pe::IMAGE_DIRECTORY_ENTRY_IMPORT, layout.imports_at + at, bytes);
        let pointers = layout.imports.pointers_bytes;
        writer.set_data_directory(pe::IMAGE_DIRECTORY_ENTRY_IAT, layout.imports_at, pointers);
    }
    let bytes = layout.functions_bytes(objects);
    if bytes > 0 {
        writer.set_data_directory(pe::IMAGE_DIRECTORY_ENTRY_EXCEPTION, layout.functions_at, bytes);
    }
    Ok(())
}

/// The image may be loaded anywhere, and data isn't executable. No high-entropy addresses: with them the system
/// might put a stack or a heap where the first linear memory is to be, instead of below 2 GiB.
fn headers(machine: u16, entry: u32, stack: u64) -> NtHeaders {
    NtHeaders {
        machine,
        time_date_stamp: 0,
        characteristics: pe::IMAGE_FILE_EXECUTABLE_IMAGE | pe::IMAGE_FILE_LARGE_ADDRESS_AWARE,
        major_linker_version: 0,
        minor_linker_version: 0,
        address_of_entry_point: entry,
        image_base: IMAGE_BASE,
        major_operating_system_version: SYSTEM_VERSION.0,
        minor_operating_system_version: SYSTEM_VERSION.1,
        major_image_version: 0,
        minor_image_version: 0,
        major_subsystem_version: SYSTEM_VERSION.0,
        minor_subsystem_version: SYSTEM_VERSION.1,
        subsystem: pe::IMAGE_SUBSYSTEM_WINDOWS_CUI,
        dll_characteristics: pe::IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE
            | pe::IMAGE_DLLCHARACTERISTICS_NX_COMPAT
            | pe::IMAGE_DLLCHARACTERISTICS_TERMINAL_SERVER_AWARE,
        size_of_stack_reserve: stack.next_multiple_of(64 << 10),
        size_of_stack_commit: 64 << 10,
        size_of_heap_reserve: 1 << 20,
        size_of_heap_commit: 4 << 10,
    }
}

/// A library has no entry, and may be loaded at any address. It has no stack either; its header says what those of
/// other linkers say.
fn library_headers(machine: u16) -> NtHeaders {
    let headers = headers(machine, 0, 1 << 20);
    NtHeaders {
        characteristics: headers.characteristics | pe::IMAGE_FILE_DLL,
        dll_characteristics: pe::IMAGE_DLLCHARACTERISTICS_DYNAMIC_BASE
            | pe::IMAGE_DLLCHARACTERISTICS_HIGH_ENTROPY_VA
            | pe::IMAGE_DLLCHARACTERISTICS_NX_COMPAT,
        size_of_stack_commit: 4 << 10,
        ..headers
    }
}
