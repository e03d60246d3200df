//! Writes the tables of targets, and embeds the runtime-support library for each: what `make runtimes` left in
//! `target/runtimes/`. For the host, where that isn't there or was built from other sources, it is built here with the
//! ordinary toolchain. The targets that `WASM_AOT_RUNTIMES` names are built here, too: cargo runs this beside the
//! compilation of dependencies.

mod archive;
mod targets;

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
use targets::{Format, Tables, Target};

/// What the compiler is built from, in its directory.
const COMPILER: [&str; 7] = [
    "src",
    "build",
    "targets.toml",
    "Cargo.toml",
    "../Cargo.lock",
    "../linker-scripts",
    "../runtime-support/abi/src",
];

/// What the runtime is built from, in its directory.
const SOURCES: [&str; 5] = ["abi/src", "src", "Cargo.toml", "Cargo.lock", "build.sh"];

fn main() {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap());
    let runtime = manifest.join("../runtime-support");
    let out = PathBuf::from(env::var("OUT_DIR").unwrap());
    for source in SOURCES {
        println!("cargo:rerun-if-changed={}", runtime.join(source).display());
    }
    let host = env::var("HOST").unwrap();
    let runtimes = manifest.join("../target/runtimes");
    watch(&runtimes.join("changed"));
    if let Ok(names) = env::var("WASM_AOT_RUNTIMES")
        && !names.is_empty()
    {
        build_named(&runtime, &names);
    }
    for source in COMPILER {
        println!("cargo:rerun-if-changed={source}");
    }
    link_at_fixed_address();
    // Of everything that decides what is built: the cache of `run` knows compilers by it.
    let mut identity = Sha256::new();
    identity.update(digest(&manifest, &COMPILER));
    let sources = Sources::of(&runtime);
    let tables = fs::read_to_string(manifest.join("targets.toml")).unwrap();
    let tables = Tables::parse(&tables).unwrap_or_else(|error| panic!("targets.toml: {error}"));
    fs::write(out.join("targets.rs"), tables.code()).unwrap();
    let mut archives = String::new();
    for Target { name, triple, format, .. } in &tables.target {
        let directory = runtimes.join(name);
        let built = Sources::read(&directory.join("sources"));
        let archive = directory.join("libwasm_aot_runtime.a");
        let archive = if built.as_ref() == Some(&sources) {
            Some(archive)
        } else if host == *triple {
            Some(build_host(&runtime, &out))
        } else if let Some(built) = built {
            let usable = built.contract == sources.contract;
            let warning = if usable { "older than its sources" } else { "out of date, and left out" };
            println!("cargo:warning=the runtime for {name} is {warning}: `make build` builds it");
            usable.then_some(archive)
        } else {
            None
        };
        let Some(archive) = archive else { continue };
        let data =
            embeddable(&archive, *format).unwrap_or_else(|error| panic!("{}: {error}", archive.display()));
        identity.update(name);
        identity.update(Sha256::digest(&data));
        let embedded = out.join(format!("{name}.a.z"));
        fs::write(&embedded, data).unwrap();
        archives.push_str(&format!("({name:?}, include_bytes!({embedded:?})), "));
    }
    let code = format!(
        "static ARCHIVES: &[(&str, &[u8])] = &[{archives}];\npub static DIGEST: &str = {:?};\n",
        hexadecimal(identity)
    );
    fs::write(out.join("embedded.rs"), code).unwrap();
}

/// Links the compiler for Linux at a fixed address, as gcc's own compilers are. At any address the system would have
/// 35,000 words of it to adjust at each start, in 140 pages that it has to copy first: a third of what `run` takes for
/// a program that is in the cache.
fn link_at_fixed_address() {
    let is = |name: &str, value: &str| env::var(name).as_deref() == Ok(value);
    if is("CARGO_CFG_TARGET_OS", "linux") && is("CARGO_CFG_TARGET_ENV", "gnu") {
        println!("cargo:rustc-link-arg-bin=wasm-aot=-no-pie");
    }
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
fn embeddable(path: &Path, format: Format) -> Result<Vec<u8>, Box<dyn Error>> {
    let kind = if format == Format::Pe { ArchiveKind::Coff } else { ArchiveKind::Gnu };
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

fn hexadecimal(hash: Sha256) -> String {
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

/// Builds the archive for the host.
fn build_host(runtime: &Path, out: &Path) -> PathBuf {
    let target_dir = out.join("runtime");
    let mut cargo = Command::new(env::var("CARGO").unwrap());
    cargo.args(["build", "--release", "--quiet", "--manifest-path"]);
    cargo.arg(runtime.join("Cargo.toml")).arg("--target-dir").arg(&target_dir);
    leave_this_build(&mut cargo);
    // Nothing unwinds in the runtime, so it needs no tables for it; backtraces follow frame
    // pointers through it.
    cargo.env("RUSTFLAGS", "-Cforce-unwind-tables=no -Cforce-frame-pointers=yes");
    let status = cargo.status().expect("cargo can be run");
    assert!(status.success(), "building the runtime-support library failed");
    target_dir.join("release/libwasm_aot_runtime.a")
}
