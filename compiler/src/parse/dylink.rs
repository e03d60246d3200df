//! The section `dylink.0` of what `wasm-ld -shared` and `-pie` make (WebAssembly/tool-conventions, `DynamicLinking.md`).

use std::collections::HashSet;

use wasmparser::{Dylink0SectionReader, Dylink0Subsection, MemInfo, SymbolFlags};

/// What a shared library, or a position-independent main module, needs of the linker.
pub struct Dylink<'a> {
    /// The memory and the elements of the table that it takes; alignments are powers of two, given by their exponents.
    pub space: MemInfo,
    /// The names of the libraries that it needs.
    pub needed: Vec<&'a str>,
    /// The imports, by module and name, that may remain undefined.
    pub weak: HashSet<(&'a str, &'a str)>,
    /// The exports that are thread-local variables.
    pub thread_local: HashSet<&'a str>,
}

impl<'a> Dylink<'a> {
    /// Reads the section.
    ///
    /// # Errors
    /// If it is malformed.
    pub fn read(reader: Dylink0SectionReader<'a>) -> Result<Dylink<'a>, String> {
        let space = MemInfo { memory_size: 0, memory_alignment: 0, table_size: 0, table_alignment: 0 };
        let mut dylink =
            Dylink { space, needed: Vec::new(), weak: HashSet::new(), thread_local: HashSet::new() };
        for subsection in reader {
            match subsection.map_err(|error| error.to_string())? {
                Dylink0Subsection::MemInfo(space) => dylink.space = space,
                Dylink0Subsection::Needed(names) => dylink.needed.extend(names),
                Dylink0Subsection::ImportInfo(imports) => {
                    let weak = imports.iter().filter(|info| info.flags.contains(SymbolFlags::BINDING_WEAK));
                    dylink.weak.extend(weak.map(|info| (info.module, info.field)));
                }
                Dylink0Subsection::ExportInfo(exports) => {
                    let local = exports.iter().filter(|info| info.flags.contains(SymbolFlags::TLS));
                    dylink.thread_local.extend(local.map(|info| info.name));
                }
                _ => {}
            }
        }
        if dylink.space.memory_alignment.max(dylink.space.table_alignment) > MAX_ALIGNMENT {
            return Err(format!("its alignment is larger than 2^{MAX_ALIGNMENT}"));
        }
        Ok(dylink)
    }
}

/// The exponent of the largest alignment.
const MAX_ALIGNMENT: u32 = 16;
