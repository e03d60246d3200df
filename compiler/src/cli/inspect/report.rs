//! Everything that `inspect` finds out about a file, as one structure: `--json` writes it, and the page of `--html` shows it.
//! docs/inspect.md describes it for users. Names from the file are escaped.

use anyhow::{Context as _, Result, bail};
use serde::Serialize;

use super::module::feature_names;
use crate::component::world::{self, Interface};
use crate::component::{self, Adapters, is_component};
use crate::driver::{self, BuildPlan};
use crate::error;
use crate::escape::escape;
use crate::modules::{Linked, Modules};
use crate::parse::features::SUPPORTED;
use crate::policy::read;
use crate::program::describe_item;
use crate::sizes::{self, Diff, Kind, Node, Reached, Sizes};
use crate::targets::Target;

/// Grows when a field changes its meaning or vanishes.
const VERSION: u32 = 1;

/// What is known about a file.
#[derive(Serialize)]
pub struct Report {
    /// Always `wasm-aot inspect`.
    format: &'static str,
    version: u32,
    pub name: String,
    kind: FileKind,
    bytes: usize,
    /// Of an executable.
    target: Option<&'static str>,
    /// The features of WebAssembly that are used; none if that isn't known.
    features: Option<Vec<String>>,
    /// None if they aren't known.
    imports: Option<Vec<Item>>,
    exports: Option<Vec<Item>>,
    /// Of a module or a component.
    build: Option<Build>,
    /// Of an executable: its policy, with the keys of policy files, and as such a file.
    policy: Option<serde_json::Value>,
    policy_file: Option<String>,
    functions: Functions,
    /// What the file doesn't say, as sentences.
    unknown: Vec<String>,
    pub diff: Option<Against>,
    pub sizes: Node,
}

#[derive(Clone, Copy, Debug, Serialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum FileKind {
    Executable,
    Module,
    Component,
}

/// An import or an export.
#[derive(Serialize)]
struct Item {
    /// The module that it is imported from, or the interface that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    module: Option<String>,
    name: String,
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    ty: Option<String>,
}

/// Whether a build would succeed, and if not, why.
#[derive(Serialize)]
struct Build {
    succeeds: bool,
    error: Option<String>,
    warnings: Vec<String>,
}

/// The functions of the modules.
#[derive(Default, Serialize)]
struct Functions {
    count: u64,
    bytes: u64,
    /// Those that no build keeps, since nothing can call them.
    dead: u64,
    dead_bytes: u64,
}

/// The comparison with another file.
#[derive(Serialize)]
pub struct Against {
    /// The name of the other one, which is the one before.
    pub name: String,
    #[serde(flatten)]
    pub diff: Diff,
}

impl Report {
    /// What is known about a file of this name.
    ///
    /// # Errors
    /// If it can't be read, or says what can't be true.
    pub fn new(name: &str, bytes: &[u8], linked: &[Linked]) -> Result<Report> {
        let made = if read::is_executable(bytes) {
            Report::of_executable(name, bytes)
        } else if is_component(bytes) {
            Report::of_component(name, bytes)
        } else {
            Report::of_module(name, bytes, linked)
        };
        made.with_context(|| name.to_owned())
    }

    fn with(name: &str, kind: FileKind, bytes: &[u8], sizes: Sizes) -> Report {
        Report {
            format: "wasm-aot inspect",
            version: VERSION,
            name: name.to_owned(),
            kind,
            bytes: bytes.len(),
            target: None,
            features: None,
            imports: None,
            exports: None,
            build: None,
            policy: None,
            policy_file: None,
            functions: Functions::of(&sizes.root),
            unknown: sizes.unknown,
            diff: None,
            sizes: sizes.root,
        }
    }

    fn of_executable(name: &str, bytes: &[u8]) -> Result<Report> {
        let read::Executable { target, policy, .. } = read::executable(bytes)?;
        let sizes::Executable { sizes, host_functions } = sizes::executable(name, bytes)?;
        let policy_file = policy.to_string();
        let policy: toml::Table = policy_file.parse().context("the policy in the executable is damaged")?;
        let imports = host_functions.map(|functions| {
            functions.into_iter().map(|name| Item { module: None, name, ty: None }).collect()
        });
        Ok(Report {
            target: Some(target),
            imports,
            policy: Some(serde_json::to_value(policy)?),
            policy_file: Some(policy_file),
            ..Report::with(name, FileKind::Executable, bytes, sizes)
        })
    }

