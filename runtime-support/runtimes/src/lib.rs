//! The runtime-support library of wasm-aot for every target, compiled, and the linker scripts: see `README.md`.

#![no_std]

/// The linker script of this name.
macro_rules! linker_script {
    ($name:literal) => {
        include_str!(concat!(env!("OUT_DIR"), "/linker-scripts/", $name))
    };
}

/// What an lld is to do beside what the options say.
pub const IMAGE_LD: &str = linker_script!("image.ld");

/// What programs for Windows may import, a definition for each library.
pub const WINDOWS_LIBRARIES: [&str; 4] = [
    linker_script!("bcrypt.def"),
    linker_script!("kernel32.def"),
    linker_script!("ntdll.def"),
    linker_script!("ws2_32.def"),
];

/// What programs for macOS may import, as a text stub.
pub const MACOS_LIBRARY: &str = linker_script!("libSystem.tbd");

// `ARCHIVES`: name of the target, with `+components`, `+libraries` or `+servers` for those archives, and archive, compressed by zlib.
// `DIGEST`: of all of them and of the scripts.
include!(concat!(env!("OUT_DIR"), "/runtimes.rs"));

/// What an archive is for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Executables of modules.
    Modules,
    /// Executables of components.
    Components,
    /// Libraries of modules.
    Libraries,
    /// Servers of components; on Linux only.
    Servers,
}

impl Kind {
    /// What is behind the target in the name of the archive.
    const fn suffix(self) -> &'static str {
        match self {
            Kind::Modules => "",
            Kind::Components => "+components",
            Kind::Libraries => "+libraries",
            Kind::Servers => "+servers",
        }
    }
}

/// The archive for the programs of a target, compressed by zlib, if there is one.
pub fn archive(target: &str, kind: Kind) -> Option<&'static [u8]> {
    let is_wanted = |name: &str| name.strip_prefix(target) == Some(kind.suffix());
    ARCHIVES.iter().find(|(name, _)| is_wanted(name)).map(|(_, archive)| *archive)
}
