//! The signature that the system requires of every executable on arm64 (xnu's `cs_blobs.h`): an "ad hoc" one, a list of
//! hashes without an identity, as Apple's linker makes it. Its numbers are big-endian.

use sha2::{Digest as _, Sha256};

use rayon::prelude::*;

const SUPER_BLOB_MAGIC: u32 = 0xfade_0cc0;
const CODE_DIRECTORY_MAGIC: u32 = 0xfade_0c02;
/// The version with `execSeg` fields.
const CODE_DIRECTORY_VERSION: u32 = 0x2_0400;
/// `CS_ADHOC | CS_LINKER_SIGNED`.
const FLAGS: u32 = 0x2_0002;
const SHA256: u8 = 2;
const HASH_BYTES: usize = 32;
/// `CS_EXECSEG_MAIN_BINARY`.
const MAIN_BINARY: u64 = 1;

/// The number of bytes that a hash covers; its logarithm is in the directory.
const PAGE: usize = 1 << PAGE_SHIFT;
const PAGE_SHIFT: u8 = 12;

/// Magic, length, number of blobs; type and offset of the only blob.
const SUPER_BLOB_BYTES: usize = 5 * 4;
const CODE_DIRECTORY_BYTES: usize = 88;
/// Size in bytes of the identifier and its terminating zero.
const IDENTIFIER_BYTES: usize = 32 + 1;
const HASHES_AT: usize = CODE_DIRECTORY_BYTES + IDENTIFIER_BYTES;

/// The signature must start at a multiple of this.
pub const ALIGNMENT: usize = 16;

/// Size in bytes of the signature for an image of this size.
pub fn bytes(signed: usize) -> usize {
    SUPER_BLOB_BYTES + HASHES_AT + signed.div_ceil(PAGE) * HASH_BYTES
}

/// The hashes of an image's pages.
pub struct Hashes(Vec<[u8; HASH_BYTES]>);

impl Hashes {
    pub fn new(image: &[u8]) -> Hashes {
        Hashes(image.par_chunks(PAGE).map(|page| Sha256::digest(page).into()).collect())
    }

    /// A digest of the whole image: 16 bytes in the form of a version 8 UUID (RFC 9562).
    pub fn uuid(&self) -> [u8; 16] {
        let digest: [u8; HASH_BYTES] = Sha256::digest(self.0.as_flattened()).into();
        let mut uuid = [0; 16];
        uuid.copy_from_slice(&digest[..16]);
        uuid[6] = uuid[6] & 0x0f | 0x80;
        uuid[8] = uuid[8] & 0x3f | 0x80;
        uuid
    }

    /// Updates the hash of the first page after a change.
    pub fn update_first(&mut self, image: &[u8]) {
        self.0[0] = Sha256::digest(&image[..image.len().min(PAGE)]).into();
    }

    /// The signature. `uuid`: the image's UUID, which also serves as the identifier. `text_bytes`: the size of the
    /// segment with code, which is the first one.
    pub fn sign(&self, image: &[u8], uuid: [u8; 16], text_bytes: u64, is_program: bool) -> Vec<u8> {
        let length = bytes(image.len());
        let mut blob = Vec::with_capacity(length);
        let mut put = |words: &[u32]| words.iter().for_each(|word| blob.extend(word.to_be_bytes()));
        put(&[SUPER_BLOB_MAGIC, length as u32, 1]);
        put(&[0, SUPER_BLOB_BYTES as u32]);
        put(&[
            CODE_DIRECTORY_MAGIC,
            (length - SUPER_BLOB_BYTES) as u32,
            CODE_DIRECTORY_VERSION,
            FLAGS,
            HASHES_AT as u32,
            CODE_DIRECTORY_BYTES as u32,
            // Number of special slots, of code slots, and of bytes that are signed.
            0,
            self.0.len() as u32,
            image.len() as u32,
        ]);
        blob.extend([HASH_BYTES as u8, SHA256, 0, PAGE_SHIFT]);
        // Unused: spare2, scatterOffset, teamOffset, spare3, codeLimit64.
        blob.extend([0; 4 * 4 + 8]);
        for word in [0, text_bytes, if is_program { MAIN_BINARY } else { 0 }] {
            blob.extend(u64::to_be_bytes(word));
        }
        assert_eq!(blob.len(), SUPER_BLOB_BYTES + CODE_DIRECTORY_BYTES);
        blob.extend(format!("{:032x}\0", u128::from_be_bytes(uuid)).bytes());
        blob.extend_from_slice(self.0.as_flattened());
        assert_eq!(blob.len(), length);
        blob
    }
}
