//! The command line of GNU ld, which the embedded linker and lld accept, too.

use super::inputs::Style;
use crate::targets::Elf;

/// The options of a link.
pub fn options(elf: Elf, style: Style) -> Vec<String> {
    let page = format!("max-page-size={}", elf.largest_page);
    let mut options = vec!["-m", elf.emulation];
    options.extend([
        "-static",
        if style.pie { "-pie" } else { "-no-pie" },
        "--no-dynamic-linker",
        "--gc-sections",
        "--hash-style=sysv",
        "-e",
        "_start",
        "--build-id=none",
        "-z",
        "noexecstack",
        "-z",
        "pack-relative-relocs",
        // Nothing would apply this protection: these programs have no dynamic linker.
        "-z",
        "norelro",
        "-z",
        &page,
        if style.strip { "--strip-all" } else { "--strip-debug" },
    ]);
    options.into_iter().map(str::to_owned).collect()
}
