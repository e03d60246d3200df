//! Files beside a module to which it refers for debug information: another module that has only the DWARF sections, and a
//! source map.

use std::path::{Component, Path};
use std::sync::Arc;

use wasmparser::{Encoding, Parser, Payload};

use crate::parse::DebugSections;

/// A file to which a module refers for debug information.
#[derive(Clone)]
pub struct DebugFile {
    /// Its name as the module has it.
    pub name: String,
    pub bytes: Arc<[u8]>,
}

/// Leaves out the contents.
impl std::fmt::Debug for DebugFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DebugFile {{ name: {:?}, bytes: {} }}", self.name, self.bytes.len())
    }
}

/// The files to which a module, or the modules of a component, refer, as paths relative to it: of each kind the first that
/// a module names. Whoever made the module chose the names, so only names of files in its directory and below count.
pub fn referred(wasm: &[u8]) -> Vec<String> {
    let mut modules = Vec::new();
    let mut is_module = false;
    for payload in Parser::new(0).parse_all(wasm).map_while(Result::ok) {
        match payload {
            Payload::Version { encoding, .. } => {
                is_module = encoding == Encoding::Module;
                modules.extend(is_module.then(DebugSections::default));
            }
            Payload::End(_) => is_module = false,
            Payload::CustomSection(section) if is_module => {
                modules.last_mut().expect("it began").add(&section);
            }
            _ => {}
        }
    }
    let names = modules.iter().flat_map(|module| [module.external, module.source_map]).flatten();
    let mut names: Vec<String> = names.map(str::to_owned).collect();
    names.retain(|name| is_beside(name));
    names.sort();
    names.dedup();
    names
}

/// Whether a name is that of a file in the same directory or below.
fn is_beside(name: &str) -> bool {
    let inside = |component| matches!(component, Component::Normal(_) | Component::CurDir);
    !name.is_empty() && !name.contains([':', '\\', '\0']) && Path::new(name).components().all(inside)
}

/// The DWARF sections of a file.
pub fn sections(file: &DebugFile) -> Result<DebugSections<'_>, String> {
    let mut sections = DebugSections::default();
    for payload in Parser::new(0).parse_all(&file.bytes) {
        match payload {
            Ok(Payload::CustomSection(section)) => sections.add(&section),
            Ok(_) => {}
            Err(error) => return Err(format!("its file can't be read: {}", error.message())),
        }
    }
    Ok(sections)
}
