//! The ways of linking a host program with libraries: which compiler, which linker, which kind of library.

use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context as _, Result, bail, ensure};

use super::case::{Case, Language};
use crate::programs::fetch::{Fetched, Native};
use crate::programs::targets::Target;

/// The kind of library that a module becomes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Static,
    Shared,
}

/// What compiles and links a host program.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Toolchain {
    /// gcc with a linker, as `-fuse-ld` names it.
    Gcc(&'static str),
    /// gcc, its default linker, and the address sanitizer.
    Sanitized,
    /// clang and lld.
    Clang,
    /// The Rust compiler and what it links with.
    Rustc,
    /// `zig cc` for another target: static programs for Linux have another C library, musl.
    Zig,
}

/// A way of linking.
#[derive(Clone, Copy, Debug)]
pub struct Way {
    pub kind: Kind,
    pub toolchain: Toolchain,
}

impl Way {
    /// The ways in which a test is linked for a target.
    pub fn of(case: &Case, target: &Target) -> Vec<Way> {
        use Kind::{Shared, Static};
        use Toolchain::{Clang, Gcc, Rustc, Sanitized, Zig};
        let way = |(kind, toolchain)| Way { kind, toolchain };
        let ways: &[(Kind, Toolchain)] = match (case.language(), target.is_host(), case.linkers) {
            (Language::Rust, true, _) => &[(Static, Rustc), (Shared, Rustc)],
            // There is no standard library for other targets.
            (Language::Rust, false, _) => &[],
            (_, true, true) => &[
                (Static, Gcc("bfd")),
                (Static, Gcc("gold")),
                (Static, Gcc("lld")),
                (Static, Gcc("mold")),
                (Static, Clang),
                (Static, Zig),
                (Shared, Gcc("bfd")),
                (Shared, Gcc("gold")),
                (Shared, Gcc("mold")),
                (Shared, Clang),
            ],
            (_, true, false) => &[(Static, Gcc("bfd")), (Shared, Gcc("bfd"))],
            // The loader of tests/macho loads no libraries.
            (_, false, _) if target.name.ends_with("-macos") => &[],
            (_, false, _) => &[(Static, Zig), (Shared, Zig)],
        };
        let sanitized = case.sanitized && target.is_host();
        ways.iter().copied().chain(sanitized.then_some((Static, Sanitized))).map(way).collect()
    }

    pub fn name(self) -> String {
        let kind = match self.kind {
            Kind::Static => "static",
            Kind::Shared => "shared",
        };
        let toolchain = match self.toolchain {
            Toolchain::Gcc(linker) => format!("gcc {linker}"),
            Toolchain::Sanitized => "gcc sanitized".into(),
            Toolchain::Clang => "clang lld".into(),
            Toolchain::Rustc => "rustc".into(),
            Toolchain::Zig => "zig".into(),
        };
        format!("{kind} {toolchain}")
    }

    /// The tools that it needs, by the fetcher's names.
    pub fn tools(self) -> &'static [&'static str] {
        match self.toolchain {
            Toolchain::Gcc("lld") => &["lld"],
            Toolchain::Gcc("mold") => &["mold"],
            Toolchain::Clang => &["clang", "lld"],
            Toolchain::Zig => &["zig"],
            _ => &[],
        }
    }
}

/// Compiles and links one host program.
pub struct Linking<'a> {
    pub case: &'a Case,
    pub target: &'a Target,
    pub way: Way,
    pub fetched: &'a Fetched,
    /// Where the libraries and their headers are, and where the program is put.
    pub directory: &'a Path,
}

