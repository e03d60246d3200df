//! The archives of a source tree: those that `runtime-support/build.sh` has built, and what is built here.

use std::error::Error;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::SystemTime;
use std::{env, fs};

use ar_archive_writer::ArchiveKind;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use sha2::{Digest, Sha256};

use super::archive;

/// What the runtime is built from, in its directory.
const SOURCES: [&str; 6] =
    ["../compiler/targets.toml", "abi/src", "src", "Cargo.toml", "Cargo.lock", "build.sh"];

/// The targets of the source tree in `runtime`, and the archives for them that can be had, as they are embedded.
pub fn archives(runtime: &Path, out: &Path) -> Vec<(String, PathBuf)> {
    for source in SOURCES {
        println!("cargo:rerun-if-changed={}", runtime.join(source).display());
    }
    let table = runtime.join(SOURCES[0]);
    let table: toml::Table = fs::read_to_string(table).unwrap().parse().expect("targets.toml is TOML");
    let host = env::var("HOST").unwrap();
    let runtimes = runtime.join("../target/runtimes");
    watch(&runtimes.join("changed"));
    if let Ok(names) = env::var("WASM_AOT_RUNTIMES")
        && !names.is_empty()
    {
        build_named(runtime, &names);
    }
    let sources = Sources::of(runtime);
    let mut archives = Vec::new();
    for target in table["target"].as_array().expect("targets are an array of tables") {
        let text = |key: &str| target[key].as_str().expect("a text");
        let name = text("name");
        let directory = runtimes.join(name);
        let kinds = kinds(name);
        let exists = kinds.iter().all(|(features, _)| directory.join(features).with_extension("a").exists());
        let built = Sources::read(&directory.join("sources")).filter(|_| exists);
        let is_current = built.as_ref() == Some(&sources);
        if !is_current && host != text("triple") {
            let Some(built) = built else { continue };
            let usable = built.contract == sources.contract;
            let warning = if usable { "older than its sources" } else { "out of date, and left out" };
            println!("cargo:warning=the runtime for {name} is {warning}: `make build` builds it");
            if !usable {
                continue;
            }
        }
        let kind = if text("format") == "pe" { ArchiveKind::Coff } else { ArchiveKind::Gnu };
        for &(features, suffix) in kinds {
            let archive = match is_current || host != text("triple") {
                true => directory.join(features).with_extension("a"),
                false => build_host(runtime, &target["runtime"], features, out),
            };
            let data =
                embeddable(&archive, kind).unwrap_or_else(|error| panic!("{}: {error}", archive.display()));
            let embedded = out.join(format!("{name}{suffix}.a.z"));
            fs::write(&embedded, data).unwrap();
            archives.push((format!("{name}{suffix}"), embedded));
        }
    }
    archives
}

/// The archives of a target: features of cargo, and what is behind the target in the name of the archive.
fn kinds(target: &str) -> &'static [(&'static str, &'static str)] {
    let all = &[
        ("modules", ""),
        ("components", "+components"),
        ("libraries", "+libraries"),
        ("servers", "+servers"),
    ];
    // Servers are for Linux only.
    if target.ends_with("-linux") { all } else { &all[..3] }
}

/// Has cargo run this again when `build.sh` changes the file. One that doesn't exist would count as changed every time,
/// and one that is younger than this run, the next time.
fn watch(file: &Path) {
    if !file.exists() {
        fs::create_dir_all(file.parent().expect("it is in a directory")).unwrap();
        fs::File::create(file).unwrap().set_modified(SystemTime::UNIX_EPOCH).unwrap();
    }
    println!("cargo:rerun-if-changed={}", file.display());
}

/// An archive as it is embedded: without what no executable needs, compressed.
fn embeddable(path: &Path, kind: ArchiveKind) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut data = archive::drop_members(&fs::read(path)?, "wasm_aot_runtime", kind)?;
    archive::drop_sections(&mut data)?;
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(&data)?;
    Ok(encoder.finish()?)
}

/// What a runtime was built from, as `build.sh` leaves it beside the archive: a digest of the contract (the ABI crate),
/// without which programs would crash, and one of everything. (The third, of the toolchain, is for `build.sh`.)
#[derive(PartialEq)]
struct Sources {
    contract: String,
    all: String,
}

impl Sources {
    fn read(file: &Path) -> Option<Sources> {
        let text = fs::read_to_string(file).ok()?;
        let mut digests = text.split_whitespace().map(str::to_owned);
        Some(Sources { contract: digests.next()?, all: digests.next()? })
    }

    /// Of what is in the source tree now.
    fn of(runtime: &Path) -> Sources {
        Sources { contract: digest(runtime, &["abi/src"]), all: digest(runtime, &SOURCES) }
    }
}

/// Digest of all files in these directories, and of these files, in the order of their paths.
fn digest(root: &Path, paths: &[&str]) -> String {
    let mut files = Vec::new();
    let mut paths: Vec<PathBuf> = paths.iter().map(|path| root.join(path)).collect();
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
    hexadecimal(hash)
}

/// A hash as text.
pub fn hexadecimal(hash: Sha256) -> String {
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

/// Builds the archives of these targets, where `make runtimes` leaves them. With cargo's job server, so that it takes no
/// more cores than cargo has.
fn build_named(runtime: &Path, names: &str) {
    let mut build = Command::new("bash");
    build.arg(runtime.join("build.sh")).arg("--beside-compiler").args(names.split_whitespace());
    leave_this_build(&mut build);
    let status = build.status().expect("bash can be run");
    assert!(status.success(), "building the runtime-support libraries failed: {names}");
}

/// Cargo's variables for this build must not reach an inner one.
fn leave_this_build(command: &mut Command) {
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
            command.env_remove(name);
        }
    }
}

/// Builds an archive for the host, as its row's `runtime` says.
fn build_host(runtime: &Path, row: &toml::Value, features: &str, out: &Path) -> PathBuf {
    let text = |key: &str| row[key].as_str().expect("a text");
    let target_dir = out.join("runtime").join(features);
    let mut cargo = Command::new(env::var("CARGO").unwrap());
    cargo.args(["build", "--release", "--quiet", "--features", features, "--manifest-path"]);
    cargo.arg(runtime.join("Cargo.toml")).arg("--target-dir").arg(&target_dir);
    leave_this_build(&mut cargo);
    cargo.env("RUSTFLAGS", text("rustflags"));
    let status = cargo.status().expect("cargo can be run");
    assert!(status.success(), "building the runtime-support library failed");
    target_dir.join("release").join(text("archive"))
}
