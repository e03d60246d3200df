//! Directory trees that go into the executable, `--bundle HOSTDIR::GUEST`. Names are kept sorted, so that the
//! result doesn't depend on the order in which the host lists directories. Only the digests of files are kept:
//! files may be large, and are read again when the object is written.

use std::collections::BTreeMap;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::{Context, Result, bail};
use sha2::{Digest, Sha256};

use crate::escape::{self, escape};

/// A tree under the name by which the program sees it.
#[derive(Clone, PartialEq, Eq)]
pub struct Bundle {
    pub guest: String,
    pub tree: Arc<Entry>,
}

/// What a name stands for.
#[derive(Debug, PartialEq, Eq)]
pub enum Entry {
    Directory(BTreeMap<String, Entry>),
    File(File),
    /// A symbolic link and its target.
    Link(String),
}

/// A file that has been read once.
#[derive(Debug, PartialEq, Eq)]
pub struct File {
    path: PathBuf,
    digest: [u8; 32],
}

impl File {
    fn new(path: &Path) -> Result<File> {
        let digest = File::open(path, &mut std::io::sink())?;
        Ok(File { path: path.to_owned(), digest })
    }

    /// Copies the contents, and returns their digest.
    fn open(path: &Path, output: &mut impl Write) -> Result<[u8; 32]> {
        let context = || format!("can't read {}", escape::path(path));
        let mut file = std::fs::File::open(path).with_context(context)?;
        let mut output = Digesting { hash: Sha256::new(), output };
        std::io::copy(&mut file, &mut output).with_context(context)?;
        Ok(output.hash.finalize().into())
    }

    /// Appends the contents to `output`.
    ///
    /// # Errors
    /// If they can't be read, or have changed.
    pub fn read(&self, output: &mut impl Write) -> Result<()> {
        if File::open(&self.path, output)? != self.digest {
            bail!("{} was changed while it was being bundled", escape::path(&self.path));
        }
        Ok(())
    }
}

/// Computes a digest of what is written.
struct Digesting<'o, W> {
    hash: Sha256,
    output: &'o mut W,
}

impl<W: Write> Write for Digesting<'_, W> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.output.write_all(bytes)?;
        self.hash.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        self.output.flush()
    }
}

impl Bundle {
    /// Parses `HOSTDIR::GUEST` and reads the directory.
    ///
    /// # Errors
    /// If the text has another form, or the directory can't be read.
    pub fn parse(text: &str) -> Result<Bundle> {
        match text.split_once("::") {
            Some((host, guest)) if !host.is_empty() => Bundle::read(Path::new(host), guest),
            _ => bail!("--bundle takes HOSTDIR::GUEST, not `{}`", escape(text)),
        }
    }

    /// Reads a directory.
    ///
    /// # Errors
    /// Name what can't be read, or can't be in a bundle.
    pub fn read(host: &Path, guest: &str) -> Result<Bundle> {
        if guest.is_empty() || guest.contains('\0') {
            bail!("a bundle can't have the name `{}`", escape(guest));
        }
        // A link to a directory is accepted.
        let metadata = host.metadata().with_context(|| format!("can't read {}", escape::path(host)))?;
        if !metadata.is_dir() {
            bail!("can't bundle {}: it isn't a directory", escape::path(host));
        }
        Ok(Bundle { guest: guest.to_owned(), tree: Arc::new(directory(host)?) })
    }

    /// The files that the bundle consists of.
    pub fn files(&self) -> Vec<&Path> {
        let mut files = Vec::new();
        self.tree.collect_files(&mut files);
        files
    }

    /// The paths by which the program sees the files, and the SHA-256 digests of their contents.
    pub fn contents(&self) -> Vec<(String, [u8; 32])> {
        let mut contents = Vec::new();
        self.tree.collect_contents(&self.guest, &mut contents);
        contents
    }

    fn digest(&self) -> String {
        let mut hash = Sha256::new();
        self.tree.hash(&mut hash);
        hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
    }
}

/// Identifies the whole contents: bundles with the same text have the same contents.
impl fmt::Debug for Bundle {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Bundle({:?}, {})", self.guest, self.digest())
    }
}

impl Entry {
    fn collect_files<'e>(&'e self, files: &mut Vec<&'e Path>) {
        match self {
            Entry::File(file) => files.push(&file.path),
            Entry::Directory(entries) => entries.values().for_each(|entry| entry.collect_files(files)),
            Entry::Link(_) => {}
        }
    }

    fn collect_contents(&self, path: &str, contents: &mut Vec<(String, [u8; 32])>) {
        match self {
            Entry::File(file) => contents.push((path.to_owned(), file.digest)),
            Entry::Directory(entries) => {
                let path = path.trim_end_matches('/');
                entries
                    .iter()
                    .for_each(|(name, entry)| entry.collect_contents(&format!("{path}/{name}"), contents));
            }
            Entry::Link(_) => {}
        }
    }

    fn hash(&self, hash: &mut Sha256) {
        let mut field = |tag: u8, bytes: &[u8]| {
            hash.update([tag]);
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        match self {
            Entry::File(file) => field(0, &file.digest),
            Entry::Link(target) => field(1, target.as_bytes()),
            Entry::Directory(entries) => {
                field(2, &(entries.len() as u64).to_le_bytes());
                for (name, entry) in entries {
                    hash.update((name.len() as u64).to_le_bytes());
                    hash.update(name);
                    entry.hash(hash);
                }
            }
        }
    }
}

fn directory(path: &Path) -> Result<Entry> {
    let context = || format!("can't read the directory {}", escape::path(path));
    let mut entries = BTreeMap::new();
    for entry in std::fs::read_dir(path).with_context(context)? {
        let entry = entry.with_context(context)?;
        let path = entry.path();
        let Ok(name) = entry.file_name().into_string() else {
            bail!("can't bundle {}: programs see only names that are UTF-8", escape::path(&path));
        };
        entries.insert(name, read(&path)?);
    }
    Ok(Entry::Directory(entries))
}

fn read(path: &Path) -> Result<Entry> {
    let context = || format!("can't read {}", escape::path(path));
    let kind = path.symlink_metadata().with_context(context)?.file_type();
    if kind.is_dir() {
        return directory(path);
    }
    if kind.is_file() {
        return Ok(Entry::File(File::new(path)?));
    }
    if !kind.is_symlink() {
        bail!("can't bundle {}: it isn't a file, directory or symbolic link", escape::path(path));
    }
    let target = std::fs::read_link(path).with_context(context)?;
    match target.into_os_string().into_string() {
        // Windows has another separator, which programs that read the bundle don't know.
        Ok(target) if cfg!(windows) => Ok(Entry::Link(target.replace('\\', "/"))),
        Ok(target) => Ok(Entry::Link(target)),
        Err(_) => bail!("can't bundle {}: the target of the link isn't UTF-8", escape::path(path)),
    }
}
