//! Sections of functions that are written in assembly: one for each, so that the linker can drop it.

/// The directive that begins the section of a function.
#[cfg(not(target_os = "windows"))]
macro_rules! function_section {
    ($name:expr) => {
        concat!(".section .text.", $name, ",\"ax\",@progbits")
    };
}

/// The directive that begins the section of a function.
#[cfg(target_os = "windows")]
macro_rules! function_section {
    ($name:expr) => {
        concat!(".section .text$", $name, ",\"xr\"")
    };
}
