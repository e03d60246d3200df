//! Writes the tables of targets, and a digest of everything that decides what the compiler builds.

mod targets;

use std::path::{Path, PathBuf};
use std::time::SystemTime;
use std::{env, fs};

use sha2::{Digest, Sha256};
use targets::Tables;

/// What the compiler is built from, relative to its directory. Packages lack some of it.
const SOURCES: [&str; 7] = [
    "src",
    "build",
    "targets.toml",
    "Cargo.toml",
    "Cargo.lock",
    "../Cargo.lock",
    "../runtime-support/abi/src",
];

fn main() {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap());
    let out = PathBuf::from(env::var("OUT_DIR").unwrap());
    link_at_fixed_address();
    let tables = fs::read_to_string(manifest.join("targets.toml")).unwrap();
    let tables = Tables::parse(&tables).unwrap_or_else(|error| panic!("targets.toml: {error}"));
    fs::write(out.join("targets.rs"), tables.code()).unwrap();
    // The cache of `run` identifies a compiler by this digest and by that of the runtimes.
    let mut digest = digest(&manifest);
    if !manifest.join("../Cargo.lock").exists() {
        // In a package nothing says which versions of the dependencies cargo has chosen, so what one build has made isn't
        // used by another, unless whoever builds says that they are the same.
        println!("cargo:rerun-if-env-changed=SOURCE_DATE_EPOCH");
        let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map(|time| time.as_nanos());
        let time = env::var("SOURCE_DATE_EPOCH").unwrap_or_else(|_| time.unwrap_or_default().to_string());
        digest.push_str(&time);
    }
    println!("cargo:rustc-env=WASM_AOT_DIGEST={digest}");
}

/// Links the compiler for Linux at a fixed address, as gcc's own compilers are. If it were position-independent, the
/// system would have to relocate 35,000 words of it at each start, in 140 pages that have to be copied first: a third
/// of the time that `run` takes for a program that is in the cache.
fn link_at_fixed_address() {
    let is = |name: &str, value: &str| env::var(name).as_deref() == Ok(value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo:rustc-link-arg-bin=wasm-aot=-no-pie");
    }
}

/// Digest of the sources, file by file, in the order of their paths.
fn digest(root: &Path) -> String {
    let mut files = Vec::new();
    let mut paths: Vec<PathBuf> =
        SOURCES.iter().map(|path| root.join(path)).filter(|path| path.exists()).collect();
    for path in &paths {
        println!("cargo:rerun-if-changed={}", path.display());
    }
    while let Some(path) = paths.pop() {
        if path.is_dir() {
            paths.extend(fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()));
        } else {
            files.push(path.into_os_string());
        }
    }
    files.sort();
    let mut hash = Sha256::new();
    for file in files {
        hash.update(fs::read(file).unwrap());
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}