    fn of_module(name: &str, bytes: &[u8], linked: &[Linked]) -> Result<Report> {
        let modules = Modules::parse(bytes, linked, SUPPORTED)?;
        let plan = BuildPlan { linked: linked.to_vec(), ..BuildPlan::new(Target::host()?) };
        let built = driver::program(&modules, &plan)
            .and_then(|(program, warnings)| Ok((Reached::of(&program, &driver::facts(&program)?), warnings)));
        let (reached, build) = Build::new(built);
        let main = &modules.main;
        let sizes = sizes::module(name, main, reached.as_ref())?;
        let imports = main.imports.iter().map(|import| Item {
            module: Some(escape(&import.module_name()).into_owned()),
            name: escape(import.name).into_owned(),
            ty: Some(describe_item(main, import.item)),
        });
        let exports = main.exports.iter().map(|export| Item {
            module: None,
            name: escape(export.name).into_owned(),
            ty: Some(describe_item(main, export.item)),
        });
        Ok(Report {
            features: Some(feature_names(std::iter::once(main))),
            imports: Some(imports.collect()),
            exports: Some(exports.collect()),
            build: Some(build),
            ..Report::with(name, FileKind::Module, bytes, sizes)
        })
    }

    fn of_component(name: &str, bytes: &[u8]) -> Result<Report> {
        let adapters = Adapters::new();
        let component = component::parse(bytes, &adapters, SUPPORTED)?;
        let modules = component::parse_modules(&component, SUPPORTED)?;
        let plan = BuildPlan::new(Target::host()?);
        let built = driver::component_program(&component, &modules, &plan)
            .and_then(|program| Ok((Reached::of(&program, &driver::facts(&program)?), Vec::new())));
        let (reached, build) = Build::new(built);
        let sizes = sizes::component(name, &component, &modules, reached.as_ref())?;
        Ok(Report {
            features: Some(feature_names(modules.values())),
            imports: Some(items(&world::imports(&component))),
            exports: Some(items(&world::exports(&component))),
            build: Some(build),
            ..Report::with(name, FileKind::Component, bytes, sizes)
        })
    }

    /// Compares it with another file, which is the one before.
    ///
    /// # Errors
    /// If one is an executable, and the other isn't: nothing in them has the same size.
    pub fn compare(&mut self, before: &Report) -> Result<()> {
        let is_executable = |report: &Report| report.kind == FileKind::Executable;
        if is_executable(self) != is_executable(before) {
            bail!("{} can't be compared with {}: only one of them is an executable", self.name, before.name);
        }
        let diff = Diff::new(&before.sizes, &self.sizes);
        self.diff = Some(Against { name: before.name.clone(), diff });
        Ok(())
    }
}

impl Build {
    fn new(built: error::Result<(Reached, Vec<String>)>) -> (Option<Reached>, Build) {
        match built {
            Ok((reached, warnings)) => (Some(reached), Build { succeeds: true, error: None, warnings }),
            Err(error) => {
                let error = crate::escape::lines(&format!("{error:#}")).into_owned();
                (None, Build { succeeds: false, error: Some(error), warnings: Vec::new() })
            }
        }
    }
}

impl Functions {
    fn of(sizes: &Node) -> Functions {
        let mut functions = Functions::default();
        sizes.leaves(&mut |kind, node| {
            if node.function && kind == Kind::Code {
                functions.count += 1;
                functions.bytes += node.bytes;
                functions.dead += u64::from(node.dead);
                functions.dead_bytes += if node.dead { node.bytes } else { 0 };
            }
        });
        functions
    }
}

/// The functions of interfaces.
fn items(interfaces: &[Interface<'_>]) -> Vec<Item> {
    let of_interface = |interface: &Interface<'_>| -> Vec<Item> {
        let functions = interface.functions.iter().map(|function| Item {
            module: interface.name.map(|name| escape(name).into_owned()),
            name: escape(&function.name).into_owned(),
            ty: Some(function.declaration.clone()),
        });
        functions.collect()
    };
    interfaces.iter().flat_map(of_interface).collect()
}
