//! Bills of materials. What they say of modules is tested beside their code.

use anyhow::{Context as _, Result, ensure};
use serde_json::Value;
use sha2::{Digest as _, Sha256};

use super::{Bench, test};
use crate::harness::Test;

pub fn tests() -> Vec<Test> {
    vec![
        test("sbom/digests are those of files", digests),
        test("sbom/equal builds have equal bills", equal),
        test("sbom/it is no other file", destinations),
    ]
}

const MODULE: &str = r#"(module $named (memory (export "memory") 1) (func (export "_start")))"#;

/// The digest of a file of the directory.
fn digest(bench: &Bench<'_>, file: &str) -> Result<String> {
    let digest = Sha256::digest(std::fs::read(bench.path(file))?);
    Ok(digest.iter().map(|byte| format!("{byte:02x}")).collect())
}

fn digests(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    std::fs::create_dir_all(bench.path("assets/deep"))?;
    bench.write("assets/deep/file", "contents")?;
    for (flags, has_files) in
        [(&["--bundle", "assets::/data"][..], true), (&["--emit", "staticlib", "--prefix", "a"], false)]
    {
        bench.aot(&[&["build", "a.wat", "--sbom", "a.json", "-o", "a"], flags].concat())?.code(0)?;
        let bill: Value = serde_json::from_slice(&std::fs::read(bench.path("a.json"))?)?;
        let parts = bill["components"].as_array().context("there are no components")?;
        let hash = |part: &Value| part["hashes"][0]["content"].as_str().map(str::to_owned);
        let output = &bill["metadata"]["component"];
        ensure!(hash(output) == Some(digest(bench, "a")?), "the output's digest: {output}");
        let file = parts.iter().find(|part| part["name"] == "/data/deep/file");
        ensure!(file.is_some() == has_files, "the bundled file: {file:?}");
        if let Some(file) = file {
            ensure!(
                hash(file) == Some(digest(bench, "assets/deep/file")?),
                "the bundled file's digest: {file}"
            );
        }
        ensure!(parts[0]["name"] == "named" && hash(&parts[0]).is_some(), "the module: {}", parts[0]);
        ensure!(parts.iter().any(|part| part["name"] == "wasm-aot-runtime"), "the runtime");
        let listed = bill["dependencies"][0]["dependsOn"].as_array().context("there are no dependencies")?;
        ensure!(listed.len() == parts.len(), "{} of {} parts are listed", listed.len(), parts.len());
    }
    Ok(())
}

fn equal(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    for bill in ["one.json", "two.json"] {
        bench.aot(&["build", "a.wat", "--sbom", bill])?.code(0)?;
    }
    ensure!(std::fs::read(bench.path("one.json"))? == std::fs::read(bench.path("two.json"))?, "they differ");
    Ok(())
}

fn destinations(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    bench.aot(&["build", "a.wat", "--sbom", "a.wat"])?.failed(&["a.wat"])?;
    bench.aot(&["build", "a.wat", "-o", "a", "--sbom", "./a"])?.failed(&["the same file as the output"])?;
    bench.aot(&["build", "a.wat", "--sbom", "nowhere/a.json"])?.failed(&["nowhere/a.json"])?;
    bench.write("broken.wat", "(module (import \"x\" \"y\" (func)))")?;
    bench.aot(&["build", "broken.wat", "--sbom", "broken.json"])?.code(1)?;
    ensure!(!bench.path("broken.json").exists(), "there is a bill of what isn't there");
    Ok(())
}
