//! What differs between object formats in functions that are written in assembly: their names, and their sections,
//! one for each, so that the linker can drop it.

/// The directive that begins the section of a function.
#[cfg(not(any(target_os = "macos", target_os = "windows")))]
macro_rules! function_section {
    ($name:expr) => {
        concat!(".section .text.", $name, ",\"ax\",@progbits")
    };
}

/// The directive that begins the section of a function. In Mach-O each symbol begins a part that can be dropped.
#[cfg(target_os = "macos")]
macro_rules! function_section {
    ($name:expr) => {
        ".section __TEXT,__text,regular,pure_instructions"
    };
}

/// The directive that begins the section of a function.
#[cfg(target_os = "windows")]
macro_rules! function_section {
    ($name:expr) => {
        concat!(".section .text$", $name, ",\"xr\"")
    };
}

/// The symbol of a C name.
#[cfg(not(target_os = "macos"))]
macro_rules! symbol {
    ($name:expr) => {
        $name
    };
}

/// The symbol of a C name.
#[cfg(target_os = "macos")]
macro_rules! symbol {
    ($name:expr) => {
        concat!("_", $name)
    };
}

/// The directive that makes a name known to the linker.
macro_rules! global {
    ($name:expr) => {
        concat!(".globl ", symbol!($name))
    };
}

/// A directive for unwind tables, without `.cfi_`. What programs for macOS and Windows have for them knows none.
#[cfg(not(any(target_os = "macos", target_os = "windows")))]
macro_rules! unwind {
    ($directive:literal) => {
        concat!(".cfi_", $directive)
    };
}

/// A directive for unwind tables, which there are none of.
#[cfg(any(target_os = "macos", target_os = "windows"))]
macro_rules! unwind {
    ($directive:literal) => {
        ""
    };
}

/// The definition of a name.
macro_rules! define {
    ($name:expr) => {
        concat!(symbol!($name), ":")
    };
}

/// As `global`, of a place inside of a function.
#[cfg(not(target_os = "macos"))]
macro_rules! global_inside {
    ($name:expr) => {
        global!($name)
    };
}

/// As `global`, of a place inside of a function: the symbol doesn't begin a part of its own.
#[cfg(target_os = "macos")]
macro_rules! global_inside {
    ($name:expr) => {
        concat!(".globl _", $name, "\n.alt_entry _", $name)
    };
}
