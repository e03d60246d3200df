//! CPUs: the names that `--cpu` takes, and the features that a program may use on them.

use anyhow::{Result, bail};
use cranelift_codegen::isa::{self, TargetIsa};
use cranelift_codegen::settings::{Configurable, Flags, SettingKind};
use wasm_aot_abi::cpu::{hwcap, x86_64};

use super::Target;
use crate::escape::escape;

/// A feature that Cranelift uses if a setting says so. Several features may belong to one setting.
#[derive(Debug)]
pub struct Feature {
    setting: &'static str,
    /// For people.
    name: &'static str,
    /// Settings of the features that every CPU with this one has.
    implies: &'static [&'static str],
    /// Where a program finds out if the machine has it: see `wasm_aot_abi::cpu`.
    register: u8,
    bit: u8,
}

/// A name of a CPU, and the settings and presets of Cranelift that stand for it.
pub type Cpu = (&'static str, &'static [&'static str]);

const fn feature(
    setting: &'static str,
    name: &'static str,
    implies: &'static [&'static str],
    register: u8,
    bit: u8,
) -> Feature {
    Feature { setting, name, implies, register, bit }
}

/// Intel 64 and IA-32 Architectures Software Developer's Manual, volume 2, CPUID; volume 1, 13.3.
pub static X86_64_FEATURES: &[Feature] = &[
    feature("has_sse3", "SSE3", &[], x86_64::LEAF_1_ECX, 0),
    feature("has_ssse3", "SSSE3", &["has_sse3"], x86_64::LEAF_1_ECX, 9),
    feature("has_fma", "FMA", &["has_avx"], x86_64::LEAF_1_ECX, 12),
    feature("has_cmpxchg16b", "CMPXCHG16B", &[], x86_64::LEAF_1_ECX, 13),
    feature("has_sse41", "SSE4.1", &["has_ssse3"], x86_64::LEAF_1_ECX, 19),
    feature("has_sse42", "SSE4.2", &["has_sse41"], x86_64::LEAF_1_ECX, 20),
    feature("has_popcnt", "POPCNT", &[], x86_64::LEAF_1_ECX, 23),
    feature("has_avx", "AVX", &["has_sse42"], x86_64::LEAF_1_ECX, 28),
    feature("has_bmi1", "BMI1", &[], x86_64::LEAF_7_EBX, 3),
    feature("has_avx2", "AVX2", &["has_avx"], x86_64::LEAF_7_EBX, 5),
    feature("has_bmi2", "BMI2", &[], x86_64::LEAF_7_EBX, 8),
    feature("has_avx512f", "AVX512F", &["has_avx2", "has_fma"], x86_64::LEAF_7_EBX, 16),
    feature("has_avx512dq", "AVX512DQ", &["has_avx512f"], x86_64::LEAF_7_EBX, 17),
    feature("has_avx512vl", "AVX512VL", &["has_avx512f"], x86_64::LEAF_7_EBX, 31),
    feature("has_avx512vbmi", "AVX512VBMI", &["has_avx512f"], x86_64::LEAF_7_ECX, 1),
    feature("has_avx512vnni", "AVX512VNNI", &["has_avx512f"], x86_64::LEAF_7_ECX, 11),
    feature("has_avx512bitalg", "AVX512BITALG", &["has_avx512f"], x86_64::LEAF_7_ECX, 12),
    feature("has_avx_vnni", "AVX-VNNI", &["has_avx2"], x86_64::LEAF_7_1_EAX, 4),
    feature("has_lzcnt", "LZCNT", &[], x86_64::EXTENDED_1_ECX, 5),
    feature("has_avx", "an operating system that saves AVX registers", &[], x86_64::XCR0, 2),
    feature("has_avx512f", "an operating system that saves AVX-512 registers", &[], x86_64::XCR0, 7),
];

/// Of those that clang knows, the CPUs of which Cranelift has no preset, or one that lacks something.
/// All other presets are CPUs, too.
pub static X86_64_CPUS: &[Cpu] = &[
    ("x86-64-v2", &["x86-64-v2"]),
    ("x86-64-v3", &["x86-64-v3"]),
    ("x86-64-v4", &["x86-64-v4"]),
    ("arrowlake", &["alderlake"]),
    ("lunarlake", &["alderlake"]),
    ("gracemont", &["alderlake"]),
    ("rocketlake", &["icelake-client"]),
    ("emeraldrapids", &["sapphirerapids"]),
    ("bdver1", &["bdver1", "has_avx"]),
    ("bdver2", &["bdver2", "has_fma"]),
    ("bdver3", &["bdver3", "has_fma"]),
    ("bdver4", &["bdver4", "has_fma"]),
    ("znver1", &["znver1", "has_avx2"]),
    ("znver2", &["znver2", "has_avx2"]),
    ("znver3", &["znver3", "has_avx2"]),
    ("znver4", &["znver4", "has_avx512vnni"]),
    ("znver5", &["znver4", "has_avx512vnni", "has_avx_vnni"]),
];

/// Linux, Documentation/arch/arm64/elf_hwcaps.rst.
pub static AARCH64_FEATURES: &[Feature] = &[
    feature("has_lse", "LSE atomics", &[], hwcap::HWCAP, 8),
    feature("has_dotprod", "dot products", &[], hwcap::HWCAP, 20),
    feature("has_i8mm", "I8MM", &[], hwcap::HWCAP2, 13),
];

pub static AARCH64_CPUS: &[Cpu] = &[
    ("generic", &[]),
    ("armv8-a", &[]),
    ("armv8.1-a", LSE),
    ("armv8.2-a", LSE),
    ("armv8.4-a", DOTPROD),
    ("armv8.6-a", I8MM),
    ("armv9-a", DOTPROD),
    ("cortex-a53", &[]),
    ("cortex-a57", &[]),
    ("cortex-a72", &[]),
    ("cortex-a73", &[]),
    ("cortex-a55", DOTPROD),
    ("cortex-a75", DOTPROD),
    ("cortex-a76", DOTPROD),
    ("cortex-a77", DOTPROD),
    ("cortex-a78", DOTPROD),
    ("cortex-x1", DOTPROD),
    ("cortex-a510", I8MM),
    ("cortex-a710", I8MM),
    ("cortex-a715", I8MM),
    ("cortex-x2", I8MM),
    ("cortex-x3", I8MM),
    ("neoverse-n1", DOTPROD),
    ("neoverse-n2", I8MM),
    ("neoverse-v1", I8MM),
    ("neoverse-v2", I8MM),
    ("a64fx", LSE),
    ("apple-m1", DOTPROD),
    ("apple-m2", I8MM),
    ("apple-m3", I8MM),
    ("apple-m4", I8MM),
];
const LSE: &[&str] = &["has_lse"];
const DOTPROD: &[&str] = &["has_lse", "has_dotprod"];
const I8MM: &[&str] = &["has_lse", "has_dotprod", "has_i8mm"];

/// The kernel has a bit for each extension of one letter only.
pub static RISCV64_FEATURES: &[Feature] = &[
    feature("has_c", "extension C", &[], hwcap::HWCAP, 2),
    feature("has_v", "extension V", &[], hwcap::HWCAP, 21),
];

pub static RISCV64_CPUS: &[Cpu] =
    &[("rv64gc", RV64GC), ("rva22u64", RVA22), ("rv64gcv", RV64GCV), ("rva23u64", RVA23)];
const RV64GC: &[&str] = &["has_c"];
const RV64GCV: &[&str] = &["has_c", "has_v"];
const RVA22: &[&str] = &["has_c", "has_zba", "has_zbb", "has_zbs"];
const RVA23: &[&str] =
    &["has_c", "has_zba", "has_zbb", "has_zbs", "has_zcb", "has_zfa", "has_zicond", "has_v", "has_zvbb"];

/// Linux, arch/s390/include/asm/elf.h.
pub static S390X_FEATURES: &[Feature] =
    &[feature("has_vxrs_ext2", "vector enhancements 2", &[], hwcap::HWCAP, 15)];

pub static S390X_CPUS: &[Cpu] = &[("z14", &[]), ("z15", &["z15"]), ("z16", &["z16"]), ("z17", &["z17"])];

/// Enables all that a CPU has.
///
/// # Errors
/// If the name is unknown.
pub fn enable(builder: &mut isa::Builder, target: &Target, cpu: &str) -> Result<()> {
    let cpus = target.cpus;
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
            bail!("unknown CPU `{cpu}` for {}; known: native, {}", target.name, names.join(", "));
        }
    }
    Ok(())
}

/// Enables what the features of a CPU imply: Cranelift's presets and detection may leave it out.
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

/// Is this setting on?
pub fn has(isa: &dyn TargetIsa, setting: &str) -> bool {
    isa.isa_flags().iter().any(|flag| flag.name == setting && flag.as_bool() == Some(true))
}

/// The settings that are on.
fn settings(isa: &dyn TargetIsa) -> Vec<String> {
    let on = isa.isa_flags().into_iter().filter(|flag| flag.as_bool() == Some(true));
    on.map(|flag| flag.name.to_owned()).collect()
}

/// What a program built for this CPU demands, as `wasm_aot_abi::cpu` has it.
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
            for (cpu, _) in target.cpus {
                assert!(target.isa(OptLevel::O2, Some(cpu), Checks::default()).is_ok(), "{cpu}");
            }
        }
        let target = Target::find("x86_64-linux").unwrap();
        let error = target.isa(OptLevel::O2, Some("core2"), Checks::default()).err().unwrap().to_string();
        assert!(error.contains("SSE4.1"), "{error}");
    }
}
