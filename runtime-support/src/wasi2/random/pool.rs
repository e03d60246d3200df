//! Random bytes of the system, fetched many at a time: programs ask for 8, and a system call costs more than making them.

use crate::fail;
use crate::sys::random;

/// Numbers that are fetched at once.
const NUMBERS: usize = 512;

/// Numbers that nobody has had are behind the first `used`, which are 0.
struct Pool {
    numbers: [u64; NUMBERS],
    used: usize,
}

static mut POOL: Pool = Pool { numbers: [0; NUMBERS], used: NUMBERS };

/// Fills memory with random bytes.
///
/// # Safety
/// `length` bytes at `start` may be written, and nobody holds references to them.
pub unsafe fn fill(start: *mut u8, length: usize) {
    // SAFETY: as the caller promises.
    if unsafe { random::fill(start, length) }.is_err() {
        fail::fail(b"the system has no random numbers");
    }
}

/// A random number.
pub fn next() -> u64 {
    // SAFETY: programs of components have one thread, and nothing here calls back.
    let pool = unsafe { (&raw mut POOL).as_mut_unchecked() };
    if pool.used >= NUMBERS {
        // SAFETY: it is all ours, and any bytes are numbers.
        unsafe { fill(pool.numbers.as_mut_ptr().cast(), size_of_val(&pool.numbers)) };
        pool.used = 0;
    }
    let number = pool.numbers.get_mut(pool.used).map(core::mem::take);
    pool.used += 1;
    number.unwrap_or_default()
}
