//! What the image needs: the atoms of the entry or of the exports, and those that these refer to.

use std::collections::BTreeSet;

use anyhow::{Result, bail};

use super::input::{Atom, Definition, Objects};
use super::relocation::Relocation;

/// What the image needs.
#[derive(Default)]
pub struct Live<'d> {
    pub atoms: BTreeSet<Atom>,
    /// The symbols that have a pointer in the global offset table.
    pub got: BTreeSet<Definition<'d>>,
    /// Imported functions that are called: each has a stub, and a pointer in the table.
    pub stubs: BTreeSet<&'d [u8]>,
    /// Symbols of libraries and of the embedder.
    pub imports: BTreeSet<&'d [u8]>,
}

/// Finds what these symbols need.
pub fn find<'d>(objects: &Objects<'d>, roots: &[&[u8]]) -> Result<Live<'d>> {
    let mut live = Live::default();
    let mut pending = Vec::new();
    for root in roots {
        live.add(objects.named(root)?, &mut pending);
    }
    while let Some(atom) = pending.pop() {
        for relocation in objects.relocations(atom) {
            let definition = objects.target(atom.object, relocation.target)?;
            live.refer(relocation, definition)?;
            live.add(definition, &mut pending);
            if let Some(minus) = relocation.minus {
                live.add(objects.target(atom.object, minus)?, &mut pending);
            }
        }
    }
    Ok(live)
}

impl<'d> Live<'d> {
    fn add(&mut self, definition: Definition<'d>, pending: &mut Vec<Atom>) {
        match definition {
            Definition::Place(atom, _) => {
                if self.atoms.insert(atom) {
                    pending.push(atom);
                }
            }
            Definition::Import(name) => _ = self.imports.insert(name),
            Definition::Header | Definition::Absolute(_) => {}
        }
    }

    /// Notes what a reference needs besides its target.
    fn refer(&mut self, relocation: &Relocation, definition: Definition<'d>) -> Result<()> {
        if relocation.kind.uses_got() {
            if relocation.addend != 0 {
                bail!("a reference into the global offset table has an addend");
            }
            self.got.insert(definition);
        } else if let (true, Definition::Import(name)) = (relocation.kind.is_branch(), definition) {
            self.got.insert(definition);
            self.stubs.insert(name);
        }
        Ok(())
    }
}
