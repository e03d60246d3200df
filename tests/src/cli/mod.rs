//! Tests of the command line: each runs the `wasm-aot` that cargo built and asserts its exit code and the
//! essential words of what it prints.

pub mod browser;
pub mod build;
pub mod bundle;
pub mod cache;
pub mod component;
pub mod concurrent;
pub mod debug_files;
pub mod escape;
pub mod exhausted;
pub mod files;
pub mod gc;
pub mod generate;
pub mod growth;
pub mod guest;
pub mod image;
pub mod inputs;
pub mod inspect;
pub mod interrupt;
pub mod invalid;
pub mod invoke;
pub mod line;
pub mod link;
pub mod merge;
pub mod messages;
pub mod network;
pub mod pe;
pub mod pie;
pub mod policy;
pub mod post_mortem;
pub mod preinit;
pub mod relro;
pub mod run;
pub mod runner;
pub mod sbom;
pub mod special;
pub mod standard_streams;
pub mod start;
pub mod threads;
pub mod trace;
pub mod traps;
pub mod unsupported;
pub mod unwind;
pub mod wine;

use std::ffi::OsStr;
use std::os::unix::process::ExitStatusExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail, ensure};

use crate::harness::{Skipped, Test};

/// All tests of the command line.
pub fn tests() -> Vec<Test> {
    [
        invalid::tests(),
        unsupported::tests(),
        build::tests(),
        files::tests(),
        sbom::tests(),
        special::tests(),
        inputs::tests(),
        inspect::tests(),
        interrupt::tests(),
        escape::tests(),
        messages::tests(),
        run::tests(),
        runner::tests(),
        cache::tests(),
        standard_streams::tests(),
        start::tests(),
        generate::tests(),
        growth::tests(),
        guest::tests(),
        image::tests(),
        invoke::tests(),
        line::tests(),
        link::tests(),
        component::tests(),
        concurrent::tests(),
        debug_files::tests(),
        merge::tests(),
        pe::tests(),
        pie::tests(),
        policy::tests(),
        post_mortem::tests(),
        preinit::tests(),
        relro::tests(),
        network::tests(),
        threads::tests(),
        bundle::tests(),
        trace::tests(),
        traps::tests(),
        gc::tests(),
        exhausted::tests(),
        wine::tests(),
        unwind::tests(),
    ]
    .into_iter()
    .flatten()
    .collect()
}

/// The compiler in the build directory of this test.
///
/// # Errors
/// If it doesn't exist.
pub fn compiler() -> Result<PathBuf> {
    let test = std::env::current_exe()?;
    let directory = test.parent().and_then(Path::parent).context("the test is not in a build directory")?;
    let compiler = directory.join("wasm-aot");
    if !compiler.is_file() {
        bail!("{} doesn't exist; build it first: cargo build --release -p wasm-aot", compiler.display());
    }
    Ok(compiler)
}

/// What a command did.
pub struct Outcome {
    pub stdout: String,
    pub stderr: String,
    /// The exit code, or 128 plus the signal.
    pub code: i32,
}

impl Outcome {
    pub fn of(output: Output) -> Outcome {
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let status = output.status;
        let code = status.code().unwrap_or_else(|| 128 + status.signal().unwrap_or(0));
        Outcome { stdout: text(&output.stdout), stderr: text(&output.stderr), code }
    }

    /// Asserts the exit code.
    ///
    /// # Errors
    /// Shows what was printed.
    pub fn code(&self, code: i32) -> Result<&Outcome> {
        ensure!(
            self.code == code,
            "the exit code is {}, not {code}\n{}{}",
            self.code,
            self.stdout,
            self.stderr
        );
        Ok(self)
    }

    /// Asserts that standard error contains all of these words.
    ///
    /// # Errors
    /// Shows what it has.
    pub fn stderr_has(&self, words: &[&str]) -> Result<&Outcome> {
        has(&self.stderr, words).context("in stderr")?;
        Ok(self)
    }

    /// Like `stderr_has`, for standard output.
    ///
    /// # Errors
    /// Shows what it has.
    pub fn stdout_has(&self, words: &[&str]) -> Result<&Outcome> {
        has(&self.stdout, words).context("in stdout")?;
        Ok(self)
    }

    /// Asserts that the command failed as it should: exit code 1 and a message, not a crash.
    ///
    /// # Errors
    /// Shows what was printed.
    pub fn failed(&self, words: &[&str]) -> Result<&Outcome> {
        self.code(1)?;
        ensure!(self.stderr.starts_with("error: "), "the message is no `error:`:\n{}", self.stderr);
        ensure!(!self.stderr.contains("panicked"), "it panicked:\n{}", self.stderr);
        self.stderr_has(words)
    }
}

