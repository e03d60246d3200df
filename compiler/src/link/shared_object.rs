//! ELF shared objects: what GNU-like linkers are told, and what must be true of the result.

use std::collections::BTreeSet;
use std::path::Path;

use anyhow::{Context, Result, bail};
use object::elf;
use object::read::elf::{Dyn as _, ElfFile64};
use object::{Endianness, Object as _, ObjectSymbol as _};

use super::debug::{BuildId, Strip};
use super::inputs::{Inputs, Shared};
use super::{embedded, external, gnu};
use crate::targets::Elf;

#[cfg(test)]
mod tests;

/// The options of a link.
pub fn options(format: Elf, shared: &Shared<'_>, strip: Strip, build_id: &BuildId) -> Vec<String> {
    let build_id = build_id.option();
    let page = format!("max-page-size={}", format.largest_page);
    let options = [
        "-m",
        format.emulation,
        "-shared",
        "-soname",
        shared.name,
        // Calls between exported functions stay in the library, whatever else has their names.
        "-Bsymbolic",
        "--gc-sections",
        // No entry: libwild would keep `_start` and all that it reaches.
        "-e",
        "0",
        "--hash-style=gnu",
        &build_id,
        "-z",
        "noexecstack",
        "-z",
        "now",
        "-z",
        "relro",
        // Packed relative relocations would need glibc 2.36 or musl 1.2.4, and older ones ignore them without a word.
        "-z",
        "nopack-relative-relocs",
        // The handlers of signals may have others before them that call them: they can't be taken away.
        "-z",
        "nodelete",
        "-z",
        &page,
    ];
    options.into_iter().chain(gnu::strip_option(strip)).map(str::to_owned).collect()
}

/// A version script without versions: it makes all symbols local but the exports.
fn version_script(shared: &Shared<'_>) -> String {
    let exports: Vec<String> = shared.exports.iter().map(|name| format!("    {name};\n")).collect();
    format!("{{\n  global:\n{}  local:\n    *;\n}};\n", exports.concat())
}

pub fn link_embedded(options: Vec<String>, inputs: Inputs, shared: &Shared<'_>) -> Result<Vec<u8>> {
    embedded::link(options, inputs, Some(version_script(shared)))
}

pub fn link_external(
    program: &Path,
    arguments: &[&str],
    options: Vec<String>,
    inputs: &Inputs,
    shared: &Shared<'_>,
) -> Result<Vec<u8>> {
    let script = external::Script::Versions(version_script(shared));
    external::link(program, arguments, Some(&script), options, inputs)
}

/// Checks that exactly the exports are defined for other programs, that only the imports are undefined, that code needs
/// no relocation, and that no other library is needed. (For linkers a symbol is undefined even if only code that they
/// drop refers to it.)
pub fn check(library: &[u8], shared: &Shared<'_>) -> Result<()> {
    let file = ElfFile64::<Endianness>::parse(library).context("the linker wrote no library")?;
    let mut defined = BTreeSet::new();
    for symbol in file.dynamic_symbols() {
        let name = symbol.name().context("the name of a dynamic symbol")?;
        if !symbol.is_undefined() {
            defined.insert(name);
        } else if !shared.imports.iter().any(|import| import.name == name) {
            bail!("linking failed: undefined symbol `{name}`");
        }
    }
    for export in shared.exports {
        if !defined.remove(export.as_str()) {
            bail!("linking failed: the exported symbol `{export}` isn't defined");
        }
    }
    if let Some(other) = defined.first() {
        bail!("the linker exported `{other}`, too; use the embedded linker or lld");
    }
    let (endian, data) = (file.endian(), file.data());
    let dynamic = file.elf_section_table().dynamic(endian, data)?.context("the linker wrote no library")?.0;
    for entry in dynamic {
        match entry.tag(endian) {
            elf::DT_TEXTREL => bail!("the linker made a library whose code must be written to"),
            elf::DT_NEEDED => bail!("the linker made a library that needs another one"),
            _ => {}
        }
    }
    Ok(())
}
