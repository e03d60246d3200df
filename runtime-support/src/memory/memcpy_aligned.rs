//! Copying and filling where unaligned words may be slow, so that the compiler accesses them byte by byte: by aligned
//! words where both ends are aligned alike, else by bytes.

use crate::memory::barrier::opaque;

/// What is moved at once.
type Words = [u64; 4];
const WORDS: usize = size_of::<Words>();

fn are_alike(to: *mut u8, from: *const u8) -> bool {
    (to as usize ^ from as usize).is_multiple_of(size_of::<u64>())
}

fn is_aligned(pointer: *mut u8) -> bool {
    pointer.cast::<u64>().is_aligned()
}

/// # Safety
/// As for C's `memcpy`; also if the blocks overlap and `to` is the lower one.
#[inline(always)]
pub unsafe fn copy(to: *mut u8, from: *const u8, n: usize) {
    let by_words = are_alike(to, from);
    let mut i = 0;
    while i < n {
        // SAFETY: each access lies in the first `n` bytes; those of words are aligned.
        unsafe {
            if by_words && n - i >= WORDS && is_aligned(to.add(i)) {
                let words = from.add(i).cast::<Words>().read();
                opaque(to.add(i).cast::<Words>()).write(words);
                i += WORDS;
            } else {
                *opaque(to.add(i)) = *from.add(i);
                i += 1;
            }
        }
    }
}

/// # Safety
/// As for C's `memmove`.
#[inline(always)]
pub unsafe fn copy_overlapping(to: *mut u8, from: *const u8, n: usize) {
    if (to as usize).wrapping_sub(from as usize) >= n {
        // SAFETY: as the caller promises; upwards nothing is written that is still to be read.
        return unsafe { copy(to, from, n) };
    }
    let by_words = are_alike(to, from);
    let mut i = n;
    while i > 0 {
        // SAFETY: as in `copy`; downwards nothing is written that is still to be read.
        unsafe {
            if by_words && i >= WORDS && is_aligned(to.add(i)) {
                i -= WORDS;
                let words = from.add(i).cast::<Words>().read();
                opaque(to.add(i).cast::<Words>()).write(words);
            } else {
                i -= 1;
                *opaque(to.add(i)) = *from.add(i);
            }
        }
    }
}

/// # Safety
/// As for C's `memset`.
#[inline(always)]
pub unsafe fn fill(to: *mut u8, byte: u8, n: usize) {
    let word = u64::from(byte) * 0x0101_0101_0101_0101;
    let mut i = 0;
    while i < n {
        // SAFETY: as in `copy`.
        unsafe {
            if n - i >= WORDS && is_aligned(to.add(i)) {
                opaque(to.add(i).cast::<Words>()).write([word; 4]);
                i += WORDS;
            } else {
                *opaque(to.add(i)) = byte;
                i += 1;
            }
        }
    }
}
