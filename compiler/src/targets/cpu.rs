//! CPUs: the names that `--cpu` takes, and the features that a program may use on them.

use anyhow::{Result, bail};
use cranelift_codegen::isa::{self, TargetIsa};
use cranelift_codegen::settings::{Configurable, Flags, SettingKind};

use crate::escape::escape;

/// A feature that Cranelift uses if a setting enables it. Several features may belong to one setting.
#[derive(Debug)]
pub struct Feature {
    pub setting: &'static str,
    /// For diagnostics.
    pub name: &'static str,
    /// The settings of the features that every CPU with this one also has.
    pub implies: &'static [&'static str],
    /// Where a program finds out whether the machine has it: see `wasm_aot_abi::cpu`.
    pub register: u8,
    pub bit: u8,
}

/// The name of a CPU, and Cranelift's settings and presets for it.
pub type Cpu = (&'static str, &'static [&'static str]);

/// What the targets of an architecture share; `targets.toml` explains the fields.
pub struct Architecture {
    /// CPUs that `--cpu` may name, besides Cranelift's presets; the first is the default.
    pub cpus: &'static [Cpu],
    /// Features that CPUs may have beyond the architecture's baseline.
    pub features: &'static [Feature],
    /// A feature, by setting and name, without which Cranelift calls functions that the runtime doesn't have.
    pub minimum: Option<(&'static str, &'static str)>,
    /// The setting without which there are no vectors, if they aren't part of the baseline, and the default CPU of
    /// programs that have vectors.
    pub vectors: Option<(&'static str, &'static str)>,
    /// The `opt_level` of Cranelift that produces the smallest code.
    pub smallest: &'static str,
    /// Whether the dispatches of interpreters begin lines of the cache of instructions.
    pub lines: bool,
    pub free_extensions: FreeExtensions,
    pub debug: DebugRegisters,
}

/// Which 32-bit values take no instruction to be zero-extended to an address.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FreeExtensions {
    None,
    /// Results of arithmetic with 32 bits.
    Arithmetic,
    /// All: the instruction that adds the base extends the index.
    Addresses,
}

/// What debug information needs to know of registers, by their numbers in DWARF.
pub struct DebugRegisters {
    pub stack_pointer: u16,
    /// The register that places on the stack are relative to; without one, they are relative to the canonical frame address.
    pub base: Option<u16>,
    /// How far above it the stack pointer was before the call of the function.
    pub distance: i32,
    /// Those that functions preserve, from and to.
    pub preserved: &'static [(u16, u16)],
}

/// Enables everything that a CPU has.
///
/// # Errors
/// If the name is unknown.
pub fn enable(
    builder: &mut isa::Builder,
    architecture: &Architecture,
    target: &str,
    cpu: &str,
) -> Result<()> {
    let cpus = architecture.cpus;
    let presets: Vec<_> =
        builder.iter().filter(|setting| setting.kind == SettingKind::Preset).map(|s| s.name).collect();
    match cpus.iter().find(|(name, _)| *name == cpu) {
        Some((_, settings)) => settings.iter().try_for_each(|setting| builder.enable(setting))?,
        None if presets.contains(&cpu) => builder.enable(cpu)?,
        None => {
            let own = cpus.iter().map(|(name, _)| *name);
            let mut names: Vec<_> = own.clone().chain(presets).collect();
            names[own.count()..].sort_unstable();
            let mut seen = std::collections::HashSet::new();
            names.retain(|name| seen.insert(*name));
            let cpu = escape(cpu);
            bail!("unknown CPU `{cpu}` for {target}; known: native, {}", names.join(", "));
        }
    }
    Ok(())
}

/// Enables what the features of a CPU imply, which Cranelift's presets and detection may leave out.
pub fn enable_implied(builder: &mut isa::Builder, features: &[Feature], flags: &Flags) -> Result<()> {
    let mut enabled = settings(&*builder.finish(flags.clone())?);
    let mut next = 0;
    while let Some(setting) = enabled.get(next).cloned() {
        let implied = features.iter().filter(|feature| feature.setting == setting).flat_map(|f| f.implies);
        for setting in implied {
            if !enabled.iter().any(|known| known == setting) {
                builder.enable(setting)?;
                enabled.push((*setting).to_owned());
            }
        }
        next += 1;
    }
    Ok(())
}

/// Whether this setting is on.
pub fn has(isa: &dyn TargetIsa, setting: &str) -> bool {
    isa.isa_flags().iter().any(|flag| flag.name == setting && flag.as_bool() == Some(true))
}

/// The settings that are on.
fn settings(isa: &dyn TargetIsa) -> Vec<String> {
    let on = isa.isa_flags().into_iter().filter(|flag| flag.as_bool() == Some(true));
    on.map(|flag| flag.name.to_owned()).collect()
}

/// What a program built for this CPU demands, in the form of `wasm_aot_abi::cpu`.
pub fn demands(isa: &dyn TargetIsa, features: &[Feature], cpu: &str) -> Vec<u8> {
    let enabled = settings(isa);
    let used = |feature: &&Feature| enabled.iter().any(|setting| setting == feature.setting);
    let mut used: Vec<&Feature> = features.iter().filter(used).collect();
    used.sort_by_key(|feature| (feature.register, feature.bit));
    if used.is_empty() {
        return Vec::new();
    }
    let mut bytes = Vec::new();
    text(&mut bytes, &format!("wasm-aot: this program was built for the CPU {cpu}, but this machine lacks "));
    for feature in used {
        bytes.extend([feature.register, feature.bit]);
        text(&mut bytes, feature.name);
    }
    bytes
}

fn text(bytes: &mut Vec<u8>, text: &str) {
    bytes.push(u8::try_from(text.len()).expect("names of CPUs and features are short"));
    bytes.extend(text.as_bytes());
}

#[cfg(test)]
mod tests {
    use super::super::{Checks, OptLevel, Target};

    fn demands(cpu: &str) -> Vec<String> {
        let target = Target::find("x86_64-linux").unwrap();
        let isa = target.isa(OptLevel::O2, Some(cpu), Checks::default()).unwrap();
        let bytes = target.cpu_demands(&*isa, Some(cpu));
        let (message, features) = wasm_aot_abi::cpu::message(&bytes);
        assert!(String::from_utf8_lossy(message).contains(&format!(" {cpu}, ")));
        features.map(|feature| String::from_utf8(feature.name.to_vec()).unwrap()).collect()
    }

    #[test]
    fn levels_demand_what_the_psabi_says() {
        let v2 = ["SSE3", "SSSE3", "CMPXCHG16B", "SSE4.1", "SSE4.2", "POPCNT"];
        assert_eq!(demands("x86-64-v2"), v2);
        let v3 = demands("x86-64-v3");
        for name in v2.iter().chain(&["AVX", "AVX2", "BMI1", "BMI2", "FMA", "LZCNT"]) {
            assert!(v3.iter().any(|found| found == name), "{name}");
        }
        assert!(v3.iter().any(|name| name.contains("saves AVX registers")));
        let v4 = demands("x86-64-v4");
        assert!(v3.iter().chain(&["AVX512F".to_owned()]).all(|name| v4.contains(name)));
    }

    #[test]
    fn names_of_clang() {
        assert_eq!(demands("nehalem"), demands("x86-64-v2"));
        assert_eq!(demands("haswell"), demands("x86-64-v3"));
        assert_eq!(demands("znver3"), demands("x86-64-v3"));
        assert!(demands("skylake-avx512").contains(&"AVX512VL".to_owned()));
        assert!(demands("bdver1").contains(&"AVX".to_owned()));
    }

    #[test]
    fn every_name_is_either_built_for_or_refused_as_too_old() {
        for name in ["x86_64-linux", "aarch64-linux"] {
            let target = Target::find(name).unwrap();
            for (cpu, _) in target.architecture.cpus {
                assert!(target.isa(OptLevel::O2, Some(cpu), Checks::default()).is_ok(), "{cpu}");
            }
        }
        let target = Target::find("x86_64-linux").unwrap();
        let error = target.isa(OptLevel::O2, Some("core2"), Checks::default()).err().unwrap().to_string();
        assert!(error.contains("SSE4.1"), "{error}");
    }
}
