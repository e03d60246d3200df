//! Output files appear whole or not at all: written beside their place, then renamed. No temporary file stays.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use anyhow::{Context, Result};

/// Held while there is a temporary file. An interrupt waits for it, so that none is left.
static WRITING: Mutex<()> = Mutex::new(());

/// What an interrupt removes.
static TEMPORARY_DIRECTORY: Mutex<Option<PathBuf>> = Mutex::new(None);

/// Makes Ctrl-C (and SIGTERM, SIGHUP) end the process between two writes, never within one.
///
/// # Errors
/// If the handler can't be installed.
pub fn exit_cleanly_on_interrupt() -> Result<()> {
    ctrlc::set_handler(|| {
        let _writing = WRITING.lock();
        if let Some(directory) = TEMPORARY_DIRECTORY.lock().ok().and_then(|mut place| place.take()) {
            // What can't be removed stays: there is nobody to tell.
            let _ = std::fs::remove_dir_all(directory);
        }
        // 128 + SIGINT, as shells have it.
        std::process::exit(130)
    })
    .context("can't handle interrupts")
}

/// A directory for the files of another program, with all that is in it until this is dropped or an interrupt ends
/// the process. There is one at a time.
pub struct TemporaryDirectory(tempfile::TempDir);

impl TemporaryDirectory {
    /// # Errors
    /// If it can't be made.
    pub fn new() -> std::io::Result<TemporaryDirectory> {
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

/// Writes a file; `-` is standard output. Its mode is 666 or, if it is to be run, 777, less the umask.
///
/// # Errors
/// Names the file; what was there before is still there then.
pub fn write(path: &Path, bytes: &[u8], executable: bool) -> Result<()> {
    let context = || format!("can't write {}", path.display());
    if path == Path::new("-") {
        return std::io::stdout().write_all(bytes).with_context(context);
    }
    let parent = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let mode = if executable { 0o777 } else { 0o666 };
    let _writing = WRITING.lock();
    let mut file = tempfile::Builder::new()
        .prefix(".wasm-aot-")
        .make_in(parent, |path| OpenOptions::new().write(true).create_new(true).mode(mode).open(path))
        .with_context(context)?;
    file.write_all(bytes).with_context(context)?;
    // Closed before it gets its name: a file that is open for writing can't be run.
    file.into_temp_path().persist(path).with_context(context)
}

/// Prints to standard output.
///
/// # Errors
/// If it can't be written; a reader that has gone away is no error.
pub fn print(text: &str) -> Result<()> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() == std::io::ErrorKind::BrokenPipe => Ok(()),
        result => result.context("can't write to standard output"),
    }
}
