//! `--no-pie`: executables at fixed addresses, for each target and linker.

use anyhow::{Result, ensure};
use object::{Object as _, ObjectKind, ObjectSegment as _};

use super::build::check_sample;
use super::image::linked;
use super::invalid::MODULE;
use super::{Bench, test};
use crate::harness::Test;

/// Makes an object and keeps it; its heap begins where the executable must have ended.
const OBJECTS: &str = r#"(module
  (type $box (struct (field i32)))
  (global $kept (mut (ref null $box)) (ref.null $box))
  (func (export "_start")
    (global.set $kept (struct.new $box (i32.const 1)))
    (if (i32.ne (struct.get $box 0 (global.get $kept)) (i32.const 1)) (then (unreachable)))))"#;

pub fn tests() -> Vec<Test> {
    let each = linked().map(|(target, linker)| {
        test(&format!("pie/--no-pie for {target} by {linker}"), move |bench| fixed(bench, target, linker))
    });
    each.chain([test("pie/systems without", windows)]).collect()
}

fn fixed(bench: &Bench<'_>, target: &str, linker: &str) -> Result<()> {
    let isa = target.trim_end_matches("-linux");
    bench.write("a.wat", MODULE)?;
    bench.write("objects.wat", OBJECTS)?;
    let options = ["--target", target, "--linker", linker];
    for (module, option) in [("a.wat", "--no-pie"), ("objects.wat", "--no-pie"), ("a.wat", "--static-pie")] {
        bench.aot(&[&["build", module, option, "-o", "out"], &options[..]].concat())?.code(0)?;
        let outcome = match isa {
            "x86_64" => bench.start("out", &[])?,
            _ => bench.tool(&format!("qemu-{isa}"), &["./out"])?,
        };
        match module {
            "a.wat" => check_sample(&outcome)?,
            _ => drop(outcome.code(0)?),
        }
        let bytes = std::fs::read(bench.path("out"))?;
        let file = object::File::parse(&*bytes)?;
        let start = file.segments().map(|segment| segment.address()).min();
        match option {
            "--no-pie" => ensure!(file.kind() == ObjectKind::Executable && start > Some(0)),
            _ => ensure!(file.kind() == ObjectKind::Dynamic && start == Some(0)),
        }
    }
    Ok(())
}

fn windows(bench: &Bench<'_>) -> Result<()> {
    bench.write("a.wat", MODULE)?;
    bench.aot(&["build", "a.wat", "--target", "x86_64-windows", "--no-pie"])?.failed(&[
        "--no-pie",
        "x86_64-windows",
        "always position-independent",
    ])?;
    bench.aot(&["build", "a.wat", "--no-pie", "--static-pie"])?.code(2)?;
    bench.has_only(&["a.wat"])
}
