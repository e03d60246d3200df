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

/// The instructions that a program executes with its arguments for counting: by each engine that makes native programs.
#[derive(Clone, Debug, Serialize)]
pub struct Instructions {
    pub name: String,
    pub counts: BTreeMap<Engine, u64>,
}

/// How long our program takes when its code is elsewhere.
#[derive(Clone, Debug, Serialize)]
pub struct Layouts {
    pub name: String,
    /// The median wall time in seconds under each of `layouts::OFFSETS`.
    pub wall: Vec<f64>,
}

impl Layouts {
    /// The least and the greatest ratio to another engine, including that of the ordinary layout.
    pub fn range(&self, runs: &Runs, to: Engine) -> Option<(f64, f64)> {
        let other = runs.medians.get(&to)?.wall;
        let own = runs.medians.get(&Engine::WasmAot)?.wall;
        let ratios = || self.wall.iter().copied().chain([own]).map(|wall| wall / other);
        Some((ratios().fold(f64::MAX, f64::min), ratios().fold(f64::MIN, f64::max)))
    }

    /// Whether it depends on the layout which of two engines is faster.
    pub fn decides(&self, runs: &Runs, to: Engine) -> bool {
        self.range(runs, to).is_some_and(|(least, greatest)| least < 1.0 && greatest > 1.0)
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
    pub instructions: Vec<Instructions>,
    pub layouts: Vec<Layouts>,
    /// What the native builds of interpreters say of themselves, by program.
    pub interpreters: BTreeMap<String, String>,
    /// The mean of the programs with objects of the garbage-collected heap.
    pub pauses: Vec<Pauses>,
    pub geometric_means: BTreeMap<String, f64>,
    /// What is left out since something isn't there, and why.
    pub skipped: Vec<String>,
    /// What could not be measured, and why.
    pub problems: Vec<String>,
}

impl Results {
    /// The ratio of the instructions of our program to those of another engine's, if both were counted.
    pub fn instruction_ratio(&self, name: &str, to: Engine) -> Option<f64> {
        let counts = &self.instructions.iter().find(|instructions| instructions.name == name)?.counts;
        Some(*counts.get(&Engine::WasmAot)? as f64 / *counts.get(&to)? as f64)
    }

    /// Fills in the geometric means of the ratios that all programs have.
    pub fn summarise(&mut self) {
        let mean = |runs: Vec<&Runs>, engine, to| {
            let ratios: Vec<f64> = runs.iter().filter_map(|runs| runs.ratio(engine, to)).collect();
            (!ratios.is_empty()).then(|| geometric_mean(ratios))
        };
        let run: Vec<&Runs> = self.run.iter().collect();
        let is_collected = |runs: &&Runs| self.pauses.iter().any(|pauses| pauses.name == runs.name);
        let collected: Vec<&Runs> = self.run.iter().filter(is_collected).collect();
        let instructions = |to| {
            let counted = self.instructions.iter();
            let ratios: Vec<f64> =
                counted.filter_map(|instructions| self.instruction_ratio(&instructions.name, to)).collect();
            (!ratios.is_empty()).then(|| geometric_mean(ratios))
        };
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
            ("instructions: wasm-aot / clang -O3", instructions(Engine::Clang)),
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
    fn a_layout_that_decides_is_noticed() {
        let samples = |wall| vec![Sample { wall, cpu: wall, peak_kib: 1 }];
        let engines =
            [(Engine::WasmAot, samples(0.9)), (Engine::Clang, samples(1.0)), (Engine::Gcc, samples(2.0))];
        let runs = Runs::new("a".into(), engines.into());
        let layouts = Layouts { name: "a".into(), wall: vec![0.8, 1.1] };
        assert_eq!(layouts.range(&runs, Engine::Clang), Some((0.8, 1.1)));
        assert!(layouts.decides(&runs, Engine::Clang) && !layouts.decides(&runs, Engine::Gcc));
        assert!(!layouts.decides(&runs, Engine::Wasmtime));
    }

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
