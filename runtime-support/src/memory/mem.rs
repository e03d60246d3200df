//! The memory functions that compiled code and Rust itself call: there is no libc to bring them.
//!
//! Written so that no loop can be turned into a call of the very function that it implements:
//! long blocks go through string instructions on x86-64, words through an optimisation barrier.
//!
//! On riscv64, machines may be slow at words that aren't aligned, and the compiler makes such accesses
//! byte by byte. So long blocks go through aligned words there where both ends are aligned alike.

use core::ptr;

/// Blocks up to this many bytes are copied by words, longer ones by `rep movsb`, whose start-up
/// costs about as much as copying so many bytes.
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

/// An optimisation barrier: keeps loops from being recognised as a copy or a fill.
#[inline(always)]
fn opaque<T>(pointer: *mut T) -> *mut T {
    let mut pointer = pointer;
    // SAFETY: no instruction.
    unsafe { core::arch::asm!("/* {0} */", inout(reg) pointer, options(nostack, preserves_flags)) };
    pointer
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

/// The unit in which aligned words are moved on riscv64.
#[cfg(target_arch = "riscv64")]
type Words = [u64; 4];

/// Copies upwards by aligned words.
///
/// # Safety
/// As for `memmove`; both addresses are alike modulo 8.
#[cfg(target_arch = "riscv64")]
unsafe fn copy_forward_aligned(to: *mut u8, from: *const u8, n: usize) {
    let mut i = 0;
    // SAFETY: each access lies in the first `n` bytes; those of words are aligned.
    unsafe {
        while i < n && !to.add(i).cast::<u64>().is_aligned() {
            *opaque(to.add(i)) = *from.add(i);
            i += 1;
        }
        while i + size_of::<Words>() <= n {
            let words = from.add(i).cast::<Words>().read();
            opaque(to.add(i).cast::<Words>()).write(words);
            i += size_of::<Words>();
        }
        while i < n {
            *opaque(to.add(i)) = *from.add(i);
            i += 1;
        }
    }
}

/// Copies downwards by aligned words.
///
/// # Safety
/// As for `copy_forward_aligned`.
#[cfg(target_arch = "riscv64")]
unsafe fn copy_backward_aligned(to: *mut u8, from: *const u8, n: usize) {
    let mut i = n;
    // SAFETY: as in `copy_forward_aligned`.
    unsafe {
        while i > 0 && !to.add(i).cast::<u64>().is_aligned() {
            i -= 1;
            *opaque(to.add(i)) = *from.add(i);
        }
        while i >= size_of::<Words>() {
            i -= size_of::<Words>();
            let words = from.add(i).cast::<Words>().read();
            opaque(to.add(i).cast::<Words>()).write(words);
        }
        while i > 0 {
            i -= 1;
            *opaque(to.add(i)) = *from.add(i);
        }
    }
}

/// Fills by aligned words; `word` is the byte eight times.
///
/// # Safety
/// As for `memset`.
#[cfg(target_arch = "riscv64")]
unsafe fn fill_aligned(to: *mut u8, word: u64, n: usize) {
    let mut i = 0;
    // SAFETY: as in `copy_forward_aligned`.
    unsafe {
        while i < n && !to.add(i).cast::<u64>().is_aligned() {
            *opaque(to.add(i)) = word as u8;
            i += 1;
        }
        while i + size_of::<Words>() <= n {
            *opaque(to.add(i).cast::<Words>()) = [word; 4];
            i += size_of::<Words>();
        }
        while i < n {
            *opaque(to.add(i)) = word as u8;
            i += 1;
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
        #[cfg(target_arch = "riscv64")]
        if (to as usize ^ from as usize) % size_of::<u64>() == 0 {
            return copy_forward_aligned(to, from, n);
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
        #[cfg(target_arch = "riscv64")]
        if (to as usize ^ from as usize) % size_of::<u64>() == 0 {
            return copy_backward_aligned(to, from, n);
        }
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
/// As C's `memmove`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memmove(to: *mut u8, from: *const u8, n: usize) -> *mut u8 {
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
    to
}

/// # Safety
/// As C's `memcpy`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcpy(to: *mut u8, from: *const u8, n: usize) -> *mut u8 {
    // SAFETY: as the caller promises.
    unsafe {
        if n <= 32 {
            copy_short(to, from, n);
        } else {
            copy_forward(to, from, n);
        }
    }
    to
}

/// # Safety
/// As C's `memset`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memset(to: *mut u8, byte: i32, n: usize) -> *mut u8 {
    let byte = byte as u8;
    let word = u128::from(byte) * 0x0101_0101_0101_0101_0101_0101_0101_0101;
    // SAFETY: as the caller promises; each access lies in the first `n` bytes.
    unsafe {
        if n >= 16 {
            #[cfg(target_arch = "x86_64")]
            if n > STRING_INSTRUCTION_BYTES {
                core::arch::asm!("rep stosb", inout("rcx") n => _, inout("rdi") to => _,
                    in("al") byte, options(nostack, preserves_flags));
                return to;
            }
            #[cfg(target_arch = "riscv64")]
            if n > size_of::<Words>() {
                fill_aligned(to, word as u64, n);
                return to;
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
    to
}

/// # Safety
/// As C's `memcmp`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn memcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    for i in 0..n {
        // SAFETY: as the caller promises; volatile, so that this isn't made a call of itself.
        let (x, y) = unsafe { (ptr::read_volatile(a.add(i)), ptr::read_volatile(b.add(i))) };
        if x != y {
            return i32::from(x) - i32::from(y);
        }
    }
    0
}

/// # Safety
/// As the `bcmp` of POSIX.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn bcmp(a: *const u8, b: *const u8, n: usize) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { memcmp(a, b, n) }
}