impl Linking<'_> {
    /// Links the host program with these libraries.
    pub fn link(&self, libraries: &[PathBuf]) -> Result<PathBuf> {
        let native = match &self.case.native {
            Some(module) => {
                self.compile_native(self.fetched.native(module).context("a module that isn't C")?)?
            }
            None => Vec::new(),
        };
        let program = self.directory.join(if self.is_windows() { "program.exe" } else { "program" });
        let mut command = match self.case.language() {
            Language::Rust => self.rust(libraries, &native)?,
            language => {
                let mut command = self.compiler(language)?;
                command
                    .args(["-O1", "-g", "-Wall", "-Wextra", "-Werror", "-Wno-missing-field-initializers"])
                    .arg(self.case.host());
                command.args(&native).args(libraries);
                if self.way.kind == Kind::Shared {
                    command.arg("-DSHARED");
                }
                if !self.is_windows() {
                    command.args(["-lm", "-pthread", "-Wl,-rpath,$ORIGIN"]);
                }
                command
            }
        };
        succeed(command.arg("-o").arg(&program))?;
        Ok(program)
    }

    fn is_windows(&self) -> bool {
        self.target.name.ends_with("-windows")
    }

    /// Compiles the sources of a module for the host, to objects.
    fn compile_native(&self, native: &Native) -> Result<Vec<PathBuf>> {
        let mut objects = Vec::new();
        for source in &native.sources {
            let object = self.directory.join(format!("native-{}.o", objects.len()));
            let mut command = self.compiler(Language::C)?;
            command.args(["-fPIC", "-c"]).args(&native.flags).arg(source).arg("-o").arg(&object);
            succeed(&mut command)?;
            objects.push(object);
        }
        Ok(objects)
    }

    /// The compiler with what it needs for the target and the linker.
    fn compiler(&self, language: Language) -> Result<Command> {
        let is_cpp = language == Language::Cpp;
        let mut command = match self.way.toolchain {
            Toolchain::Gcc(linker) => {
                let mut command = Command::new(if is_cpp { "g++" } else { "gcc" });
                command.arg(format!("-fuse-ld={linker}")).arg("-B").arg(self.directory);
                if linker == "lld" {
                    // Debian's name has a version.
                    let link = self.directory.join("ld.lld");
                    if !link.exists() {
                        std::os::unix::fs::symlink(self.fetched.tool("lld")?, link)?;
                    }
                }
                command
            }
            Toolchain::Sanitized | Toolchain::Rustc => {
                let mut command = Command::new(if is_cpp { "g++" } else { "gcc" });
                if self.way.toolchain == Toolchain::Sanitized {
                    command.args(["-fsanitize=address,undefined", "-fno-sanitize-recover=all"]);
                }
                command
            }
            Toolchain::Clang => {
                let mut command = Command::new(self.fetched.tool("clang")?);
                let linker = self.fetched.tool("lld")?;
                command.arg(format!("--ld-path={}", linker.display()));
                if is_cpp {
                    command.args(["--driver-mode=g++"]);
                }
                command
            }
            Toolchain::Zig => {
                let mut command = Command::new(self.fetched.tool("zig")?);
                // Where the fetcher has zig's, four folders above the command.
                let zig = self.fetched.tool("zig")?;
                let cache = zig.ancestors().nth(4).context("a command in the cache")?.join("zig");
                command.env("ZIG_GLOBAL_CACHE_DIR", &cache).env("ZIG_LOCAL_CACHE_DIR", &cache);
                command.args([if is_cpp { "c++" } else { "cc" }, "-target", &self.zig_target()?]);
                // Zig's own checks would end the program by instructions of their own.
                command.arg("-fno-sanitize=undefined");
                command
            }
        };
        command.arg("-I").arg(self.directory);
        Ok(command)
    }

    /// What zig calls the target.
    fn zig_target(&self) -> Result<String> {
        let (architecture, system) = self.target.name.rsplit_once('-').context("ARCHITECTURE-SYSTEM")?;
        Ok(match (system, self.way.kind) {
            ("linux", Kind::Static) => format!("{architecture}-linux-musl"),
            ("linux", Kind::Shared) => format!("{architecture}-linux-gnu"),
            ("windows", _) => format!("{architecture}-windows-gnu"),
            _ => bail!("no hosts are built for {}", self.target.name),
        })
    }

    fn rust(&self, libraries: &[PathBuf], native: &[PathBuf]) -> Result<Command> {
        // Beside the generated modules, which it names by paths.
        let source = self.directory.join("host.rs");
        std::fs::copy(self.case.host(), &source)?;
        let mut command = Command::new("rustc");
        command.args(["--edition", "2024", "-O", "-D", "warnings"]).arg(source);
        for object in native {
            command.arg("-C").arg(format!("link-arg={}", object.display()));
        }
        command.arg("-L").arg(self.directory);
        for (library, path) in self.case.libraries.iter().zip(libraries) {
            ensure!(path.starts_with(self.directory), "a library elsewhere");
            let kind = match self.way.kind {
                Kind::Static => "static",
                Kind::Shared => "dylib",
            };
            command.arg("-l").arg(format!("{kind}={}", library.prefix));
        }
        command.args(["-C", "link-arg=-Wl,-rpath,$ORIGIN"]);
        Ok(command)
    }
}

/// Runs a compiler.
pub fn succeed(command: &mut Command) -> Result<()> {
    let output =
        command.output().with_context(|| format!("can't start {}", command.get_program().display()))?;
    let words = String::from_utf8_lossy(&output.stderr);
    ensure!(output.status.success(), "{command:?} failed with {}:\n{words}", output.status);
    Ok(())
}
