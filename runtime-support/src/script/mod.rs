//! Runs a script: calls its commands one after the other, continues after traps, and prints the
//! outcome of each, for a test to compare. A line on standard output for each command:
//!
//! ```text
//! 3 ok 00000000000000ff 3ff0000000000000
//! 4 trap integer overflow
//! ```
//!
//! and at the end, for each memory, its size in bytes and the CRC-32 (IEEE 802.3) of its contents:
//! `memory 0 65536 00000000d7978eeb`.

use wasm_aot_abi::layout::{SCRIPT_MAX_RESULTS, Script};

use crate::program::{program, slice};
use crate::stack::catch;
use crate::sys;

unsafe extern "C" {
    /// `wasm_aot_abi::symbols::SCRIPT`.
    static wasm_aot_script: Script;
}

/// Results of the command that runs.
static mut RESULTS: [u64; SCRIPT_MAX_RESULTS] = [0; SCRIPT_MAX_RESULTS];

fn decimal(value: u64) {
    let mut digits = [0; 20];
    let mut start = digits.len();
    let mut rest = value;
    while let Some(place) = start.checked_sub(1).and_then(|i| digits.get_mut(i)) {
        *place = b'0' + (rest % 10) as u8;
        start -= 1;
        rest /= 10;
        if rest == 0 {
            break;
        }
    }
    sys::write_stdout(digits.get(start..).unwrap_or(&[]));
}

fn hexadecimal(value: u64) {
    let mut digits = [0; 16];
    for (index, digit) in digits.iter_mut().enumerate() {
        *digit = b"0123456789abcdef"[(value >> (60 - 4 * index)) as usize & 15];
    }
    sys::write_stdout(&digits);
}

/// The CRC-32 of zlib, four bits at a time.
fn crc32(bytes: &[u8]) -> u32 {
    let mut table = [0_u32; 16];
    for (index, entry) in table.iter_mut().enumerate() {
        *entry = index as u32;
        for _ in 0..4 {
            *entry = (*entry >> 1) ^ if *entry & 1 != 0 { 0xedb8_8320 } else { 0 };
        }
    }
    !bytes.iter().fold(!0, |crc: u32, &byte| {
        let crc = crc ^ u32::from(byte);
        let crc = (crc >> 4) ^ table[(crc & 15) as usize];
        (crc >> 4) ^ table[(crc & 15) as usize]
    })
}

/// `wasm_aot_abi::symbols::SCRIPT_MAIN`.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_script_main() {
    let program = program();
    // SAFETY: the compiler describes its own data; single-threaded.
    unsafe {
        let script = &wasm_aot_script;
        let commands = slice(script.commands, script.command_count);
        for (index, command) in commands.iter().enumerate() {
            let outcome = catch::call(command.call, (&raw mut RESULTS).cast());
            decimal(index as u64);
            match outcome {
                Ok(()) => {
                    sys::write_stdout(b" ok");
                    for result in slice((&raw const RESULTS).cast::<u64>(), command.result_count) {
                        sys::write_stdout(b" ");
                        hexadecimal(*result);
                    }
                }
                Err(trap) => {
                    sys::write_stdout(b" trap ");
                    sys::write_stdout(trap.message().as_bytes());
                }
            }
            sys::write_stdout(b"\n");
        }
        for (index, &memory) in slice(program.memories, program.memory_count).iter().enumerate() {
            let checksum = crc32(slice((*memory).base.cast_const(), (*memory).size));
            sys::write_stdout(b"memory ");
            decimal(index as u64);
            sys::write_stdout(b" ");
            decimal((*memory).size);
            sys::write_stdout(b" ");
            hexadecimal(u64::from(checksum));
            sys::write_stdout(b"\n");
        }
    }
}
