//! The command line of GNU ld, which the embedded linker and lld accept, too.

use super::debug::{BuildId, Strip};
use crate::targets::Elf;

/// The options of a link. `relro`: whether what is only relocated is to be protected.
pub fn options(elf: Elf, pie: bool, relro: bool, strip: Strip, build_id: &BuildId) -> Vec<String> {
    let page = format!("max-page-size={}", elf.largest_page);
    let build_id = build_id.option();
    let mut options = vec!["-m", elf.emulation];
    options.extend([
        "-static",
        if pie { "-pie" } else { "-no-pie" },
        "--no-dynamic-linker",
        "--gc-sections",
        "--hash-style=sysv",
        "-e",
        "_start",
        &build_id,
        "-z",
        "noexecstack",
        "-z",
        "pack-relative-relocs",
        // Without a dynamic linker, only what asks for it applies this protection.
        "-z",
        if relro { "relro" } else { "norelro" },
        "-z",
        &page,
    ]);
    options.extend(strip_option(strip));
    options.into_iter().map(str::to_owned).collect()
}

/// Has lld end what is only relocated with a page of any size that the system may have; the embedded linker always does.
pub fn whole_pages(elf: Elf) -> [String; 2] {
    ["-z".to_owned(), format!("common-page-size={}", elf.largest_page)]
}

/// The option that leaves something out.
pub fn strip_option(strip: Strip) -> Option<&'static str> {
    match strip {
        Strip::Nothing => None,
        Strip::Debug => Some("--strip-debug"),
        Strip::All => Some("--strip-all"),
    }
}
