//! The name of a program in the cache: a hash of everything that decides what is built.
//!
//! The hash is cryptographic, since modules come from untrusted sources: two with the same key would be taken
//! for one program.

use std::ffi::CString;
use std::io::{self, Read};
use std::path::Path;

use anyhow::Result;
use blake3::Hasher;

use crate::driver::BuildPlan;
use crate::link::Linker;

/// Bytes that are read at a time: less than the second-level caches of CPUs.
pub(super) const CHUNK: usize = 128 << 10;

/// Bytes of a key.
pub const LENGTH: usize = blake3::OUT_LEN;

/// Identifies what is built.
#[derive(PartialEq, Eq, Debug)]
pub struct Key(pub(super) [u8; LENGTH]);

impl Key {
    /// The key of what `plan` makes of a module, given as the unmodified file; `text` says whether its name
    /// allows the text format.
    ///
    /// # Errors
    /// If the module can't be read, or the plan's target or CPU is invalid.
    pub fn new(mut module: impl Read, text: bool, plan: &BuildPlan) -> Result<Key> {
        let mut hasher = Hasher::new();
        // Digests of the compiler's sources and of the runtimes in it, computed when it was built.
        field(&mut hasher, env!("WASM_AOT_DIGEST").as_bytes());
        field(&mut hasher, wasm_aot_runtimes::DIGEST.as_bytes());
        // The number of threads doesn't affect the result.
        let plan = BuildPlan { threads: 0, ..plan.clone() };
        field(&mut hasher, format!("{plan:?}").as_bytes());
        if plan.cpu.as_deref() == Some("native") {
            // Machines may share a home directory.
            let isa = plan.target.isa(plan.opt_level, plan.cpu.as_deref(), plan.checks)?;
            isa.isa_flags().iter().for_each(|flag| field(&mut hasher, flag.to_string().as_bytes()));
        }
        if let Linker::Path(path) = &plan.linker {
            field(&mut hasher, version(path).as_bytes());
        }
        // The plan has their names.
        plan.linked.iter().for_each(|linked| field(&mut hasher, &linked.wasm));
        hasher.update(&[u8::from(text)]);
        // Last, so it needs no length. In parts, since memory for all of it would cost more than the hash.
        let mut chunk = vec![0; CHUNK];
        loop {
            match module.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => _ = hasher.update(&chunk[..count]),
                Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(Key(hasher.finalize().into()))
    }

    /// The key as the name of a directory: 64 hexadecimal digits.
    pub fn name(&self) -> CString {
        let digits: String = self.0.iter().map(|byte| format!("{byte:02x}")).collect();
        CString::new(digits).expect("there is no NUL in it")
    }

    /// Whether this could be the name of a key.
    pub fn is_name(name: &[u8]) -> bool {
        name.len() == 2 * LENGTH && name.iter().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'))
    }
}

fn field(hasher: &mut Hasher, bytes: &[u8]) {
    hasher.update(&(bytes.len() as u64).to_le_bytes());
    hasher.update(bytes);
}

/// Tells versions of a linker apart by the size and time of its file.
fn version(linker: &Path) -> String {
    let metadata = linker.metadata();
    metadata.map(|metadata| format!("{} {:?}", metadata.len(), metadata.modified().ok())).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::modules::Linked;
    use crate::targets::{OptLevel, Target};

    #[test]
    fn what_decides_the_result_is_in_the_key() {
        let plan = BuildPlan::new(Target::find("x86_64-linux").unwrap());
        let key = |module: &str, text, plan: &BuildPlan| Key::new(module.as_bytes(), text, plan).unwrap();
        let same = key("module", false, &plan);
        assert_eq!(same, key("module", false, &BuildPlan { threads: 3, ..plan.clone() }));
        let target = Target::find("aarch64-linux").unwrap();
        let linked = |name: &str, wasm: &str| Linked {
            name: name.to_owned(),
            is_shared: false,
            wasm: wasm.as_bytes().into(),
        };
        let others = [
            key("modul", false, &plan),
            key("module", true, &plan),
            key("module", false, &BuildPlan { target, ..plan.clone() }),
            key("module", false, &BuildPlan { opt_level: OptLevel::O0, ..plan.clone() }),
            key("module", false, &BuildPlan { pie: false, ..plan.clone() }),
            key("module", false, &BuildPlan { linker: Linker::Path("/bin/ld".into()), ..plan.clone() }),
            key("module", false, &BuildPlan { linked: vec![linked("a", "b")], ..plan.clone() }),
            key("module", false, &BuildPlan { linked: vec![linked("a", "c")], ..plan.clone() }),
            key("module", false, &BuildPlan { linked: vec![linked("b", "b")], ..plan.clone() }),
        ];
        assert!(!others.contains(&same));
        assert!((0..others.len()).all(|index| !others[..index].contains(&others[index])));
    }

    #[test]
    fn names() {
        let key = Key([0xa5; LENGTH]);
        assert_eq!(key.name().as_bytes(), b"a5".repeat(32));
        assert!(Key::is_name(key.name().as_bytes()));
        for wrong in [&b""[..], b"a5", &b"A5".repeat(32), &b"a5".repeat(33), &b"zz".repeat(32)] {
            assert!(!Key::is_name(wrong));
        }
    }
}
