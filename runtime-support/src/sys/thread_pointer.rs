//! What `sys::caller::thread_pointer` returns, for functions that are written in assembly.

/// On x86-64 the operand in memory that has it, elsewhere the instruction that loads it into a register.
#[cfg(all(target_arch = "x86_64", target_os = "linux"))]
macro_rules! thread_pointer {
    () => {
        "fs:0"
    };
}
#[cfg(all(target_arch = "x86_64", target_os = "macos"))]
macro_rules! thread_pointer {
    () => {
        "gs:0"
    };
}
#[cfg(all(target_arch = "aarch64", target_os = "linux"))]
macro_rules! thread_pointer {
    ($register:literal) => {
        concat!("mrs ", $register, ", tpidr_el0")
    };
}
#[cfg(all(target_arch = "aarch64", target_os = "macos"))]
macro_rules! thread_pointer {
    ($register:literal) => {
        concat!("mrs ", $register, ", tpidrro_el0")
    };
}
#[cfg(all(target_arch = "aarch64", target_os = "windows"))]
macro_rules! thread_pointer {
    ($register:literal) => {
        concat!("mov ", $register, ", x18")
    };
}
