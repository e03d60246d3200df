//! Where outputs go when they can't: full disks, read-only ones, directories. The output
//! appears whole or not at all, and nothing else stays behind.

use std::os::unix::fs::PermissionsExt as _;
use std::process::{Command, Stdio};

use anyhow::{Context as _, Result, ensure};
use wasm_aot::targets::{RuntimeKind, Target};

use super::build::check_sample;
use super::invalid::MODULE;
use super::{Bench, Mount, names, test};
use crate::harness::Test;

pub fn tests() -> Vec<Test> {
    vec![
        test("output/a directory", |bench| {
            bench.write("a.wat", MODULE)?;
            std::fs::create_dir(bench.path("out"))?;
            bench.aot(&["build", "a.wat", "-o", "out"])?.failed(&["can't write out", "it is a directory"])?;
            ensure!(names(&bench.path("out"))?.is_empty());
            bench.has_only(&["a.wat", "out"])
        }),
        test("output/in no directory", |bench| {
            bench.write("a.wat", MODULE)?;
            for emit in ["exe", "obj", "clif"] {
                let outcome = bench.aot(&["build", "a.wat", "--emit", emit, "-o", "missing/out"])?;
                outcome.failed(&["can't write", "missing", "No such file or directory"])?;
            }
            bench.has_only(&["a.wat"])
        }),
        test("output/below a file", |bench| {
            bench.write("a.wat", MODULE)?;
            for emit in ["exe", "obj", "clif"] {
                let outcome = bench.aot(&["build", "a.wat", "--emit", emit, "-o", "a.wat/out"])?;
                outcome.failed(&["can't write", "a.wat", "Not a directory"])?;
            }
            bench.has_only(&["a.wat"])
        }),
        test("output/read-only file system", |bench| {
            bench.write("a.wat", MODULE)?;
            let _mount = Mount::new(bench.path("mount"), "size=64k,ro")?;
            for emit in ["exe", "obj", "clif"] {
                let outcome = bench.aot(&["build", "a.wat", "--emit", emit, "-o", "mount/out"])?;
                outcome.failed(&["can't write", "mount", "Read-only file system"])?;
            }
            Ok(())
        }),
        test("output/file modes", |bench| {
            bench.write("a.wat", MODULE)?;
            let mode = |name: &str| anyhow::Ok(bench.path(name).metadata()?.permissions().mode() & 0o777);
            bench.shell("umask 022; $AOT build a.wat; $AOT build a.wat --emit obj")?.code(0)?;
            ensure!(mode("a")? == 0o755 && mode("a.o")? == 0o644, "{:o} {:o}", mode("a")?, mode("a.o")?);
            Ok(())
        }),
        test("output/full disk", |bench| {
            // This includes sizes at which the object, the runtime or both would fit, but not the executable
            // as well.
            let runtime = runtime_kib()?;
            full_disk(bench, &[16, 64, 300, 400, runtime, runtime + 100, runtime + 350, runtime + 400])
        }),
        test("output/full disk keeps the old file", |bench| {
            bench.write("a.wat", MODULE)?;
            let mount = Mount::new(bench.path("mount"), "size=8k")?;
            bench.write("mount/out", "what was there")?;
            bench.aot(&["build", "a.wat", "-o", "mount/out"])?.failed(&["No space left on device"])?;
            let kept = std::fs::read_to_string(bench.path("mount/out"))? == "what was there";
            drop(mount);
            ensure!(kept, "the old file is gone");
            Ok(())
        }),
        test("output/running program can be replaced", |bench| {
            bench.write("a.wat", r#"(module (import "wasi_snapshot_preview1" "fd_read" (func (param i32 i32 i32 i32) (result i32)))
                (memory (export "memory") 1) (data (i32.const 0) "\10\00\00\00\01\00\00\00")
                (func (export "_start") (drop (call 0 (i32.const 0) (i32.const 0) (i32.const 1) (i32.const 8)))))"#)?;
            bench.aot(&["build", "a.wat"])?.code(0)?;
            let mut child = Command::new(bench.path("a")).stdin(Stdio::piped()).spawn()?;
            bench.write("a.wat", MODULE)?;
            let outcome = bench.aot(&["build", "a.wat"]);
            drop(child.stdin.take());
            ensure!(child.wait()?.success());
            outcome?.code(0)?;
            check_sample(&bench.start("a", &[])?)
        }),
    ]
}

/// Size of the host's runtime archive.
fn runtime_kib() -> Result<u64> {
    let runtime = Target::host()?.runtime(RuntimeKind::Modules);
    Ok(runtime.context("no runtime for this machine")?.len() as u64 / 1024)
}

/// Builds a program with 320 KiB of data into file systems of these sizes, in KiB.
fn full_disk(bench: &Bench<'_>, sizes: &[u64]) -> Result<()> {
    let data = "0123456789abcdef".repeat(20 << 10);
    bench.write(
        "a.wat",
        format!("(module (memory 8) (data (i32.const 0) \"{data}\") (func (export \"_start\")))"),
    )?;
    for size in sizes {
        let _mount = Mount::new(bench.path("mount"), &format!("size={size}k"))?;
        let outcome = bench.aot(&["build", "a.wat", "-o", "mount/out"])?;
        if outcome.code == 0 {
            let ran = bench.start("mount/out", &[])?;
            ran.code(0).with_context(|| format!("{size} KiB: half a program was written"))?;
        } else {
            outcome
                .failed(&["can't build a.wat", "No space left on device"])
                .with_context(|| format!("{size} KiB"))?;
            ensure!(
                names(&bench.path("mount"))?.is_empty(),
                "{size} KiB: {:?} stays",
                names(&bench.path("mount"))?
            );
        }
    }
    bench.has_only(&["a.wat", "mount"])
}
