//! Reads `targets.toml` and writes its tables as Rust, which `src/targets/table.rs` includes. A key that is unknown or
//! missing fails the build with its line; what a value stands for (a convention, a register) is checked when the
//! generated code is compiled.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Tables {
    pub target: Vec<Target>,
    architecture: BTreeMap<String, Architecture>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub name: String,
    pub triple: String,
    aliases: Vec<String>,
    architecture: String,
    memory_base: Option<u64>,
    pub format: Format,
    elf: Option<Elf>,
    c_convention: String,
    c_integers: String,
    collector: bool,
    #[serde(default)]
    thunks: bool,
    #[serde(rename = "runtime")]
    _runtime: Runtime,
    #[serde(rename = "tests", default)]
    _tests: Option<toml::Table>,
    status: String,
}

#[derive(Clone, Copy, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Elf,
    Pe,
    MachO,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Elf {
    emulation: String,
    embedded_linker: bool,
    largest_page: u64,
}

/// Used by `runtime-support/build.sh`; here only to require it in every row.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Runtime {
    #[serde(rename = "triple")]
    _triple: String,
    #[serde(rename = "rustflags")]
    _rustflags: String,
    #[serde(rename = "archive")]
    _archive: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Architecture {
    smallest: String,
    #[serde(default)]
    lines: bool,
    free_extensions: String,
    debug: Debug,
    minimum: Option<Minimum>,
    vectors: Option<Vectors>,
    cpus: Vec<Cpu>,
    features: Vec<Feature>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Debug {
    stack_pointer: u16,
    base: Option<u16>,
    distance: i32,
    preserved: Vec<(u16, u16)>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Minimum {
    setting: String,
    name: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Vectors {
    setting: String,
    cpu: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Cpu {
    name: String,
    #[serde(default)]
    enables: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Feature {
    setting: String,
    name: String,
    #[serde(default)]
    implies: Vec<String>,
    register: String,
    bit: u8,
}

impl Tables {
    pub fn parse(text: &str) -> Result<Tables, toml::de::Error> {
        toml::from_str(text)
    }

    /// The tables as Rust.
    pub fn code(&self) -> String {
        let mut code = String::new();
        for (name, architecture) in &self.architecture {
            let (constant, body) = (constant(name), architecture.code());
            writeln!(code, "static {constant}: Architecture = {body};").unwrap();
        }
        let targets: String = self.target.iter().map(|target| target.code() + ", ").collect();
        let count = self.target.len();
        writeln!(code, "pub static TARGETS: [Target; {count}] = [{targets}];").unwrap();
        code
    }
}

impl Target {
    fn code(&self) -> String {
        let Target {
            name,
            triple,
            aliases,
            memory_base,
            c_convention,
            c_integers,
            collector,
            thunks,
            status,
            ..
        } = self;
        let format = match (self.format, &self.elf) {
            (Format::Elf, Some(Elf { emulation, embedded_linker, largest_page })) => format!(
                "Format::Elf(Elf {{ emulation: {emulation:?}, embedded_linker: {embedded_linker}, \
                 largest_page: {largest_page} }})"
            ),
            (Format::Pe, None) => "Format::Pe".to_owned(),
            (Format::MachO, None) => "Format::MachO".to_owned(),
            _ => panic!("targets.toml: {name}: the keys elf.* go with the format elf"),
        };
        format!(
            "Target {{ name: {name:?}, triple: {triple:?}, aliases: &{aliases:?}, architecture: &{}, \
             memory_base: {memory_base:?}, format: {format}, c_convention: CallConv::{c_convention}, \
             c_integers: ArgumentExtension::{c_integers}, collector: {collector}, thunks: {thunks}, status: {status:?} }}",
            constant(&self.architecture),
        )
    }
}

impl Architecture {
    fn code(&self) -> String {
        let Architecture { smallest, lines, free_extensions, .. } = self;
        let Debug { stack_pointer, base, distance, preserved } = &self.debug;
        let minimum = self.minimum.as_ref().map(|minimum| (&minimum.setting, &minimum.name));
        let vectors = self.vectors.as_ref().map(|vectors| (&vectors.setting, &vectors.cpu));
        let cpus: String =
            self.cpus.iter().map(|Cpu { name, enables }| format!("({name:?}, &{enables:?}), ")).collect();
        let features: String = self
            .features
            .iter()
            .map(|Feature { setting, name, implies, register, bit }| {
                format!(
                    "Feature {{ setting: {setting:?}, name: {name:?}, implies: &{implies:?}, \
                     register: {register}, bit: {bit} }}, "
                )
            })
            .collect();
        format!(
            "Architecture {{ cpus: &[{cpus}], features: &[{features}], minimum: {minimum:?}, \
             vectors: {vectors:?}, smallest: {smallest:?}, lines: {lines}, \
             free_extensions: FreeExtensions::{free_extensions}, debug: DebugRegisters {{ \
             stack_pointer: {stack_pointer}, base: {base:?}, distance: {distance}, preserved: &{preserved:?} }} }}"
        )
    }
}

/// The constant that holds the data of an architecture.
fn constant(name: &str) -> String {
    name.to_uppercase()
}
