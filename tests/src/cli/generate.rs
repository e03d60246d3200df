//! `completions` and `manual`.

use anyhow::{Context, Result, ensure};

use super::{Bench, names, test};
use crate::harness::Test;

pub fn tests() -> Vec<Test> {
    vec![
        test("generate/completions", completions),
        test("generate/bash reads them", bash),
        test("generate/manual", manual),
        test("generate/no directory for the manual", no_directory),
    ]
}

fn completions(bench: &Bench<'_>) -> Result<()> {
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let words = ["wasm-aot", "memory-guard", "inspect"];
        bench.aot(&["completions", shell])?.code(0)?.stdout_has(&words).context(shell)?;
    }
    bench.aot(&["completions", "cmd"])?.code(2)?.stderr_has(&["invalid value 'cmd'", "bash"])?;
    Ok(())
}

fn bash(bench: &Bench<'_>) -> Result<()> {
    let script = r#"
        . ./completions
        COMP_WORDS=(wasm-aot build --mem)
        COMP_CWORD=2
        specification=$(complete -p wasm-aot)
        function=${specification#*-F }
        ${function%% *} wasm-aot --mem build
        echo "${COMPREPLY[@]}""#;
    bench.write("completions", bench.aot(&["completions", "bash"])?.stdout)?;
    let outcome = bench.tool("bash", &["-c", script])?;
    ensure!(outcome.code(0)?.stdout == "--memory-guard\n", "completed to: {}", outcome.stdout);
    Ok(())
}

fn manual(bench: &Bench<'_>) -> Result<()> {
    bench.aot(&["manual", "share/man1"])?.code(0)?;
    let pages = names(&bench.path("share/man1"))?;
    for page in
        ["wasm-aot.1", "wasm-aot-build.1", "wasm-aot-inspect.1", "wasm-aot-run.1", "wasm-aot-targets.1"]
    {
        ensure!(pages.iter().any(|name| name == page), "{page} is missing: {pages:?}");
    }
    let build = std::fs::read_to_string(bench.path("share/man1/wasm-aot-build.1"))?;
    ensure!(build.contains("memory\\-guard"), "the page of build doesn't tell its options:\n{build}");
    Ok(())
}

fn no_directory(bench: &Bench<'_>) -> Result<()> {
    bench.write("file", "")?;
    bench
        .aot(&["manual", "file/man1"])?
        .failed(&["can't write the manual to file/man1", "Not a directory"])?;
    Ok(())
}
