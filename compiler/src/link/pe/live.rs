//! The sections that the executable needs: those that the entry refers to, and those that these refer to.

use std::collections::BTreeSet;

use anyhow::{Result, bail};
use object::{LittleEndian as LE, SymbolIndex, pe};

use super::input::{Definition, Objects, Section};

/// What the executable needs.
pub struct Live {
    pub sections: BTreeSet<Section>,
    /// Indices of imports.
    pub imports: BTreeSet<usize>,
    /// The entries of the function table, by section and offset.
    pub functions: Vec<(Section, u32)>,
}

/// Size in bytes of an entry of the function table: begin, end and unwind information, or only begin and
/// unwind information.
pub fn function_entry_bytes(machine: u16) -> u32 {
    if machine == pe::IMAGE_FILE_MACHINE_ARM64 { 8 } else { 12 }
}

/// Finds what the executable needs.
pub fn find(objects: &Objects<'_>, entry: &str) -> Result<Live> {
    let mut live = Live { sections: BTreeSet::new(), imports: BTreeSet::new(), functions: Vec::new() };
    let mut pending = Vec::new();
    live.add(objects.named(entry.as_bytes())?, &mut pending);
    live.follow(objects, &mut pending)?;
    live.add_functions(objects)?;
    Ok(live)
}

impl Live {
    fn add(&mut self, definition: Definition, pending: &mut Vec<Section>) {
        match definition {
            Definition::Place(section, _) => {
                if self.sections.insert(section) {
                    pending.push(section);
                }
            }
            Definition::ImportAddress(import) => _ = self.imports.insert(import),
            Definition::ImageBase | Definition::Absolute(_) => {}
        }
    }

    fn follow(&mut self, objects: &Objects<'_>, pending: &mut Vec<Section>) -> Result<()> {
        while let Some(section) = pending.pop() {
            for relocation in objects.relocations(section)? {
                self.add(target(objects, section, relocation)?, pending);
            }
        }
        Ok(())
    }

    /// Adds the entries of functions that are needed, and what they refer to.
    fn add_functions(&mut self, objects: &Objects<'_>) -> Result<()> {
        let bytes = function_entry_bytes(objects.machine);
        let mut pending = Vec::new();
        for section in objects.sections() {
            if objects.name(section)? != ".pdata" {
                continue;
            }
            let relocations = objects.relocations(section)?;
            if !relocations.is_sorted_by_key(|relocation| relocation.virtual_address.get(LE)) {
                bail!("the relocations of a function table aren't in order");
            }
            let entry = |relocation: &pe::ImageRelocation| relocation.virtual_address.get(LE) / bytes;
            for words in relocations.chunk_by(|one, other| entry(one) == entry(other)) {
                if !words[0].virtual_address.get(LE).is_multiple_of(bytes) {
                    bail!("an entry of a function table has no start");
                }
                let Definition::Place(function, _) = target(objects, section, &words[0])? else { continue };
                if !self.sections.contains(&function) {
                    continue;
                }
                self.functions.push((section, entry(&words[0]) * bytes));
                for word in words {
                    self.add(target(objects, section, word)?, &mut pending);
                }
            }
        }
        // Unwind information refers at most to handlers, which have no unwind information themselves.
        self.follow(objects, &mut pending)
    }
}

/// What a relocation refers to.
pub fn target(
    objects: &Objects<'_>,
    section: Section,
    relocation: &pe::ImageRelocation,
) -> Result<Definition> {
    objects.definition(section.object, SymbolIndex(relocation.symbol_table_index.get(LE) as usize))
}
