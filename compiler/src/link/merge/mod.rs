//! Merges an object and what it needs of the runtime into one relocatable object, in which only the symbols of an
//! interface are global: so several such objects, and any C library, can be in one program. The host's linker sees
//! an ordinary object of its own format.
//!
//! The phases: `input` holds what was read, by `elf`, `coff` and `macho` (the first two share `sections`), as pieces
//! that are kept or left out as a whole; `live` finds the pieces that are needed; `output` writes them. `system` knows
//! what the system and linkers define. `archive` makes a static library of the result.

mod archive;
mod coff;
mod elf;
mod input;
mod live;
mod macho;
mod output;
mod sections;
mod system;
#[cfg(test)]
mod tests;

use std::collections::BTreeSet;

use ::object::read::archive::ArchiveFile;
use anyhow::{Context, Result, bail};

use crate::object;
use crate::targets::{Format, Target};
pub use archive::archive;
use input::{Inputs, PieceIndex, Place, Source};
use live::Live;
use system::System;

/// What all symbols of the runtime that code outside of it uses begin with.
const RUNTIME_PREFIX: &str = "wasm_aot_";

/// At most so many undefined symbols are named.
const NAMED: usize = 8;

/// Makes one relocatable object of an object and of those parts of the runtime's archive that it reaches. The symbols
/// of `interface` stay global and all others become local. `undefined` is whether the embedder defines a symbol. Names
/// are those of C, without the underscore of Mach-O.
///
/// # Errors
/// If a symbol of the interface isn't defined, if others than the system and the embedder define are missing, or if
/// an input isn't what our compiler and the runtime's compiler produce.
pub fn merge(
    target: &Target,
    object: &[u8],
    runtime: &[u8],
    interface: &[String],
    undefined: &dyn Fn(&str) -> bool,
) -> Result<Vec<u8>> {
    let merged = || {
        let mut inputs = Inputs::default();
        read(target, &mut inputs, object, Source::Object).context("the program's object")?;
        let roots: Vec<_> = inputs.pieces.keys().collect();
        read_archive(target, &mut inputs, runtime)?;
        let interface = interface.iter().map(|name| mangle(target, name)).collect();
        finish(target, inputs, roots, &interface, undefined)
    };
    merged().context("merging the object and the runtime failed")
}

/// Makes one relocatable object of everything in the runtime's archive that code outside of it may use. Only these
/// symbols are global. What the compiler defines stays undefined.
///
/// # Errors
/// If the archive isn't what the runtime's compiler produces.
pub fn runtime(target: &Target, runtime: &[u8]) -> Result<Vec<u8>> {
    let merged = || {
        let mut inputs = Inputs::default();
        read_archive(target, &mut inputs, runtime)?;
        let prefix = mangle(target, RUNTIME_PREFIX);
        let names = inputs.defined_names();
        let interface: BTreeSet<Vec<u8>> =
            names.filter(|name| name.starts_with(&prefix)).map(<[u8]>::to_vec).collect();
        finish(target, inputs, Vec::new(), &interface, &|name| name.starts_with(RUNTIME_PREFIX))
    };
    merged().context("merging the runtime failed")
}

fn finish(
    target: &Target,
    mut inputs: Inputs<'_>,
    mut roots: Vec<PieceIndex>,
    interface: &BTreeSet<Vec<u8>>,
    undefined: &dyn Fn(&str) -> bool,
) -> Result<Vec<u8>> {
    inputs.resolve()?;
    for name in interface {
        match inputs.named(name).map(|symbol| inputs.symbols[symbol].place) {
            Some(Place::Piece(piece, _)) => roots.push(piece),
            _ => bail!("nothing defines the symbol `{}` of the interface", String::from_utf8_lossy(name)),
        }
    }
    let live = Live::find(&inputs, roots);
    let system = System::of(inputs.header.as_ref().context("there is no object")?)?;
    let missing: Vec<_> = live
        .undefined(&inputs)
        .filter(|name| !system.defines(name, &inputs.imports) && !undefined(&unmangle(target, name)))
        .map(String::from_utf8_lossy)
        .collect();
    if !missing.is_empty() {
        let names = missing.iter().take(NAMED).map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let more = missing.len().saturating_sub(NAMED);
        let more = if more > 0 { format!(" and {more} more") } else { String::new() };
        bail!("nothing defines {names}{more}");
    }
    let mut merged = output::write(&inputs, &live, interface)?;
    if target.format == Format::MachO {
        object::place_debug(&mut merged)?;
    }
    Ok(merged)
}

fn read<'d>(target: &Target, inputs: &mut Inputs<'d>, data: &'d [u8], source: Source) -> Result<()> {
    match target.format {
        Format::Elf(_) => elf::read(inputs, data, source),
        Format::Pe => coff::read(inputs, data, source),
        Format::MachO => macho::read(inputs, data, source),
    }
}

fn read_archive<'d>(target: &Target, inputs: &mut Inputs<'d>, archive: &'d [u8]) -> Result<()> {
    for member in ArchiveFile::parse(archive)?.members() {
        let member = member?;
        // The index of an archive of macOS is a member like others.
        if member.name().starts_with(b"__.SYMDEF") {
            continue;
        }
        let name = String::from_utf8_lossy(member.name());
        read(target, inputs, member.data(archive)?, Source::Runtime)
            .with_context(|| format!("`{name}` in the runtime's archive"))?;
    }
    Ok(())
}

/// The symbol of a C name.
fn mangle(target: &Target, name: &str) -> Vec<u8> {
    let prefix = if target.format == Format::MachO { "_" } else { "" };
    [prefix, name].concat().into_bytes()
}

/// The C name of a symbol.
fn unmangle(target: &Target, symbol: &[u8]) -> String {
    let name = match target.format {
        Format::MachO => symbol.strip_prefix(b"_").unwrap_or(symbol),
        _ => symbol,
    };
    String::from_utf8_lossy(name).into_owned()
}
