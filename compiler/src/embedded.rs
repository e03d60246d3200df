//! The runtime-support archives inside this binary, put there by the build script, compressed.

use std::io::Read as _;

use flate2::read::ZlibDecoder;

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// The compressed archive for a target, if this build of the compiler has it.
pub fn archive(target: &str) -> Option<&'static [u8]> {
    ARCHIVES.iter().find(|(name, _)| *name == target).map(|(_, archive)| *archive)
}

/// An archive as linkers read it.
///
/// # Errors
/// None for what the build script embedded.
pub fn unpack(archive: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut unpacked = Vec::new();
    ZlibDecoder::new(archive).read_to_end(&mut unpacked)?;
    Ok(unpacked)
}
