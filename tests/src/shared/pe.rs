//! DLLs, in programs under Wine. Those for aarch64 aren't run, but a program is linked with them.

use std::path::Path;

use anyhow::Result;

use super::{Bench, tool};
use crate::harness::Test;

const TARGETS: [(&str, &str); 2] =
    [("x86_64-windows", "x86_64-windows-gnu"), ("aarch64-windows", "aarch64-windows-gnu")];

pub fn tests() -> Vec<Test> {
    let test = |(target, zig_target): (&'static str, &'static str)| {
        let test = move |directory: &Path| run(directory, target, zig_target);
        Test::new(format!("shared/{target}: loaded and linked"), test)
    };
    TARGETS.map(test).into()
}

fn run(directory: &Path, target: &str, zig_target: &'static str) -> Result<()> {
    let bench = Bench::new(directory, target, zig_target)?;
    let [one, two] = bench.link_both("dll")?;
    bench.zig(&[&bench.source("load.c"), "-o", "load.exe"])?;
    bench.zig(&[&bench.source("link.c"), "-o", "link.exe", "one.lib", "two.lib"])?;
    if !target.starts_with("x86_64") {
        return Ok(());
    }
    let wine = tool("wine")?.display().to_string();
    bench.run(&wine, &["load.exe", &one, &two], &[])?.code(0)?;
    bench.run(&wine, &["link.exe"], &[])?.code(0)?;
    Ok(())
}
