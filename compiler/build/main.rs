//! Builds the runtime-support library for the host with the ordinary toolchain and embeds it,
//! with the archives of other targets that `make runtimes` left in `target/runtimes/`.

mod archive;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

/// Constant in `embedded.rs`, target name, host triple that needs no cross-compilation.
const TARGETS: [(&str, &str, &str); 6] = [
    ("X86_64_LINUX", "x86_64-linux", "x86_64-unknown-linux-gnu"),
    ("AARCH64_LINUX", "aarch64-linux", "aarch64-unknown-linux-gnu"),
    ("RISCV64_LINUX", "riscv64-linux", "riscv64gc-unknown-linux-gnu"),
    ("S390X_LINUX", "s390x-linux", "s390x-unknown-linux-gnu"),
    ("X86_64_WINDOWS", "x86_64-windows", "x86_64-pc-windows-msvc"),
    ("AARCH64_WINDOWS", "aarch64-windows", "aarch64-pc-windows-msvc"),
];

fn main() {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap());
    let runtime = manifest.join("../runtime-support");
    let out = PathBuf::from(env::var("OUT_DIR").unwrap());
    println!("cargo:rerun-if-changed={}", runtime.join("src").display());
    println!("cargo:rerun-if-changed={}", runtime.join("abi/src").display());
    println!("cargo:rerun-if-changed={}", runtime.join("Cargo.toml").display());
    let host = env::var("HOST").unwrap();
    let runtimes = manifest.join("../target/runtimes");
    // Cargo watches all that is in a directory; what doesn't exist counts as changed every time.
    fs::create_dir_all(&runtimes).unwrap();
    println!("cargo:rerun-if-changed={}", runtimes.display());
    println!("cargo:rerun-if-changed=build");
    let contract = contract(&runtime.join("abi/src"));
    let mut code = String::new();
    for (constant, name, triple) in TARGETS {
        let archive = if host == triple {
            Some(build_host(&runtime, &out))
        } else {
            cross_archive(&runtimes.join(name), name, &contract)
        };
        let value = match archive {
            Some(path) => {
                let mut data = fs::read(&path).unwrap();
                archive::drop_sections(&mut data)
                    .unwrap_or_else(|error| panic!("{}: {error}", path.display()));
                let embedded = out.join(format!("{name}.a"));
                fs::write(&embedded, data).unwrap();
                format!("Some(include_bytes!({embedded:?}))")
            }
            None => "None".to_owned(),
        };
        code.push_str(&format!("pub static {constant}: Option<&[u8]> = {value};\n"));
    }
    fs::write(out.join("embedded.rs"), code).unwrap();
}

/// The sources of what the compiler and the runtime agree on, as `build.sh` leaves them beside an archive.
fn contract(sources: &Path) -> Vec<u8> {
    let mut files: Vec<PathBuf> = fs::read_dir(sources).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|extension| extension == "rs"));
    files.sort();
    files.iter().flat_map(|file| fs::read(file).unwrap()).collect()
}

/// What `make runtimes` built for another target, unless that was for another contract: programs would crash.
fn cross_archive(directory: &Path, name: &str, contract: &[u8]) -> Option<PathBuf> {
    let archive = directory.join("libwasm_aot_runtime.a");
    if !archive.exists() {
        return None;
    }
    if fs::read(directory.join("contract")).is_ok_and(|built_for| built_for == contract) {
        return Some(archive);
    }
    println!("cargo:warning=the runtime for {name} is out of date, and left out: `make runtimes` builds it");
    None
}

/// Builds the archive for the host. Cargo's variables for this build must not reach the inner one.
fn build_host(runtime: &Path, out: &Path) -> PathBuf {
    let target_dir = out.join("runtime");
    let mut cargo = Command::new(env::var("CARGO").unwrap());
    cargo.args(["build", "--release", "--quiet", "--manifest-path"]);
    cargo.arg(runtime.join("Cargo.toml")).arg("--target-dir").arg(&target_dir);
    for (name, _) in env::vars() {
        let inner = [
            "CARGO_ENCODED_RUSTFLAGS",
            "RUSTFLAGS",
            "RUSTC_WRAPPER",
            "RUSTC_WORKSPACE_WRAPPER",
            "RUSTC",
            "TARGET",
        ];
        if inner.contains(&name.as_str())
            || name.starts_with("CARGO_CFG_")
            || name.starts_with("CARGO_FEATURE_")
        {
            cargo.env_remove(name);
        }
    }
    // Nothing unwinds in the runtime, so it needs no tables for it; backtraces follow frame
    // pointers through it.
    cargo.env("RUSTFLAGS", "-Cforce-unwind-tables=no -Cforce-frame-pointers=yes");
    let status = cargo.status().expect("cargo can be run");
    assert!(status.success(), "building the runtime-support library failed");
    target_dir.join("release/libwasm_aot_runtime.a")
}
