//! Dispatches of interpreters begin lines of the cache of instructions, wherever the code is.

use std::collections::BTreeSet;

use anyhow::{Context as _, Result, ensure};
use object::{Object as _, ObjectSymbol as _};

use super::invalid::MODULE;
use super::{Bench, test};
use crate::harness::Test;
use crate::programs::case::repository;

pub fn tests() -> Vec<Test> {
    vec![test("line/interpreters", interpreters), test("line/nothing else", others)]
}

/// Bytes by which code is moved.
const OFFSETS: [&str; 5] = ["0", "1", "16", "32", "48"];

fn interpreters(bench: &Bench<'_>) -> Result<()> {
    let module = repository().join("tests/filetests/run/interpreter-state.wat");
    let module = module.to_str().context("a path that is text")?;
    for target in ["x86_64-linux", "x86_64-windows"] {
        let places = |switch| -> Result<BTreeSet<u64>> {
            let mut places = BTreeSet::new();
            for offset in OFFSETS {
                let options =
                    ["--target", target, "--emit", "program", "-C", switch, "--code-offset", offset];
                bench.aot(&[&["build", module, "-o", "out.o"], &options[..]].concat())?.code(0)?;
                let bytes = std::fs::read(bench.path("out.o"))?;
                let file = object::File::parse(&*bytes)?;
                let symbol = file.symbols().find(|symbol| symbol.name() == Ok("interpret"));
                places.insert(symbol.context("no symbol `interpret`")?.address() % 64);
            }
            Ok(places)
        };
        ensure!(places("line")?.len() == 1, "for {target}, the place of the dispatch in its line varies");
        ensure!(places("no-line")?.len() == OFFSETS.len(), "for {target}, code doesn't move");
    }
    Ok(())
}

fn others(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    bench.aot(&["build", "a.wat", "-o", "with"])?.code(0)?;
    bench.aot(&["build", "a.wat", "-o", "without", "-C", "no-line"])?.code(0)?;
    let [with, without] = ["with", "without"].map(|name| std::fs::read(bench.path(name)));
    ensure!(with? == without?, "a program without an interpreter differs");
    Ok(())
}
