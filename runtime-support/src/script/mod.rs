//! Runs a script: calls its commands one after the other, goes on after traps, and prints what
//! came of each, for a test to compare. A line on standard output for each command:
//!
//! ```text
//! 3 ok 00000000000000ff 3ff0000000000000
//! 4 trap integer overflow
//! ```
//!
//! and at the end, for each memory, its size in bytes and the FNV-1a hash of its contents:
//! `memory 0 65536 cbf29ce484222325`.

use wasm_aot_abi::layout::SCRIPT_MAX_RESULTS;

use crate::program::{program, slice};
use crate::sys;
use crate::trap::catch;

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

/// `wasm_aot_abi::symbols::SCRIPT_MAIN`.
#[unsafe(no_mangle)]
extern "C" fn wasm_aot_script_main() {
    let program = program();
    // SAFETY: the compiler describes its own data; single-threaded.
    unsafe {
        let script = &*program.script;
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
            let mut hash = 0xcbf2_9ce4_8422_2325_u64;
            for byte in slice((*memory).base.cast_const(), (*memory).size) {
                hash = (hash ^ u64::from(*byte)).wrapping_mul(0x100_0000_01b3);
            }
            sys::write_stdout(b"memory ");
            decimal(index as u64);
            sys::write_stdout(b" ");
            decimal((*memory).size);
            sys::write_stdout(b" ");
            hexadecimal(hash);
            sys::write_stdout(b"\n");
        }
    }
}
