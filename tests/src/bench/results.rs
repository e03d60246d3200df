//! The results of the benchmark, as they are written to the machine-readable file.

use std::collections::BTreeMap;

use anyhow::{Context, Result};
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
    /// Size in bytes of what each engine makes of it.
    pub sizes: BTreeMap<Engine, u64>,
    /// Bytes of our executable after `strip`.
    pub stripped: Option<u64>,
}

/// The collections of a program, as reported by `WASM_AOT_TRACE=gc`.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Pauses {
    pub name: String,
    /// Collections of new objects, and of all.
    pub new: usize,
    pub all: usize,
    /// Microseconds.
    pub mean: f64,
    pub longest: f64,
}

impl Pauses {
    pub fn read(name: &str, told: &str) -> Result<Pauses> {
        let mut pauses = Pauses { name: name.to_string(), new: 0, all: 0, mean: 0.0, longest: 0.0 };
        let mut total = 0.0;
        for line in told.lines() {
            let time = line.strip_suffix(" us").and_then(|line| line.rsplit(' ').next()?.parse::<f64>().ok());
            let time = time.with_context(|| format!("no line about a collection: {line}"))?;
            match line.starts_with("gc all objects") {
                true => pauses.all += 1,
                false => pauses.new += 1,
            }
            total += time;
            pauses.longest = pauses.longest.max(time);
        }
        let count = pauses.all + pauses.new;
        pauses.mean = total / count.max(1) as f64;
        Ok(pauses)
    }
}

/// All that was measured.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Results {
    pub machine: String,
    pub threads: usize,
    pub start_up: Vec<Runs>,
    pub compile: Vec<Compilation>,
    pub run: Vec<Runs>,
    /// The mean of the programs with objects of the garbage-collected heap.
    pub pauses: Vec<Pauses>,
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
        let is_collected = |runs: &&Runs| self.pauses.iter().any(|pauses| pauses.name == runs.name);
        let collected: Vec<&Runs> = self.run.iter().filter(is_collected).collect();
        let compile: Vec<&Runs> = self.compile.iter().map(|compilation| &compilation.runs).collect();
        for (name, value) in [
            ("run: wasm-aot / wasmtime", mean(run.clone(), Engine::WasmAot, Engine::Wasmtime)),
            (
                "run with garbage collection: wasm-aot / wasmtime",
                mean(collected, Engine::WasmAot, Engine::Wasmtime),
            ),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_are_read() {
        let told = "gc new objects (no room for new ones): 1000 -> 200 bytes, 30 us\n\
                    gc all objects (many old ones): 9000 -> 200 bytes, 50 us\n";
        let pauses = Pauses::read("a", told).unwrap();
        assert_eq!((pauses.new, pauses.all, pauses.mean, pauses.longest), (1, 1, 40.0, 50.0));
        assert_eq!(Pauses::read("a", "").unwrap().longest, 0.0);
        assert!(Pauses::read("a", "wasm trap: unreachable\n").is_err());
    }
}
