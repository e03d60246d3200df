//! The trailer of a program's file in the cache. It shows whether the file is what was written: not truncated,
//! not another program, not changed by a faulty disk.
//!
//! | bytes | |
//! |---|---|
//! | 8 | length of the program |
//! | 8 | XXH64 of program, length and key |
//! | 32 | the key |
//! | 16 | `MAGIC` |
//!
//! Systems load what an executable's headers describe and ignore what follows. The digest is a fast rather than a
//! cryptographic one: it is computed at every start, and only the user can write here, who could just as well
//! write another seal.

use std::fs::File;
use std::hash::Hasher;
use std::io::{Read, Seek};

use twox_hash::XxHash64;

use super::directory::Fault;
use super::key::{self, CHUNK, Key};

/// The version is that of the cache format.
const MAGIC: &[u8; 16] = b"wasm-aot cache 1";

pub const LENGTH: usize = 8 + 8 + key::LENGTH + MAGIC.len();

/// The seal of a program.
pub fn of(program: &[u8], key: &Key) -> [u8; LENGTH] {
    let mut digest = XxHash64::with_seed(0);
    digest.write(program);
    seal(program.len() as u64, digest, key)
}

fn seal(length: u64, mut digest: XxHash64, key: &Key) -> [u8; LENGTH] {
    digest.write(&length.to_le_bytes());
    digest.write(&key.0);
    let mut bytes = [0; LENGTH];
    bytes[..8].copy_from_slice(&length.to_le_bytes());
    bytes[8..16].copy_from_slice(&digest.finish().to_le_bytes());
    bytes[16..][..key::LENGTH].copy_from_slice(&key.0);
    bytes[16 + key::LENGTH..].copy_from_slice(MAGIC);
    bytes
}

/// Checks a file of `size` bytes and returns the length of the program. The file is positioned at its start,
/// before and after.
///
/// # Errors
/// If it isn't what was written, or can't be read.
pub fn check(file: &mut File, size: u64, key: &Key) -> Result<u64, Fault> {
    let Some(length) = size.checked_sub(LENGTH as u64) else {
        return Err(Fault::Damaged("is truncated"));
    };
    let mut digest = XxHash64::with_seed(0);
    let mut chunk = vec![0; CHUNK.min(length as usize)];
    let mut left = length;
    while left > 0 {
        let part = &mut chunk[..CHUNK.min(left as usize)];
        file.read_exact(part)?;
        digest.write(part);
        left -= part.len() as u64;
    }
    let mut found = [0; LENGTH];
    file.read_exact(&mut found)?;
    file.rewind()?;
    if !found.ends_with(MAGIC) {
        return Err(Fault::Damaged("is truncated, or from another version"));
    }
    if found != seal(length, digest, key) {
        return Err(Fault::Damaged("doesn't have the digest of the program that was stored"));
    }
    Ok(length)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use super::*;

    const KEY: Key = Key([7; key::LENGTH]);

    fn check_bytes(bytes: &[u8], key: &Key) -> Result<u64, Fault> {
        let mut file = tempfile::tempfile().unwrap();
        file.write_all(bytes).unwrap();
        file.rewind().unwrap();
        check(&mut file, bytes.len() as u64, key)
    }

    #[test]
    fn sealed_files_are_accepted() {
        for length in [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 3 * CHUNK] {
            let mut bytes: Vec<u8> = (0..length).map(|index| (index * 7) as u8).collect();
            let seal = of(&bytes, &KEY);
            bytes.extend(seal);
            assert_eq!(check_bytes(&bytes, &KEY).unwrap(), length as u64);
        }
    }

    #[test]
    fn every_flipped_bit_and_every_cut_is_found() {
        let mut bytes = b"a program".to_vec();
        let seal = of(&bytes, &KEY);
        bytes.extend(seal);
        for bit in 0..bytes.len() * 8 {
            let mut damaged = bytes.clone();
            damaged[bit / 8] ^= 1 << (bit % 8);
            assert!(check_bytes(&damaged, &KEY).is_err(), "bit {bit}");
        }
        for length in 0..bytes.len() {
            assert!(check_bytes(&bytes[..length], &KEY).is_err(), "{length} bytes");
        }
        bytes.push(0);
        assert!(check_bytes(&bytes, &KEY).is_err(), "one more byte");
    }

    #[test]
    fn the_program_of_another_key_is_refused() {
        let mut bytes = b"a program".to_vec();
        let seal = of(&bytes, &KEY);
        bytes.extend(seal);
        assert!(check_bytes(&bytes, &Key([8; key::LENGTH])).is_err());
    }
}
