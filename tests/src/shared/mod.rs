//! Shared libraries: two of them, made of a C object by the compiler's linkers, in one program, which loads them at run time
//! or is linked with them. The sources are in `tests/shared`.

mod elf;
mod macho;
mod pe;

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, ensure};
use wasm_aot::link::debug::Debug;
use wasm_aot::link::{Import, Inputs, Linker, Shared, SharedLibrary};
use wasm_aot::targets::Target;

use crate::cli::Outcome;
use crate::harness::{Skipped, Test};
use crate::programs::case::repository;
use crate::programs::fetch::fetch;

/// The prefixes of the two libraries.
const PREFIXES: [&str; 2] = ["one", "two"];

/// The functions that a library exports, without prefixes.
const EXPORTS: [&str; 7] = ["calls", "add", "add3", "scale", "select", "text", "sum"];

pub fn tests() -> Vec<Test> {
    [elf::tests(), pe::tests(), macho::tests()].into_iter().flatten().collect()
}

/// A tool of the tests.
fn tool(name: &str) -> Result<PathBuf> {
    // Without a module, all would be fetched.
    fetch([name], ["hello-write"])?.tool(name)
}

/// A directory in which libraries and programs are built for a target.
struct Bench<'d> {
    directory: &'d Path,
    target: &'static Target,
    /// The target, as zig calls it.
    zig_target: &'static str,
    zig: PathBuf,
}

impl<'d> Bench<'d> {
    fn new(directory: &'d Path, target: &str, zig_target: &'static str) -> Result<Bench<'d>> {
        let zig = tool("zig")?;
        Ok(Bench { directory, target: Target::find(target)?, zig_target, zig })
    }

    fn source(&self, name: &str) -> String {
        repository().join("tests/shared").join(name).display().to_string()
    }

    fn run(&self, program: &str, arguments: &[&str], environment: &[(&str, &str)]) -> Result<Outcome> {
        let mut command = Command::new(program);
        command.args(arguments).current_dir(self.directory).envs(environment.iter().copied());
        Ok(Outcome::of(command.output().with_context(|| format!("can't run {program}"))?))
    }

    /// Compiles or links by zig.
    fn zig(&self, arguments: &[&str]) -> Result<()> {
        let zig = self.zig.display().to_string();
        let arguments = [&["cc", "-target", self.zig_target, "-O1", "-fno-sanitize=all"], arguments].concat();
        self.run(&zig, &arguments, &[])?.code(0)?;
        Ok(())
    }

    /// Links the library with a prefix.
    fn link(&self, linker: &Linker, prefix: &str, name: &str, strip: bool) -> Result<SharedLibrary> {
        let define = format!("-DPREFIX={prefix}");
        let options = ["-c", "-ffreestanding", "-fPIC", "-fno-stack-protector", "-ffunction-sections"];
        let files = ["-o", "library.o", &self.source("library.c")];
        self.zig(&[&options[..], &[&define], &files].concat())?;
        let runtime = repository().join(format!("target/runtimes/{}/modules.a", self.target.name));
        let runtime = std::fs::read(&runtime)
            .map_err(|error| Skipped(format!("there is no {}: {error}", runtime.display())))?;
        let of = |name: &str| format!("{prefix}_{name}");
        let exports = EXPORTS.map(of);
        let imports = [Import { name: of("import_scale"), setter: of("set_import_scale") }];
        let unset = of("unset");
        let debug = Debug { strip, ..Debug::default() };
        let shared = Shared { name, exports: &exports, imports: &imports, unset: &unset, debug: &debug };
        let object = std::fs::read(self.directory.join("library.o"))?;
        linker.link_shared(self.target, Inputs { object, runtime, stack_size: 0 }, &shared)
    }

    /// Links both libraries; the names of the files.
    fn link_both(&self, extension: &str) -> Result<[String; 2]> {
        let names = PREFIXES.map(|prefix| format!("lib{prefix}.{extension}"));
        for (prefix, name) in PREFIXES.iter().zip(&names) {
            let link = |strip| self.link(&Linker::Auto, prefix, name, strip);
            let linked = link(false)?;
            ensure!(linked.library == link(false)?.library, "two builds differ");
            ensure!(linked.library.len() >= link(true)?.library.len(), "stripping adds bytes");
            std::fs::write(self.directory.join(name), linked.library)?;
            if let Some(library) = linked.import_library {
                std::fs::write(self.directory.join(format!("{prefix}.lib")), library)?;
            }
        }
        Ok(names)
    }
}
