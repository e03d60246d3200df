//! Runs libwild in this process: inputs and output are in memory, so a link leaves nothing behind and can't
//! fail halfway through a file.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use anyhow::{Context, Result, anyhow};
use libwild::{FileSystem, FileType, InputFileData, Linker, OutputFileData, OutputOptions};

use super::inputs::Inputs;

const OBJECT: &str = "program.o";
const RUNTIME: &str = "runtime.a";
const VERSIONS: &str = "versions.map";
const OUTPUT: &str = "output";

/// Links, in the current rayon thread pool. `versions` is a version script.
pub fn link(options: Vec<String>, inputs: Inputs, versions: Option<String>) -> Result<Vec<u8>> {
    let mut words = ["ld", "-flavor", "gnu", "--no-identity-comment"].map(str::to_owned).to_vec();
    words.extend(options);
    if versions.is_some() {
        words.extend(["--version-script", VERSIONS].map(str::to_owned));
    }
    words.extend(["-o", OUTPUT, OBJECT, RUNTIME].map(str::to_owned));
    let files = Files {
        object: Arc::new(inputs.object),
        runtime: Arc::new(inputs.runtime),
        versions: Arc::new(versions.unwrap_or_default().into_bytes()),
        output: Arc::default(),
    };
    let output = Arc::clone(&files.output);
    let linked = (|| -> libwild::error::Result {
        let mut args = libwild::Args::new(|| words.iter())?;
        args.parse(|| words.iter())?;
        Linker::with_file_system(files).run(&args)?;
        Ok(())
    })();
    linked.map_err(|error| anyhow!("linking failed: {error:?}"))?;
    let bytes = output.lock().expect("the linker doesn't panic").take();
    bytes.context("the linker wrote nothing")
}

/// A file system with the inputs and an output.
struct Files {
    object: Arc<Vec<u8>>,
    runtime: Arc<Vec<u8>>,
    versions: Arc<Vec<u8>>,
    output: Arc<Mutex<Option<Vec<u8>>>>,
}

#[derive(Debug)]
struct Input(Arc<Vec<u8>>);

impl InputFileData for Input {
    fn bytes(&self) -> &[u8] {
        &self.0
    }
}

struct Output {
    bytes: Vec<u8>,
    place: Arc<Mutex<Option<Vec<u8>>>>,
}

impl OutputFileData for Output {
    fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    fn finish(self) -> libwild::error::Result {
        *self.place.lock().expect("the linker doesn't panic") = Some(self.bytes);
        Ok(())
    }
}

fn unknown(path: &Path) -> libwild::error::Error {
    libwild::error!("no file {}", path.display())
}

impl FileSystem for Files {
    type Input = Input;
    type Output = Output;

    fn open_input(&self, path: &Path, _: bool) -> libwild::error::Result<(Input, Option<Arc<File>>)> {
        match path.to_str() {
            Some(OBJECT) => Ok((Input(Arc::clone(&self.object)), None)),
            Some(RUNTIME) => Ok((Input(Arc::clone(&self.runtime)), None)),
            Some(VERSIONS) => Ok((Input(Arc::clone(&self.versions)), None)),
            _ => Err(unknown(path)),
        }
    }

    fn file_type(&self, path: &Path) -> libwild::error::Result<FileType> {
        match path.to_str() {
            Some(OBJECT | RUNTIME | VERSIONS) => Ok(FileType::File),
            _ => Err(std::io::Error::from(std::io::ErrorKind::NotFound).into()),
        }
    }

    fn canonicalize(&self, path: &Path) -> libwild::error::Result<PathBuf> {
        Ok(path.to_owned())
    }

    fn remove_file(&self, path: &Path) -> libwild::error::Result<()> {
        Err(unknown(path))
    }

    fn rename_file(&self, path: &Path, _: &Path) -> libwild::error::Result<()> {
        Err(unknown(path))
    }

    fn create_output(&self, _: Arc<Path>, options: OutputOptions) -> libwild::error::Result<Output> {
        Ok(Output { bytes: vec![0; options.size as usize], place: Arc::clone(&self.output) })
    }

    fn write_auxiliary(&self, path: &Path, _: &[u8]) -> libwild::error::Result {
        Err(unknown(path))
    }
}
