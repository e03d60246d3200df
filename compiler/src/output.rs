//! Where outputs go. A regular file appears whole or not at all: it is written beside its place, then renamed, and no
//! temporary file stays; a link to it stays a link. An existing file that isn't regular (a device, a FIFO, a
//! descriptor such as `/dev/stdout`) is opened and written to, as other compilers do. An input is never overwritten.

mod place;

use std::fs::OpenOptions;
use std::io::{self, Write};
use std::path::{Component, Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result, bail};

use crate::escape;
use place::Place;
pub use place::STANDARD;

/// Held while there is a temporary file. [`settle`] waits for it, so that none is left.
static WRITING: Mutex<()> = Mutex::new(());

/// What [`settle`] removes.
static TEMPORARY_DIRECTORY: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Waits until no file is half written and removes the temporary directory. While the returned guard is held, no
/// writing begins, so the process can safely end.
pub fn settle() -> impl Sized {
    let writing = WRITING.lock();
    let mut place = TEMPORARY_DIRECTORY.lock();
    if let Some(directory) = place.as_mut().ok().and_then(|place| place.take()) {
        // What can't be removed stays: there is nowhere to report it.
        let _ = std::fs::remove_dir_all(directory);
    }
    (writing, place)
}

/// A directory for the files of another program, removed with everything in it when this is dropped, or by [`settle`].
/// There is at most one at a time.
pub struct TemporaryDirectory(tempfile::TempDir);

impl TemporaryDirectory {
    /// # Errors
    /// If it can't be created.
    pub fn new() -> io::Result<TemporaryDirectory> {
        let mut place = TEMPORARY_DIRECTORY.lock().expect("nobody panics with it");
        let directory = tempfile::Builder::new().prefix("wasm-aot-").tempdir()?;
        *place = Some(directory.path().to_owned());
        Ok(TemporaryDirectory(directory))
    }

    pub fn path(&self) -> &Path {
        self.0.path()
    }
}

impl Drop for TemporaryDirectory {
    fn drop(&mut self) {
        *TEMPORARY_DIRECTORY.lock().expect("nobody panics with it") = None;
    }
}

/// The name of an output, for diagnostics.
pub fn name(path: &Path) -> String {
    if path == Path::new(STANDARD) { "standard output".to_owned() } else { escape::path(path) }
}

/// Refuses an output that is a directory, or the same file as one of the inputs.
///
/// # Errors
/// Name the output, and the input.
pub fn check<'i>(output: &Path, inputs: impl IntoIterator<Item = &'i Path>) -> Result<()> {
    let place = Place::find(output).with_context(|| cant_write(output))?;
    let Some(identity) = place.identity() else { return Ok(()) };
    for input in inputs {
        if place::input_identity(input).as_ref() == Some(&identity) {
            let input = if input == Path::new(STANDARD) { "-".to_owned() } else { escape::path(input) };
            bail!(
                "{}: it is the same file as the input {input}; name another output with -o",
                cant_write(output)
            );
        }
    }
    Ok(())
}

/// Whether two outputs are the same file or stream, or would be if they existed, so that one replaces the other or is mixed
/// with it. Two links to a file aren't, since each is replaced alone, nor is a device the same as itself.
pub fn is_same(one: &Path, other: &Path) -> bool {
    let (Ok(one), Ok(other)) = (Place::find(one), Place::find(other)) else { return false };
    match (&one, &other) {
        (Place::File(one), Place::File(other)) => resolve(one) == resolve(other),
        (Place::Special(_), _) | (_, Place::Special(_)) => false,
        _ => {
            let is_one_stream = one.descriptor().is_some() && one.descriptor() == other.descriptor();
            is_one_stream || one.identity().is_some_and(|identity| other.identity() == Some(identity))
        }
    }
}

/// The absolute path without links. Of what doesn't exist yet, only the directories that do are examined.
fn resolve(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    if let Ok(resolved) = path.canonicalize() {
        return resolved;
    }
    match (path.parent(), path.components().next_back()) {
        (Some(parent), Some(Component::Normal(name))) => resolve(parent).join(name),
        (Some(parent), Some(Component::ParentDir)) => {
            resolve(parent).parent().unwrap_or(Path::new("/")).to_owned()
        }
        _ => path.to_owned(),
    }
}

/// Writes a file; `-` is standard output. The mode of a new file is 666 or, if it is to be executable, 777, minus
/// the umask.
///
/// # Errors
/// Names the file. A regular file that existed before is left as it was.
pub fn write(path: &Path, bytes: &[u8], executable: bool) -> Result<()> {
    let written = Place::find(path).and_then(|place| match place {
        Place::Stdout => {
            let mut stdout = io::stdout().lock();
            stdout.write_all(bytes)?;
            stdout.flush()
        }
        Place::Descriptor(number) => place::descriptor(number)?.write_all(bytes),
        // No lock is held: opening a FIFO may block forever.
        Place::Special(path) => OpenOptions::new().write(true).open(path)?.write_all(bytes),
        Place::File(path) => replace(&path, bytes, executable),
    });
    written.map_err(explain).with_context(|| cant_write(path))
}

fn cant_write(path: &Path) -> String {
    format!("can't write {}", name(path))
}

fn explain(error: io::Error) -> anyhow::Error {
    let gone = error.kind() == io::ErrorKind::BrokenPipe;
    let error = anyhow::Error::from(error);
    if gone { error.context("its reader has gone away") } else { error }
}

/// Moves a file into place, replacing what has its name, if anything has.
fn replace(path: &Path, bytes: &[u8], executable: bool) -> io::Result<()> {
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let _writing = WRITING.lock();
    let mut file = tempfile::Builder::new()
        .prefix(".wasm-aot-")
        .make_in(parent, |path| place::create(path, executable))?;
    file.write_all(bytes)?;
    // Closed before it gets its name: a file that is open for writing can't be run.
    file.into_temp_path().persist(path).map_err(|error| error.error)
}
