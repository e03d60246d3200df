//! Writes the archives into a directory, as a package of this crate has them: see `runtime-support/pack.sh`.

use std::path::Path;

fn main() -> std::io::Result<()> {
    let directory = std::env::args_os().nth(1).expect("the argument is a directory");
    for (target, archive) in wasm_aot_runtimes::ARCHIVES {
        std::fs::write(Path::new(&directory).join(format!("{target}.a.z")), archive)?;
    }
    Ok(())
}
