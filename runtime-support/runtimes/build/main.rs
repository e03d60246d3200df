//! Embeds the runtime-support library for each target, and the linker scripts.
//!
//! In a package both are in `packed/`. In the source tree, the archives are what `make runtimes` left in
//! `target/runtimes/`; for the host, where that isn't there or was built from other sources, it is built here with the
//! ordinary toolchain. The targets that `WASM_AOT_RUNTIMES` names are built here, too: cargo runs this beside the
//! compilation of the compiler's dependencies.

mod archive;
mod sources;

use std::path::{Path, PathBuf};
use std::{env, fs};

use sha2::{Digest, Sha256};

fn main() {
    let manifest = PathBuf::from(env::var("CARGO_MANIFEST_DIR").unwrap());
    let out = PathBuf::from(env::var("OUT_DIR").unwrap());
    let runtime = manifest.join("..");
    let is_source_tree =
        ["build.sh", "abi/src", "../compiler/targets.toml"].iter().all(|path| runtime.join(path).exists());
    let (archives, scripts) = if is_source_tree {
        (sources::archives(&runtime, &out), runtime.join("../linker-scripts"))
    } else {
        let packed = manifest.join("packed");
        println!("cargo:rerun-if-changed={}", packed.display());
        (packed_archives(&packed.join("archives")), packed.join("linker-scripts"))
    };
    println!("cargo:rerun-if-changed={}", scripts.display());
    println!("cargo:rerun-if-changed=build");
    let mut digest = Sha256::new();
    copy_scripts(&scripts, &out.join("linker-scripts"), &mut digest);
    let mut rows = String::new();
    for (target, archive) in archives {
        digest.update(&target);
        digest.update(Sha256::digest(fs::read(&archive).unwrap()));
        rows.push_str(&format!("({target:?}, include_bytes!({archive:?})), "));
    }
    let code = format!(
        "/// Name of the target and archive.\npub static ARCHIVES: &[(&str, &[u8])] = &[{rows}];\n\
         /// Of all that is in here.\npub static DIGEST: &str = {:?};\n",
        sources::hexadecimal(digest)
    );
    fs::write(out.join("runtimes.rs"), code).unwrap();
}

/// The names of the targets and their archives in a package.
fn packed_archives(directory: &Path) -> Vec<(String, PathBuf)> {
    let files = fs::read_dir(directory).expect("a package has archives, which pack.sh puts there");
    let mut archives: Vec<(String, PathBuf)> = files
        .map(|entry| {
            let path = entry.unwrap().path();
            let name =
                path.file_name().and_then(|name| name.to_str()).and_then(|name| name.strip_suffix(".a.z"));
            (name.expect("archives are called TARGET.a.z").to_owned(), path)
        })
        .collect();
    archives.sort();
    archives
}

/// Puts the linker scripts where `src/lib.rs` includes them from.
fn copy_scripts(from: &Path, to: &Path, digest: &mut Sha256) {
    fs::create_dir_all(to).unwrap();
    let mut files: Vec<_> = fs::read_dir(from).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    for file in files {
        let text = fs::read(&file).unwrap();
        digest.update(&text);
        fs::write(to.join(file.file_name().expect("it is a file")), text).unwrap();
    }
}
