//! The working directory of a program: made from the test's description before the run, and read
//! back whole after it, so that every file a program leaves is compared.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result};
use tempfile::TempDir;

use super::case::{Case, Prepared};

/// A file system object that a program left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Left {
    Directory,
    File(Vec<u8>),
    Symlink(PathBuf),
    Other,
}

impl std::fmt::Display for Left {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Left::Directory => write!(f, "a directory"),
            Left::File(bytes) => write!(f, "a file of {} bytes", bytes.len()),
            Left::Symlink(target) => write!(f, "a symlink to {}", target.display()),
            Left::Other => write!(f, "something else"),
        }
    }
}

/// What is in a directory, by relative path.
pub type Tree = BTreeMap<PathBuf, Left>;

/// Makes the directory that a case starts in; `package` is where its module comes from.
pub fn prepare(case: &Case, package: &Path) -> Result<TempDir> {
    let scratch = tempfile::Builder::new().prefix("wasm-aot-program-").tempdir()?;
    for (name, prepared) in &case.files {
        let path = scratch.path().join(name);
        let parent = path.parent().expect("it is below the working directory");
        fs::create_dir_all(parent)?;
        let made = match prepared {
            Prepared::Directory { .. } => fs::create_dir_all(&path),
            Prepared::Beside { beside } => fs::copy(package.join(beside), &path).map(drop),
            Prepared::File(text) => fs::write(&path, text.read()?),
        };
        made.with_context(|| format!("can't make {}", path.display()))?;
    }
    Ok(scratch)
}

/// Reads all that is below a directory.
pub fn read_back(root: &Path) -> Result<Tree> {
    let mut tree = Tree::new();
    let mut pending = vec![PathBuf::new()];
    while let Some(directory) = pending.pop() {
        for entry in fs::read_dir(root.join(&directory))? {
            let entry = entry?;
            let name = directory.join(entry.file_name());
            let kind = entry.file_type()?;
            let left = if kind.is_symlink() {
                Left::Symlink(fs::read_link(entry.path())?)
            } else if kind.is_dir() {
                pending.push(name.clone());
                Left::Directory
            } else if kind.is_file() {
                Left::File(fs::read(entry.path())?)
            } else {
                Left::Other
            };
            tree.insert(name, left);
        }
    }
    Ok(tree)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everything_is_read_back() {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("a/b")).unwrap();
        fs::write(root.path().join("a/b/file"), "x").unwrap();
        std::os::unix::fs::symlink("b/file", root.path().join("a/link")).unwrap();
        let tree = read_back(root.path()).unwrap();
        assert_eq!(tree.len(), 4);
        assert_eq!(tree[Path::new("a/b/file")], Left::File(b"x".into()));
        assert_eq!(tree[Path::new("a/link")], Left::Symlink("b/file".into()));
    }
}