fn has(text: &str, words: &[&str]) -> Result<()> {
    for word in words {
        ensure!(text.contains(word), "`{word}` is missing:\n{text}");
    }
    Ok(())
}

/// A directory to work in, and the compiler.
pub struct Bench<'d> {
    pub directory: &'d Path,
    compiler: PathBuf,
}

impl<'d> Bench<'d> {
    /// # Errors
    /// If there is no compiler.
    pub fn new(directory: &'d Path) -> Result<Bench<'d>> {
        Ok(Bench { directory, compiler: compiler()? })
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.directory.join(name)
    }

    pub fn write(&self, name: &str, bytes: impl AsRef<[u8]>) -> Result<PathBuf> {
        let path = self.path(name);
        std::fs::write(&path, bytes).with_context(|| format!("can't write {}", path.display()))?;
        Ok(path)
    }

    /// The compiler with arguments, in the directory, with a cache of its own.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(&self.compiler);
        command.args(arguments).current_dir(self.directory).env("XDG_CACHE_HOME", self.path("cache"));
        command
    }

    pub fn aot(&self, arguments: &[&str]) -> Result<Outcome> {
        Ok(Outcome::of(self.command(arguments).output()?))
    }

    /// Runs a program of the directory.
    pub fn start(&self, name: &str, arguments: &[&str]) -> Result<Outcome> {
        let program = self.path(name);
        let output = Command::new(&program).args(arguments).current_dir(self.directory).output();
        Ok(Outcome::of(output.with_context(|| format!("can't run {}", program.display()))?))
    }

    /// Runs a program of the machine in the directory.
    ///
    /// # Errors
    /// `Skipped` if it isn't installed.
    pub fn tool(&self, name: &str, arguments: &[&str]) -> Result<Outcome> {
        if find_on_path(name).is_none() {
            return Err(Skipped(format!("{name} is not installed")).into());
        }
        Ok(Outcome::of(Command::new(name).args(arguments).current_dir(self.directory).output()?))
    }

    /// Runs shell code in the directory; `$AOT` is the compiler.
    pub fn shell(&self, script: &str) -> Result<Outcome> {
        let mut command = Command::new("sh");
        command.args(["-c", script]).current_dir(self.directory).env("AOT", &self.compiler);
        Ok(Outcome::of(command.env("XDG_CACHE_HOME", self.path("cache")).output()?))
    }

    /// Names in the directory, sorted.
    pub fn names(&self) -> Result<Vec<String>> {
        names(self.directory)
    }

    /// Asserts that the directory has these entries and no others.
    ///
    /// # Errors
    /// Shows what there is.
    pub fn has_only(&self, expected: &[&str]) -> Result<()> {
        let found = self.names()?;
        ensure!(found == expected, "there should be {expected:?}, there is {found:?}");
        Ok(())
    }
}

/// Names in a directory, sorted.
pub fn names(directory: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(directory)? {
        names.push(entry?.file_name().to_string_lossy().into_owned());
    }
    names.sort();
    Ok(names)
}

/// A test of the command line.
pub fn test(name: &str, run: impl Fn(&Bench<'_>) -> Result<()> + Send + Sync + 'static) -> Test {
    Test::new(name, move |directory| run(&Bench::new(directory)?))
}

/// A mounted tmpfs, until it is dropped.
pub struct Mount(PathBuf);

impl Mount {
    /// Mounts a tmpfs of a size, such as `64k`; needs root.
    ///
    /// # Errors
    /// `Skipped` where it can't be mounted.
    pub fn new(directory: PathBuf, options: &str) -> Result<Mount> {
        std::fs::create_dir_all(&directory)?;
        let mount = Mount(directory);
        mount.mount(options)?;
        Ok(mount)
    }

    /// Mounts it again, with what is in it, as `ro` or `rw`.
    pub fn remount(&self, how: &str) -> Result<()> {
        self.mount(&format!("remount,{how}"))
    }

    fn mount(&self, options: &str) -> Result<()> {
        let arguments =
            [OsStr::new("-t"), "tmpfs".as_ref(), "-o".as_ref(), options.as_ref(), "tmpfs".as_ref()];
        let output = Command::new("mount").args(arguments).arg(&self.0).output();
        match output {
            Ok(output) if output.status.success() => Ok(()),
            Ok(output) => {
                let words = String::from_utf8_lossy(&output.stderr);
                Err(Skipped(format!("can't mount a tmpfs: {}", words.trim())).into())
            }
            Err(error) => Err(Skipped(format!("can't start mount: {error}")).into()),
        }
    }
}

impl Drop for Mount {
    fn drop(&mut self) {
        // Not mounted if `new` failed.
        _ = Command::new("umount").arg(&self.0).output();
    }
}

/// The program with this name on the PATH.
pub fn find_on_path(name: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&paths).map(|directory| directory.join(name)).find(|path| path.is_file())
}
