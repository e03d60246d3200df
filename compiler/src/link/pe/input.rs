//! The objects that may go into the executable, and what the symbols in them stand for.

use std::collections::HashMap;

use anyhow::{Context, Result, bail};
use object::read::archive::ArchiveFile;
use object::read::coff::{CoffFile, CoffHeader as _, ImageSymbol as _, ImportFile, ImportName};
use object::{FileKind, LittleEndian as LE, Object as _, ObjectSection as _, SectionIndex, SymbolIndex, pe};
use wasm_aot_runtimes::WINDOWS_LIBRARIES;

/// Whether a module-definition file lists this function of this library.
fn lists(definition: &str, library: &[u8], name: &[u8]) -> bool {
    let lines = definition.lines().map(|line| line.split(';').next().unwrap_or_default().trim());
    let mut words = lines.filter(|line| !line.is_empty());
    words.next().and_then(|line| line.strip_prefix("LIBRARY ")).is_some_and(|of| of.as_bytes() == library)
        && words.next() == Some("EXPORTS")
        && words.any(|export| export.as_bytes() == name)
}

/// All objects, and the names that they define for one another.
pub struct Objects<'d> {
    pub objects: Vec<CoffFile<'d>>,
    /// Functions of the system's libraries.
    pub imports: Vec<Import<'d>>,
    names: HashMap<&'d [u8], Definition>,
    imported: HashMap<&'d [u8], usize>,
    /// The machine that they are for, `IMAGE_FILE_MACHINE_...`.
    pub machine: u16,
}

/// A function of a library.
pub struct Import<'d> {
    pub library: &'d [u8],
    pub name: &'d [u8],
}

/// A section of an object, by the indices of both.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Debug)]
pub struct Section {
    pub object: usize,
    pub index: usize,
}

/// What a symbol stands for.
#[derive(Clone, Copy, Debug)]
pub enum Definition {
    /// An offset in a section.
    Place(Section, u32),
    /// The pointer to an imported function, which the system fills in.
    ImportAddress(usize),
    /// The headers of the image.
    ImageBase,
    /// A number.
    Absolute(u32),
}

/// The machine that an object is for.
pub fn machine(object: &[u8]) -> Result<u16> {
    let file: CoffFile<'_> = CoffFile::parse(object).context("the program's object")?;
    Ok(file.coff_header().machine())
}

/// Reads the program's object, the runtime's archive, and the linker's own object. Nothing in these refers to the data
/// that is discarded.
pub fn read<'d>(object: &'d [u8], archive: &'d [u8], own: Option<&'d [u8]>) -> Result<Objects<'d>> {
    let first: CoffFile<'d> = CoffFile::parse(object).context("the program's object")?;
    let machine = first.coff_header().machine();
    let mut all = Objects {
        objects: vec![first],
        imports: Vec::new(),
        names: HashMap::new(),
        imported: HashMap::new(),
        machine,
    };
    for member in ArchiveFile::parse(archive)?.members() {
        let data = member?.data(archive)?;
        match FileKind::parse(data)? {
            FileKind::Coff => all.objects.push(CoffFile::parse(data)?),
            FileKind::CoffImport => all.add_import(&ImportFile::parse(data)?)?,
            other => bail!("the runtime's archive has a member of the kind {other:?}"),
        }
    }
    if let Some(own) = own {
        all.objects.push(CoffFile::parse(own)?);
    }
    all.names.insert(b"__ImageBase", Definition::ImageBase);
    for object in 0..all.objects.len() {
        if all.objects[object].coff_header().machine() != machine {
            bail!("the runtime's archive is for another machine");
        }
        all.add_names(object)?;
    }
    Ok(all)
}

impl<'d> Objects<'d> {
    fn add_import(&mut self, file: &ImportFile<'d>) -> Result<()> {
        let ImportName::Name(name) = file.import() else {
            bail!("the runtime imports a function by number");
        };
        let library = file.dll().to_ascii_lowercase();
        if !WINDOWS_LIBRARIES.iter().any(|definition| lists(definition, &library, name)) {
            let [library, name] = [&library, name].map(String::from_utf8_lossy);
            bail!("the runtime imports {name} of {library}, which linker-scripts/ doesn't list");
        }
        self.imported.insert(name, self.imports.len());
        self.imports.push(Import { library: file.dll(), name });
        Ok(())
    }

