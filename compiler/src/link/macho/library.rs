//! A dynamic library, read from its text stub (`.tbd`, version 4), which is YAML. Only the install name, the versions
//! and the symbols are needed.

use std::collections::BTreeSet;

use anyhow::{Context, Result, bail};

pub struct Library<'t> {
    pub install_name: &'t str,
    /// The versions as in the load command: 16 bits, 8 and 8.
    pub current_version: u32,
    pub compatibility_version: u32,
    symbols: BTreeSet<&'t [u8]>,
}

impl<'t> Library<'t> {
    /// Reads what the first document says about a target.
    ///
    /// # Errors
    /// If it has no install name, or an unterminated list of symbols.
    pub fn parse(text: &'t str, target: &str) -> Result<Library<'t>> {
        let mut values = text.lines().filter_map(|line| line.split_once(':'));
        let mut value = |key: &str| {
            let (_, value) = values.find(|(name, _)| *name == key).with_context(|| format!("no {key}"))?;
            anyhow::Ok(value.trim().trim_matches('\''))
        };
        let install_name = value("install-name")?;
        let current_version = version(value("current-version")?)?;
        let compatibility_version = version(value("compatibility-version")?)?;
        let lines = text.lines().map(|line| line.split('#').next().unwrap_or(""));
        let mut symbols = BTreeSet::new();
        let words = |list: &'t str| list.split([' ', ',', '[', ']', '\'']).filter(|name| !name.is_empty());
        let (mut applies, mut inside) = (false, false);
        for line in lines {
            let list = match line.trim_start().trim_start_matches("- ").split_once(':') {
                Some(("targets", targets)) => {
                    applies = words(targets).any(|word| word == target);
                    continue;
                }
                Some(("symbols", list)) => list,
                _ if inside => line,
                _ => continue,
            };
            inside = !list.contains(']');
            if applies {
                symbols.extend(words(list).map(str::as_bytes));
            }
        }
        if inside {
            bail!("a list of symbols has no end");
        }
        Ok(Library { install_name, current_version, compatibility_version, symbols })
    }

    /// The symbol with this name.
    pub fn find(&self, name: &[u8]) -> Option<&'t [u8]> {
        self.symbols.get(name).copied()
    }
}

/// Parses `1.2.3`, whose later parts may be missing.
fn version(text: &str) -> Result<u32> {
    let mut parts = text.split('.').map(|part| part.parse::<u32>().context("a version"));
    let mut next = || parts.next().unwrap_or(Ok(0));
    Ok(next()? << 16 | (next()? & 0xff) << 8 | next()? & 0xff)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn libsystem_has_functions_and_versions() {
        let library = Library::parse(wasm_aot_runtimes::MACOS_LIBRARY, "x86_64-macos").unwrap();
        assert!(library.find(b"_fstat$INODE64").is_some());
        let library = Library::parse(wasm_aot_runtimes::MACOS_LIBRARY, "arm64-macos").unwrap();
        assert!(library.find(b"_fstat$INODE64").is_none());
        assert_eq!(library.install_name, "/usr/lib/libSystem.B.dylib");
        assert_eq!(library.compatibility_version, 0x1_0000);
        assert!(library.find(b"_write").is_some() && library.find(b"_mmap").is_some());
        assert!(library.find(b"write").is_none() && library.find(b"_fork_and_forget").is_none());
    }

    #[test]
    fn lists_end() {
        let head = "install-name: '/a'\ncurrent-version: 1.2.3\ncompatibility-version: 1\nexports:\n";
        let text = format!("{head}  - targets: [ here ]\n    symbols: [ _a, # b\n  _c");
        assert!(Library::parse(&text, "here").is_err());
        let text = format!("{text} ]\n  - targets: [ there ]\n    symbols: [ _d ]\n");
        let library = Library::parse(&text, "here").unwrap();
        assert_eq!(library.current_version, 0x1_0203);
        let known = [b"_a", b"_b", b"_c", b"_d"].map(|name| library.find(name).is_some());
        assert_eq!(known, [true, false, true, false]);
    }
}
