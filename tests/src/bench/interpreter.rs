//! Native builds of interpreters, for programs that are an interpreter as a module: the same script runs under both.

use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Context, Result, bail, ensure};

/// Makes a link to a native interpreter, which is Python, at `link`. The result is what it says of itself.
///
/// # Errors
/// If there is none.
pub fn provide(name: &str, link: &Path) -> Result<String> {
    for candidate in candidates(name) {
        let script = "import sys; print(sys.executable); print(sys.version.replace('\\n', ' '))";
        let Ok(told) = Command::new(&candidate).args(["-c", script]).output() else { continue };
        let text = String::from_utf8_lossy(&told.stdout);
        // A shim of a version manager may fail.
        let Some((path, version)) = text.trim_end().split_once('\n').filter(|_| told.status.success()) else {
            continue;
        };
        ensure!(Path::new(path).is_absolute(), "{} says that it is {path}", candidate.display());
        if !link.exists() {
            symlink(path, link).with_context(|| format!("can't make {}", link.display()))?;
        }
        return Ok(version.to_owned());
    }
    bail!("there is no {name}, neither in PATH nor of pyenv")
}

/// Where an interpreter may be: in PATH, and of pyenv, whose command works for one version only.
fn candidates(name: &str) -> Vec<PathBuf> {
    let mut candidates = vec![PathBuf::from(name)];
    let root = std::env::var_os("PYENV_ROOT").map(PathBuf::from);
    let root = root.or_else(|| Some(PathBuf::from(std::env::var_os("HOME")?).join(".pyenv")));
    let versions = root.and_then(|root| root.join("versions").read_dir().ok());
    let mut installed: Vec<_> =
        versions.into_iter().flatten().flatten().map(|entry| entry.path().join("bin").join(name)).collect();
    installed.sort();
    candidates.extend(installed);
    candidates
}
