//! The process.

pub fn exit(_code: i32) -> ! {
    loop {
        core::hint::spin_loop();
    }
}

pub fn write_stderr(_bytes: &[u8]) {}

pub fn write_stdout(_bytes: &[u8]) -> bool {
    false
}
