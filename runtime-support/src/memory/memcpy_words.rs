//! Copying and filling by words that needn't be aligned, and on x86-64 by string instructions.

use crate::memory::barrier::opaque;

/// Blocks up to this many bytes are copied by words, longer ones by `rep movsb`, whose start-up
/// costs about as much as copying them.
#[cfg(target_arch = "x86_64")]
const STRING_INSTRUCTION_BYTES: usize = 512;

type Word = u128;
const WORD: usize = size_of::<Word>();

#[inline(always)]
unsafe fn load<T: Copy>(from: *const u8) -> T {
    // SAFETY: the caller's.
    unsafe { from.cast::<T>().read_unaligned() }
}

#[inline(always)]
unsafe fn store<T: Copy>(to: *mut u8, value: T) {
    // SAFETY: the caller's.
    unsafe { to.cast::<T>().write_unaligned(value) }
}

/// Copies at most 32 bytes, which may overlap: everything is loaded before anything is stored.
#[inline(always)]
unsafe fn copy_short(to: *mut u8, from: *const u8, n: usize) {
    // SAFETY: each access lies in the first `n` bytes.
    unsafe {
        if n >= 16 {
            let (a, b) = (load::<u128>(from), load::<u128>(from.add(n - 16)));
            store(to, a);
            store(to.add(n - 16), b);
        } else if n >= 8 {
            let (a, b) = (load::<u64>(from), load::<u64>(from.add(n - 8)));
            store(to, a);
            store(to.add(n - 8), b);
        } else if n >= 4 {
            let (a, b) = (load::<u32>(from), load::<u32>(from.add(n - 4)));
            store(to, a);
            store(to.add(n - 4), b);
        } else if n > 0 {
            let (a, b, c) = (*from, *from.add(n / 2), *from.add(n - 1));
            *to = a;
            *to.add(n / 2) = b;
            *to.add(n - 1) = c;
        }
    }
}

#[inline(always)]
unsafe fn copy_forward(to: *mut u8, from: *const u8, n: usize) {
    // SAFETY: the caller's; `n` is more than 32.
    unsafe {
        #[cfg(target_arch = "x86_64")]
        if n > STRING_INSTRUCTION_BYTES && (to as usize).wrapping_sub(from as usize) >= 64 {
            core::arch::asm!("rep movsb", inout("rcx") n => _, inout("rdi") to => _,
                inout("rsi") from => _, options(nostack, preserves_flags));
            return;
        }
        let last = load::<Word>(from.add(n - WORD));
        let mut i = 0;
        while i + WORD < n {
            let word = load::<Word>(from.add(i));
            store(opaque(to.add(i)), word);
            i += WORD;
        }
        store(to.add(n - WORD), last);
    }
}

#[inline(always)]
unsafe fn copy_backward(to: *mut u8, from: *const u8, n: usize) {
    // SAFETY: the caller's; `n` is more than 32.
    unsafe {
        let first = load::<Word>(from);
        let mut i = n;
        while i > WORD {
            i -= WORD;
            let word = load::<Word>(from.add(i));
            store(opaque(to.add(i)), word);
        }
        store(to, first);
    }
}

/// # Safety
/// As for C's `memcpy`.
#[inline(always)]
pub unsafe fn copy(to: *mut u8, from: *const u8, n: usize) {
    // SAFETY: as the caller promises.
    unsafe { if n <= 32 { copy_short(to, from, n) } else { copy_forward(to, from, n) } }
}

/// # Safety
/// As for C's `memmove`.
#[inline(always)]
pub unsafe fn copy_overlapping(to: *mut u8, from: *const u8, n: usize) {
    // SAFETY: as the caller promises.
    unsafe {
        if n <= 32 {
            copy_short(to, from, n);
        } else if (to as usize).wrapping_sub(from as usize) >= n {
            copy_forward(to, from, n);
        } else {
            copy_backward(to, from, n);
        }
    }
}

/// # Safety
/// As for C's `memset`.
#[inline(always)]
pub unsafe fn fill(to: *mut u8, byte: u8, n: usize) {
    let word = u128::from(byte) * 0x0101_0101_0101_0101_0101_0101_0101_0101;
    // SAFETY: as the caller promises; each access lies in the first `n` bytes.
    unsafe {
        if n >= 16 {
            #[cfg(target_arch = "x86_64")]
            if n > STRING_INSTRUCTION_BYTES {
                core::arch::asm!("rep stosb", inout("rcx") n => _, inout("rdi") to => _,
                    in("al") byte, options(nostack, preserves_flags));
                return;
            }
            let mut i = 0;
            while i + WORD < n {
                store(opaque(to.add(i)), word);
                i += WORD;
            }
            store(to.add(n - WORD), word);
        } else if n >= 8 {
            store(to, word as u64);
            store(to.add(n - 8), word as u64);
        } else if n >= 4 {
            store(to, word as u32);
            store(to.add(n - 4), word as u32);
        } else if n > 0 {
            *to = byte;
            *to.add(n / 2) = byte;
            *to.add(n - 1) = byte;
        }
    }
}
