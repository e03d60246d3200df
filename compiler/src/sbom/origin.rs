//! What modules and components say of where they come from: names, the `producers` section (tool conventions), the sections that
//! registries take for annotations (`version`, `description`, `licenses`), and the packages that `cargo auditable` notes (`.dep-v0`).
//! They may come from anywhere: what can't be read isn't there.

use std::io::Read as _;

use flate2::read::ZlibDecoder;
use serde::Deserialize;
use wasmparser::{ComponentName, CustomSectionReader, KnownCustom, Name, Parser, Payload};

/// Bytes of the list of packages that are read, at most.
const MOST_PACKAGES: u64 = 16 << 20;

/// What one module or component says.
#[derive(Default)]
pub struct Origin<'w> {
    /// The bytes, if it is a module, or the outermost component.
    pub module: Option<&'w [u8]>,
    pub name: Option<&'w str>,
    pub version: Option<&'w str>,
    pub description: Option<&'w str>,
    pub licence: Option<&'w str>,
    /// Field, name and version of each.
    pub producers: Vec<(&'w str, &'w str, &'w str)>,
    pub packages: Vec<Package>,
    /// The modules and components in it.
    pub inner: Vec<Origin<'w>>,
}

/// A package, as cargo-auditable writes it.
#[derive(Deserialize)]
pub struct Package {
    pub name: String,
    pub version: String,
    #[serde(default)]
    source: serde_json::Value,
    #[serde(default)]
    kind: Option<String>,
}

impl Package {
    /// Whether only what runs at build time uses it.
    pub fn is_for_building(&self) -> bool {
        self.kind.as_deref() == Some("build")
    }

    /// Whether it comes from the registry of all.
    pub fn is_published(&self) -> bool {
        self.source == "crates.io"
    }
}

#[derive(Deserialize)]
struct Packages {
    packages: Vec<Package>,
}

impl<'w> Origin<'w> {
    /// Reads a module or a component, which has been validated.
    pub fn read(wasm: &'w [u8]) -> Origin<'w> {
        // Those around the current payload, the outermost one first.
        let mut around: Vec<Origin<'w>> = Vec::new();
        let mut next = Some(wasm);
        for payload in Parser::new(0).parse_all(wasm) {
            match payload {
                Ok(Payload::Version { .. }) => {
                    around.push(Origin { module: next.take(), ..Origin::default() })
                }
                Ok(Payload::ModuleSection { unchecked_range: range, .. }) => next = slice(wasm, range),
                Ok(Payload::CustomSection(section)) => {
                    if let Some(origin) = around.last_mut() {
                        origin.note(&section);
                    }
                }
                Ok(Payload::End(_)) if around.len() > 1 => {
                    let inner = around.pop();
                    if let Some(outer) = around.last_mut() {
                        outer.inner.extend(inner);
                    }
                }
                Ok(_) => {}
                Err(_) => break,
            }
        }
        around.into_iter().next().unwrap_or_default()
    }

    fn note(&mut self, section: &CustomSectionReader<'w>) {
        let text = || std::str::from_utf8(section.data()).ok();
        match section.name() {
            "version" => self.version = text(),
            "description" => self.description = text(),
            "licenses" => self.licence = text(),
            ".dep-v0" => self.packages = packages(section.data()).unwrap_or_default(),
            _ => {}
        }
        match section.as_known() {
            KnownCustom::Name(names) => {
                let module = names.into_iter().filter_map(Result::ok).find_map(|name| match name {
                    Name::Module { name, .. } => Some(name),
                    _ => None,
                });
                self.name = module.or(self.name);
            }
            KnownCustom::ComponentName(names) => {
                let component = names.into_iter().filter_map(Result::ok).find_map(|name| match name {
                    ComponentName::Component { name, .. } => Some(name),
                    _ => None,
                });
                self.name = component.or(self.name);
            }
            KnownCustom::Producers(fields) => {
                for field in fields.into_iter().filter_map(Result::ok) {
                    let values = field.values.into_iter().filter_map(Result::ok);
                    self.producers.extend(values.map(|value| (field.name, value.name, value.version)));
                }
            }
            _ => {}
        }
    }
}

fn slice(wasm: &[u8], range: std::ops::Range<u64>) -> Option<&[u8]> {
    wasm.get(usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?)
}

fn packages(compressed: &[u8]) -> Option<Vec<Package>> {
    let list = ZlibDecoder::new(compressed).take(MOST_PACKAGES);
    serde_json::from_reader::<_, Packages>(list).ok().map(|list| list.packages)
}
