//! Links an object and the runtime archive to an executable or a shared library.

#[cfg(test)]
mod archive;
pub mod debug;
mod embedded;
mod external;
mod gnu;
mod inputs;
mod lld;
mod macho;
pub mod merge;
mod pe;
mod shared_object;
mod unwind;

use std::ffi::OsStr;
use std::path::PathBuf;

use anyhow::{Context as _, Result, bail};
use object::{Object as _, ObjectSegment as _, ObjectSymbol as _};
use wasm_aot_abi::gc::HEAP_START;
use wasm_aot_abi::symbols::RELRO_MAIN;
use wasm_aot_runtimes::IMAGE_LD;

use crate::object::ImageEnd;
use crate::targets::{Format, Target};
use debug::{BuildId, Debug};
use external::Script;
pub use inputs::{Executable, Import, Inputs, Shared, SharedLibrary, Style, unpack};

/// Which linker to use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Linker {
    /// The embedded linker if it can link for the target, otherwise lld.
    Auto,
    /// In this process and in memory: libwild for ELF, our own for PE and Mach-O.
    Embedded,
    /// LLVM's linker, as installed on this machine.
    Lld,
    /// A linker that takes the options of GNU ld.
    Path(PathBuf),
}

impl Linker {
    /// Reads the value of `--linker`.
    pub fn parse(name: &OsStr) -> Linker {
        match name.to_str() {
            Some("auto") => Linker::Auto,
            Some("embedded") => Linker::Embedded,
            Some("lld") => Linker::Lld,
            _ => Linker::Path(PathBuf::from(name)),
        }
    }

    /// Whether it is the embedded linker.
    fn is_embedded(&self, target: &Target) -> bool {
        target.format.has_embedded_linker() && matches!(self, Linker::Auto | Linker::Embedded)
    }

    /// How the initial contents of memories may end. The embedded linker places read-only sections with custom names
    /// after all others in their segment, and so does lld with a script of ours; nothing is known about other
    /// linkers.
    pub fn image_end(&self) -> ImageEnd {
        match self {
            Linker::Path(_) => ImageEnd::Page,
            _ => ImageEnd::Contents,
        }
    }

    /// Links an executable.
    ///
    /// # Errors
    /// If linking fails, with the linker's own message.
    pub fn link(&self, target: &Target, mut inputs: Inputs, style: &Style) -> Result<Executable> {
        let elf = match target.format {
            Format::Pe if self.is_embedded(target) => return pe::link(&inputs, &style.debug),
            Format::MachO if self.is_embedded(target) => return macho::link(&inputs, &style.debug),
            Format::Pe | Format::MachO => bail!("only the embedded linker links for {}", target.name),
            Format::Elf(elf) => elf,
        };
        let strip = style.debug.strip(&inputs.object)?;
        let build_id = style.debug.build_id(strip);
        let mut options = gnu::options(elf, style.pie, protects_itself(&inputs.object)?, strip, &build_id);
        options.extend(unwind::prepare(&mut inputs)?);
        let executable = match self {
            _ if self.is_embedded(target) => embedded::link(options, inputs, None),
            Linker::Embedded => bail!("the embedded linker can't link for {}; use --linker lld", target.name),
            Linker::Auto | Linker::Lld => {
                let program = lld::find()?;
                let script = Script::Layout(IMAGE_LD);
                options.extend(gnu::whole_pages(elf));
                external::link(&program.path, program.arguments, Some(&script), options, &inputs)
            }
            Linker::Path(program) => external::link(program, &[], None, options, &inputs),
        }?;
        if !style.pie {
            check_end(&executable)?;
        }
        finish(executable, &style.debug, &build_id)
    }

    /// Links a shared library. Of the inputs, the size of the stack isn't used.
    ///
    /// # Errors
    /// If linking fails, with the linker's own message; if an export isn't defined, or anything but the imports is
    /// undefined.
    pub fn link_shared(
        &self,
        target: &Target,
        mut inputs: Inputs,
        shared: &Shared<'_>,
    ) -> Result<SharedLibrary> {
        let format = match target.format {
            Format::Pe if self.is_embedded(target) => return pe::link_shared(&inputs, shared),
            Format::MachO if self.is_embedded(target) => return macho::link_shared(&inputs, shared),
            Format::Pe | Format::MachO => bail!("only the embedded linker links for {}", target.name),
            Format::Elf(format) => format,
        };
        let strip = shared.debug.strip(&inputs.object)?;
        let build_id = shared.debug.build_id(strip);
        let mut options = shared_object::options(format, shared, strip, &build_id);
        options.extend(unwind::prepare(&mut inputs)?);
        let library = match self {
            _ if self.is_embedded(target) => shared_object::link_embedded(options, inputs, shared),
            Linker::Embedded => bail!("the embedded linker can't link for {}; use --linker lld", target.name),
            Linker::Auto | Linker::Lld => {
                let program = lld::find()?;
                shared_object::link_external(&program.path, program.arguments, options, &inputs, shared)
            }
            Linker::Path(program) => shared_object::link_external(program, &[], options, &inputs, shared),
        }?;
        shared_object::check(&library, shared)?;
        let Executable { bytes, debug_file } = finish(library, shared.debug, &build_id)?;
        Ok(SharedLibrary { library: bytes, import_library: None, debug_file })
    }
}

/// Gives an ELF file its build ID, and takes it apart if it is to be.
fn finish(mut linked: Vec<u8>, debug: &Debug, build_id: &BuildId) -> Result<Executable> {
    build_id.complete(&mut linked)?;
    let Some(file) = &debug.file else { return Ok(Executable { bytes: linked, debug_file: None }) };
    let debug::Split { executable, debug } = debug::split(&linked, file, debug.strip)?;
    Ok(Executable { bytes: executable, debug_file: Some(debug) })
}

/// Whether the program makes what is only relocated read-only when it starts.
fn protects_itself(object: &[u8]) -> Result<bool> {
    let object = object::File::parse(object).context("the program's object")?;
    Ok(object.symbols().any(|symbol| symbol.name_bytes() == Ok(RELRO_MAIN.as_bytes())))
}

/// Linkers place what isn't position-independent at low addresses; above it are the addresses that code
/// contains as constants.
fn check_end(executable: &[u8]) -> Result<()> {
    let segments = object::File::parse(executable)?;
    let end = segments.segments().map(|segment| segment.address() + segment.size()).max();
    if end > Some(HEAP_START) {
        bail!("the program is too large for --no-pie: it would end at {:#x}", end.unwrap_or_default());
    }
    Ok(())
}
