//! A directory to be served: files of several sizes with contents that differ everywhere, so that no part
//! can stand for another one.

use std::fs;
use std::path::PathBuf;

use anyhow::Result;
use tempfile::TempDir;

use super::client::Random;

/// What is in `secret.txt`, beside the site.
pub const SECRET: &str = "for nobody";

pub struct File {
    /// The path as a client requests it.
    pub target: &'static str,
    pub bytes: Vec<u8>,
    /// How often it is asked for, among 100.
    pub weight: u64,
}

pub struct Site {
    directory: TempDir,
    pub files: Vec<File>,
}

/// Names, how clients write them, sizes and weights.
const FILES: [(&str, &str, usize, u64); 5] = [
    ("empty.txt", "/empty.txt", 0, 14),
    ("small.json", "/small.json", 100, 45),
    ("with space.txt", "/with%20space.txt", 700, 5),
    ("sub/index.html", "/sub/", 10_000, 35),
    ("large.bin", "/large.bin", 1_000_000, 1),
];

impl Site {
    pub fn new() -> Result<Site> {
        let directory = tempfile::tempdir()?;
        let mut random = Random::new(1);
        let mut files = Vec::new();
        for (name, target, size, weight) in FILES {
            let bytes: Vec<u8> = (0..size).map(|_| random.next() as u8).collect();
            let path = directory.path().join("site").join(name);
            fs::create_dir_all(path.parent().expect("it is in the directory"))?;
            fs::write(path, &bytes)?;
            files.push(File { target, bytes, weight });
        }
        fs::write(directory.path().join("secret.txt"), SECRET)?;
        Ok(Site { directory, files })
    }

    pub fn path(&self) -> PathBuf {
        self.directory.path().join("site")
    }

    pub fn largest(&self) -> &File {
        self.files.iter().max_by_key(|file| file.bytes.len()).expect("there are files")
    }

    /// A file, by the weights.
    pub fn choose(&self, random: &mut Random) -> &File {
        let total: u64 = self.files.iter().map(|file| file.weight).sum();
        let mut chosen = random.next() % total;
        for file in &self.files {
            if chosen < file.weight {
                return file;
            }
            chosen -= file.weight;
        }
        self.largest()
    }
}
