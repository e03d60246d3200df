//! Prints a directory as a tree, with the sizes of its files.

use std::path::Path;
use std::process::ExitCode;

fn show(directory: &Path, indent: &str) -> std::io::Result<u64> {
    let mut entries: Vec<_> = std::fs::read_dir(directory)?.collect::<Result<_, _>>()?;
    entries.sort_by_key(|entry| entry.file_name());
    let mut total = 0;
    for (i, entry) in entries.iter().enumerate() {
        let last = i + 1 == entries.len();
        let (branch, below) = if last { ("└── ", "    ") } else { ("├── ", "│   ") };
        let name = entry.file_name();
        let name = name.to_string_lossy();
        if entry.file_type()?.is_dir() {
            println!("{indent}{branch}{name}/");
            total += show(&entry.path(), &format!("{indent}{below}"))?;
        } else {
            let size = entry.metadata()?.len();
            println!("{indent}{branch}{name} ({size} bytes)");
            total += size;
        }
    }
    Ok(total)
}

fn main() -> ExitCode {
    let path = std::env::args().nth(1).unwrap_or_else(|| ".".into());
    println!("{path}");
    match show(Path::new(&path), "") {
        Ok(total) => {
            println!("{total} bytes in all");
            ExitCode::SUCCESS
        }
        Err(error) => {
            eprintln!("tree: {path}: {error}");
            ExitCode::FAILURE
        }
    }
}
