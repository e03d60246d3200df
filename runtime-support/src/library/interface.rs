//! Functions that compiled code calls beside those that enter and make instances.

use core::ptr;

use wasm_aot_abi::library::{Instance, LibraryError, OK};
use wasm_aot_abi::trap::Trap;

use super::leave;

/// The words of all errors, each terminated: those of `OK`, of the traps by their numbers, of the library's own errors.
static WORDS: [u8; WORDS_BYTES] = {
    let (mut words, mut at, mut index) = ([0; WORDS_BYTES], 0, 0);
    while index < COUNT {
        let text = words_of(index).as_bytes();
        let mut byte = 0;
        while byte < text.len() {
            words[at] = text[byte];
            byte += 1;
            at += 1;
        }
        at += 1;
        index += 1;
    }
    words
};

const COUNT: usize = 1 + Trap::ALL.len() + LibraryError::ALL.len();

const WORDS_BYTES: usize = {
    let (mut bytes, mut index) = (0, 0);
    while index < COUNT {
        bytes += words_of(index).len() + 1;
        index += 1;
    }
    bytes
};

const fn words_of(index: usize) -> &'static str {
    if index == 0 {
        "no error"
    } else if index <= Trap::ALL.len() {
        Trap::ALL[index - 1].message()
    } else {
        LibraryError::ALL[index - 1 - Trap::ALL.len()].message()
    }
}

/// `wasm_aot_abi::library::MESSAGE`.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_library_message(error: i32) -> *const u8 {
    let (traps, errors) = (Trap::ALL.len() as i32, LibraryError::ALL.len() as i32);
    let behind = error - LibraryError::NotInstantiated as i32;
    let index = match error {
        _ if (OK..=traps).contains(&error) => error,
        _ if (0..errors).contains(&behind) => 1 + traps + behind,
        _ => return c"unknown error".as_ptr().cast(),
    };
    let mut words = &WORDS[..];
    for _ in 0..index {
        let end = words.iter().position(|&byte| byte == 0).unwrap_or_default();
        words = words.get(end + 1..).unwrap_or_default();
    }
    words.as_ptr()
}

/// `wasm_aot_abi::library::BACKTRACE`.
///
/// # Safety
/// The instance exists, and `size` bytes can be written to the buffer.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_aot_library_backtrace(
    instance: *mut Instance,
    buffer: *mut u8,
    size: usize,
) -> usize {
    // SAFETY: as the caller promises; the text has this length.
    unsafe {
        let (text, length) = ((*instance).backtrace as *const u8, (*instance).backtrace_length as usize);
        if let Some(most) = size.checked_sub(1) {
            let copied = length.min(most);
            ptr::copy_nonoverlapping(text, buffer, copied);
            buffer.add(copied).write(0);
        }
        length
    }
}

/// `wasm_aot_abi::library::EXIT_CODE`.
///
/// # Safety
/// The instance exists.
#[unsafe(no_mangle)]
unsafe extern "C" fn wasm_aot_library_exit_code(instance: *mut Instance) -> i32 {
    // SAFETY: as the caller promises.
    unsafe { (*instance).exit_code }
}

/// `wasm_aot_abi::library::TRAP`.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_library_trap(instance: *mut Instance) -> ! {
    leave::from_import(instance, LibraryError::TrapHost)
}