    /// Notes the external symbols that an object defines. The first definition counts: a symbol that is
    /// defined several times is the same everywhere (COMDAT), or weak.
    fn add_names(&mut self, object: usize) -> Result<()> {
        let symbols = self.objects[object].coff_symbol_table();
        let mut defined = Vec::new();
        for (_, symbol) in symbols.iter() {
            if symbol.storage_class() == pe::IMAGE_SYM_CLASS_EXTERNAL
                && let Some(definition) = self.own_definition(object, symbol)?
            {
                defined.push((symbol.name(symbols.strings())?, definition));
            }
        }
        for (name, definition) in defined {
            self.names.entry(name).or_insert(definition);
        }
        Ok(())
    }

    /// What a name stands for outside an object.
    pub fn named(&self, name: &[u8]) -> Result<Definition> {
        // The name of the pointer to an imported function is the name of the function with this prefix.
        let imported = name.strip_prefix(b"__imp_").and_then(|name| self.imported.get(name));
        let imported = imported.map(|import| Definition::ImportAddress(*import));
        match self.names.get(name).copied().or(imported) {
            Some(definition) => Ok(definition),
            None => bail!("undefined symbol `{}`", String::from_utf8_lossy(name)),
        }
    }

    /// What a symbol of an object stands for.
    pub fn definition(&self, object: usize, index: SymbolIndex) -> Result<Definition> {
        let symbols = self.objects[object].coff_symbol_table();
        let symbol = symbols.symbol(index)?;
        if symbol.storage_class() != pe::IMAGE_SYM_CLASS_WEAK_EXTERNAL {
            return self.strong_definition(object, index);
        }
        match self.named(symbol.name(symbols.strings())?) {
            Ok(definition) => Ok(definition),
            Err(_) => self.strong_definition(object, symbols.aux_weak_external(index)?.default_symbol()),
        }
    }

    fn strong_definition(&self, object: usize, index: SymbolIndex) -> Result<Definition> {
        let symbols = self.objects[object].coff_symbol_table();
        let symbol = symbols.symbol(index)?;
        match symbol.storage_class() {
            pe::IMAGE_SYM_CLASS_EXTERNAL => self.named(symbol.name(symbols.strings())?),
            _ => self
                .own_definition(object, symbol)?
                .with_context(|| format!("symbol {} has no place", index.0)),
        }
    }

    /// What a symbol stands for if its object defines it, otherwise none.
    fn own_definition(&self, object: usize, symbol: &pe::ImageSymbol) -> Result<Option<Definition>> {
        let value = symbol.value();
        Ok(match symbol.section_number() {
            pe::IMAGE_SYM_ABSOLUTE => Some(Definition::Absolute(value)),
            number if number > 0 => {
                let section = Section { object, index: number as usize };
                // The end of a section may have a symbol.
                if value > self.size(section)? {
                    bail!("a symbol is outside of its section");
                }
                Some(Definition::Place(section, value))
            }
            _ => None,
        })
    }

    pub fn header(&self, section: Section) -> Result<&'d pe::ImageSectionHeader> {
        let file = &self.objects[section.object];
        Ok(file.coff_section_table().section(SectionIndex(section.index))?)
    }

    /// The name without a `$` and what follows it, which only orders sections.
    pub fn name(&self, section: Section) -> Result<&str> {
        let file = &self.objects[section.object];
        let name = file.section_by_index(SectionIndex(section.index))?.name_bytes()?;
        let name = std::str::from_utf8(name)?;
        Ok(name.split('$').next().unwrap_or(name))
    }

    /// The contents; empty for zero-filled data.
    pub fn data(&self, section: Section) -> Result<&'d [u8]> {
        let file = &self.objects[section.object];
        Ok(file.section_by_index(SectionIndex(section.index))?.data()?)
    }

    pub fn relocations(&self, section: Section) -> Result<&'d [pe::ImageRelocation]> {
        let file = &self.objects[section.object];
        let relocations = file.section_by_index(SectionIndex(section.index))?.coff_relocations()?;
        Ok(relocations)
    }

    /// Its size in memory, in bytes.
    pub fn size(&self, section: Section) -> Result<u32> {
        let header = self.header(section)?;
        Ok(header.size_of_raw_data.get(LE))
    }

    /// The sections of all objects.
    pub fn sections(&self) -> impl Iterator<Item = Section> {
        self.objects.iter().enumerate().flat_map(|(object, file)| {
            file.coff_section_table().enumerate().map(move |(index, _)| Section { object, index: index.0 })
        })
    }
}
