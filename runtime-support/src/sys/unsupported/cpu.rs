//! What the CPU can do.

pub fn read(_register: u8) -> u64 {
    0
}
