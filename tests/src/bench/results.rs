//! What the benchmark found, as it is written to the machine-readable file.

use std::collections::BTreeMap;

use serde::Serialize;

use super::builds::Engine;
use super::measure::{Sample, geometric_mean, median};

/// The samples of one engine.
pub type Samples = BTreeMap<Engine, Vec<Sample>>;

/// The medians of some samples.
#[derive(Clone, Copy, Debug, Serialize)]
pub struct Medians {
    pub wall: f64,
    pub cpu: f64,
    pub peak_kib: f64,
}

pub fn medians(samples: &[Sample]) -> Medians {
    Medians {
        wall: median(samples.iter().map(|sample| sample.wall)),
        cpu: median(samples.iter().map(|sample| sample.cpu)),
        peak_kib: median(samples.iter().map(|sample| sample.peak_kib as f64)),
    }
}

/// The runs of a program, or its start-up.
#[derive(Clone, Debug, Serialize)]
pub struct Runs {
    pub name: String,
    pub medians: BTreeMap<Engine, Medians>,
    pub samples: Samples,
}

impl Runs {
    pub fn new(name: String, samples: Samples) -> Runs {
        let medians = samples.iter().map(|(engine, samples)| (*engine, medians(samples))).collect();
        Runs { name, medians, samples }
    }

    /// The ratio of two engines' wall times, if both ran.
    pub fn ratio(&self, engine: Engine, to: Engine) -> Option<f64> {
        Some(self.medians.get(&engine)?.wall / self.medians.get(&to)?.wall)
    }
}

/// The compilation of a module.
#[derive(Clone, Debug, Serialize)]
pub struct Compilation {
    #[serde(flatten)]
    pub runs: Runs,
    /// Bytes of the Wasm module.
    pub module_size: u64,
    /// Bytes of what each engine makes of it.
    pub sizes: BTreeMap<Engine, u64>,
    /// Bytes of our executable after `strip`.
    pub stripped: Option<u64>,
}

/// All that was measured.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Results {
    pub machine: String,
    pub threads: usize,
    pub start_up: Vec<Runs>,
    pub compile: Vec<Compilation>,
    pub run: Vec<Runs>,
    pub geometric_means: BTreeMap<String, f64>,
    /// What could not be measured, and why.
    pub problems: Vec<String>,
}

impl Results {
    /// Fills in the geometric means of the ratios that all programs have.
    pub fn summarise(&mut self) {
        let mean = |runs: Vec<&Runs>, engine, to| {
            let ratios: Vec<f64> = runs.iter().filter_map(|runs| runs.ratio(engine, to)).collect();
            (!ratios.is_empty()).then(|| geometric_mean(ratios))
        };
        let run: Vec<&Runs> = self.run.iter().collect();
        let compile: Vec<&Runs> = self.compile.iter().map(|compilation| &compilation.runs).collect();
        for (name, value) in [
            ("run: wasm-aot / wasmtime", mean(run.clone(), Engine::WasmAot, Engine::Wasmtime)),
            ("run: wasm-aot / clang -O3", mean(run.clone(), Engine::WasmAot, Engine::Clang)),
            ("run: wasmtime / clang -O3", mean(run.clone(), Engine::Wasmtime, Engine::Clang)),
            ("run: gcc -O2 / clang -O3", mean(run, Engine::Gcc, Engine::Clang)),
            ("compile: wasm-aot / wasmtime", mean(compile, Engine::WasmAot, Engine::Wasmtime)),
        ] {
            if let Some(value) = value {
                self.geometric_means.insert(name.to_string(), value);
            }
        }
    }
}
